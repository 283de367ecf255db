//! Credentials that a service refused.

use super::*;

#[test]
fn a_refusal_by_a_service_counts_for_these_credentials_and_not_more_often_than_every_five_seconds() {
    let mut world = World::new();
    let one = world.gives("ONE", 3600);
    let other = world.session("OTHER", 3600);
    let now = |world: &World| Now::of(&world.clock);
    assert!(!world.state.invalidate(now(&world), &other));
    assert_eq!(world.action(), Action::Serve);
    assert!(world.state.invalidate(now(&world), &one));
    assert_eq!(world.action(), Action::WaitBriefly);
    assert_eq!(
        world.answers(down()).unwrap().access_key_id(),
        "ONE",
        "still something to fall back on"
    );
    assert_eq!(world.action(), Action::Serve, "in the pause");
    world.pass(4);
    assert!(!world.state.invalidate(now(&world), &one));
    world.pass(1);
    assert!(world.state.invalidate(now(&world), &one));
    assert_eq!(world.gives("TWO", 3600).access_key_id(), "TWO");
    assert_eq!(world.action(), Action::Serve);
}

#[test]
fn a_refusal_does_not_cut_a_running_pause_short() {
    let mut world = World::new();
    let one = world.gives("ONE", 3600);
    world.pass(3000);
    for pause in [60, 120] {
        world.answers(down()).unwrap();
        world.pass(pause);
    }
    world.answers(down()).unwrap();
    world.pass(60);
    let now = Now::of(&world.clock);
    assert!(world.state.invalidate(now, &one));
    assert_eq!(world.action(), Action::Serve, "60 s into a pause of 240 s");
    world.pass(180);
    assert_eq!(world.action(), Action::WaitBriefly);
}
