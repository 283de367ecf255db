//! What is asked again.

use credential_core::ErrorKind;
use tests_support::Reply;

use super::*;
use crate::scripted::{OfSts as _, Signed as _};

#[tokio::test]
async fn trouble_is_retried_with_growing_pauses_and_a_fresh_signature() {
    let script = [
        Reply::refusal(500, "InternalFailure"),
        Reply::refusal(400, "Throttling"),
        Reply::role(),
    ];
    let server = Server::answering(script).await;
    let clock = PausingClock::default();

    let role = client(&server, &clock).assume_role(&request()).await.unwrap();

    assert_eq!(role.credentials().access_key_id(), "ASIANEW");
    assert_eq!(clock.pauses(), [Duration::from_secs(1), Duration::from_secs(2)]);
    let received = server.received();
    let dates: Vec<&str> = received
        .iter()
        .filter_map(|call| call.header("x-amz-date"))
        .collect();
    assert_eq!(
        dates,
        ["20300101T120000Z", "20300101T120001Z", "20300101T120003Z"]
    );
    for call in &received {
        call.verify(&canary("secret"), "eu-central-1", clock.now())
            .unwrap();
    }
}

#[tokio::test]
async fn the_last_error_is_told_after_the_last_attempt() {
    for (attempts, calls) in [(None, 3), (Some(1), 1), (Some(0), 1), (Some(5), 5)] {
        let server = Server::answering([Reply::refusal(503, "SlowDown")]).await;
        let clock = PausingClock::default();
        let mut sts = client(&server, &clock).with_random(FixedRandom(0.1));
        if let Some(attempts) = attempts {
            sts = sts.with_max_attempts(attempts);
        }
        let error = sts.assume_role(&request()).await.unwrap_err();
        assert!(matches!(&error, Error::Refused { status: 503, code: Some(code), .. } if code == "SlowDown"));
        assert!(CredentialsError::from(error).is_transient());
        assert_eq!(server.received().len(), calls);
        assert_eq!(clock.pauses().len(), calls - 1);
    }
}

#[tokio::test]
async fn a_single_silence_is_retried() {
    let server = Server::answering([Reply::Silence, Reply::role()]).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock).with_random(FixedRandom(0.0));
    let call = tokio::spawn(async move { sts.assume_role(&request()).await });
    server.arrival().await;
    clock.manual.advance(Duration::from_secs(10));
    assert!(call.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_refused_connection_is_retried_and_told() {
    let server = Server::answering([Reply::identity()]).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock).with_endpoint("http://127.0.0.1:1");
    let error = sts.assume_role(&request()).await.unwrap_err();
    assert!(matches!(error, Error::Http { .. }), "{error:?}");
    assert_eq!(clock.pauses().len(), 2);
    let error = CredentialsError::from(error);
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::Failed, true));
}
