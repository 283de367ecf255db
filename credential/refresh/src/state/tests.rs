//! The rules of renewal one by one, without any future.

use credential_core::{Clock, Renewal};
use tests_support::{FixedRandom, ManualClock, canary};

use super::*;
use crate::decision::{Action, decide};

mod clock;
mod failing;
mod from_a_file;
mod life;
mod properties;
mod refused;
mod static_stability;

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

fn from_metadata(world: &World, id: &str, lifetime: u64) -> AwsCredentials {
    world
        .session(id, lifetime)
        .with_renewal(Renewal::NEVER.with_static_stability())
}
