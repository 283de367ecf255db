use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{
    AwsCredentials, Clock, CredentialsFuture, ProvideAwsCredentials, Renewal, Secret, SystemClock, Variables,
    parse_timestamp,
};
use snafu::ensure;
use time::OffsetDateTime;

use crate::Error;
use crate::error::{ExpirationSnafu, ExpiredSnafu, HalfPairSnafu, IllegalCharacterSnafu, NoKeysSnafu};
use crate::names::{Found, Names};

pub(crate) const NAME: &str = "Environment";

/// Credentials from environment variables, read at each call.
///
/// ```
/// use credential_core::Variables;
/// use credential_environment::EnvironmentProvider;
///
/// let variables = Variables::from([
///     ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
///     ("AWS_SECRET_ACCESS_KEY", "secret"),
///     ("AWS_SESSION_TOKEN", "token"),
/// ]);
/// let credentials = EnvironmentProvider::new().with_variables(variables).load()?;
/// assert!(credentials.session_token().is_some());
/// # Ok::<(), credential_environment::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>
#[derive(Clone, Debug)]
pub struct EnvironmentProvider {
    variables: Variables,
    prefix: Cow<'static, str>,
    strict_pair: bool,
    renewal: Renewal,
    clock: Arc<dyn Clock>,
}

impl EnvironmentProvider {
    /// A provider that reads the process's own environment under AWS's names.
    #[must_use]
    pub fn new() -> Self {
        Self {
            variables: Variables::of_process(),
            prefix: Cow::Borrowed("AWS"),
            strict_pair: false,
            renewal: Renewal::NEVER.with_reread_after(Duration::from_secs(600)),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads these variables. Default: the process's own.
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self
    }

    /// Reads `{prefix}_ACCESS_KEY_ID`, `{prefix}_SECRET_ACCESS_KEY`, `{prefix}_SESSION_TOKEN`, `{prefix}_ACCOUNT_ID`
    /// and `{prefix}_CREDENTIAL_EXPIRATION`. Default: `AWS`, the only prefix with older names beside these.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Makes one half of the pair alone an *invalid configuration*, which stops a chain. Default: *not configured* and
    /// a warning, as most of AWS's SDKs go on there.
    #[must_use]
    pub fn with_strict_pair(mut self) -> Self {
        self.strict_pair = true;
        self
    }

    /// Asks whoever keeps the credentials to read the variables again after this long. Default: ten minutes.
    #[must_use]
    pub fn with_reread_after(mut self, interval: Duration) -> Self {
        self.renewal.reread_after = Some(interval);
        self
    }

    /// Lets the credentials be kept until they expire, or for ever. Default: they are
    /// [read again](Self::with_reread_after).
    #[must_use]
    pub fn without_reread(mut self) -> Self {
        self.renewal.reread_after = None;
        self
    }

    /// Compares the expiration with this clock. Default: the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Reads the variables now.
    ///
    /// # Errors
    /// [`Error::NoKeys`] and [`Error::HalfPair`] when the pair is not there; the others when a variable that is set
    /// cannot be right.
    pub fn load(&self) -> Result<AwsCredentials, Error> {
        let (access_key_id, secret_access_key) = self.pair()?;
        let mut credentials = AwsCredentials::new(
            sendable(access_key_id)?,
            Secret::new(printable(secret_access_key)?),
        )
        .with_source(NAME)
        .with_renewal(self.renewal);
        if let Some(session_token) = Names::session_token(&self.prefix).look_up(&self.variables)? {
            credentials = credentials.with_session_token(Secret::new(sendable(session_token)?));
        }
        if let Some(account_id) = Names::account_id(&self.prefix).look_up(&self.variables)? {
            credentials = credentials.with_account_id(printable(account_id)?);
        }
        if let Some(expiration) = Names::expiration(&self.prefix).look_up(&self.variables)? {
            credentials = credentials.with_expiration(self.in_time(expiration)?);
        }
        Ok(credentials)
    }

    fn pair(&self) -> Result<(Found, Found), Error> {
        let access_key_id = Names::access_key_id(&self.prefix);
        let secret_access_key = Names::secret_access_key(&self.prefix);
        let (present, missing) = match (
            access_key_id.look_up(&self.variables)?,
            secret_access_key.look_up(&self.variables)?,
        ) {
            (Some(access_key_id), Some(secret_access_key)) => return Ok((access_key_id, secret_access_key)),
            (Some(access_key_id), None) => (access_key_id.variable, secret_access_key.into_documented()),
            (None, Some(secret_access_key)) => (secret_access_key.variable, access_key_id.into_documented()),
            (None, None) => {
                return NoKeysSnafu {
                    access_key_id: access_key_id.into_documented(),
                }
                .fail();
            }
        };
        tracing::warn!("{present} is set, but {missing} is not: the environment gives no credentials");
        HalfPairSnafu {
            present,
            missing,
            strict: self.strict_pair,
        }
        .fail()
    }

    fn in_time(&self, Found { variable, value }: Found) -> Result<OffsetDateTime, Error> {
        let Some(expiration) = parse_timestamp(&value) else {
            return ExpirationSnafu { variable }.fail();
        };
        ensure!(
            self.clock.now() < expiration,
            ExpiredSnafu { variable, expiration }
        );
        Ok(expiration)
    }
}

/// A value that goes into a header as it stands.
fn sendable(found: Found) -> Result<String, Error> {
    refuse(found, |c| c.is_control() || c.is_whitespace())
}

/// A value that has no control characters.
fn printable(found: Found) -> Result<String, Error> {
    refuse(found, char::is_control)
}

fn refuse(Found { variable, value }: Found, illegal: impl Fn(char) -> bool) -> Result<String, Error> {
    ensure!(!value.chars().any(illegal), IllegalCharacterSnafu { variable });
    Ok(value)
}

impl Default for EnvironmentProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideAwsCredentials for EnvironmentProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::ready(self.load().map_err(Into::into))
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
