//! What is asked again, and after which pause.

use tests_support::{FixedRandom, printed};

use super::*;
use crate::testing::{TOKEN, pausing_clock, reply, token};

#[tokio::test]
async fn passing_troubles_are_retried_with_full_jitter() {
    for status in [429, 500, 502, 503, 504] {
        let server = knowing_its_id(move |_, count| (count < 3).then(|| reply(status, "", "oops"))).await;
        let clock = pausing_clock();
        let client = client(&server)
            .with_clock(clock.clone())
            .with_random(FixedRandom(0.5));

        client.get("meta-data/instance-id").await.unwrap();

        let half = [25, 50, 25, 50].map(Duration::from_millis);
        assert_eq!(clock.pauses(), half, "{status}");
        assert_eq!(server.lines().len(), 6);
    }
}

#[tokio::test]
async fn the_third_failure_is_the_last() {
    let server = knowing_its_id(|request, _| (request.target == ID).then(|| reply(500, "", token(9)))).await;
    let error = client(&server).get("meta-data/instance-id").await.unwrap_err();
    assert!(
        matches!(&error, Error::Status { status: 500, request } if request.attempts() == 3),
        "{error:?}"
    );
    assert!(printed(&error).contains(&format!("GET {}{ID} after 3 attempts and ", server.url)));
}

#[tokio::test]
async fn a_connection_that_breaks_is_retried() {
    let server = knowing_its_id(|_, count| (count == 1).then_some(Reply::Close)).await;
    assert_eq!(
        client(&server).get("meta-data/instance-id").await.unwrap(),
        "i-0abc"
    );
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn a_silent_answer_is_asked_for_again_once_there_was_a_token() {
    let server =
        knowing_its_id(|request, count| (request.target == ID && count < 3).then_some(Reply::Silence)).await;
    let client = client(&server).with_read_timeout(Duration::from_millis(100));
    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");
    assert_eq!(server.count(&format!("GET {ID}")), 3);
}

#[tokio::test]
async fn a_token_request_without_an_answer_is_repeated_once_there_was_a_token() {
    let server =
        knowing_its_id(|request, count| (request.target == TOKEN && count == 2).then_some(Reply::Silence))
            .await;
    let client = client(&server).with_read_timeout(Duration::from_millis(100));
    let session = client.session().unwrap();
    let old = session.pass(&Version1::Never).await.unwrap();
    session.tokens.forget(&old);

    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");

    assert_eq!(server.count(&format!("PUT {TOKEN}")), 3);
}

#[tokio::test]
async fn a_failure_to_connect_is_retried_once_there_was_an_answer() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    client.get("meta-data/instance-id").await.unwrap();
    server.stop().await;

    let error = client.get("meta-data/instance-id").await.unwrap_err();

    assert!(
        matches!(&error, Error::Transport { request, source } if request.attempts() == 3 && source.is_connect()),
        "{error:?}"
    );
    assert_eq!(error.kind(), credential_core::ErrorKind::Failed);
}

#[tokio::test]
async fn what_will_not_pass_is_not_retried() {
    for status in [301, 307, 400, 403, 405, 410] {
        let server = knowing_its_id(move |request, _| {
            (request.target == ID).then(|| reply(status, "Location: http://127.0.0.1:1/evil\r\n", ""))
        })
        .await;
        let error = client(&server).get("meta-data/instance-id").await.unwrap_err();
        assert!(
            matches!(&error, Error::Status { status: seen, .. } if *seen == status),
            "{error:?}"
        );
        assert_eq!(server.lines().len(), 2, "{status}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_patience_gets_up_to_a_second() {
    for (asked, pause) in [("1", 1000), ("2", 25)] {
        let server = knowing_its_id(move |request, count| {
            let header = format!("Retry-After: {asked}\r\n");
            (request.target == ID && count == 1).then(|| reply(503, &header, ""))
        })
        .await;
        let clock = pausing_clock();
        let client = client(&server)
            .with_clock(clock.clone())
            .with_random(FixedRandom(0.5));
        client.get("meta-data/instance-id").await.unwrap();
        assert_eq!(clock.pauses(), [Duration::from_millis(pause)]);
    }
}

#[tokio::test]
async fn pauses_stay_within_the_time_of_one_request() {
    let server =
        knowing_its_id(|request, _| (request.target == ID).then(|| reply(503, "Retry-After: 1\r\n", "")))
            .await;
    let client = client(&server)
        .with_clock(pausing_clock())
        .with_attempts(50)
        .with_request_timeout(Duration::from_millis(2500));
    let error = client.get("meta-data/instance-id").await.unwrap_err();
    assert!(matches!(error, Error::Status { status: 503, .. }), "{error:?}");
    assert_eq!(server.count(&format!("GET {ID}")), 3);
}
