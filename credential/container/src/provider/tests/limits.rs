//! How often, how long, and by how many at once the endpoint is asked.

use std::future::Future;
use std::pin::pin;

use super::*;

#[tokio::test]
async fn passing_troubles_are_tried_again_with_full_jitter() {
    for status in [429, 500, 502, 503, 504] {
        let agent = saying([
            (status, "oops".into()),
            (status, "oops".into()),
            (200, document()),
        ])
        .await;
        let clock = pausing_clock();

        asking(&agent, &[])
            .with_clock(clock.clone())
            .load()
            .await
            .unwrap();

        assert_eq!(clock.pauses(), [50, 100].map(Duration::from_millis), "{status}");
    }
}

#[tokio::test]
async fn no_limit_is_too_long() {
    let agent = saying([(500, "oops".into()), (200, document())]).await;
    let provider = asking(&agent, &[])
        .with_clock(credential_runtime::TokioClock)
        .with_connect_timeout(Duration::MAX)
        .with_read_timeout(Duration::MAX)
        .with_timeout(Duration::MAX);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIATASK");
}

#[tokio::test]
async fn the_last_failure_is_told_with_how_often_it_was_tried() {
    for (attempts, count, told) in [
        (0, 1, "1 attempt"),
        (1, 1, "1 attempt"),
        (3, 3, "3 attempts"),
        (5, 5, "5 attempts"),
    ] {
        let body = r#"{"code": "CredentialsUninitialized", "message": "state is not rebuilt"}"#;
        let agent = saying([(503, body.to_owned())]).await;
        let error = asking(&agent, &[])
            .with_attempts(attempts)
            .load()
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Status { attempts, .. } if *attempts == count),
            "{error:?}"
        );
        assert!(error.is_transient());
        assert_eq!(
            error.to_string(),
            format!(
                "the container endpoint {}/get answered with status 503 in {told}: CredentialsUninitialized: \
                 state is not rebuilt",
                agent.url
            )
        );
        assert_eq!(agent.received().len(), count as usize);
    }
}

