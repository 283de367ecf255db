//! Keys without an end, read again.

use super::*;
use crate::settings::Reread;

fn from_a_file(id: &str) -> AwsCredentials {
    AwsCredentials::new(id, canary("file")).with_renewal(Renewal::NEVER.with_reread_after(seconds(600)))
}

#[test]
fn keys_from_a_file_are_read_again_after_ten_minutes_and_never_look_dead() {
    let mut world = World::new();
    let kept = world.answers(Ok(from_a_file("ONE"))).unwrap();
    assert_eq!(kept.expiration(), None);
    world.pass(599);
    assert_eq!(world.action(), Action::Serve);
    world.pass(1);
    assert_eq!(world.action(), Action::Renew);
    assert_eq!(
        world.answers(Ok(from_a_file("TWO"))).unwrap().access_key_id(),
        "TWO"
    );
    world.pass(599);
    assert_eq!(world.action(), Action::Serve, "ten more minutes");
}

#[test]
fn a_half_written_file_leaves_the_old_keys_in_use_for_ten_minutes() {
    let mut world = World::new();
    world.answers(Ok(from_a_file("ONE"))).unwrap();
    world.pass(3 * 3600);
    assert_eq!(
        world.answers(broken()).unwrap().access_key_id(),
        "ONE",
        "however long nobody asked"
    );
    for _ in 0..9 {
        world.pass(59);
        assert_eq!(world.action(), Action::Serve);
        world.pass(1);
        assert_eq!(world.action(), Action::Renew, "each minute");
        world.answers(broken()).unwrap();
    }
    world.pass(60);
    assert_eq!(world.action(), Action::Wait);
    let error = world.answers(broken()).unwrap_err();
    assert!(
        error
            .report()
            .to_string()
            .contains("could not be read again for 600 s"),
        "{}",
        error.report()
    );
    world.pass(1);
    assert_eq!(
        world.answers(Ok(from_a_file("TWO"))).unwrap().access_key_id(),
        "TWO"
    );
}

#[test]
fn keys_taken_away_from_their_source_are_gone_at_once() {
    let mut world = World::new();
    world.answers(Ok(from_a_file("ONE"))).unwrap();
    world.pass(600);
    let error = world.answers(absent()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert_eq!(world.phase(), Phase::Nothing);
}

#[test]
fn the_reread_interval_can_be_set_or_switched_off() {
    let mut world = World::new();
    world.settings.reread = Reread::Every(seconds(30));
    world
        .answers(Ok(AwsCredentials::new("PROCESS", canary("process"))))
        .unwrap();
    assert_eq!(
        world.next(),
        Some(30),
        "also for a source that does not ask for it"
    );
    world.gives("SESSION", 3600);
    assert_eq!(world.next(), Some(3000), "not for one that has an end");
    world.settings.reread = Reread::Never;
    world.answers(Ok(from_a_file("ONE"))).unwrap();
    assert_eq!(world.next(), None);
    world.settings.reread = Reread::Every(Duration::ZERO);
    world.answers(Ok(from_a_file("ONE"))).unwrap();
    assert_eq!(world.next(), Some(1), "asking at every call is no keeping");
}

#[test]
fn keys_with_an_end_are_read_again_too() {
    let mut world = World::new();
    let keys = from_a_file("ONE").with_expiration(world.clock.now() + seconds(7200));
    world.answers(Ok(keys)).unwrap();
    assert_eq!(world.next(), Some(600));
}
