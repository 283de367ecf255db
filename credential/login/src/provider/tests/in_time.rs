//! Failures while the credentials are valid, and after.

use serde_json::json;
use tests_support::{Reply, Server};

use super::*;
use crate::testing::{Home, OfSignIn as _, Renewing, answer, refresh_token};

#[tokio::test]
async fn a_failed_renewal_is_no_error_while_the_credentials_are_valid() {
    for failure in [
        Reply::refusal(401, "TOKEN_EXPIRED"),
        Reply::with(500, ""),
        Reply::with(200, "{}"),
    ] {
        let home = Home::with_session(200);
        let server = Server::answering([failure]).await;
        let provider = home.provider_at(&server).with_max_attempts(1);
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
        // Not asked again at once.
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
        assert_eq!(server.received().len(), 1);
        home.clock.manual.advance(Duration::from_secs(29));
        provider.load().await.unwrap();
        assert_eq!(server.received().len(), 1);
        home.clock.manual.advance(Duration::from_secs(1));
        provider.load().await.unwrap();
        assert_eq!(server.received().len(), 2);
        // Dead at last.
        home.clock.manual.advance(Duration::from_secs(170));
        provider.load().await.unwrap_err();
        assert_eq!(server.received().len(), 3);
    }
}

#[tokio::test]
async fn within_thirty_seconds_the_last_error_is_the_answer_and_then_no_more() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::with(500, ""), Reply::renewal(1)]).await;
    let provider = home.provider_at(&server).with_max_attempts(1);
    for _ in 0..3 {
        let error = provider.load().await.unwrap_err();
        assert!(matches!(error, Error::Refused { status: 500, .. }), "{error:?}");
    }
    assert_eq!(server.received().len(), 1);
    home.clock.manual.advance(Duration::from_secs(30));
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIANEW1");
}

#[tokio::test]
async fn signing_in_again_helps_at_once() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
    let provider = home.provider_at(&server);
    provider.load().await.unwrap_err();
    let mut document = home.document(HOUR);
    document["refreshToken"] = json!(refresh_token(7));
    home.write(&document);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
    // Also when the new session has to be renewed already.
    document = home.document(-1);
    document["refreshToken"] = json!(refresh_token(8));
    home.write(&document);
    provider.load().await.unwrap_err();
    assert_eq!(server.received()[1].refresh_token(), refresh_token(8));
}

#[tokio::test]
async fn short_lived_credentials_are_not_renewed_all_the_time() {
    let home = Home::with_session(-60);
    let mut short = answer(1);
    short["expiresIn"] = json!(20);
    let server = Server::answering([Reply::with(200, short.to_string()), Reply::renewal(2)]).await;
    let provider = home.provider_at(&server);
    for _ in 0..3 {
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIANEW1");
    }
    home.clock.manual.advance(Duration::from_secs(20));
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::TooSoon { .. }), "{error:?}");
    assert_eq!(server.received().len(), 1);
    home.clock.manual.advance(Duration::from_secs(10));
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIANEW2");
}
