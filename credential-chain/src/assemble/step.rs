use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials};

use crate::limit::within;
use crate::{Error, name};

/// One step of a profile's plan: where it starts, or a role on the way.
///
/// Whoever asks for a plan's credentials means that plan, so a step that has none is a failure, whatever it says itself:
/// nobody may take another identity instead. And each has its limit.
pub(crate) struct Step {
    pub(crate) provider: Arc<dyn ProvideAwsCredentials>,
    /// What it is and whose, for errors.
    pub(crate) what: String,
    /// With the time that those before it may take.
    pub(crate) limit: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether a person may be asked, here or in a step before: then nobody renews these ahead of time.
    pub(crate) asks_a_person: bool,
}

impl Step {
    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        let answer = within(self.limit, &*self.clock, self.provider.credentials())
            .await
            .unwrap_or_else(|limit| {
                Err(CredentialsError::timed_out(
                    name::PROFILE,
                    Error::TooSlow { limit },
                ))
            });
        match answer {
            Ok(credentials) if self.asks_a_person => {
                let renewal = credentials.renewal().with_interactive();
                Ok(credentials.with_renewal(renewal))
            }
            Ok(credentials) => Ok(credentials),
            Err(error) => Err(self.failure(error).into()),
        }
    }

    fn failure(&self, error: CredentialsError) -> Error {
        match of_a_step_before(&error) {
            Some((before, source)) => Error::Step {
                what: format!("{}, which needs {before}", self.what),
                source: source.clone(),
            },
            None => Error::Step {
                what: self.what.clone(),
                source: error,
            },
        }
    }
}

/// Where a step before is to blame: which, and what it said. That its credentials were wanted for a signature, or that
/// those between have none either, says nothing more.
fn of_a_step_before(error: &CredentialsError) -> Option<(&str, &CredentialsError)> {
    let credential_sts::Error::Source { source, .. } = error.cause().downcast_ref()? else {
        return None;
    };
    match source.cause().downcast_ref()? {
        Error::Step { what, source } => Some((what, source)),
        _ => None,
    }
}

impl ProvideAwsCredentials for Step {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        self.provider.invalidate(credentials);
    }

    fn name(&self) -> &str {
        self.provider.name()
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.what, self.provider)
    }
}
