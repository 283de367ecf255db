use std::sync::Mutex;

use credential_core::{CredentialsError, CredentialsFuture};
use tests_support::{FixedRandom, ManualClock, PausingClock, Server, canary};

use super::*;

mod bad_answers;
mod clock;
mod limits;
mod refusals;
mod request;
mod retrying;
mod settings;
mod source;
mod unfinished;

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

fn keys() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", canary("secret")).with_session_token(canary("token"))
}

fn client(server: &Server, clock: &PausingClock) -> StsClient {
    client_of(keys(), server, clock)
}

fn client_of(
    credentials: impl ProvideAwsCredentials + 'static,
    server: &Server,
    clock: &PausingClock,
) -> StsClient {
    StsClient::new("eu-central-1", credentials)
        .with_endpoint(&server.url)
        .with_clock(clock.clone())
        .with_random(FixedRandom(1.0))
}

fn request() -> AssumeRole {
    AssumeRole::new(ROLE, "nightly")
}

/// Gives its answers one after the other, the last one for ever, each after a wait on the clock.
#[derive(Debug)]
struct Sourced {
    answers: Mutex<Vec<Result<AwsCredentials, CredentialsError>>>,
    asked: Mutex<usize>,
    invalidated: Mutex<Vec<String>>,
    slowness: Duration,
    clock: ManualClock,
}

impl Sourced {
    fn new(answers: Vec<Result<AwsCredentials, CredentialsError>>) -> Self {
        Self {
            answers: Mutex::new(answers),
            asked: Mutex::new(0),
            invalidated: Mutex::default(),
            slowness: Duration::ZERO,
            clock: ManualClock::new(),
        }
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

impl ProvideAwsCredentials for Sourced {
    fn credentials(&self) -> CredentialsFuture<'_> {
        *self.asked.lock().unwrap() += 1;
        self.clock.advance(self.slowness);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        CredentialsFuture::ready(answer)
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        self.invalidated
            .lock()
            .unwrap()
            .push(credentials.access_key_id().to_owned());
    }
}

fn session(access_key_id: &str) -> Result<AwsCredentials, CredentialsError> {
    Ok(AwsCredentials::new(access_key_id, canary("secret")).with_session_token(canary("token")))
}
