//! Others at the same file.

use serde_json::json;
use tests_support::{Reply, Server};

use super::*;
use crate::testing::{Home, OfSignIn as _, Renewing, refresh_token, single_use};

#[tokio::test]
async fn a_file_that_somebody_renewed_meanwhile_is_taken() {
    // Another program is faster and takes no lock: our question comes too late.
    let home = Home::with_session(-60);
    let mut document = home.document(HOUR);
    document["refreshToken"] = json!(refresh_token(5));
    document["accessToken"]["accessKeyId"] = json!("ASIATHEIRS");
    let (path, theirs) = (home.path(), document.to_string());
    let server = Server::deciding(move |_, _| {
        std::fs::write(&path, &theirs).unwrap();
        Reply::refusal(401, "TOKEN_EXPIRED")
    })
    .await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIATHEIRS");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_file_that_somebody_is_about_to_write_is_waited_for() {
    let home = Home::with_session(-60);
    let mut theirs = home.document(HOUR);
    theirs["refreshToken"] = json!(refresh_token(5));
    theirs["accessToken"]["accessKeyId"] = json!("ASIATHEIRS");
    let server = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
    let manual = home.clock.manual.clone();
    let provider = home.provider_at(&server).with_clock(manual.clone());
    let load = tokio::spawn(async move { provider.load().await });
    for turn in 0..3 {
        let pause = loop {
            match manual.next_wake() {
                Some(next) if next <= Duration::from_millis(500) => break next,
                _ => tokio::task::yield_now().await,
            }
        };
        match turn {
            1 => home.write_text("{\"accessToken\":"),
            2 => home.write(&theirs),
            _ => {}
        }
        manual.advance(pause);
    }
    assert_eq!(load.await.unwrap().unwrap().access_key_id(), "ASIATHEIRS");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_session_that_is_over_is_told_after_a_second_and_one_that_lives_at_once() {
    for (seconds, expected) in [(-60, 900..1500), (60, 0..1)] {
        let home = Home::with_session(seconds);
        let server = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
        let outcome = home.provider_at(&server).load().await;
        assert_eq!(outcome.is_ok(), seconds > 0);
        let waited: Duration = home.clock.pauses().iter().sum();
        assert!(expected.contains(&waited.as_millis()), "{waited:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_not_sent_again_when_another_came_into_the_file() {
    for trouble in [Reply::Close, Reply::with(500, "")] {
        let home = Home::with_session(-60);
        let mut document = home.document(HOUR);
        document["refreshToken"] = json!(refresh_token(5));
        document["accessToken"]["accessKeyId"] = json!("ASIATHEIRS");
        let (path, theirs) = (home.path(), document.to_string());
        let server = Server::deciding(move |_, _| {
            std::fs::write(&path, &theirs).unwrap();
            trouble.clone()
        })
        .await;
        let credentials = home.provider_at(&server).load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIATHEIRS");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_refresh_token_that_somebody_left_meanwhile_is_tried_once() {
    let home = Home::with_session(-60);
    let mut document = home.document(10);
    document["refreshToken"] = json!(refresh_token(5));
    let (path, theirs) = (home.path(), document.to_string());
    let server = Server::deciding(move |turn, _| {
        if turn == 0 {
            std::fs::write(&path, &theirs).unwrap();
            return Reply::refusal(401, "TOKEN_EXPIRED");
        }
        Reply::renewal(6)
    })
    .await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIANEW6");
    assert_eq!(server.received()[1].refresh_token(), refresh_token(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_callers_spend_each_refresh_token_once() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home.provider_at(&server);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let provider = provider.clone();
        callers.spawn(async move { provider.load().await });
    }
    for outcome in callers.join_all().await {
        assert_eq!(outcome.unwrap().access_key_id(), "ASIANEW1");
    }
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_providers_that_know_nothing_of_each_other_do_too() {
    // As many processes would: only the lock beside the file is between them. It waits on a real clock.
    let home = Home::with_session(0);
    let server = single_use().await;
    let mut document = home.document(0);
    document["accessToken"]["expiresAt"] = json!("2020-01-01T00:00:00Z");
    home.write(&document);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let provider = home.provider_at(&server).with_clock(TokioClock);
        callers.spawn(async move { provider.load().await });
    }
    for outcome in callers.join_all().await {
        assert_eq!(outcome.unwrap().access_key_id(), "ASIANEW1");
    }
    assert_eq!(server.received().len(), 1);
}
