use std::sync::{Arc, OnceLock};

use credential_core::{AwsCredentials, Clock, ProvideAwsCredentials, Renewal};
use tests_support::{ManualClock, canary};

use super::support::*;
use crate::AutoRefreshingProvider;

fn answering(clock: &ManualClock) -> Source {
    let clock = clock.clone();
    Source::new(move |call| std::future::ready(Ok(session(&clock, call))))
}

#[tokio::test]
async fn a_renewal_in_the_background_replaces_the_credentials_before_they_die() {
    let clock = ManualClock::new();
    let source = answering(&clock);
    let provider = around(&source, &clock);
    assert_eq!(id(&provider.credentials().await), "ASIA1");
    clock.advance(SOFT - SECOND);
    assert_eq!(id(&provider.credentials().await), "ASIA1");
    clock.advance(SECOND);
    assert_eq!(
        id(&provider.credentials().await),
        "ASIA1",
        "this caller does not wait"
    );
    settle().await;
    assert_eq!(id(&provider.credentials().await), "ASIA2");
    assert_eq!(source.calls(), 2);
    assert_eq!(
        tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        0,
        "no standing task"
    );
}

#[test]
fn outside_a_runtime_the_caller_who_starts_a_renewal_carries_it_out_and_the_others_do_not_wait() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = Source::new({
        let (clock, gate) = (clock.clone(), gate.clone());
        move |call| {
            let (clock, gate) = (clock.clone(), gate.clone());
            async move {
                if call > 1 {
                    gate.pass().await;
                }
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);
    block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    let mut first = Hand::asks(&provider);
    assert!(first.poll().is_none());
    for _ in 0..100 {
        assert_eq!(id(&now_or_never(&provider).expect("at once")), "ASIA1");
    }
    gate.open();
    assert_eq!(id(&first.run().unwrap()), "ASIA2");
    assert_eq!(source.calls(), 2);
}

#[test]
fn outside_a_runtime_the_next_caller_takes_up_a_renewal_that_was_left() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = Source::new({
        let (clock, gate) = (clock.clone(), gate.clone());
        move |call| {
            let (clock, gate) = (clock.clone(), gate.clone());
            async move {
                if call > 1 {
                    gate.pass().await;
                }
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);
    block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    assert!(now_or_never(&provider).is_none(), "polled once and dropped");
    gate.open();
    assert_eq!(id(&block_on(provider.credentials())), "ASIA2");
    assert_eq!(source.calls(), 2);
}

#[test]
fn what_was_left_for_too_long_is_begun_anew_and_is_no_failure() {
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
    assert!(now_or_never(&provider).is_none());
    clock.advance(31 * SECOND);
    assert_eq!(id(&block_on(provider.credentials())), "ASIA2");
    let health = provider.health();
    assert_eq!((health.failures.total(), health.abandoned), (0, 1));
}

#[tokio::test]
async fn credentials_refused_by_a_service_are_replaced() {
    let clock = ManualClock::new();
    let source = answering(&clock);
    let provider = around(&source, &clock);
    let refused = provider.credentials().await.unwrap();
    let other = AwsCredentials::new("ASIAOTHER", canary("other"));
    provider.invalidate(&other);
    assert_eq!(id(&provider.credentials().await), "ASIA1");
    provider.invalidate(&refused);
    assert_eq!(id(&provider.credentials().await), "ASIA2");
    provider.invalidate(&refused);
    assert_eq!(
        id(&provider.credentials().await),
        "ASIA2",
        "those are not the ones at hand"
    );
    assert_eq!(source.refused(), ["ASIA1"], "the source has heard it");
}

#[tokio::test]
async fn a_fetch_that_began_before_the_refusal_does_not_count() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = Source::new({
        let (clock, gate) = (clock.clone(), gate.clone());
        move |call| {
            let (clock, gate) = (clock.clone(), gate.clone());
            async move {
                if call == 2 {
                    gate.pass().await;
                }
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);
    let refused = provider.credentials().await.unwrap();
    clock.advance(SOFT);
    provider.credentials().await.unwrap();
    settle().await;
    provider.invalidate(&refused);
    gate.open();
    assert_eq!(id(&provider.credentials().await), "ASIA3");
    settle().await;
    assert_eq!(id(&provider.credentials().await), "ASIA3");
    assert_eq!(source.given_up(), 1);
}

#[tokio::test]
async fn an_answer_that_comes_after_its_fetch_was_replaced_is_not_taken() {
    let clock = ManualClock::new();
    let shared: Arc<OnceLock<AutoRefreshingProvider>> = Arc::default();
    let source = Source::new({
        let (clock, shared) = (clock.clone(), Arc::clone(&shared));
        move |call| {
            let (clock, shared) = (clock.clone(), Arc::clone(&shared));
            async move {
                if call == 2 {
                    // A service refuses the credentials at the very moment of the answer.
                    shared.get().unwrap().invalidate(&session(&clock, 1));
                }
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);
    shared.set(provider.clone()).unwrap();
    provider.credentials().await.unwrap();
    clock.advance(SOFT);
    provider.credentials().await.unwrap();
    settle().await;
    assert_eq!(source.calls(), 2);
    assert_eq!(provider.health().access_key_id.as_deref(), Some("ASIA1"));
    assert_eq!(id(&provider.credentials().await), "ASIA3");
}

#[tokio::test]
async fn unchanged_keys_of_a_file_stay_the_same_value() {
    let clock = ManualClock::new();
    let source = Source::new(|_| {
        let renewal = Renewal::NEVER.with_reread_after(600 * SECOND);
        std::future::ready(Ok(
            AwsCredentials::new("AKIDEXAMPLE", canary("file")).with_renewal(renewal)
        ))
    });
    let provider = around(&source, &clock);
    let before = provider.credentials().await.unwrap();
    clock.advance(600 * SECOND);
    provider.credentials().await.unwrap();
    settle().await;
    let after = provider.credentials().await.unwrap();
    assert_eq!(source.calls(), 2);
    assert!(std::ptr::eq(before.access_key_id(), after.access_key_id()));
}

#[tokio::test]
async fn a_start_delay_comes_before_the_first_fetch_only() {
    let clock = ManualClock::new();
    let source = answering(&clock);
    let provider = around(&source, &clock).with_start_delay(40 * SECOND);
    let caller = tokio::spawn({
        let provider = provider.clone();
        async move { provider.credentials().await }
    });
    settle().await;
    clock.advance(39 * SECOND);
    settle().await;
    assert_eq!(source.calls(), 0);
    clock.advance(SECOND);
    assert_eq!(id(&caller.await.unwrap()), "ASIA1");
    clock.advance(HOUR);
    assert_eq!(id(&now_or_never(&provider).expect("no delay")), "ASIA2");
}

#[tokio::test]
async fn the_sdk_windows_renew_where_the_sdks_do() {
    let clock = ManualClock::new();
    let source = answering(&clock);
    let provider = around(&source, &clock).with_sdk_windows();
    provider.credentials().await.unwrap();
    assert_eq!(provider.health().next_refresh, Some(HOUR - 900 * SECOND));
}

#[tokio::test]
async fn health_follows_the_life() {
    let clock = ManualClock::new();
    let provider = around(&answering(&clock), &clock);
    assert_eq!(provider.health().access_key_id, None);
    provider.credentials().await.unwrap();
    clock.advance(SECOND);
    let health = provider.health();
    assert_eq!(health.expiration, Some(clock.now() + HOUR - SECOND));
    assert_eq!(health.age, Some(SECOND));
    assert_eq!(health.remaining, Some(HOUR - SECOND));
    assert_eq!(health.next_refresh, Some(SOFT - SECOND));
    assert_eq!((health.fetches, health.waits, health.refreshing), (1, 1, false));
}
