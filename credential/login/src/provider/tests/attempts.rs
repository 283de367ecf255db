//! How often and how long sign-in is asked.

use tests_support::{Reply, Server};

use super::*;
use crate::testing::{Home, OfSignIn as _, Renewing, single_use};

#[tokio::test]
async fn trouble_is_met_with_further_attempts_each_with_a_proof_of_its_own() {
    for trouble in [
        Reply::with(500, ""),
        Reply::with(503, "busy"),
        Reply::refusal(429, "INVALID_REQUEST"),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()),
        Reply::Raw(Vec::new()),
    ] {
        let home = Home::with_session(-60);
        let server = Server::answering([trouble.clone(), trouble.clone(), Reply::renewal(1)]).await;
        let credentials = home.provider_at(&server).load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIANEW1", "{trouble:?}");
        let requests = server.received();
        assert_eq!(requests.len(), 3);
        let ids: std::collections::BTreeSet<String> = requests
            .iter()
            .map(|request| request.proof(&home.key).claims["jti"].to_string())
            .collect();
        assert_eq!(ids.len(), 3, "{ids:?}");
        assert_eq!(
            home.clock.pauses(),
            [Duration::from_millis(500), Duration::from_secs(1)]
        );
        let times: Vec<i64> = requests
            .iter()
            .map(|request| request.proof(&home.key).claims["iat"].as_i64().unwrap())
            .collect();
        assert_eq!(
            times[2] - times[0],
            1,
            "the time of each attempt, in whole seconds"
        );
    }
}

#[tokio::test]
async fn attempts_are_limited_and_pauses_are_as_the_server_asks() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::with(503, "").header("Retry-After: 3")]).await;
    let provider = home.provider_at(&server).with_max_attempts(2);
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::Refused { attempts: 2, .. }), "{error:?}");
    assert!(error.is_transient());
    assert_eq!(kind(&error), ErrorKind::Failed);
    assert_eq!(home.clock.pauses(), [Duration::from_secs(3)]);

    let home = Home::with_session(-60);
    let error = home
        .provider_at(&server)
        .with_max_attempts(0)
        .load()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { attempts: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn an_endpoint_nobody_listens_at_is_a_passing_failure() {
    let home = Home::with_session(-60);
    let provider = home.provider().with_endpoint("http://127.0.0.1:1");
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::Transport { attempts: 3, .. }), "{error:?}");
    assert!(error.is_transient());
    assert!(error.to_string().contains("http://127.0.0.1:1/v1/token"));
}

#[tokio::test]
async fn silence_ends_with_the_limit() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::Silence]).await;
    let provider = home.provider_at(&server).with_timeout(Duration::from_secs(6));
    let task = tokio::spawn(async move { provider.load().await });
    server.arrival().await;
    home.clock.manual.advance(Duration::from_secs(6));
    let error = task.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(kind(&error), ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_limit_without_end_is_a_limit() {
    let server = single_use().await;
    let home = Home::with_session(-60);
    let provider = home.provider_at(&server).with_timeout(Duration::MAX);
    let outcome = provider.load().await;
    assert!(outcome.is_ok(), "{outcome:?}");
}
