use std::sync::Arc;

use credential_core::ProvideAwsCredentials;
use tests_support::ManualClock;

use super::support::*;
use crate::AutoRefreshingProvider;

const CALLERS: usize = 10_000;

/// All ask, none is answered before all have asked.
async fn all_ask(provider: &AutoRefreshingProvider, gate: &Gate) -> Vec<Answer> {
    let waits = provider.health().waits;
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.credentials().await })
        })
        .collect();
    while provider.health().waits < waits + CALLERS as u64 {
        tokio::task::yield_now().await;
    }
    gate.open();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_callers_on_a_cold_provider_cause_one_fetch() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = Source::new({
        let (clock, gate) = (clock.clone(), gate.clone());
        move |call| {
            let (clock, gate) = (clock.clone(), gate.clone());
            async move {
                gate.pass().await;
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);

    let answers = all_ask(&provider, &gate).await;

    assert!(answers.iter().all(|answer| id(answer) == "ASIA1"));
    assert_eq!(source.calls(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_callers_on_an_expired_provider_cause_one_fetch() {
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
    provider.credentials().await.unwrap();
    clock.advance(HOUR);

    let answers = all_ask(&provider, &gate).await;

    assert!(answers.iter().all(|answer| id(answer) == "ASIA2"));
    assert_eq!(source.calls(), 2);
}

#[tokio::test]
async fn each_waiter_does_not_run_the_failing_source_again() {
    let gate = Gate::closed();
    let source = Source::new({
        let gate = gate.clone();
        move |_| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Err(down())
            }
        }
    });
    let provider = around(&source, &ManualClock::new());
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.credentials().await })
        })
        .collect();
    settle().await;
    gate.open();
    let mut errors = Vec::new();
    for task in tasks {
        errors.push(task.await.unwrap().unwrap_err());
    }
    assert_eq!(source.calls(), 1, "twenty waiters share one failure");
    let cause = std::ptr::from_ref(errors[0].cause()).cast::<()>();
    assert!(
        errors
            .iter()
            .all(|error| std::ptr::from_ref(error.cause()).cast::<()>() == cause)
    );
    assert_eq!(provider.health().failures.total(), 1);
}

#[test]
fn a_clone_is_the_same_provider_and_a_changed_one_is_not() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| std::future::ready(Ok(session(&clock, call)))
    });
    let provider = around(&source, &clock);
    let clone = provider.clone();
    assert_eq!(id(&now_or_never(&provider).unwrap()), "ASIA1");
    assert_eq!(id(&now_or_never(&clone).unwrap()), "ASIA1");
    let changed = clone.with_lead(SECOND);
    assert_eq!(id(&now_or_never(&changed).unwrap()), "ASIA2");
    assert_eq!(id(&now_or_never(&provider).unwrap()), "ASIA1");
}

/// Callers come, give up and come back on four threads while time flies and the source stumbles: nobody hangs, nobody
/// gets what is dead, and the source is asked as often as time asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_of_impatient_callers_on_real_threads() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| {
            let clock = clock.clone();
            async move {
                steps(call % 7).await;
                tokio::task::yield_now().await;
                match call % 5 {
                    3 => Err(down()),
                    4 if call % 10 == 4 => panic!("on purpose, to see that nothing is poisoned"),
                    _ => Ok(session(&clock, call)),
                }
            }
        }
    });
    let provider = around(&source, &clock);
    let crowd: Vec<_> = (0..32)
        .map(|who| {
            let (provider, clock) = (provider.clone(), clock.clone());
            tokio::spawn(async move {
                for round in 0..300_usize {
                    if (who + round) % 3 == 0 {
                        let mut hasty = Box::pin(provider.credentials());
                        for _ in 0..round % 5 {
                            if futures_poll(&mut hasty).await {
                                break;
                            }
                        }
                        drop(hasty);
                    } else {
                        let before = credential_core::Clock::now(&clock);
                        if let Ok(credentials) = provider.credentials().await {
                            assert!(!credentials.is_expired_at(before), "handed out dead");
                            if round % 50 == 7 {
                                provider.invalidate(&credentials);
                            }
                        }
                    }
                    if who == 0 {
                        clock.advance(std::time::Duration::from_secs(97));
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for task in crowd {
        task.await.unwrap();
    }
    // 300 × 97 s is a little over eight hours.
    assert!((8..600).contains(&source.calls()), "{}", source.calls());
    clock.advance(HOUR);
    for _ in 0..10 {
        clock.advance(SECOND);
        if provider.credentials().await.is_ok() {
            return;
        }
    }
    panic!("never recovers: {:?}", provider.health());
}

/// Polls once, and says whether it is done.
async fn futures_poll(future: &mut (impl Future + Unpin)) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready())
    })
    .await
}

#[test]
fn the_provider_can_be_shared_between_threads_and_stored() {
    fn check<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    check::<AutoRefreshingProvider>();
    let provider: Arc<dyn ProvideAwsCredentials> = Arc::new(AutoRefreshingProvider::new(Source::new(|_| {
        std::future::ready(Err(down()))
    })));
    assert_eq!(provider.name(), "Source");
}
