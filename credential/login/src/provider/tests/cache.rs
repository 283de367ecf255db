//! The cache alone, without a request.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tests_support::{Reply, Server, canary};

use super::*;
use crate::testing::{Home, OfSignIn as _, SESSION};

#[tokio::test]
async fn credentials_that_live_on_are_used_without_a_request() {
    let home = Home::with_session(HOUR);
    let server = Server::answering([Reply::renewal(1)]).await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIAOLD");
    assert_eq!(credentials.secret_access_key().expose(), canary("old secret"));
    assert_eq!(credentials.session_token().unwrap().expose(), canary("old token"));
    assert_eq!(credentials.account_id(), Some("012345678901"));
    assert_eq!(
        credentials.expiration(),
        Some(home.clock.now() + Duration::from_secs(3600))
    );
    assert_eq!(credentials.source(), "Login");
    assert_eq!(credentials.renewal(), credential_core::Renewal::NEVER);
    assert_eq!(server.received().len(), 0);
}

#[test]
fn the_cache_is_read_outside_a_runtime_too() {
    let home = Home::with_session(HOUR);
    let provider = home.provider();
    let mut load = pin!(provider.load());
    let Poll::Ready(outcome) = load.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("reading a file needs nobody else");
    };
    assert_eq!(outcome.unwrap().access_key_id(), "ASIAOLD");
}

#[tokio::test]
async fn a_blank_session_is_wrong_configuration() {
    let error = LoginProvider::new(" ").load().await.unwrap_err();
    assert_eq!(kind(&error), ErrorKind::InvalidConfiguration);
}

#[tokio::test]
async fn the_folder_of_the_cache_is_a_setting() {
    let home = Home::with_session(HOUR);
    let folder = home.path().parent().unwrap().to_owned();
    let provider = LoginProvider::new(format!(" {SESSION}\n"))
        .with_clock(home.clock.clone())
        .with_variables(Variables::from([("HOME", "/nobody")]))
        .with_cache_directory(folder);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
}
