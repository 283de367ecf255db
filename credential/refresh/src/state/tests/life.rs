//! From one value to the next, and when there is none.

use super::*;

#[test]
fn the_life_of_one_hour_credentials() {
    let mut world = World::new();
    assert_eq!(world.phase(), Phase::Nothing);
    world.gives("ONE", 3600);
    for (after, phase) in [
        (0, Phase::Fresh),
        (2999, Phase::Fresh),
        (1, Phase::Soft),
        (539, Phase::Soft),
        (1, Phase::Mandatory),
        (59, Phase::Mandatory),
        (1, Phase::Expired),
    ] {
        world.pass(after);
        assert_eq!(world.phase(), phase, "{after} s later");
    }
}

#[test]
fn windows_are_computed_anew_for_each_value() {
    let mut world = World::new();
    world.settings.lead = crate::window::Lead::Sdk;
    world.gives("LONG", 21_600);
    assert_eq!(world.next(), Some(18_000));
    world.pass(18_060);
    world.gives("SHORT", 600);
    assert_eq!(world.next(), Some(300));
}

#[test]
fn the_same_credentials_again_are_a_success_without_a_busy_loop() {
    let mut world = World::new();
    let first = world.gives("ONE", 3600);
    world.pass(3000);
    assert_eq!(world.answers(Ok(first.clone())).unwrap(), first);
    assert_eq!(world.next(), Some(300), "half of what remains");
    world.pass(300);
    world.answers(Ok(first.clone())).unwrap();
    world.pass(150);
    world.answers(Ok(first.clone())).unwrap();
    assert_eq!(world.next(), Some(75));
    world.pass(90);
    assert_eq!(
        world.action(),
        Action::WaitBriefly,
        "the mandatory window of the whole lifetime"
    );
    world.answers(Ok(first)).unwrap();
    world.pass(59);
    assert_eq!(world.action(), Action::Serve, "not below a minute");
    assert_eq!(world.health().failures.total(), 0);
}

#[test]
fn credentials_that_need_a_person_are_never_renewed_ahead_of_time() {
    let mut world = World::new();
    let renewal = Renewal::NEVER.with_interactive().with_reread_after(seconds(60));
    let session = world.session("MFA", 3600).with_renewal(renewal);
    world.answers(Ok(session)).unwrap();
    world.pass(3599);
    assert_eq!(world.action(), Action::Serve);
    world.pass(1);
    assert_eq!(world.action(), Action::Wait);
}

#[test]
fn credentials_without_an_end_and_without_a_wish_are_kept_for_ever() {
    let mut world = World::new();
    world
        .answers(Ok(AwsCredentials::new("AKID", canary("ever"))))
        .unwrap();
    world.pass(10 * 365 * 86_400);
    assert_eq!((world.action(), world.next()), (Action::Serve, None));
}

#[test]
fn health_tells_it_all_and_no_secret() {
    let mut world = World::new();
    let session = world.session("ONE", 3600).with_source("Test");
    world.answers(Ok(session)).unwrap();
    world.pass(3000);
    world.answers(down()).unwrap();
    world.state.serve();
    let health = world.health();
    assert_eq!(health.access_key_id.as_deref(), Some("ONE"));
    assert_eq!(health.source.as_deref(), Some("Test"));
    assert_eq!(health.age, Some(seconds(3000)));
    assert_eq!(health.remaining, Some(seconds(600)));
    assert_eq!(health.next_refresh, Some(seconds(60)));
    assert_eq!(health.last_error.as_deref(), Some("test failed: down"));
    assert_eq!((health.failures.failed, health.served_while_failing), (1, 1));
    assert!(!tests_support::leaks(&format!("{health:?} {:?}", world.state)));
}
