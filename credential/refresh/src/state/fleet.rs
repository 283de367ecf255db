//! Ten thousand providers over a day, on the real state: what STS sees of them.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};

use credential_core::Random;
use time::OffsetDateTime;

use super::*;
use crate::decision::{Action, decide};

const PROVIDERS: usize = 10_000;
const DAY: Duration = Duration::from_secs(86_400);
const LIFETIME: Duration = Duration::from_secs(3600);
const START_SPREAD: Duration = Duration::from_secs(60);
const WINDOW: Duration = Duration::from_secs(60);

/// The same numbers in every run.
#[derive(Debug)]
struct Seeded(AtomicU64);

impl Random for Seeded {
    fn fraction(&self) -> f64 {
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 11) as f64) / ((1_u64 << 53) as f64)
    }
}

#[derive(Default)]
struct Report {
    asked: Vec<Duration>,
    refused: usize,
    callers_with_errors: usize,
}

impl Report {
    /// Requests a second over the day, without the start.
    fn mean(&self) -> f64 {
        let settled = self.settled().count();
        settled as f64 / (DAY - START_SPREAD).as_secs_f64()
    }

    /// The busiest minute, as requests a second.
    fn peak(&self) -> f64 {
        let asked: Vec<Duration> = self.settled().collect();
        let mut from = 0;
        let mut most = 0;
        for (to, at) in asked.iter().enumerate() {
            while asked[from] + WINDOW <= *at {
                from += 1;
            }
            most = most.max(to - from + 1);
        }
        most as f64 / WINDOW.as_secs_f64()
    }

    fn settled(&self) -> impl Iterator<Item = Duration> {
        self.asked.iter().copied().filter(|at| *at >= START_SPREAD)
    }
}

/// Lets every provider be asked all the time, by callers who make it do what is due.
fn simulate(may_answer: impl Fn(Duration) -> bool) -> Report {
    let random = std::sync::Arc::new(Seeded(AtomicU64::new(7)));
    let settings = Settings {
        random: random.clone(),
        ..Settings::default()
    };
    let start = OffsetDateTime::UNIX_EPOCH;
    let session = AwsCredentials::new("ASIAFLEET", tests_support::canary("fleet"));
    let mut states: Vec<State> = (0..PROVIDERS).map(|_| State::default()).collect();
    let mut due: BinaryHeap<Reverse<(Duration, usize)>> = (0..PROVIDERS)
        .map(|index| Reverse((START_SPREAD.mul_f64(random.fraction()), index)))
        .collect();
    let mut report = Report::default();
    while let Some(Reverse((at, index))) = due.pop() {
        if at >= DAY {
            break;
        }
        let now = Now {
            wall: start + at,
            monotonic: at,
        };
        let state = &mut states[index];
        if !matches!(
            decide(state.situation(now, &settings, Airborne::None)),
            Action::Serve | Action::Recall
        ) {
            report.asked.push(at);
            let answer = if may_answer(at) {
                Ok(session.clone().with_expiration(now.wall + LIFETIME))
            } else {
                report.refused += 1;
                let throttled = std::io::Error::other("Throttling");
                Err(CredentialsError::failed("AssumeRole", throttled).with_transient(true))
            };
            match state.settle(now, &settings, "AssumeRole", answer).0 {
                Ok(credentials) => assert!(!credentials.is_expired_at(now.wall)),
                Err(_) => report.callers_with_errors += 1,
            }
        }
        let next = state.next_refresh(now).unwrap().max(Duration::from_millis(1));
        due.push(Reverse((at + next, index)));
    }
    report
}

#[test]
fn a_fleet_started_in_one_minute_asks_evenly_all_day() {
    let report = simulate(|_| true);
    assert_eq!(report.callers_with_errors, 0);
    let per_provider = report.asked.len() as f64 / PROVIDERS as f64;
    assert!(
        (29.0..32.0).contains(&per_provider),
        "{per_provider} fetches a day"
    );
    let ratio = report.peak() / report.mean();
    assert!(ratio <= 1.6, "peak is {ratio} times the mean");
}

#[test]
fn an_outage_of_ten_minutes_leaves_nobody_without_credentials() {
    let outage = Duration::from_secs(43_200)..Duration::from_secs(43_200 + 600);
    let report = simulate(|at| !outage.contains(&at));
    assert!(report.refused > 1000, "the outage was felt: {}", report.refused);
    assert_eq!(report.callers_with_errors, 0);
}

#[test]
fn a_quota_a_little_above_the_mean_leaves_nobody_without_credentials() {
    let mean = 30.5 * PROVIDERS as f64 / DAY.as_secs_f64();
    let rate = 1.2 * mean;
    let burst = 10.0 * rate;
    let bucket = Cell::new((Duration::ZERO, burst));
    let report = simulate(|at| {
        if at < START_SPREAD {
            return true;
        }
        let (before, tokens) = bucket.get();
        let tokens = ((at - before).as_secs_f64() * rate + tokens).min(burst);
        let granted = tokens >= 1.0;
        bucket.set((at, if granted { tokens - 1.0 } else { tokens }));
        granted
    });
    assert!(report.refused > 0, "the quota was felt");
    assert_eq!(report.callers_with_errors, 0);
}
