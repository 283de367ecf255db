use std::sync::mpsc;
use std::time::Duration;

use credential_core::{Clock, ProvideAwsCredentials};
use tests_support::ManualClock;

use super::support::*;

/// Answers the first call at once, and from then on after as many steps.
fn stepping(clock: &ManualClock, count: usize) -> Source {
    let clock = clock.clone();
    Source::new(move |call| {
        let clock = clock.clone();
        async move {
            steps(if call == 1 { 0 } else { count }).await;
            Ok(session(&clock, call))
        }
    })
}

/// Answers all calls but this one, which hangs.
fn hanging_at(clock: &ManualClock, hanging: usize) -> Source {
    let clock = clock.clone();
    Source::new(move |call| {
        let clock = clock.clone();
        async move {
            if call == hanging {
                std::future::pending::<()>().await;
            }
            Ok(session(&clock, call))
        }
    })
}

#[test]
fn a_loop_of_short_block_ons_keeps_renewing() {
    for (count, what) in [(0, "at once"), (3, "in steps"), (1000, "in very many steps")] {
        let clock = ManualClock::new();
        let source = stepping(&clock, count);
        let provider = around(&source, &clock);
        let runtime = current_thread();
        for _ in 0..24 * 120 {
            let credentials = runtime.block_on(provider.credentials()).unwrap();
            assert!(!credentials.is_expired_at(clock.now()), "{what}");
            clock.advance(30 * SECOND);
        }
        assert!(
            (24..120).contains(&source.calls()),
            "{what}: {} fetches a day",
            source.calls()
        );
    }
}

#[test]
fn a_loop_of_short_runtimes_keeps_renewing() {
    let clock = ManualClock::new();
    let source = stepping(&clock, 3);
    let provider = around(&source, &clock);
    for _ in 0..24 * 120 {
        let credentials = current_thread().block_on(provider.credentials()).unwrap();
        assert!(!credentials.is_expired_at(clock.now()));
        clock.advance(30 * SECOND);
    }
    assert!(
        (24..400).contains(&source.calls()),
        "{} fetches a day",
        source.calls()
    );
}

#[test]
fn a_renewal_whose_runtime_stands_still_is_replaced_when_it_is_needed() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 2);
    let provider = around(&source, &clock).without_load_timeout();
    let runtime = current_thread();
    runtime.block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    runtime.block_on(async {
        provider.credentials().await.unwrap();
        settle().await;
    });
    assert_eq!(source.calls(), 2);
    clock.advance(MANDATORY - SOFT);
    let answer = runtime.block_on(provider.credentials());
    assert_eq!(id(&answer), "ASIA3", "the caller drives a new one");
    assert_eq!(source.given_up(), 1);
}

#[test]
fn a_runtime_dropped_during_a_renewal_does_not_stop_renewal() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 2);
    let provider = around(&source, &clock);
    let runtime = current_thread();
    runtime.block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    runtime.block_on(async {
        provider.credentials().await.unwrap();
        settle().await;
    });
    drop(runtime);
    assert_eq!((source.calls(), source.given_up()), (2, 1));
    assert_eq!(provider.health().abandoned, 1);

    let runtime = current_thread();
    assert_eq!(id(&runtime.block_on(provider.credentials())), "ASIA1");
    clock.advance(60 * SECOND);
    runtime.block_on(async {
        provider.credentials().await.unwrap();
        settle().await;
    });
    assert_eq!(
        id(&runtime.block_on(provider.credentials())),
        "ASIA3",
        "the next one is done in the background"
    );
}

#[test]
fn a_runtime_dropped_under_a_waiting_caller_harms_nobody_in_another_one() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 1);
    let provider = around(&source, &clock);
    let first = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    first.spawn({
        let provider = provider.clone();
        async move { provider.credentials().await }
    });
    while source.calls() == 0 {
        std::thread::yield_now();
    }
    let (sender, receiver) = mpsc::channel();
    let other = std::thread::spawn({
        let provider = provider.clone();
        move || {
            sender
                .send(current_thread().block_on(provider.credentials()))
                .unwrap();
        }
    });
    while provider.health().waits < 2 {
        std::thread::yield_now();
    }
    assert!(
        receiver.try_recv().is_err(),
        "waits for the fetch of the other runtime"
    );
    drop(first);
    assert_eq!(
        id(&receiver.recv().unwrap()),
        "ASIA2",
        "and begins its own when that is gone"
    );
    other.join().unwrap();
}

#[test]
fn a_fetch_left_to_a_runtime_that_stands_still_is_not_waited_for_elsewhere() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 1);
    let provider = around(&source, &clock);
    let still = current_thread();
    still.block_on(async { assert!(now_or_never(&provider).is_none()) });
    assert_eq!(id(&current_thread().block_on(provider.credentials())), "ASIA2");
    assert_eq!(source.given_up(), 1);
    drop(still);
    assert_eq!(
        id(&block_on(provider.credentials())),
        "ASIA2",
        "nor does its end matter"
    );
}

#[test]
fn a_caller_waits_for_a_leader_asleep_in_another_runtime_no_longer_than_the_load_timeout() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 1);
    let provider = around(&source, &clock);
    let still = current_thread();
    still.block_on(async {
        tokio::spawn({
            let provider = provider.clone();
            async move { provider.credentials().await }
        });
        settle().await;
    });
    let other = std::thread::spawn({
        let provider = provider.clone();
        move || current_thread().block_on(provider.credentials())
    });
    while clock.sleepers() < 2 {
        std::thread::yield_now();
    }
    clock.advance(30 * SECOND);
    assert!(other.join().unwrap().unwrap_err().is_transient());
    clock.advance(SECOND);
    assert_eq!(id(&current_thread().block_on(provider.credentials())), "ASIA2");
}

#[test]
fn a_caller_may_move_from_one_runtime_to_another() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 1);
    let provider = around(&source, &clock);
    let mut caller = Hand::asks(&provider);
    let first = current_thread();
    {
        let _inside = first.enter();
        assert!(caller.poll().is_none());
    }
    let second = current_thread();
    let _inside = second.enter();
    assert_eq!(
        id(&caller.poll().unwrap()),
        "ASIA2",
        "the first fetch belongs to the first runtime"
    );
}

#[test]
fn it_works_without_any_runtime() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| {
            let clock = clock.clone();
            async move {
                let gate = Gate::closed();
                let opener = gate.clone();
                std::thread::spawn(move || opener.open());
                gate.pass().await;
                Ok(session(&clock, call))
            }
        }
    });
    let provider = around(&source, &clock);
    for _ in 0..24 * 12 {
        let credentials = block_on(provider.credentials()).unwrap();
        assert!(!credentials.is_expired_at(clock.now()));
        clock.advance(Duration::from_secs(300));
    }
    assert!((24..40).contains(&source.calls()), "{}", source.calls());
}

#[test]
fn a_future_made_outside_a_runtime_and_polled_inside_renews_in_the_background() {
    let clock = ManualClock::new();
    let source = hanging_at(&clock, 2);
    let provider = around(&source, &clock);
    block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    let future = provider.credentials();
    assert_eq!(id(&current_thread().block_on(future)), "ASIA1");
}
