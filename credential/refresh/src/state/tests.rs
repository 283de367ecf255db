//! The rules of renewal one by one, without any future.

use credential_core::{Clock, Renewal};
use proptest::prelude::*;
use tests_support::{FixedRandom, ManualClock, canary};

use super::*;
use crate::decision::{Action, decide};
use crate::settings::{Reread, StaticStability};

struct World {
    clock: ManualClock,
    settings: Settings,
    state: State,
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn down() -> Answer {
    Err(CredentialsError::failed("Test", std::io::Error::other("down")).with_transient(true))
}

fn broken() -> Answer {
    Err(CredentialsError::invalid_configuration(
        "Test",
        std::io::Error::other("wrong role"),
    ))
}

fn absent() -> Answer {
    Err(CredentialsError::not_configured(
        "Test",
        std::io::Error::other("not set"),
    ))
}

impl World {
    /// Draws the longest of every span: renewals fall on the lead.
    fn new() -> Self {
        let clock = ManualClock::new();
        let settings = Settings {
            clock: std::sync::Arc::new(clock.clone()),
            random: std::sync::Arc::new(FixedRandom(1.0)),
            ..Settings::default()
        };
        Self {
            clock,
            settings,
            state: State::default(),
        }
    }

    fn session(&self, id: &str, lifetime: u64) -> AwsCredentials {
        AwsCredentials::new(id, canary(id)).with_expiration(self.clock.now() + seconds(lifetime))
    }

    fn answers(&mut self, answer: Answer) -> Answer {
        let now = Now::of(&self.clock);
        self.state.settle(now, &self.settings, "Test", answer).0
    }

    fn gives(&mut self, id: &str, lifetime: u64) -> AwsCredentials {
        let session = self.session(id, lifetime);
        self.answers(Ok(session)).unwrap()
    }

    fn pass(&self, time: u64) {
        self.clock.advance(seconds(time));
    }

    fn action(&self) -> Action {
        let now = Now::of(&self.clock);
        decide(self.state.situation(now, &self.settings, Airborne::None))
    }

    fn phase(&self) -> Phase {
        self.state.phase(Now::of(&self.clock))
    }

    fn next(&self) -> Option<u64> {
        self.state
            .next_refresh(Now::of(&self.clock))
            .map(|next| next.as_secs())
    }

    fn health(&self) -> Health {
        self.state.health(Now::of(&self.clock), false)
    }
}

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
fn a_reply_past_its_expiration_is_a_failure() {
    let mut world = World::new();
    world.gives("ONE", 3600);
    world.pass(3000);
    let dead = world.session("DEAD", 0);
    assert_eq!(world.answers(Ok(dead.clone())).unwrap().access_key_id(), "ONE");
    assert_eq!(world.action(), Action::Serve, "and pauses like one");
    world.pass(600);
    let error = world.answers(Ok(dead)).unwrap_err();
    assert!(
        error.report().to_string().contains("check the clock"),
        "{}",
        error.report()
    );
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

fn from_metadata(world: &World, id: &str, lifetime: u64) -> AwsCredentials {
    world
        .session(id, lifetime)
        .with_renewal(Renewal::NEVER.with_static_stability())
}

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

/// What may happen to a provider.
#[derive(Clone, Debug)]
enum Event {
    Time(u64),
    WallJumps(i64),
    Gives {
        lifetime: i64,
        reread: Option<u64>,
        stable: bool,
        interactive: bool,
    },
    GivesTheSame,
    Down,
    Broken,
    Absent,
    Refused,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0_u64..2000).prop_map(Event::Time),
        1 => (-20_000_i64..20_000).prop_map(Event::WallJumps),
        3 => (-100_i64..8000, proptest::option::of(0_u64..900), any::<bool>(), any::<bool>()).prop_map(
            |(lifetime, reread, stable, interactive)| Event::Gives { lifetime, reread, stable, interactive },
        ),
        1 => Just(Event::GivesTheSame),
        3 => Just(Event::Down),
        1 => Just(Event::Broken),
        1 => Just(Event::Absent),
        1 => Just(Event::Refused),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_good_credentials_are_served_and_the_next_refresh_is_when_health_says(
        events in proptest::collection::vec(any_event(), 1..60), fraction in 0.0..1.0_f64,
    ) {
        let mut world = World::new();
        world.settings.random = std::sync::Arc::new(FixedRandom(fraction));
        for (number, event) in events.into_iter().enumerate() {
            let kept = world.state.serve();
            let good = matches!(world.phase(), Phase::Fresh | Phase::Soft | Phase::Mandatory);
            let answer = match event {
                Event::Time(time) => {
                    world.pass(time);
                    None
                }
                Event::WallJumps(jump) => {
                    world.clock.set_wall(world.clock.now() + time::Duration::seconds(jump));
                    None
                }
                Event::Gives { lifetime, reread, stable, interactive } => {
                    let mut renewal = Renewal::NEVER;
                    renewal.reread_after = reread.map(seconds);
                    renewal.static_stability = stable;
                    renewal.interactive = interactive;
                    let keys = AwsCredentials::new(format!("ASIA{number}"), canary("any")).with_renewal(renewal);
                    let end = world.clock.now() + time::Duration::seconds(lifetime);
                    Some(world.answers(Ok(if number % 4 == 0 { keys } else { keys.with_expiration(end) })))
                }
                Event::GivesTheSame => kept.clone().map(|kept| world.answers(Ok(kept))),
                Event::Down => Some(world.answers(down())),
                Event::Broken => Some(world.answers(broken())),
                Event::Absent => {
                    let withdrawn = kept.as_ref().is_some_and(|kept| world.settings.reread_after(kept).is_some());
                    let answer = world.answers(absent());
                    (!withdrawn).then_some(answer)
                }
                Event::Refused => {
                    let now = Now::of(&world.clock);
                    if let Some(kept) = &kept {
                        world.state.invalidate(now, kept);
                    }
                    None
                }
            };
            if let Some(answer) = answer {
                prop_assert!(!good || answer.is_ok(), "good credentials were thrown away: {answer:?}");
            }
            let now = Now::of(&world.clock);
            match (world.action(), world.state.next_refresh(now)) {
                (Action::Serve | Action::Recall, Some(next)) => {
                    prop_assert!(!next.is_zero(), "health says now, the table says later");
                    let then = Now { wall: now.wall + next, monotonic: now.monotonic + next };
                    let situation = world.state.situation(then, &world.settings, Airborne::None);
                    prop_assert!(!matches!(decide(situation), Action::Serve | Action::Recall), "{situation:?}");
                }
                (Action::Serve | Action::Recall, None) => {}
                (_, next) => prop_assert_eq!(next, Some(Duration::ZERO)),
            }
        }
    }
}
