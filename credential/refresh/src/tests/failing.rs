use std::sync::Arc;
use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsFuture, ErrorKind, ProvideAwsCredentials};
use tests_support::{Log, ManualClock};

use super::support::*;
use crate::{AutoRefreshingProvider, Error};

/// Answers well but for these calls.
fn failing_at(clock: &ManualClock, failing: impl Fn(usize) -> bool + Send + Sync + 'static) -> Source {
    let clock = clock.clone();
    Source::new(move |call| {
        std::future::ready(if failing(call) {
            Err(down())
        } else {
            Ok(session(&clock, call))
        })
    })
}

/// Answers at the first call and hangs from then on.
fn hanging_after_the_first(clock: &ManualClock) -> Source {
    let clock = clock.clone();
    Source::new(move |call| {
        let clock = clock.clone();
        async move {
            if call > 1 {
                std::future::pending::<()>().await;
            }
            Ok(session(&clock, call))
        }
    })
}

#[tokio::test]
async fn an_error_is_never_kept() {
    let clock = ManualClock::new();
    let source = failing_at(&clock, |call| call == 1);
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap_err();
    provider.credentials().await.unwrap_err();
    assert_eq!(source.calls(), 1, "a moment ago is no new attempt");
    clock.advance(SECOND);
    assert_eq!(id(&provider.credentials().await), "ASIA2");
}

#[tokio::test]
async fn valid_credentials_are_not_thrown_away_when_a_refresh_fails() {
    let clock = ManualClock::new();
    let source = failing_at(&clock, |call| call > 1);
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(SOFT);
    for _ in 0..599 {
        let answer = now_or_never(&provider).expect("served without waiting while the source fails");
        assert_eq!(id(&answer), "ASIA1");
        settle().await;
        clock.advance(SECOND);
    }
    let health = provider.health();
    assert!((5..20).contains(&health.failures.failed), "{health:?}");
    assert!(health.served_while_failing > 500, "{health:?}");
    clock.advance(SECOND);
    let error = provider.credentials().await.unwrap_err();
    assert!(
        matches!(error.cause().downcast_ref(), Some(Error::Expired { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_source_without_newer_credentials_near_the_expiration_is_not_asked_in_a_busy_loop() {
    let clock = ManualClock::new();
    let same = session(&clock, 1);
    let source = Source::new(move |_| std::future::ready(Ok(same.clone())));
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(MANDATORY - 60 * SECOND);
    for _ in 0..119 {
        for _ in 0..100 {
            assert_eq!(id(&provider.credentials().await), "ASIA1");
        }
        settle().await;
        clock.advance(SECOND);
    }
    assert!(
        (1..=2).contains(&(source.calls() - 1)),
        "{} calls in the last two minutes",
        source.calls() - 1
    );
}

#[tokio::test]
async fn a_source_that_fails_near_the_expiration_is_not_asked_in_a_busy_loop() {
    let clock = ManualClock::new();
    let source = failing_at(&clock, |call| call > 1);
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(MANDATORY);
    for _ in 0..60 {
        for _ in 0..100 {
            provider.credentials().await.unwrap();
        }
        clock.advance(SECOND);
    }
    assert!(
        (3..=8).contains(&(source.calls() - 1)),
        "{} calls in the last minute",
        source.calls() - 1
    );
}

#[tokio::test]
async fn callers_are_not_stalled_by_a_refresh() {
    let clock = ManualClock::new();
    let source = hanging_after_the_first(&clock);
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(SOFT);
    for _ in 0..1000 {
        assert_eq!(id(&now_or_never(&provider).expect("at once")), "ASIA1");
    }
    settle().await;
    assert_eq!(source.calls(), 2, "one renewal for all");
    assert_eq!(
        tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        1,
        "in one task"
    );
}

#[tokio::test]
async fn in_the_last_minute_callers_wait_five_seconds_at_most_for_a_source_that_hangs() {
    let clock = ManualClock::new();
    let source = hanging_after_the_first(&clock);
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(MANDATORY);
    let caller = tokio::spawn({
        let provider = provider.clone();
        async move { provider.credentials().await }
    });
    settle().await;
    clock.advance(5 * SECOND - Duration::from_millis(1));
    settle().await;
    assert!(!caller.is_finished());
    clock.advance(Duration::from_millis(1));
    assert_eq!(id(&caller.await.unwrap()), "ASIA1");
    for _ in 0..100 {
        assert_eq!(
            id(&now_or_never(&provider).expect("nobody waits once more")),
            "ASIA1"
        );
    }
    assert_eq!(
        provider.health().waits,
        2,
        "one for the first credentials, one for the five seconds"
    );
    assert_eq!(source.calls(), 2);
    clock.advance(25 * SECOND);
    settle().await;
    assert_eq!(provider.health().failures.timed_out, 1);
}

#[tokio::test]
async fn in_the_last_minute_callers_get_the_new_ones() {
    let clock = ManualClock::new();
    let source = failing_at(&clock, |_| false);
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(MANDATORY);
    assert_eq!(id(&provider.credentials().await), "ASIA2");
}

#[tokio::test]
async fn a_provider_that_hangs_is_given_up_after_its_limit() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| {
            let clock = clock.clone();
            async move {
                if call == 1 {
                    std::future::pending::<()>().await;
                }
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.credentials().await })
        })
        .collect();
    settle().await;
    clock.advance(30 * SECOND);
    for caller in callers {
        let error = caller.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (ErrorKind::TimedOut, true));
        assert_eq!(
            error.report().to_string(),
            "source took too long: no answer within 30 s"
        );
    }
    assert_eq!((source.calls(), source.given_up()), (1, 1));
    clock.advance(SECOND);
    assert_eq!(id(&provider.credentials().await), "ASIA2");
}

#[tokio::test]
async fn the_load_timeout_is_a_setting() {
    for (limited, finished) in [(true, true), (false, false)] {
        let clock = ManualClock::new();
        let source = Source::new(|_| std::future::pending());
        let provider = around(&source, &clock);
        let provider = if limited {
            provider.with_load_timeout(90 * SECOND)
        } else {
            provider.without_load_timeout()
        };
        let caller = tokio::spawn(async move { provider.credentials().await });
        settle().await;
        clock.advance(89 * SECOND);
        settle().await;
        assert!(!caller.is_finished());
        clock.advance(HOUR);
        settle().await;
        assert_eq!(caller.is_finished(), finished);
    }
}

/// Where a provider panics.
#[derive(Clone, Copy, Debug)]
enum Where {
    Call,
    Poll,
    Later,
    Drop,
}

#[derive(Debug)]
struct Panics(Where, Source);

struct PanicsOnDrop;

/// A panic that tells a secret, past the hook that would print it.
fn panic_with_a_secret() -> ! {
    std::panic::resume_unwind(Box::new(tests_support::canary("panic")))
}

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic_with_a_secret();
        }
    }
}

