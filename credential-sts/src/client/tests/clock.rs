//! Calls with a wrong clock.

use tests_support::Reply;
use time::OffsetDateTime;

use super::*;
use crate::scripted::{OfSts as _, Signed as _};

const AN_HOUR_AHEAD: &str = "Date: Tue, 01 Jan 2030 13:00:00 GMT";

#[tokio::test]
async fn a_wrong_clock_is_set_by_the_answer_and_the_call_signed_again() {
    let script = [
        Reply::refusal(403, "RequestTimeTooSkewed").header(AN_HOUR_AHEAD),
        Reply::identity(),
    ];
    let server = Server::answering(script).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock);

    sts.get_caller_identity().await.unwrap();
    sts.clone().get_caller_identity().await.unwrap();

    let received = server.received();
    let dates: Vec<&str> = received
        .iter()
        .filter_map(|call| call.header("x-amz-date"))
        .collect();
    assert_eq!(
        dates,
        ["20300101T120000Z", "20300101T130000Z", "20300101T130000Z"]
    );
    let in_an_hour = clock.now() + Duration::from_secs(3600);
    received[1]
        .verify(&canary("secret"), "eu-central-1", in_an_hour)
        .unwrap();
    assert!(clock.pauses().is_empty());
}

#[tokio::test]
async fn only_a_date_that_explains_the_refusal_sets_the_clock() {
    let near = "Date: Tue, 01 Jan 2030 12:03:59 GMT";
    let far = "Date: Tue, 01 Jan 2030 11:55:59 GMT";
    let table = [
        ("RequestExpired", AN_HOUR_AHEAD, 2),
        ("RequestExpired", near, 2),
        ("RequestTimeTooSkewed", far, 2),
        ("RequestInTheFutureException", far, 2),
        ("SignatureDoesNotMatch", far, 2),
        ("SignatureDoesNotMatch", near, 1),
        ("InvalidClientTokenId", AN_HOUR_AHEAD, 2),
        ("InvalidClientTokenId", near, 1),
        ("AccessDenied", AN_HOUR_AHEAD, 1),
        ("RequestExpired", "X-Date: none", 1),
        ("RequestExpired", "Date: yesterday", 1),
        ("RequestExpired", "Date: 2030-01-01T13:00:00Z", 1),
    ];
    for (code, date, calls) in table {
        let server = Server::answering([Reply::refusal(403, code).header(date)]).await;
        let error = client(&server, &PausingClock::default())
            .get_caller_identity()
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert_eq!(server.received().len(), calls, "{code} {date}");
    }
}

#[tokio::test]
async fn what_is_known_of_the_clock_decides_whether_credentials_are_dead() {
    let table = [
        // Our clock is three hours ahead: to it, fresh credentials look dead.
        (15, "Date: Tue, 01 Jan 2030 12:00:00 GMT", true),
        // Our clock is an hour behind: to it, dead credentials look fresh.
        (12, AN_HOUR_AHEAD, false),
    ];
    for (hour, date, alive) in table {
        let server = Server::answering([
            Reply::refusal(403, "RequestTimeTooSkewed").header(date),
            Reply::role(),
        ])
        .await;
        let clock = PausingClock::default();
        clock
            .manual
            .set_wall(OffsetDateTime::from_unix_timestamp(1_893_456_000 + hour * 3600).unwrap());
        let answer = client(&server, &clock).assume_role(&request()).await;
        assert_eq!(answer.is_ok(), alive, "{answer:?}");
    }
}

#[tokio::test]
async fn another_endpoint_has_another_clock() {
    let server = Server::answering([
        Reply::refusal(403, "RequestExpired").header(AN_HOUR_AHEAD),
        Reply::identity(),
    ])
    .await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock);
    sts.get_caller_identity().await.unwrap();
    sts.with_endpoint(&server.url)
        .get_caller_identity()
        .await
        .unwrap();
    assert_eq!(
        server.received()[2].header("x-amz-date"),
        Some("20300101T120000Z")
    );
}
