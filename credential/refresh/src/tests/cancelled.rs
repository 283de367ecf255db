use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use credential_core::ProvideAwsCredentials;
use tests_support::ManualClock;

use super::support::*;

const STEPS: usize = 5;

/// Goes through several steps, then waits for the gate, then through several steps more.
fn long_way(clock: &ManualClock, gate: &Gate) -> Source {
    let (clock, gate) = (clock.clone(), gate.clone());
    Source::new(move |call| {
        let (clock, gate) = (clock.clone(), gate.clone());
        async move {
            steps(STEPS).await;
            gate.pass().await;
            steps(STEPS).await;
            Ok(session(&clock, call))
        }
    })
}

/// One of three callers is dropped after `polls` polls; the others, polled only when woken, must get their answer.
fn one_of_three_is_dropped(which: usize, polls: usize) {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = long_way(&clock, &gate);
    let provider = around(&source, &clock);
    let mut callers: Vec<Hand<'_>> = (0..3).map(|_| Hand::asks(&provider)).collect();
    // The one to be dropped is polled first, so that it leads when it is the first.
    let mut dropped = callers.remove(which);
    let mut others = callers;
    if which > 0 {
        assert!(others[0].poll().is_none());
    }
    for _ in 0..polls {
        if dropped.poll().is_some() {
            break;
        }
    }
    for other in &mut others {
        other.poll();
    }
    for _ in 0..STEPS * 4 {
        others.iter_mut().for_each(|other| assert!(other.run().is_none()));
    }
    drop(dropped);
    for _ in 0..STEPS {
        others.iter_mut().for_each(|other| assert!(other.run().is_none()));
    }
    gate.open();
    let mut answers: Vec<Option<Answer>> = others.iter().map(|_| None).collect();
    for _ in 0..STEPS * 4 {
        for (other, answer) in others.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                *answer = other.run();
            }
        }
    }
    for answer in answers {
        let answer = answer.unwrap_or_else(|| panic!("hangs: caller {which} dropped after {polls} polls"));
        assert_eq!(id(&answer), "ASIA1");
    }
    assert_eq!(source.calls(), 1, "caller {which} dropped after {polls} polls");
}

/// As above, but nothing holds the source up: each poll carries it on, up to the last one, which brings the answer.
fn one_of_three_is_dropped_on_the_way(expired: bool, which: usize, polls: usize) {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    gate.open();
    let source = long_way(&clock, &gate);
    let provider = around(&source, &clock);
    if expired {
        block_on(provider.credentials()).unwrap();
        clock.advance(HOUR);
    }
    let mut callers: Vec<Hand<'_>> = (0..3).map(|_| Hand::asks(&provider)).collect();
    let mut dropped = callers.remove(which);
    let mut others = callers;
    if which > 0 {
        assert!(others[0].poll().is_none());
    }
    let mut answered = false;
    for _ in 0..polls {
        answered = dropped.poll().is_some();
        if answered {
            break;
        }
    }
    let mut answers: Vec<Option<Answer>> = others.iter_mut().map(Hand::poll).collect();
    drop(dropped);
    for _ in 0..STEPS * 4 {
        for (other, answer) in others.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                *answer = other.run();
            }
        }
    }
    let fetches = if expired { 2 } else { 1 };
    for answer in answers {
        let answer =
            answer.unwrap_or_else(|| panic!("hangs: caller {which} dropped after {polls} polls, {answered}"));
        assert_eq!(id(&answer), format!("ASIA{fetches}"));
    }
    assert_eq!(
        source.calls(),
        fetches,
        "caller {which} dropped after {polls} polls"
    );
}

#[test]
fn a_caller_dropped_at_any_step_of_a_cold_or_of_an_expired_provider_harms_nobody() {
    let runtime = current_thread();
    for inside in [false, true] {
        let _inside = inside.then(|| runtime.enter());
        for expired in [false, true] {
            for which in 0..3 {
                // Two steps more than it takes: the last ones find the answer there.
                for polls in 0..=2 * STEPS + 3 {
                    one_of_three_is_dropped_on_the_way(expired, which, polls);
                }
            }
        }
    }
}

#[test]
fn a_leader_dropped_after_any_number_of_polls_harms_nobody() {
    for polls in 0..=2 * STEPS + 3 {
        one_of_three_is_dropped(0, polls);
    }
}

#[test]
fn a_waiter_dropped_after_any_number_of_polls_harms_nobody() {
    for which in [1, 2] {
        for polls in 0..=2 * STEPS + 3 {
            one_of_three_is_dropped(which, polls);
        }
    }
}

