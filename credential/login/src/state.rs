//! What a provider remembers between two calls: no credentials, but where it could not write them down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credential_core::{AwsCredentials, Secret};
use credential_runtime::SharedTask;

use crate::error::Error;
use crate::session::Session;

/// AWS Sign-In is not asked more often.
pub(crate) const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) renewal: SharedTask<Result<AwsCredentials, Arc<Error>>>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    unsaved: Option<Unsaved>,
    last: Option<Attempt>,
}

/// A renewed session that could not be written: the file still holds what was before.
#[derive(Debug)]
struct Unsaved {
    /// The refresh token in the file. When it changes, somebody has signed in or renewed, and the file counts.
    in_file: Secret,
    session: Session,
}

#[derive(Debug)]
struct Attempt {
    at: Duration,
    /// The refresh token that was valid after it.
    refresh_token: Secret,
    error: Option<Arc<Error>>,
}

impl State {
    /// The session that counts when the file holds this one.
    pub(crate) fn newest(&self, in_file: Session) -> Session {
        let mut memory = self.memory();
        match &memory.unsaved {
            Some(unsaved) if unsaved.in_file == *in_file.refresh_token() => unsaved.session.clone(),
            _ => {
                memory.unsaved = None;
                in_file
            }
        }
    }

    /// The file holds nothing any more, as after signing out.
    pub(crate) fn forget(&self) {
        self.memory().unsaved = None;
    }

    /// Keeps a renewed session that could not be written.
    pub(crate) fn keep(&self, before: &Session, renewed: Session) {
        let mut memory = self.memory();
        let in_file = match memory.unsaved.take() {
            Some(unsaved) => unsaved.in_file,
            None => before.refresh_token().clone(),
        };
        memory.unsaved = Some(Unsaved {
            in_file,
            session: renewed,
        });
    }

    /// Notes when an attempt began, and how it ended.
    pub(crate) fn note(&self, at: Duration, refresh_token: &Secret, error: Option<Arc<Error>>) {
        self.memory().last = Some(Attempt {
            at,
            refresh_token: refresh_token.clone(),
            error,
        });
    }

    /// How the last attempt ended, if it was for this refresh token and too short a time ago to make another.
    pub(crate) fn recent(&self, now: Duration, refresh_token: &Secret) -> Option<Option<Arc<Error>>> {
        let memory = self.memory();
        let last = memory.last.as_ref()?;
        let recent = now.saturating_sub(last.at) < BETWEEN_ATTEMPTS;
        (recent && last.refresh_token == *refresh_token).then(|| last.error.clone())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
