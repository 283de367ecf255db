//! Rules that hold whatever happens.

use proptest::prelude::*;

use super::*;

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
