use std::fmt;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, Seconds, Words, format_timestamp};
use snafu::Snafu;
use time::OffsetDateTime;

/// Why refreshing gave no credentials, where the reason is not the provider's own error as it stands.
///
/// It is the [cause](CredentialsError::cause) of the error that callers get.
///
/// ```
/// use credential_core::{AwsCredentials, ProvideAwsCredentials};
/// use credential_refresh::{AutoRefreshingProvider, Error};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let half = AwsCredentials::new("AKIDEXAMPLE", "");
/// let error = AutoRefreshingProvider::new(half).credentials().await.unwrap_err();
/// match error.cause().downcast_ref() {
///     Some(Error::Expired { expiration, .. }) => println!("dead since {expiration}"),
///     Some(other) => assert_eq!(other.to_string(), "the credentials lack a secret access key"),
///     None => println!("the provider's own error: {error:?}"),
/// }
/// # assert!(matches!(error.cause().downcast_ref(), Some(Error::Incomplete { .. })));
/// # }
/// ```
#[derive(Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// The provider took longer than the time limit of a load.
    #[snafu(display("no answer within {}", Seconds(*limit)))]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The provider panicked. The panic's message is not kept: it might hold a secret.
    #[snafu(display("the provider panicked"))]
    Panicked,
    /// The provider gave credentials without an access key ID or without a secret access key.
    #[snafu(display("the credentials lack {part}"))]
    Incomplete {
        /// What is empty.
        part: &'static str,
    },
    /// The provider gave credentials that are dead already.
    #[snafu(display(
        "{} gave credentials that expired at {}, and it is {} by this machine's clock; check the clock",
        Words(from),
        format_timestamp(*expiration),
        format_timestamp(*now)
    ))]
    PastExpiration {
        /// The source that they name, or else the provider.
        from: String,
        /// The expiration that came with them.
        expiration: OffsetDateTime,
        /// The time by the clock in use.
        now: OffsetDateTime,
    },
    /// The credentials at hand are dead, and renewing them failed.
    #[snafu(display("the credentials expired at {} and could not be renewed", format_timestamp(*expiration)))]
    Expired {
        /// Their expiration.
        expiration: OffsetDateTime,
        /// Why renewing failed.
        source: CredentialsError,
    },
    /// The credentials at hand carry no expiration, but their source could not be read for too long to trust them.
    #[snafu(display("the source of the credentials could not be read again for {} s", patience.as_secs()))]
    Unread {
        /// For how long a failing source is borne.
        patience: Duration,
        /// Why reading failed the last time.
        source: CredentialsError,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

impl Error {
    /// What callers see, from the provider of this name.
    pub(crate) fn of(self, provider: &str) -> CredentialsError {
        let name = provider.to_owned();
        match self {
            Self::TimedOut { .. } => CredentialsError::timed_out(name, self),
            Self::Panicked | Self::Incomplete { .. } | Self::PastExpiration { .. } => {
                CredentialsError::failed(name, self).with_transient(true)
            }
            Self::Expired { ref source, .. } | Self::Unread { ref source, .. } => {
                let (kind, transient) = match source.kind() {
                    // It did deliver once: a chain must not take this for a place where nothing was ever set up.
                    ErrorKind::NotConfigured => (ErrorKind::Failed, true),
                    kind => (kind, source.is_transient()),
                };
                CredentialsError::new(kind, source.provider().to_owned(), self).with_transient(transient)
            }
        }
    }
}
