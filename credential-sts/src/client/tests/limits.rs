//! How long a call may take.

use credential_core::ErrorKind;
use tests_support::Reply;

use super::*;
use crate::scripted::OfSts as _;

#[tokio::test]
async fn a_pause_longer_than_the_time_left_is_not_begun() {
    let server = Server::answering([Reply::refusal(500, "InternalFailure")]).await;
    let clock = PausingClock::default();
    let seconds = Duration::from_secs;
    let sts = client(&server, &clock)
        .with_timeout(seconds(12))
        .with_retry_policy(RetryPolicy::new(9, seconds(4), seconds(20)));
    let error = sts.assume_role(&request()).await.unwrap_err();
    assert!(matches!(error, Error::Refused { status: 500, .. }), "{error:?}");
    assert_eq!(clock.pauses(), [seconds(4)]);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_silent_server_is_given_up_within_the_limits() {
    let server = Server::answering([Reply::Silence]).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock).with_random(FixedRandom(0.0));
    let call = tokio::spawn(async move { sts.assume_role(&request()).await });

    for _ in 0..2 {
        server.arrival().await;
        clock.manual.advance(Duration::from_secs(10));
    }

    let error = call.await.unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::TimedOut { source, .. } if matches!(**source, Error::Silent { .. })),
        "{error:?}"
    );
    let error = CredentialsError::from(error);
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::TimedOut, true));
    let told = error.report().to_string();
    assert!(
        told.contains("did not succeed within 20 s") && told.contains("within 10 s"),
        "{told}"
    );
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn the_last_attempt_has_only_the_time_that_is_left() {
    let server = Server::answering([Reply::Silence]).await;
    let clock = PausingClock::default();
    let seconds = Duration::from_secs;
    let sts = client(&server, &clock)
        .with_random(FixedRandom(0.0))
        .with_timeout(seconds(16));
    let call = tokio::spawn(async move { sts.assume_role(&request()).await });
    for limit in [10, 6] {
        server.arrival().await;
        clock.manual.advance(seconds(limit));
    }
    let error = call.await.unwrap().unwrap_err();
    let Error::TimedOut { source, limit, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(limit, seconds(16));
    assert!(
        matches!(*source, Error::Silent { limit, .. } if limit == seconds(6)),
        "{source:?}"
    );
}
