use credential_core::{AwsCredentials, ProvideAwsCredentials};
use tests_support::ManualClock;

use super::support::*;
use crate::AutoRefreshingProvider;

#[test]
fn a_fresh_read_allocates_nothing() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| std::future::ready(Ok(session(&clock, call)))
    });
    let provider = around(&source, &clock);
    block_on(provider.credentials()).unwrap();
    let mut answers = Vec::with_capacity(100);
    let counted = allocation_counter::measure(|| {
        for _ in 0..100 {
            answers.push(now_or_never(&provider));
        }
    });
    assert!(
        answers
            .iter()
            .all(|answer| id(answer.as_ref().unwrap()) == "ASIA1")
    );
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_fresh_read_on_the_systems_clock_inside_a_runtime_allocates_nothing() {
    let runtime = current_thread();
    let _inside = runtime.enter();
    let keys = AwsCredentials::new("AKIDEXAMPLE", tests_support::canary("static"));
    let provider = AutoRefreshingProvider::new(keys);
    block_on(provider.credentials()).unwrap();
    let counted = allocation_counter::measure(|| drop(now_or_never(&provider)));
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_read_while_the_source_fails_allocates_nothing_either() {
    let clock = ManualClock::new();
    let source = Source::new({
        let clock = clock.clone();
        move |call| {
            std::future::ready(if call == 1 {
                Ok(session(&clock, call))
            } else {
                Err(down())
            })
        }
    });
    let provider = around(&source, &clock);
    block_on(provider.credentials()).unwrap();
    clock.advance(SOFT);
    block_on(provider.credentials()).unwrap();
    let counted = allocation_counter::measure(|| drop(now_or_never(&provider)));
    assert_eq!(counted.count_total, 0);
}

#[test]
fn nothing_is_asked_before_somebody_asks() {
    let source = Source::new(|_| std::future::ready(Err(down())));
    let provider = around(&source, &ManualClock::new());
    drop(provider.credentials());
    assert_eq!(source.calls(), 0, "a future does nothing before it is polled");
}
