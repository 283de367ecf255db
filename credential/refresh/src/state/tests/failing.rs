//! Renewals that fail.

use super::*;

#[test]
fn a_failure_in_the_background_pauses_and_doubles_and_counts_nothing_after_a_success() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3000);
    for pause in [60, 120, 240] {
        assert_eq!(world.action(), Action::Renew);
        assert_eq!(world.answers(down()).unwrap().access_key_id(), "ONE");
        world.pass(pause - 1);
        assert_eq!(world.action(), Action::Serve, "in the pause of {pause} s");
        world.pass(1);
    }
    world.gives("TWO", 3600);
    assert_eq!(world.health().consecutive_failures, 0);
    assert_eq!(world.health().last_error, None);
    world.pass(3000);
    world.answers(down()).unwrap();
    world.pass(60);
    assert_eq!(world.action(), Action::Renew, "pauses start anew");
}

#[test]
fn a_pause_ends_when_the_mandatory_window_opens_and_is_short_within_it() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3530);
    world.answers(down()).unwrap();
    assert_eq!(world.action(), Action::Serve);
    world.pass(10);
    assert_eq!(world.action(), Action::WaitBriefly, "60 s before the end");
    world.answers(down()).unwrap();
    assert_eq!(world.action(), Action::Serve, "no busy loop near the end");
    world.pass(2);
    assert_eq!(world.action(), Action::WaitBriefly);
    world.answers(down()).unwrap();
    world.pass(2);
    assert_eq!(world.action(), Action::Serve, "the second pause is longer");
    world.pass(1);
    assert_eq!(world.action(), Action::WaitBriefly);
}

#[test]
fn a_failure_after_the_end_is_an_error_with_cause_and_expiration_and_remembered_for_a_second() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3600);
    assert_eq!(world.action(), Action::Wait);
    let error = world.answers(down()).unwrap_err();
    let report = error.report().to_string();
    assert!(report.contains("expired at 2030-01-01T13:00:00Z"), "{report}");
    assert!(report.ends_with("test failed: down"), "{report}");
    assert!(error.is_transient());
    world.clock.advance(Duration::from_millis(999));
    assert_eq!(world.action(), Action::Recall);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.action(), Action::Wait, "never kept for longer");
}

#[test]
fn a_source_that_delivered_once_is_never_taken_for_one_that_was_not_set_up() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3600);
    let error = world.answers(absent()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
}

#[test]
fn a_permanent_failure_serves_what_is_good_and_is_told_loudly_once() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3000);
    let now = Now::of(&world.clock);
    let mut told = || match world.state.settle(now, &world.settings, "Test", broken()) {
        (Ok(_), Note::Served { loud, .. }) => loud,
        other => panic!("{other:?}"),
    };
    assert_eq!([told(), told(), told()], [true, false, false]);
    world.pass(600);
    assert_eq!(
        world.answers(broken()).unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
}

#[test]
fn a_reply_past_its_expiration_is_a_failure() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3000);
    let dead = world.session("DEAD", 0);
    assert_eq!(world.answers(Ok(dead.clone())).unwrap().access_key_id(), "ONE");
    assert_eq!(world.action(), Action::Serve, "and pauses like one");
    world.pass(600);
    let named = dead.clone().with_source("InstanceMetadata");
    for (dead, who) in [(dead, "test"), (named, "instance metadata")] {
        let told = world.answers(Ok(dead)).unwrap_err().report().to_string();
        let reason = format!(
            ": {who} gave credentials that expired at 2030-01-01T12:50:00Z, and it is 2030-01-01T13:00:00Z by this \
             machine's clock; check the clock"
        );
        assert!(told.ends_with(&reason), "{told}");
    }
}

#[test]
fn a_reply_without_a_key_or_a_secret_is_a_failure() {
    for (id, secret) in [("", canary("incomplete")), ("AKIDEXAMPLE", String::new())] {
        let error = World::new()
            .answers(Ok(AwsCredentials::new(id, secret)))
            .unwrap_err();
        assert!(error.is_transient(), "{error:?}");
    }
}
