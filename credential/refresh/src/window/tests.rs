use proptest::prelude::*;
use tests_support::FixedRandom;

use super::*;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_lead_is_a_sixth_of_the_lifetime_from_one_to_ten_minutes() {
    for (lifetime, lead) in [(180, 60), (900, 150), (3600, 600), (21_600, 600), (43_200, 600)] {
        assert_eq!(Lead::Spread.of(seconds(lifetime)), seconds(lead), "{lifetime}");
    }
}

#[test]
fn the_sdk_windows_follow_the_lifetime() {
    for (lifetime, lead) in [
        (600, 300),
        (1200, 300),
        (1230, 900),
        (5399, 900),
        (5400, 3600),
        (21_600, 3600),
    ] {
        let lead = seconds(lead).min(seconds(lifetime) / 2);
        assert_eq!(Lead::Sdk.of(seconds(lifetime)), lead, "{lifetime}");
        let delay = soft_delay(seconds(lifetime), Lead::Sdk, true, &FixedRandom(0.3));
        assert_eq!(delay, seconds(lifetime) - lead, "no spread for {lifetime}");
    }
}

#[test]
fn a_configured_lead_replaces_the_computed_one_and_is_cut_to_half_of_the_lifetime() {
    assert_eq!(Lead::Fixed(seconds(1800)).of(seconds(21_600)), seconds(1800));
    assert_eq!(Lead::Fixed(seconds(1800)).of(seconds(900)), seconds(450));
}

#[test]
fn the_first_renewal_is_spread_over_the_lifetime_and_later_ones_a_little() {
    let at =
        |first, fraction| soft_delay(seconds(3600), Lead::Spread, first, &FixedRandom(fraction)).as_secs();
    assert_eq!((at(true, 0.0), at(true, 1.0)), (360, 3000));
    assert_eq!((at(false, 0.0), at(false, 1.0)), (2640, 3000));
    let short = |fraction| soft_delay(seconds(900), Lead::Spread, false, &FixedRandom(fraction)).as_secs();
    assert_eq!((short(0.0), short(1.0)), (450, 750));
}

#[test]
fn credentials_of_less_than_two_minutes_are_renewed_at_half_time() {
    for first in [true, false] {
        let delay = soft_delay(seconds(100), Lead::Spread, first, &FixedRandom(0.9));
        assert_eq!(delay, seconds(50));
    }
}

#[test]
fn callers_wait_in_the_last_minute_or_tenth() {
    for (lifetime, window) in [(3600, 60), (600, 60), (300, 30), (10, 1)] {
        assert_eq!(mandatory_window(seconds(lifetime)), seconds(window), "{lifetime}");
    }
}

#[test]
fn the_same_credentials_again_are_asked_for_at_half_of_what_remains_but_not_within_a_minute() {
    assert_eq!(same_again_delay(seconds(3600)), seconds(1800));
    assert_eq!(same_again_delay(seconds(90)), seconds(60));
}

#[test]
fn pauses_double_up_to_their_cap() {
    let pauses = |pause: fn(u32, &dyn Random) -> Duration, fraction: f64| -> Vec<u128> {
        (0..6)
            .map(|n| pause(n, &FixedRandom(fraction)).as_millis())
            .collect()
    };
    assert_eq!(
        pauses(soft_pause, 0.0),
        [30_000, 60_000, 120_000, 150_000, 150_000, 150_000]
    );
    assert_eq!(
        pauses(soft_pause, 1.0),
        [60_000, 120_000, 240_000, 300_000, 300_000, 300_000]
    );
    assert_eq!(
        pauses(urgent_pause, 0.0),
        [1000, 2000, 4000, 8000, 16_000, 20_000]
    );
    assert_eq!(
        pauses(urgent_pause, 1.0),
        [1500, 3000, 6000, 12_000, 24_000, 30_000]
    );
}

#[test]
fn at_least_five_renewals_are_tried_before_one_hour_credentials_die() {
    let mut at = seconds(3000);
    let mut tries = 0;
    let mandatory = seconds(3600) - mandatory_window(seconds(3600));
    while at < mandatory {
        at += soft_pause(tries, &FixedRandom(1.0));
        tries += 1;
    }
    assert!(
        tries >= 4,
        "{tries} in the background, and more in the last minute"
    );
}

#[test]
fn odd_randomness_does_no_harm() {
    for fraction in [f64::NAN, f64::INFINITY, -1.0, 7.0] {
        let drawn = draw(&FixedRandom(fraction), seconds(10), seconds(20));
        assert!((seconds(10)..=seconds(20)).contains(&drawn), "{fraction}");
    }
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0_u64..100_000).prop_map(Duration::from_secs),
        any::<u64>().prop_map(Duration::from_nanos),
        any::<u64>().prop_map(Duration::from_secs),
        Just(Duration::MAX),
        Just(Duration::ZERO),
    ]
}

fn any_lead() -> impl Strategy<Value = Lead> {
    prop_oneof![
        Just(Lead::Spread),
        Just(Lead::Sdk),
        any_duration().prop_map(Lead::Fixed)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_renewal_always_falls_between_the_fetch_and_the_expiration(
        lifetime in any_duration(), lead in any_lead(), first: bool, fraction in 0.0..1.0_f64,
    ) {
        let delay = soft_delay(lifetime, lead, first, &FixedRandom(fraction));
        prop_assert!(delay <= lifetime);
        if lifetime > Duration::from_nanos(100) {
            prop_assert!(delay < lifetime, "renewed before the end");
            prop_assert!(delay >= lifetime.min(FOREVER) / 11, "not at once: {delay:?} of {lifetime:?}");
        }
        prop_assert!(mandatory_window(lifetime) <= lifetime / 10);
    }
}
