use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use time::{OffsetDateTime, UtcOffset};

use crate::{CredentialsFuture, ProvideAwsCredentials, Secret};

/// What signs a request to AWS: an access key ID, a secret access key and, for temporary credentials, a session token.
///
/// A clone shares the same memory. The value never changes, so key, secret and token always come from one answer.
/// `Debug` shows the access key ID (it tells keys apart), never the secret access key or the session token.
///
/// ```
/// use credential_core::AwsCredentials;
///
/// let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret").with_account_id("123456789012");
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// assert!(credentials.session_token().is_none());
/// ```
///
/// It is a provider itself, so a fixed value can stand wherever a provider is asked for.
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsCredentials(Arc<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    expiration: Option<OffsetDateTime>,
    account_id: Option<String>,
    source: Cow<'static, str>,
    renewal: Renewal,
}

impl AwsCredentials {
    /// Long-term credentials: no session token, no expiration, source `Static`.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Self::of_pair(access_key_id.into(), secret_access_key.into())
    }

    fn of_pair(access_key_id: String, secret_access_key: Secret) -> Self {
        Self(Arc::new(Inner {
            access_key_id,
            secret_access_key,
            session_token: None,
            expiration: None,
            account_id: None,
            source: Cow::Borrowed("Static"),
            renewal: Renewal::NEVER,
        }))
    }

    /// Adds the token that AWS wants to see beside temporary credentials. Default: none.
    #[must_use]
    pub fn with_session_token(mut self, session_token: impl Into<Secret>) -> Self {
        self.change().session_token = Some(session_token.into());
        self
    }

    /// Adds the instant from which AWS refuses these credentials. Default: none, they do not expire.
    ///
    /// It is kept in UTC, unless it lies in a year that UTC has not.
    #[must_use]
    pub fn with_expiration(mut self, expiration: OffsetDateTime) -> Self {
        let utc = expiration.checked_to_offset(UtcOffset::UTC).unwrap_or(expiration);
        self.change().expiration = Some(utc);
        self
    }

    /// Adds the account that the credentials belong to, twelve digits. Default: unknown.
    #[must_use]
    pub fn with_account_id(mut self, account_id: impl Into<String>) -> Self {
        self.change().account_id = Some(account_id.into());
        self
    }

    /// Names the source they came from, as `Environment` or `InstanceMetadata`. Default: `Static`.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Cow<'static, str>>) -> Self {
        self.change().source = source.into();
        self
    }

    /// Says how these may be renewed. Default: [`Renewal::NEVER`] beyond what the expiration asks for.
    #[must_use]
    pub fn with_renewal(mut self, renewal: Renewal) -> Self {
        self.change().renewal = renewal;
        self
    }

    /// A copy of its own, if others hold it too. Compiled once, here, and not with each `with_…` in each crate.
    fn change(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// The access key ID. Not a secret: AWS prints it in logs to tell keys apart.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The secret access key, which signs.
    #[must_use]
    pub fn secret_access_key(&self) -> &Secret {
        &self.0.secret_access_key
    }

    /// The session token, which goes with every request of temporary credentials.
    #[must_use]
    pub fn session_token(&self) -> Option<&Secret> {
        self.0.session_token.as_ref()
    }

    /// The instant from which AWS refuses these credentials; `None` for credentials that do not expire.
    ///
    /// It is always what the source said, also while a refresher keeps using credentials past it.
    #[must_use]
    pub fn expiration(&self) -> Option<OffsetDateTime> {
        self.0.expiration
    }

    /// The account that the credentials belong to, where the source tells.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// The name of the source, as `Environment` or `InstanceMetadata`.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// How these may be renewed.
    #[must_use]
    pub fn renewal(&self) -> Renewal {
        self.0.renewal
    }

    /// Whether they are dead at this instant: the expiration is reached or past.
    ///
    /// ```
    /// use credential_core::AwsCredentials;
    /// use time::OffsetDateTime;
    ///
    /// let end = OffsetDateTime::UNIX_EPOCH;
    /// let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret").with_expiration(end);
    /// assert!(credentials.is_expired_at(end));
    /// ```
    #[must_use]
    pub fn is_expired_at(&self, now: OffsetDateTime) -> bool {
        self.0.expiration.is_some_and(|expiration| now >= expiration)
    }
}

