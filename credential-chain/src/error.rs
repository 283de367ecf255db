use std::fmt;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, Words};
use snafu::Snafu;

use crate::Attempt;

/// The name under which a chain's own errors travel.
pub(crate) const NAME: &str = "Chain";

/// Why a chain gave no credentials.
///
/// It is the [`cause`](CredentialsError::cause) of the [`CredentialsError`] that a chain returns. Its message lists every
/// place that was asked, what it said and why:
///
/// ```text
/// no credentials in 3 places
///   environment: AWS_ACCESS_KEY_ID is not set
///   profile: no profile `deploy` in ~/.aws/config
///   instance metadata: no answer from instance metadata at http://169.254.169.254: connecting took over 1 s
/// ```
///
/// ```
/// use credential_chain::{AwsCredentials, ChainProvider, Error, ProvideAwsCredentials};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let nobody = ChainProvider::of::<&str, AwsCredentials>([]);
/// let error = nobody.credentials().await.unwrap_err();
/// assert!(matches!(error.cause().downcast_ref(), Some(Error::Empty)));
/// # }
/// ```
#[derive(Clone, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// The chain has no providers.
    #[snafu(display("this chain has no providers to ask"))]
    Empty,
    /// A provider was to go beside, or in place of, one that the chain does not have.
    #[snafu(display("this chain has no provider `{name}`; it has {}", List(known)))]
    UnknownProvider {
        /// The name that was asked for.
        name: String,
        /// The names that there are, in order.
        known: Vec<String>,
    },
    /// Every place was asked.
    #[snafu(display("no credentials in {}{}", Places(attempts.len()), Lines { attempts, hints }))]
    Exhausted {
        /// Each place with what it said, in order.
        attempts: Vec<Attempt>,
        /// What was nearly set up.
        hints: Vec<String>,
    },
    /// A place that is set up did not work, and a strict chain asks no other identity then.
    #[snafu(display(
        "no credentials: {} is set up and does not work, so no other source was asked{}",
        Words(attempts.last().map_or("", Attempt::provider)),
        Lines { attempts, hints }
    ))]
    Stopped {
        /// Each place with what it said, in order; the last one stopped the chain.
        attempts: Vec<Attempt>,
        /// What was nearly set up.
        hints: Vec<String>,
    },
    /// The place that answered before does not answer now, and a chain does not change its identity.
    #[snafu(display(
        "the credentials came from {} before, which gives none now, and no other source takes its place{}",
        attempt.place(),
        Lines { attempts: std::slice::from_ref(attempt), hints: &[] }
    ))]
    Lost {
        /// What it says now.
        attempt: Attempt,
    },
    /// A step of a profile's plan gave no credentials: the place where it starts, or a role on the way.
    #[snafu(display("no credentials from {what}"))]
    Step {
        /// What it is and whose, as `role arn:aws:iam::123456789012:role/ops of profile `ops``. Where a step before is
        /// to blame, all from the last step back to that one, with `, which needs ` between them.
        what: String,
        /// What the one to blame said.
        source: CredentialsError,
    },
    /// A provider did not answer within the chain's limit for each.
    #[snafu(display("no answer within {limit:?}"))]
    TooSlow {
        /// The limit.
        limit: Duration,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

impl Error {
    /// Each place that was asked with what it said, in order.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::Exhausted { attempts, .. } | Self::Stopped { attempts, .. } => attempts,
            Self::Lost { attempt } => std::slice::from_ref(attempt),
            Self::Empty | Self::UnknownProvider { .. } | Self::Step { .. } | Self::TooSlow { .. } => &[],
        }
    }

    /// The error that decides the whole chain's kind: the first that is more than absence.
    fn decisive(&self) -> Option<&CredentialsError> {
        let mut errors = self.attempts().iter().filter_map(Attempt::error);
        errors.find(|error| !error.is_not_configured())
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        let decisive = error.decisive().map(|error| (error.kind(), error.is_transient()));
        match &error {
            Error::Empty | Error::UnknownProvider { .. } => Self::invalid_configuration(NAME, error),
            Error::Exhausted { .. } | Error::Stopped { .. } => {
                let (kind, transient) = decisive.unwrap_or((ErrorKind::NotConfigured, false));
                Self::new(kind, NAME, error).with_transient(transient)
            }
            // Whatever it says now, it is not silence: something gave credentials here before. Only the one kind that
            // asks for a person to act stays what it is.
            Error::Lost { .. } => match decisive {
                Some((ErrorKind::LoginRequired, _)) => Self::login_required(NAME, error),
                Some((_, transient)) => Self::failed(NAME, error).with_transient(transient),
                None => Self::failed(NAME, error),
            },
            Error::Step { source, .. } => {
                let (kind, transient) = (source.kind(), source.is_transient());
                let kind = match kind {
                    ErrorKind::NotConfigured => ErrorKind::Failed,
                    kind => kind,
                };
                Self::new(kind, crate::name::PROFILE, error).with_transient(transient)
            }
            Error::TooSlow { .. } => Self::timed_out(NAME, error),
        }
    }
}

struct Lines<'a> {
    attempts: &'a [Attempt],
    hints: &'a [String],
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for attempt in self.attempts {
            write!(f, "\n  {attempt}")?;
        }
        for hint in self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

struct Places(usize);

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 place"),
            count => write!(f, "{count} places"),
        }
    }
}

struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (index, name) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        Ok(())
    }
}
