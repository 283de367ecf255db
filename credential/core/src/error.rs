use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::Words;

/// What a chain, a refresher or a person should make of an error.
///
/// ```
/// use credential_core::{CredentialsError, ErrorKind};
///
/// fn advice(error: &CredentialsError) -> &'static str {
///     match error.kind() {
///         ErrorKind::NotConfigured => "set up a source of credentials",
///         ErrorKind::InvalidConfiguration => "mend the setting that the message names",
///         ErrorKind::LoginRequired => "sign in again",
///         _ if error.is_transient() => "try again later",
///         _ => "read the message",
///     }
/// }
///
/// let error = CredentialsError::login_required("Sso", "the session of `dev` ended");
/// assert_eq!(advice(&error), "sign in again");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is nothing set up here: ask the next place.
    NotConfigured,
    /// Something is set up here, and wrongly: a person has to mend it.
    InvalidConfiguration,
    /// Something is set up here and did not work: never mistake it for silence.
    Failed,
    /// It took longer than its limit.
    TimedOut,
    /// A person has to sign in again.
    LoginRequired,
}

/// Why a provider gave no credentials.
///
/// Its [`kind`](Self::kind) decides what others do; the cause, in the provider's own words, is its
/// [`source`](std::error::Error::source). A clone is cheap and shares the cause. It never holds a secret.
///
/// ```
/// use credential_core::{CredentialsError, ErrorKind};
///
/// let error = CredentialsError::failed("Vault", std::io::Error::other("the door is stuck")).with_transient(true);
/// assert_eq!(error.kind(), ErrorKind::Failed);
/// assert_eq!(error.report().to_string(), "vault failed: the door is stuck");
/// ```
///
/// `Debug` is the kind, the name and the same report, as a program shows it whose `main` returns the error:
/// `Error: Failed, transient, Vault: vault failed: the door is stuck`.
#[derive(Clone)]
pub struct CredentialsError(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    transient: bool,
    provider: Cow<'static, str>,
    source: Arc<dyn StdError + Send + Sync>,
}

impl CredentialsError {
    /// An error of this kind from the provider of this name, caused by `source`; not transient.
    pub fn new(
        kind: ErrorKind,
        provider: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::caused(kind, provider.into(), source.into())
    }

    fn caused(kind: ErrorKind, provider: Cow<'static, str>, source: Box<dyn StdError + Send + Sync>) -> Self {
        Self(Arc::new(Inner {
            kind,
            transient: false,
            provider,
            source: Arc::from(source),
        }))
    }

    /// There is nothing set up here: [`ErrorKind::NotConfigured`].
    pub fn not_configured(
        provider: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::NotConfigured, provider, source)
    }

    /// What is set up here is wrong: [`ErrorKind::InvalidConfiguration`].
    pub fn invalid_configuration(
        provider: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::InvalidConfiguration, provider, source)
    }

    /// What is set up here did not work: [`ErrorKind::Failed`].
    pub fn failed(
        provider: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::Failed, provider, source)
    }

    /// It took longer than its limit: [`ErrorKind::TimedOut`], transient.
    pub fn timed_out(
        provider: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::TimedOut, provider, source).with_transient(true)
    }

    /// A person has to sign in again: [`ErrorKind::LoginRequired`].
    pub fn login_required(
        provider: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::LoginRequired, provider, source)
    }

    /// Says whether trying again later may help, with nobody doing anything. Default: `false`, but for a time-out.
    #[must_use]
    pub fn with_transient(mut self, transient: bool) -> Self {
        Arc::make_mut(&mut self.0).transient = transient;
        self
    }

    /// What others should make of it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether trying again later may help, with nobody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// Whether this is [`ErrorKind::NotConfigured`]: the one kind that lets a strict chain go on.
    #[must_use]
    pub fn is_not_configured(&self) -> bool {
        self.0.kind == ErrorKind::NotConfigured
    }

    /// The stable name of the provider, as `Environment` or `InstanceMetadata`.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.0.provider
    }

    /// The provider's own error, to look at with `downcast_ref`.
    #[must_use]
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.source
    }

    /// The whole story on one line: this message and all its causes.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report(self)
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Words(&self.0.provider))?;
        f.write_str(match self.0.kind {
            ErrorKind::NotConfigured => " is not configured",
            ErrorKind::InvalidConfiguration => " is configured wrongly",
            ErrorKind::Failed => " failed",
            ErrorKind::TimedOut => " took too long",
            ErrorKind::LoginRequired => " needs a new login",
        })
    }
}

/// What people read, since a `main` that returns an error prints its `Debug`. The cause's own `Debug` stays out: nobody
/// promises that it is short, or keeps its secrets.
impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transient = if self.0.transient { "transient, " } else { "" };
        write!(
            f,
            "{:?}, {transient}{}: {}",
            self.0.kind,
            self.0.provider,
            self.report()
        )
    }
}

impl StdError for CredentialsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0.source)
    }
}

/// An error with all its causes on one line, as `instance metadata failed: no answer from …: connection reset`.
///
/// A chain's error has a line for each place. `Debug` is the same text.
///
/// ```
/// use credential_core::{CredentialsError, Report};
///
/// let error = CredentialsError::timed_out("Vault", "no answer within 5s");
/// assert_eq!(Report::of(&error).to_string(), "vault took too long: no answer within 5s");
/// ```
#[derive(Clone, Copy)]
pub struct Report<'a>(&'a (dyn StdError + 'static));

impl<'a> Report<'a> {
    /// The report of any error.
    #[must_use]
    pub fn of(error: &'a (dyn StdError + 'static)) -> Self {
        Self(error)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_every_cause_once() {
        let inner = CredentialsError::timed_out("InstanceMetadata", std::io::Error::other("over 5 s"));
        let outer = CredentialsError::failed("AssumeRole", inner);
        assert_eq!(
            outer.report().to_string(),
            "assume role failed: instance metadata took too long: over 5 s"
        );
    }

    #[test]
    fn a_main_that_returns_the_error_shows_what_people_read() {
        let list =
            "no credentials in 2 places\n  environment: AWS_ACCESS_KEY_ID is not set\n  vault: no vault here";
        let error = CredentialsError::not_configured("Chain", list);
        assert_eq!(
            format!("{error:?}"),
            format!("NotConfigured, Chain: chain is not configured: {list}")
        );
        assert_eq!(format!("{error:#?}"), format!("{error:?}"), "nothing nested");

        let error = CredentialsError::failed("Vault", std::io::Error::other("the door is stuck"));
        let boxed: Box<dyn StdError> = error.with_transient(true).into();
        assert_eq!(
            format!("{boxed:?}"),
            "Failed, transient, Vault: vault failed: the door is stuck"
        );
    }

    #[test]
    fn a_causes_own_debug_stays_out() {
        #[derive(Debug)]
        struct Careless {
            _secret: String,
        }
        impl fmt::Display for Careless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the vault refused")
            }
        }
        impl StdError for Careless {}
        let careless = Careless {
            _secret: tests_support::canary("careless"),
        };
        let error = CredentialsError::failed("Vault", careless);
        assert!(!tests_support::leaks(&format!("{error:?} {:?}", error.report())));
    }

    #[test]
    fn a_time_out_is_transient_and_a_mistake_is_not() {
        assert!(CredentialsError::timed_out("Container", "late").is_transient());
        assert!(!CredentialsError::invalid_configuration("Container", "wrong").is_transient());
    }
}