#[test]
fn the_same_inside_a_runtime() {
    let runtime = current_thread();
    let _inside = runtime.enter();
    for which in 0..3 {
        for polls in 0..=2 * STEPS + 3 {
            one_of_three_is_dropped(which, polls);
        }
    }
}

#[test]
fn a_leader_that_is_kept_but_never_polled_again_stalls_nobody() {
    // Polled once, or up to where it waits and would be the first to be woken.
    for far in [false, true] {
        let (clock, gate) = (ManualClock::new(), Gate::closed());
        let source = long_way(&clock, &gate);
        let provider = around(&source, &clock);
        let mut leader = Hand::asks(&provider);
        assert!(leader.poll().is_none());
        if far {
            assert!(leader.run().is_none());
        }
        let mut second = Hand::asks(&provider);
        second.poll();
        second.run();
        gate.open();
        assert_eq!(id(&second.run().expect("woken")), "ASIA1", "{far}");
        assert_eq!(source.calls(), 1);
    }
}

#[test]
fn a_wake_in_the_middle_of_a_poll_reaches_those_who_were_polled_meanwhile() {
    type Meanwhile = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;
    let clock = ManualClock::new();
    let meanwhile = Meanwhile::default();
    let source = Source::new({
        let (clock, meanwhile) = (clock.clone(), Arc::clone(&meanwhile));
        move |call| {
            let (clock, meanwhile) = (clock.clone(), Arc::clone(&meanwhile));
            poll_fn(move |context| match meanwhile.lock().unwrap().take() {
                Some(act) => {
                    context.waker().wake_by_ref();
                    act();
                    Poll::Pending
                }
                None => Poll::Ready(Ok(session(&clock, call))),
            })
        }
    });
    let provider = around(&source, &clock);
    let second = provider.clone();
    let second: &'static _ = Box::leak(Box::new(second));
    let second = Arc::new(Mutex::new(Hand::asks(second)));
    let polled = Arc::clone(&second);
    *meanwhile.lock().unwrap() = Some(Box::new(move || assert!(polled.lock().unwrap().poll().is_none())));
    let mut first = Hand::asks(&provider);
    assert!(first.poll().is_none());
    drop(first);
    let answer = second.lock().unwrap().run();
    assert_eq!(id(&answer.expect("woken")), "ASIA1");
}

#[test]
fn outside_a_runtime_the_next_caller_takes_up_what_was_left() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = long_way(&clock, &gate);
    let provider = around(&source, &clock);
    for _ in 0..3 {
        assert!(now_or_never(&provider).is_none(), "polled once and dropped");
    }
    gate.open();
    assert_eq!(id(&block_on(provider.credentials())), "ASIA1");
    assert_eq!(source.calls(), 1);
}

#[tokio::test]
async fn inside_a_runtime_the_fetch_goes_on_when_all_callers_have_gone() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = long_way(&clock, &gate);
    let provider = around(&source, &clock);
    assert!(now_or_never(&provider).is_none());
    gate.open();
    settle().await;
    assert_eq!(id(&now_or_never(&provider).unwrap()), "ASIA1");
    assert_eq!((source.calls(), source.given_up()), (1, 0));
}

#[tokio::test]
async fn callers_and_the_task_that_took_over_work_on_the_same_fetch() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = long_way(&clock, &gate);
    let provider = around(&source, &clock);
    assert!(now_or_never(&provider).is_none());
    let caller = tokio::spawn({
        let provider = provider.clone();
        async move { provider.credentials().await }
    });
    settle().await;
    gate.open();
    assert_eq!(id(&caller.await.unwrap()), "ASIA1");
    assert_eq!(source.calls(), 1);
}

#[tokio::test]
async fn dropping_the_last_handle_ends_a_renewal_in_the_background() {
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
    clock.advance(SOFT);
    let clone = provider.clone();
    clone.credentials().await.unwrap();
    settle().await;
    assert_eq!(source.calls(), 2);
    drop(provider);
    assert_eq!(source.given_up(), 0, "somebody still has a handle");
    drop(clone);
    assert_eq!(source.given_up(), 1);
    settle().await;
    assert_eq!(
        tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        0,
        "no task is left"
    );
}

#[tokio::test]
async fn a_fetch_that_was_begun_is_not_begun_again_by_later_callers() {
    let (clock, gate) = (ManualClock::new(), Gate::closed());
    let source = long_way(&clock, &gate);
    let provider = around(&source, &clock);
    for _ in 0..100 {
        assert!(now_or_never(&provider).is_none());
    }
    assert_eq!(source.calls(), 1);
    assert_eq!(
        tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        1,
        "and by one task"
    );
}
