use std::path::PathBuf;
use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsFuture, ProvideAwsCredentials, Renewal, Variables};

use crate::error::{NoCredentialsSnafu, NotBuiltSnafu};
use crate::{Error, Selection, Settings, Source};

pub(crate) const NAME: &str = "Profile";

/// How long keys of the files may be kept before somebody looks whether they are still the same.
pub(crate) const REREAD_AFTER: Duration = Duration::from_secs(600);

/// The static keys of a profile, read at each call.
///
/// A profile that asks for anything else, as a role or SSO, is *invalid configuration* here, so that a chain never goes
/// on to another identity; [`settings`](Self::settings) tells what it asks for, and the crate `credential-chain` provides
/// it.
///
/// ```
/// use credential_profile::ProfileProvider;
///
/// # async fn example() -> Result<(), credential_profile::Error> {
/// let credentials = ProfileProvider::new().with_profile("deploy").load().await?;
/// println!("{}", credentials.access_key_id());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>
#[derive(Clone, Debug)]
pub struct ProfileProvider {
    selection: Selection,
    renewal: Renewal,
}

impl ProfileProvider {
    /// The profile and the files that the process's own environment selects.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Selection::new())
    }

    /// The profile and the files of this selection.
    #[must_use]
    pub fn of(selection: Selection) -> Self {
        Self {
            selection,
            renewal: Renewal::NEVER.with_reread_after(REREAD_AFTER),
        }
    }

    /// Reads these environment variables. Default: the process's own. See [`Selection::with_variables`].
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.selection = self.selection.with_variables(variables);
        self
    }

    /// Selects the profile of this name, which is case-sensitive. Default: the one that `AWS_PROFILE` names, else
    /// `AWS_DEFAULT_PROFILE`, else `default`. See [`Selection::with_profile`].
    ///
    /// A profile named here or by a variable has to be there: else [`load`](Self::load) gives [`Error::NoSuchProfile`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.selection = self.selection.with_profile(profile);
        self
    }

    /// Reads this config file, which has to be readable. Default: the one that `AWS_CONFIG_FILE` names, else
    /// `~/.aws/config`. See [`Selection::with_config_file`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    #[must_use]
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.selection = self.selection.with_config_file(path);
        self
    }

    /// Reads this credentials file, which has to be readable. Default: the one that `AWS_SHARED_CREDENTIALS_FILE`
    /// names, else `~/.aws/credentials`. See [`Selection::with_credentials_file`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    #[must_use]
    pub fn with_credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.selection = self.selection.with_credentials_file(path);
        self
    }

    /// Asks whoever keeps the credentials to read the files again after this long. Default: ten minutes.
    #[must_use]
    pub fn with_reread_after(mut self, interval: Duration) -> Self {
        self.renewal.reread_after = Some(interval);
        self
    }

    /// Lets the credentials be kept for ever. Default: they are [read again](Self::with_reread_after).
    #[must_use]
    pub fn without_reread(mut self) -> Self {
        self.renewal.reread_after = None;
        self
    }

    /// Which profile of which files.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Reads the files now, for what else they say.
    ///
    /// # Errors
    /// Those of [`Settings::load`].
    pub async fn settings(&self) -> Result<Settings, Error> {
        Settings::load(&self.selection).await
    }

    /// Reads the files now.
    ///
    /// # Errors
    /// *Not configured*: [`Error::NoDefaultProfile`], [`Error::NoCredentials`] and [`Error::SsoTokenOnly`]. *Failed*, and
    /// transient: [`Error::Read`]. All others are *invalid configuration*.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        let settings = self.settings().await?;
        let profile = settings.profile_name().value();
        let source = settings.source()?;
        let (kind, position) = (source.kind(), source.position().cloned());
        match (source, position) {
            (Source::StaticKeys(keys), _) => Ok(keys.to_credentials().with_renewal(self.renewal)),
            (Source::Nothing, _) | (_, None) => NoCredentialsSnafu {
                profile,
                unread: settings.profiles().searched().unread(),
            }
            .fail(),
            (_, Some(position)) => NotBuiltSnafu {
                profile,
                kind,
                position,
            }
            .fail(),
        }
    }
}

impl Default for ProfileProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideAwsCredentials for ProfileProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