impl ProvideAwsCredentials for Panics {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let answer = self.1.credentials();
        if self.1.calls() > 1 {
            return answer;
        }
        let place = self.0;
        if matches!(place, Where::Call) {
            panic_with_a_secret();
        }
        CredentialsFuture::new(async move {
            let _guard = matches!(place, Where::Drop).then_some(PanicsOnDrop);
            if matches!(place, Where::Later) {
                steps(3).await;
            }
            if !matches!(place, Where::Drop) {
                panic_with_a_secret();
            }
            std::future::pending().await
        })
    }
}

#[tokio::test]
async fn a_provider_that_panics_is_a_failure_for_all_and_recovers() {
    for place in [Where::Call, Where::Poll, Where::Later, Where::Drop] {
        let clock = ManualClock::new();
        let source = failing_at(&clock, |_| false);
        let provider = AutoRefreshingProvider::new(Panics(place, source.clone())).with_clock(clock.clone());
        let callers: Vec<_> = (0..20)
            .map(|_| {
                let provider = provider.clone();
                tokio::spawn(async move { provider.credentials().await })
            })
            .collect();
        settle().await;
        clock.advance(30 * SECOND);
        for caller in callers {
            let error = caller.await.expect("nobody else panics").unwrap_err();
            assert!(error.is_transient(), "{place:?}");
            assert!(
                !tests_support::leaks(&format!("{error:?} {}", error.report())),
                "{place:?}"
            );
        }
        clock.advance(SECOND);
        assert!(provider.credentials().await.is_ok(), "{place:?}");
        assert_eq!(source.calls(), 2, "{place:?}");
    }
}

