//! Expired credentials in an outage.

use super::*;
use crate::settings::StaticStability;

#[test]
fn static_stability_keeps_expired_credentials_and_their_true_expiration() {
    let mut world = World::new();
    let session = from_metadata(&world, "ONE", 3600);
    world.answers(Ok(session.clone())).unwrap();
    world.pass(3600);
    assert_eq!(world.action(), Action::WaitBriefly);
    let kept = world.answers(down()).unwrap();
    assert_eq!(kept.expiration(), session.expiration());
    world.pass(599);
    assert_eq!(world.action(), Action::Serve);
    world.pass(1);
    assert_eq!(
        world.action(),
        Action::WaitBriefly,
        "asked again after ten minutes"
    );
    assert_eq!(
        world.answers(absent()).unwrap().access_key_id(),
        "ONE",
        "off the network is an outage too"
    );
    assert_eq!(world.health().extensions, 2);
    assert_eq!(world.gives("TWO", 3600).access_key_id(), "TWO");
    assert_eq!(world.phase(), Phase::Fresh);
}

#[test]
fn static_stability_ends_a_day_after_the_end() {
    let mut world = World::new();
    let session = from_metadata(&world, "ONE", 3600);
    world.answers(Ok(session)).unwrap();
    world.pass(3600 + 86_399);
    world.answers(down()).unwrap();
    world.pass(600);
    assert_eq!(world.action(), Action::Wait);
    world.answers(down()).unwrap_err();
}

#[test]
fn an_expired_document_in_an_outage_is_used_even_as_the_first_one() {
    let mut world = World::new();
    let session = from_metadata(&world, "ONE", 0);
    world.pass(7200);
    assert_eq!(world.answers(Ok(session)).unwrap().access_key_id(), "ONE");
    assert_eq!(world.action(), Action::Serve);
    world.pass(600);
    let newer = from_metadata(&world, "TWO", 0);
    assert_eq!(
        world.answers(Ok(newer)).unwrap().access_key_id(),
        "TWO",
        "the one that died later"
    );
}

#[test]
fn static_stability_is_a_choice() {
    for (policy, from_source, kept) in [
        (StaticStability::FromSource, true, true),
        (StaticStability::FromSource, false, false),
        (StaticStability::Off, true, false),
        (StaticStability::All, false, true),
    ] {
        let mut world = World::new();
        world.settings.static_stability = policy;
        let session = if from_source {
            from_metadata(&world, "ONE", 3600)
        } else {
            world.session("ONE", 3600)
        };
        world.answers(Ok(session)).unwrap();
        world.pass(3600);
        assert_eq!(world.answers(down()).is_ok(), kept, "{policy:?}, {from_source}");
    }
}

#[test]
fn static_stability_does_not_hide_a_mistake() {
    let mut world = World::new();
    let session = from_metadata(&world, "ONE", 3600);
    world.answers(Ok(session)).unwrap();
    world.pass(3600);
    world.answers(broken()).unwrap_err();
}
