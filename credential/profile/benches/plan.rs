//! What it costs to read two files of 1,000 profiles and to plan one of them: `cargo bench -p credential-profile`.
//!
//! Each line is the median of many runs in this process, after a warm-up.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use credential_profile::{Plan, Profiles};

/// A thousand profiles as people have them: roles on a few bases, IAM Identity Center, settings, comments.
fn files() -> (String, String) {
    let mut config = String::from("[default]\nregion = eu-west-1\n\n[sso-session corp]\n");
    config += "sso_start_url = https://corp.example.com/start\nsso_region = eu-west-1\n";
    config += "sso_registration_scopes = sso:account:access\n\n";
    let mut credentials = String::new();
    for number in 0..1_000 {
        let _ = writeln!(
            config,
            "# team {number}\n[profile team-{number}]\nregion = us-east-1\noutput = json"
        );
        let _ = match number % 4 {
            0 => writeln!(
                credentials,
                "[team-{number}]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n"
            ),
            1 => writeln!(
                config,
                "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = reader"
            ),
            _ => writeln!(
                config,
                "role_arn = arn:aws:iam::123456789012:role/team-{number}\nsource_profile = team-{}\n\
                 role_session_name = nightly\ns3 =\n  max_concurrent_requests = 10",
                number - number % 4
            ),
        };
        config.push('\n');
    }
    (config, credentials)
}

fn main() {
    let (config, credentials) = files();
    let read = || Profiles::of_texts(&config, &credentials).map_err(|error| error.to_string());
    let plan = |profiles: &Profiles| {
        Plan::of(profiles, "team-999", &[])
            .map(|plan| plan.hops().len())
            .map_err(|error| error.to_string())
    };
    let both = measure(|| read().and_then(|profiles| plan(&profiles)));
    let profiles = read();
    let alone = measure(|| profiles.as_ref().map(plan));
    let kilobytes = (config.len() + credentials.len()) / 1_000;
    print(
        &format!("reading 1,000 profiles ({kilobytes} kB) and planning one"),
        both,
    );
    print("planning one of them again", alone);
    assert_eq!(profiles.and_then(|profiles| plan(&profiles)), Ok(1));
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn measure<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..300)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    times.drain(..100);
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "its result")]
fn print(what: &str, time: Duration) {
    println!("{what:<58} {time:>10.1?}");
}