#[tokio::test]
async fn other_refusals_are_not_tried_again() {
    for status in [400, 401, 403, 404, 405, 409, 410, 501] {
        let agent = saying([(status, String::new())]).await;
        asking(&agent, &[]).load().await.unwrap_err();
        assert_eq!(agent.received().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn pauses_never_exceed_two_seconds() {
    let agent = saying([(500, String::new())]).await;
    let clock = pausing_clock();
    asking(&agent, &[])
        .with_clock(clock.clone())
        .with_random(FixedRandom(1.0))
        .with_attempts(8)
        .load()
        .await
        .unwrap_err();
    let pauses = [100, 200, 400, 800, 1600, 2000, 2000].map(Duration::from_millis);
    assert_eq!(clock.pauses(), pauses);
}

#[tokio::test]
async fn an_agent_that_asks_for_patience_gets_up_to_two_seconds() {
    for (asked, pause) in [("1", 1000), ("2", 2000), ("3", 50), ("soon", 50)] {
        let agent = answering(move |number| {
            if number == 1 {
                Reply::with(429, "").header(&format!("Retry-After: {asked}"))
            } else {
                Reply::with(200, document())
            }
        })
        .await;
        let clock = pausing_clock();
        asking(&agent, &[])
            .with_clock(clock.clone())
            .load()
            .await
            .unwrap();
        assert_eq!(clock.pauses(), [Duration::from_millis(pause)]);
    }
}

#[tokio::test]
async fn no_pause_begins_that_would_outlast_the_whole_limit() {
    let agent = answering(|_| Reply::with(503, "").header("Retry-After: 2")).await;
    let error = asking(&agent, &[]).with_attempts(9).load().await.unwrap_err();
    assert!(matches!(error, Error::Status { attempts: 5, .. }), "{error:?}");
}

#[tokio::test]
async fn a_silent_agent_meets_the_limit_for_reading_each_time() {
    let agent = answering(|_| Reply::Silence).await;
    let error = asking(&agent, &[])
        .with_read_timeout(Duration::from_millis(20))
        .load()
        .await
        .unwrap_err();
    let text = printed(&error);
    assert!(matches!(error, Error::Transport { attempts: 3, .. }), "{text}");
    assert!(text.contains("took over 20ms") && error.is_transient(), "{text}");
    assert_eq!((kind(error), agent.received().len()), (ErrorKind::TimedOut, 3));
}

#[tokio::test]
async fn connecting_that_hangs_meets_its_limit_each_time() {
    let hole = tests_support::BlackHole::new().await;
    let error = with_variables(&[(FULL, &hole.url)])
        .with_connect_timeout(Duration::from_millis(20))
        .load()
        .await
        .unwrap_err();
    let text = printed(&error);
    assert!(matches!(error, Error::Transport { attempts: 3, .. }), "{text}");
    assert!(
        text.contains("connecting for") && text.contains("took over 20ms"),
        "{text}"
    );
    assert_eq!(kind(error), ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_changed_setting_starts_anew() {
    let silent = answering(|_| Reply::Silence).await;
    let provider = asking(&silent, &[]);
    let waiting = tokio::spawn({
        let provider = provider.clone();
        async move { provider.load().await }
    });
    while silent.received().is_empty() {
        tokio::task::yield_now().await;
    }
    let agent = saying([(200, document())]).await;
    let uri = &agent.url;
    let other = provider.with_variables(Variables::from([(FULL, uri)]));
    let waited = TokioClock.sleep(Duration::from_secs(10));
    let answer = within(waited, other.load()).await;
    answer.expect("it waits for nobody else").unwrap();
    waiting.abort();
}

#[tokio::test]
async fn the_whole_has_its_limit() {
    let agent = answering(|_| Reply::Silence).await;
    let clock = ManualClock::new();
    let provider = asking(&agent, &[]).with_clock(clock.clone());
    let asking = tokio::spawn(async move { provider.load().await });
    while agent.received().is_empty() {
        tokio::task::yield_now().await;
    }

    clock.advance(Duration::from_secs(10));

    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "asking the container endpoint took over 10s");
    assert!(error.is_transient());
    assert_eq!(kind(error), ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_hundred_calls_at_once_are_one_request() {
    let agent = saying([(200, document())]).await;
    let provider = asking(&agent, &[]);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.credentials().await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().access_key_id(), "ASIATASK");
    }
    assert_eq!(agent.received().len(), 1);

    provider.load().await.unwrap();
    assert_eq!(agent.received().len(), 2, "nothing is kept");
}

#[tokio::test]
async fn a_shared_failure_is_not_kept() {
    let agent = saying([(404, String::new()), (200, document())]).await;
    let provider = asking(&agent, &[]);
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.load().await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap_err();
    }
    provider.load().await.unwrap();
    assert_eq!(agent.received().len(), 2);
}

#[tokio::test]
async fn a_caller_that_is_dropped_on_the_way_harms_nobody() {
    let bell = Arc::new(tokio::sync::Notify::new());
    let good = Reply::with(200, document());
    let agent = Server::answering([good.clone().held(&bell), good]).await;
    let provider = asking(&agent, &[]);
    let leader = tokio::spawn({
        let provider = provider.clone();
        async move { provider.load().await }
    });
    while agent.received().is_empty() {
        tokio::task::yield_now().await;
    }
    let waiter = tokio::spawn(async move { provider.load().await });
    tokio::task::yield_now().await;

    leader.abort();

    assert_eq!(waiter.await.unwrap().unwrap().access_key_id(), "ASIATASK");
    bell.notify_one();
}

#[test]
fn outside_a_runtime_there_is_an_error() {
    let provider = with_variables(&[(FULL, "http://127.0.0.1:1/")]);
    let mut loading = pin!(provider.load());
    let Poll::Ready(Err(error)) = loading.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for a runtime that never comes");
    };
    assert!(matches!(error, Error::NoRuntime), "{error:?}");
    assert_eq!(kind(error), ErrorKind::Failed);
}

#[tokio::test]
async fn as_a_provider_it_has_a_name_and_says_why() {
    let provider = with_variables(&[]);
    assert_eq!(provider.name(), "Container");
    assert_eq!(
        provider.credentials().await.unwrap_err().report().to_string(),
        "container is not configured: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
         AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
    );
}