impl ProvideAwsCredentials for AwsCredentials {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::ready(Ok(self.clone()))
    }

    fn name(&self) -> &str {
        self.source()
    }
}

/// How credentials may be renewed, said by the provider that gave them and read by whoever keeps them.
///
/// The expiration itself stands in the credentials; this is what it does not tell.
///
/// ```
/// use credential_core::Renewal;
/// use std::time::Duration;
///
/// let from_a_file = Renewal::NEVER.with_reread_after(Duration::from_secs(600));
/// assert!(!from_a_file.static_stability);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renewal {
    /// Look at the source again after this long, though the credentials may still be good: a file or the environment
    /// may have changed. `None`: no reason to look again before the expiration.
    pub reread_after: Option<Duration>,
    /// AWS goes on honouring these past their expiration while the service that issues them has trouble, so keeping
    /// them beats having none.
    pub static_stability: bool,
    /// A person is asked for a code each time, so nobody renews these ahead of time.
    pub interactive: bool,
}

impl Renewal {
    /// Nothing to look for before the expiration, and no use after it.
    pub const NEVER: Self = Self {
        reread_after: None,
        static_stability: false,
        interactive: false,
    };

    /// Look at the source again after this long.
    #[must_use]
    pub const fn with_reread_after(mut self, interval: Duration) -> Self {
        self.reread_after = Some(interval);
        self
    }

    /// Keep these past their expiration while the source has trouble.
    #[must_use]
    pub const fn with_static_stability(mut self) -> Self {
        self.static_stability = true;
        self
    }

    /// A person is asked each time.
    #[must_use]
    pub const fn with_interactive(mut self) -> Self {
        self.interactive = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shares_its_memory() {
        let one = AwsCredentials::new("AKIDEXAMPLE", tests_support::canary("shared"));
        let two = one.clone();
        assert!(Arc::ptr_eq(&one.0, &two.0));
    }

    #[test]
    fn changing_a_clone_leaves_the_original() {
        let one = AwsCredentials::new("AKIDEXAMPLE", tests_support::canary("original"));
        let two = one.clone().with_account_id("123456789012");
        assert_eq!(one.account_id(), None);
        assert_eq!(two.account_id(), Some("123456789012"));
    }

    #[test]
    fn debug_shows_the_access_key_id_alone() {
        let secret = tests_support::canary("debug");
        let shown = format!(
            "{:?}",
            AwsCredentials::new("AKIDEXAMPLE", &*secret).with_session_token(&*secret)
        );
        assert!(shown.contains("AKIDEXAMPLE"), "{shown}");
        assert!(!shown.contains(&secret), "{shown}");
    }

    #[test]
    fn an_expiration_is_kept_in_utc_so_that_nobody_trips_over_it() {
        let ahead = |hours| UtcOffset::from_hms(hours, 0, 0).unwrap();
        let noon = OffsetDateTime::UNIX_EPOCH.to_offset(ahead(5));
        let kept = AwsCredentials::new("A", "s")
            .with_expiration(noon)
            .expiration()
            .unwrap();
        assert_eq!((kept, kept.offset()), (noon, UtcOffset::UTC));

        // The last second of a year that UTC has not: it stays what it is.
        let last = time::PrimitiveDateTime::MAX.assume_offset(ahead(-1));
        let credentials = AwsCredentials::new("A", "s").with_expiration(last);
        assert_eq!(credentials.expiration(), Some(last));
        assert!(!credentials.is_expired_at(noon));
        assert_eq!(credentials.clone(), credentials);
    }

    #[test]
    fn they_expire_at_their_expiration_not_after_it() {
        let end = OffsetDateTime::UNIX_EPOCH;
        let credentials =
            AwsCredentials::new("AKIDEXAMPLE", tests_support::canary("edge")).with_expiration(end);
        assert!(credentials.is_expired_at(end));
        assert!(!credentials.is_expired_at(end - Duration::from_nanos(1)));
    }
}
