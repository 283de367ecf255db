//! When a session is renewed, and what is written.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::json;
use tests_support::{Reply, Server, canary};

use super::*;
use crate::testing::{Home, OfSignIn as _, SESSION, answer, refresh_token};

#[test]
fn renewing_outside_a_runtime_is_an_error_also_while_the_old_credentials_live() {
    for seconds_left in [0, 120] {
        let home = Home::with_session(seconds_left);
        let provider = home.provider().with_region("us-east-1");
        let mut load = pin!(provider.load());
        let polled = load.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(
            matches!(polled, Poll::Ready(Err(Error::NoRuntime))),
            "{seconds_left} s left"
        );
    }
}

#[tokio::test]
async fn an_expired_session_is_renewed_and_its_file_replaced() {
    let home = Home::with_session(-60);
    let mut document = home.document(-60);
    document["ours"] = json!({ "not": ["yours", 1, null] });
    document["accessToken"]["more"] = json!("kept");
    home.write(&document);
    let server = Server::answering([Reply::renewal(1)]).await;

    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIANEW1");
    assert_eq!(credentials.secret_access_key().expose(), canary("new secret"));
    assert_eq!(credentials.session_token().unwrap().expose(), canary("new token"));
    assert_eq!(credentials.account_id(), Some("012345678901"));
    assert_eq!(
        credentials.expiration(),
        Some(home.clock.now() + Duration::from_secs(900))
    );
    assert_eq!(credentials.source(), "Login");

    let token = &mut document["accessToken"];
    token["accessKeyId"] = json!("ASIANEW1");
    token["secretAccessKey"] = json!(canary("new secret"));
    token["sessionToken"] = json!(canary("new token"));
    token["expiresAt"] = json!("2030-01-01T12:15:00Z");
    document["refreshToken"] = json!(refresh_token(1));
    assert_eq!(home.read(), document);

    // The next call needs nobody.
    let again = home.provider_at(&server).load().await.unwrap();
    assert_eq!(again.expiration(), credentials.expiration());
    assert_eq!(server.received().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_renewed_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_session(-60);
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let server = Server::answering([Reply::renewal(1)]).await;
    home.provider_at(&server).load().await.unwrap();
    let mode = std::fs::metadata(home.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let folder = home.path().parent().unwrap().to_owned();
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let name = location::name(SESSION);
    assert_eq!(names, [name.clone(), format!("{name}.lock")]);
}

#[tokio::test]
async fn the_last_five_minutes_are_for_renewing() {
    for (seconds, requests) in [(301, 0), (300, 1), (1, 1), (0, 1), (-1, 1)] {
        let home = Home::with_session(seconds);
        let server = Server::answering([Reply::renewal(1)]).await;
        let credentials = home.provider_at(&server).load().await.unwrap();
        let expected = if requests == 0 { "ASIAOLD" } else { "ASIANEW1" };
        assert_eq!(credentials.access_key_id(), expected, "{seconds}");
        assert_eq!(server.received().len(), requests, "{seconds}");
    }
}

#[tokio::test]
async fn what_the_answer_leaves_out_stays_and_what_it_brings_counts() {
    let home = Home::with_session(-60);
    let mut answer = answer(1);
    answer.as_object_mut().unwrap().remove("refreshToken");
    answer.as_object_mut().unwrap().remove("tokenType");
    answer["idToken"] = json!(canary("new identity"));
    // More than AWS promises, and not whole.
    answer["expiresIn"] = json!(3600.9);
    let server = Server::answering([Reply::with(200, answer.to_string())]).await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(
        credentials.expiration(),
        Some(home.clock.now() + Duration::from_secs(3600))
    );
    let file = home.read();
    assert_eq!(file["refreshToken"], json!(refresh_token(0)));
    assert_eq!(file["tokenType"], json!("aws_sigv4"));
    assert_eq!(file["idToken"], json!(canary("new identity")));
}

#[tokio::test]
async fn without_a_region_the_setting_is_named() {
    let home = Home::with_session(-60);
    let error = home.provider().load().await.unwrap_err();
    assert!(matches!(error, Error::NoRegion));
    assert!(error.to_string().contains("`region`"));
    assert_eq!(kind(&error), ErrorKind::InvalidConfiguration);
    // A mistake in the settings is no attempt: mended, it is renewed at once.
    let home = Home::with_session(60);
    assert_eq!(home.provider().load().await.unwrap().access_key_id(), "ASIAOLD");
}
