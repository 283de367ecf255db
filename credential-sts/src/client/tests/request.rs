//! A call is a signed form.

use tests_support::Reply;

use super::*;
use crate::scripted::{OfSts as _, Signed as _};

#[tokio::test]
async fn a_call_is_a_signed_form() {
    let server = Server::answering([Reply::identity()]).await;
    let clock = PausingClock::default();

    let identity = client(&server, &clock).get_caller_identity().await.unwrap();

    assert_eq!(identity.account(), "123456789012");
    let received = server.received();
    let call = &received[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/"));
    assert_eq!(call.body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(
        call.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(call.header("host"), server.url.strip_prefix("http://"));
    let token = canary("token");
    assert_eq!(call.header("x-amz-security-token"), Some(token.as_str()));
    assert_eq!(
        call.authorization().signed_headers(),
        ["content-type", "host", "x-amz-date", "x-amz-security-token"]
    );
    assert_eq!(call.authorization().access_key_id(), "AKIDEXAMPLE");
    call.verify(&canary("secret"), "eu-central-1", clock.now())
        .unwrap();
}

#[tokio::test]
async fn long_term_keys_send_no_session_token() {
    let server = Server::answering([Reply::identity()]).await;
    let clock = PausingClock::default();
    let keys = AwsCredentials::new("AKIDEXAMPLE", canary("secret"));
    client_of(keys, &server, &clock)
        .get_caller_identity()
        .await
        .unwrap();
    let call = &server.received()[0];
    assert_eq!(call.header("x-amz-security-token"), None);
    call.verify(&canary("secret"), "eu-central-1", clock.now())
        .unwrap();
}

#[tokio::test]
async fn a_path_of_the_endpoint_stays_and_a_final_slash_does_not_matter() {
    let clock = PausingClock::default();
    for (path, expected) in [
        ("", "/"),
        ("/", "/"),
        ("/sts", "/sts/"),
        ("/a%20b/c/", "/a%20b/c/"),
    ] {
        let server = Server::answering([Reply::identity()]).await;
        let sts = client(&server, &clock).with_endpoint(&format!("{}{path}", server.url));
        sts.get_caller_identity().await.unwrap();
        let call = &server.received()[0];
        assert_eq!(call.target, expected);
        call.verify(&canary("secret"), "eu-central-1", clock.now())
            .unwrap();
    }
}

#[tokio::test]
async fn a_session_token_is_asked_for_and_given() {
    let server = Server::answering([Reply::session("GetSessionToken", "2030-01-01T13:00:00Z")]).await;
    let session = client(&server, &PausingClock::default())
        .get_session_token(&GetSessionToken::new().with_mfa("serial", "123456"))
        .await
        .unwrap();
    assert_eq!(session.source(), "SessionToken");
    assert_eq!(server.received()[0].parameter("TokenCode"), Some("123456"));
}