#[tokio::test]
async fn a_panic_in_the_background_reaches_nobody() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| {
            assert_ne!(call, 2, "on purpose");
            std::future::ready(Ok(session(&clock, call)))
        }
    });
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(SOFT);
    assert_eq!(id(&provider.credentials().await), "ASIA1");
    settle().await;
    assert_eq!(provider.health().failures.failed, 1);
    clock.advance(60 * SECOND);
    assert_eq!(id(&provider.credentials().await), "ASIA1");
    settle().await;
    assert_eq!(id(&provider.credentials().await), "ASIA3");
}

#[tokio::test]
async fn with_static_stability_a_hanging_source_costs_callers_five_seconds_now_and_then() {
    let clock = ManualClock::new();
    let source = hanging_after_the_first(&clock);
    let provider = around(&source, &clock).with_static_stability(crate::StaticStability::All);
    provider.credentials().await.unwrap();
    clock.advance(HOUR);
    let caller = tokio::spawn({
        let provider = provider.clone();
        async move { provider.credentials().await }
    });
    settle().await;
    clock.advance(5 * SECOND);
    assert_eq!(id(&caller.await.unwrap()), "ASIA1");
    assert_eq!(id(&now_or_never(&provider).unwrap()), "ASIA1");
    clock.advance(25 * SECOND);
    settle().await;
    assert_eq!(provider.health().extensions, 1);
    assert_eq!(id(&now_or_never(&provider).unwrap()), "ASIA1");
    assert_eq!(source.calls(), 2);
}

#[tokio::test]
async fn each_extension_is_warned_of_once_and_told_with_its_length_and_age() {
    let clock = ManualClock::new();
    let source = failing_at(&clock, |call| call > 1);
    let provider = around(&source, &clock).with_static_stability(crate::StaticStability::All);
    provider.credentials().await.unwrap();
    clock.advance(HOUR + 20 * SECOND);
    let log = Log::listen();

    for _ in 0..100 {
        assert_eq!(id(&provider.credentials().await), "ASIA1");
        clock.advance(SECOND);
    }

    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("minutes=10") && warnings[0].contains("seconds_past_expiration=20"),
        "{warnings:?}"
    );
    clock.advance(500 * SECOND);
    provider.credentials().await.unwrap();
    assert_eq!(log.warnings().len(), 2, "another extension");
    assert!(!tests_support::leaks(&log.text()), "{}", log.text());
}

#[tokio::test]
async fn a_mistake_is_an_error_once_the_credentials_are_dead() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| {
            std::future::ready(match call {
                1 => Ok(session(&clock, call)),
                _ => Err(credential_core::CredentialsError::invalid_configuration(
                    "Source",
                    std::io::Error::other("no such role"),
                )),
            })
        }
    });
    let provider = around(&source, &clock);
    provider.credentials().await.unwrap();
    clock.advance(MANDATORY);
    assert_eq!(id(&provider.credentials().await), "ASIA1");
    clock.advance(60 * SECOND);
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
}

#[test]
fn debug_and_health_show_no_secret() {
    let clock = ManualClock::new();
    let source = failing_at(&clock, |call| call > 1);
    let provider = around(&source, &clock);
    block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    block_on(provider.credentials()).unwrap();
    let shown = format!("{provider:?} {:?}", provider.health());
    assert!(
        shown.contains("ASIA1") && shown.contains("Soft") && shown.contains("down"),
        "{shown}"
    );
    assert!(!tests_support::leaks(&shown), "{shown}");
}

#[test]
fn credentials_as_their_own_provider_are_kept_for_ever() {
    let clock = ManualClock::new();
    let keys = AwsCredentials::new("AKIDEXAMPLE", tests_support::canary("static"));
    let provider = AutoRefreshingProvider::new(Arc::new(keys)).with_clock(clock.clone());
    block_on(provider.credentials()).unwrap();
    clock.advance(365 * 24 * HOUR);
    block_on(provider.credentials()).unwrap();
    assert_eq!(provider.health().fetches, 1);
}
