use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests_support::{FixedRandom, PausingClock, Reply, Server, canary};

use super::*;
use crate::scripted::OfSts as _;

mod calling;
mod client;
mod limits;
mod of_the_program;
mod refused_token;
mod repeating;
mod secrets;
mod token_file;

const ROLE: &str = "arn:aws:iam::123456789012:role/pod";

/// Whoever asks it has asked too much.
#[derive(Debug)]
struct Untouchable;

impl ProvideAwsCredentials for Untouchable {
    fn credentials(&self) -> CredentialsFuture<'_> {
        panic!("a web identity needs no credentials");
    }

    fn invalidate(&self, _: &AwsCredentials) {
        panic!("a web identity has used no credentials");
    }
}

fn answer() -> Reply {
    Reply::session("AssumeRoleWithWebIdentity", "2030-01-01T13:00:00Z")
}

fn sts(server: &Server, clock: &PausingClock) -> StsClient {
    StsClient::new("eu-central-1", Untouchable)
        .with_endpoint(&server.url)
        .with_clock(clock.clone())
        .with_random(FixedRandom(0.5))
}

/// A folder with a token file, gone when it is dropped.
struct TokenFile(tempfile::TempDir);

impl TokenFile {
    fn holding(text: impl AsRef<[u8]>) -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        file.write(text);
        file
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("token")
    }

    fn write(&self, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(), text).unwrap();
    }
}

fn provider_of(path: &Path, server: &Server, clock: &PausingClock) -> WebIdentityProvider {
    WebIdentityProvider::new(sts(server, clock), ROLE, WebIdentityToken::file(path))
}

fn provider(file: &TokenFile, server: &Server) -> WebIdentityProvider {
    provider_of(&file.path(), server, &PausingClock::default())
}

/// A token of the program, numbered anew at each call when `fresh`.
fn of_the_program(fresh: bool) -> (WebIdentityToken, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let token = WebIdentityToken::from_fn(move || {
        let turn = count.fetch_add(1, Ordering::Relaxed);
        let number = if fresh { turn } else { 0 };
        async move { Ok::<_, std::io::Error>(canary(&format!("web identity {number}"))) }
    });
    (token, asked)
}

fn code_of(error: &Error) -> Option<&str> {
    match error {
        Error::Refused { code, .. } => code.as_deref(),
        _ => None,
    }
}
