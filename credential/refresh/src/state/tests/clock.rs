//! Clocks that jump, and times without end.

use super::*;

#[test]
fn a_clock_set_back_during_an_extension_leaves_the_renewal_due() {
    let mut world = World::new();
    let session = from_metadata(&world, "ONE", 0);
    world.pass(300);
    world.answers(Ok(session)).unwrap();
    world.clock.set_wall(world.clock.now() - seconds(36_000));
    assert_eq!(world.action(), Action::Serve);
    world.pass(600);
    assert_eq!(world.action(), Action::Renew);
}

#[test]
fn a_clock_turned_back_does_not_freeze_renewal() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.clock.set_wall(world.clock.now() - seconds(36_000));
    world.pass(2999);
    assert_eq!(world.action(), Action::Serve);
    world.pass(1);
    assert_eq!(world.action(), Action::Renew);
    world.answers(down()).unwrap();
    world.pass(60);
    assert_eq!(world.action(), Action::Renew, "pauses do not freeze either");
}

#[test]
fn a_clock_set_forward_makes_nothing_dead_for_longer_than_it_is_wrong() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    let right = world.clock.now();
    world.clock.set_wall(right + seconds(36_000));
    assert_eq!(world.phase(), Phase::Expired);
    let dead = world.session("TWO", 0).with_expiration(right + seconds(3600));
    world.answers(Ok(dead)).unwrap_err();
    world.clock.set_wall(right);
    assert_eq!(world.phase(), Phase::Fresh);
    assert_eq!(world.action(), Action::Serve, "at once, and still there");
}

#[test]
fn a_machine_that_slept_renews_when_it_wakes() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.clock.set_wall(world.clock.now() + seconds(3200));
    assert_eq!(
        world.action(),
        Action::Renew,
        "though the monotonic clock stood still"
    );
}

#[test]
fn extreme_expirations_do_no_harm() {
    let mut world = World::new();
    let far = time::OffsetDateTime::new_utc(time::Date::MAX, time::Time::MIDNIGHT);
    let keys = AwsCredentials::new("FAR", canary("far"));
    world.answers(Ok(keys.clone().with_expiration(far))).unwrap();
    assert_eq!(world.action(), Action::Serve);
    let long_ago = time::OffsetDateTime::new_utc(time::Date::MIN, time::Time::MIDNIGHT);
    world.answers(Ok(keys.clone().with_expiration(long_ago))).unwrap();
    assert_eq!(world.action(), Action::Serve);
    World::new()
        .answers(Ok(keys.with_expiration(long_ago)))
        .unwrap_err();
}
