use std::task::{Context, Poll, Waker};

use credential_core::{CredentialsError, ErrorKind};
use tests_support::{FixedRandom, ManualClock, PausingClock, Reply, Server, canary, printed};
use time::OffsetDateTime;

use super::*;

mod answers;
mod asking;
mod bad_answers;
mod limits;
mod server;

use server::{answering, saying, tokens};

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// A good document.
fn document() -> String {
    format!(
        r#"{{"AccessKeyId": "ASIATASK", "SecretAccessKey": "{}", "Token": "{}", "Expiration": "2030-01-01T18:00:00Z"}}"#,
        canary("secret"),
        canary("session token"),
    )
}

/// A provider that asks this agent, with its clock wound by hand but for pauses.
fn asking(agent: &Server, more: &[(&str, &str)]) -> ContainerProvider {
    with_variables(&[&[(FULL, &*format!("{}/get", agent.url))], more].concat())
}

fn with_variables(pairs: &[(&str, &str)]) -> ContainerProvider {
    ContainerProvider::new()
        .with_variables(pairs.iter().copied().collect())
        .with_clock(pausing_clock())
        .with_random(FixedRandom(0.5))
}

/// A time after noon on the first of January 2030, UTC.
fn noon_and(later: Duration) -> OffsetDateTime {
    ManualClock::new().now() + later
}

fn kind(error: Error) -> ErrorKind {
    CredentialsError::from(error).kind()
}

/// A clock wound by hand but for pauses between attempts: no limit in these tests is as short as the longest of them.
fn pausing_clock() -> PausingClock {
    PausingClock::of(&ManualClock::new(), Duration::from_millis(2001))
}
