use std::error::Error as StdError;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use credential_core::{CredentialsError, ErrorKind, Sleep};
use tests_support::{FixedRandom, ManualClock, canary, leaks};
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use super::*;

mod answers;
mod asking;
mod bad_answers;
mod limits;
mod server;

use server::{Agent, Reply, reply};

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
fn asking(agent: &Agent, more: &[(&str, &str)]) -> ContainerProvider {
    with_variables(&[&[(FULL, &*(agent.url() + "/get"))], more].concat())
}

fn with_variables(pairs: &[(&str, &str)]) -> ContainerProvider {
    ContainerProvider::new()
        .with_variables(pairs.iter().copied().collect())
        .with_clock(PauseClock::default())
        .with_random(FixedRandom(0.5))
}

/// Everything an error prints, its causes too, with a check that no secret is in it.
fn printed(error: &(dyn StdError + 'static)) -> String {
    let mut text = format!("{error:?} {error:#?}");
    let mut next = Some(error);
    while let Some(error) = next {
        text.push_str(&format!("\n{error}"));
        next = error.source();
    }
    assert!(!leaks(&text), "a secret shows in {text}");
    text
}

/// A time after noon on the first of January 2030, UTC.
fn noon_and(later: Duration) -> OffsetDateTime {
    ManualClock::new().now() + later
}

fn kind(error: Error) -> ErrorKind {
    CredentialsError::from(error).kind()
}

/// A clock wound by hand but for pauses between attempts: they are over at once, and noted.
#[derive(Clone, Debug, Default)]
struct PauseClock {
    manual: ManualClock,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Clock for PauseClock {
    fn now(&self) -> OffsetDateTime {
        self.manual.now()
    }

    fn monotonic(&self) -> Duration {
        self.manual.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        // No limit in these tests is as short as the longest pause.
        if duration <= Duration::from_secs(2) {
            self.pauses.lock().unwrap().push(duration);
            self.manual.advance(duration);
            return Box::pin(std::future::ready(()));
        }
        self.manual.sleep(duration)
    }
}
