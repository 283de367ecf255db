//! The question, with a proof by the session's key.

use serde_json::json;
use tests_support::{Reply, Server, canary, leaks};

use super::*;
use crate::testing::{Home, OfSignIn as _, Renewing, refresh_token};

#[tokio::test]
async fn the_question_is_aws_sign_ins_own_with_a_proof_by_the_sessions_key() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::renewal(1)]).await;
    home.provider_at(&server).load().await.unwrap();
    let [request] = &server.received()[..] else {
        panic!("one request");
    };
    assert_eq!(request.line(), "POST /v1/token");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.json(),
        json!({
            "clientId": "arn:aws:signin:::devtools/same-device",
            "grantType": "refresh_token",
            "refreshToken": refresh_token(0),
        })
    );
    let proof = request.proof(&home.key);
    assert_eq!(proof.claims["htm"], "POST");
    assert_eq!(proof.claims["htu"], format!("{}/v1/token", server.url));
    assert_eq!(proof.claims["iat"], home.clock.now().unix_timestamp());
}

#[tokio::test]
async fn a_key_with_backslashes_for_line_ends_signs_too() {
    let home = Home::with_session(-60);
    let mut document = home.document(-60);
    document["dpopKey"] = json!(home.key.pem().replace('\n', "\\n"));
    home.write(&document);
    let server = Server::answering([Reply::renewal(1)]).await;
    home.provider_at(&server).load().await.unwrap();
    server.received()[0].proof(&home.key);
    assert_eq!(home.read()["dpopKey"], document["dpopKey"]);
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_an_error_without_a_request() {
    let home = Home::with_session(-60);
    let mut document = home.document(-60);
    document["dpopKey"] = json!(canary("no key"));
    home.write(&document);
    let server = Server::answering([Reply::renewal(1)]).await;
    let error = home.provider_at(&server).load().await.unwrap_err();
    assert!(matches!(error, Error::Key { .. }));
    assert_eq!(kind(&error), ErrorKind::LoginRequired);
    assert!(!leaks(&format!("{error:?} {}", report(&error))));
    assert_eq!(server.received().len(), 0);
}
