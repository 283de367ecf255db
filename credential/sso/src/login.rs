mod browser;
mod callback;
mod device;
mod pkce;
mod registration;

use std::path::{Path, PathBuf};
use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{Report, Secret};
use credential_runtime::in_runtime;
use snafu::{ResultExt, ensure};
use time::OffsetDateTime;

pub use device::DeviceAuthorization;

use crate::error::{Error, LegacyInBrowserSnafu, NoRuntimeSnafu, RemoveFileSnafu, WriteTokenSnafu};
use crate::oidc::Grant;
use crate::portal;
use crate::session::SsoSession;
use crate::settings::{Settings, settings_methods};
use crate::token_file::{self, Token};
use registration::Registration;

/// Logs a person in to IAM Identity Center, and out again, as `aws sso login` and `aws sso logout` do.
///
/// What a login leaves is a token file that all of AWS's tools use; whatever they left is used here, too.
///
/// ```no_run
/// use credential_sso::{SsoLogin, SsoSession};
///
/// # async fn example() -> Result<(), credential_sso::Error> {
/// let session = SsoSession::named("corp", "https://corp.awsapps.com/start", "eu-central-1");
/// let login = SsoLogin::new(session);
/// let logged_in = login
///     .with_device_code(|device| println!("{}: {}", device.verification_uri(), device.user_code()))
///     .await?;
/// println!("logged in until {}", logged_in.expiration());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html>
#[derive(Clone, Debug)]
pub struct SsoLogin {
    settings: Settings,
    login_timeout: Duration,
}

/// A login that was made.
///
/// ```no_run
/// # fn example(logged_in: credential_sso::LoggedIn) {
/// println!("{} until {}", logged_in.token_file().display(), logged_in.expiration());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    token_file: PathBuf,
    expiration: OffsetDateTime,
    renewable: bool,
}

impl LoggedIn {
    /// The file that holds the token.
    #[must_use]
    pub fn token_file(&self) -> &Path {
        &self.token_file
    }

    /// When the token ends.
    #[must_use]
    pub fn expiration(&self) -> OffsetDateTime {
        self.expiration
    }

    /// Whether the token is renewed when it ends, without a new login.
    #[must_use]
    pub fn is_renewable(&self) -> bool {
        self.renewable
    }
}

impl SsoLogin {
    /// A login to this session.
    ///
    /// Nothing is checked and nobody is asked before the first call: what cannot be used shows there.
    #[must_use]
    pub fn new(session: SsoSession) -> Self {
        Self {
            settings: Settings::new(session),
            login_timeout: Duration::from_secs(600),
        }
    }

    settings_methods!();

    /// How long one call to IAM Identity Center may take with all its attempts. Default: 20 s.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = limit;
        self
    }

    /// How long the person may take. Default: 10 minutes. A device code may end sooner.
    #[must_use]
    pub fn with_login_timeout(mut self, limit: Duration) -> Self {
        self.login_timeout = limit;
        self
    }

    /// Logs in in a browser on this machine: `open` gets the address to open there, or to show to the person. It is
    /// called once and must not block.
    ///
    /// The browser comes back to a port on 127.0.0.1 that is open only as long as this future lives. Dropping it gives
    /// up.
    ///
    /// # Errors
    /// [`Error::LegacyInBrowser`], [`Error::Listen`], [`Error::NotApproved`], [`Error::NobodyCame`],
    /// [`Error::WriteToken`], and what a call can meet.
    ///
    /// AWS: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html#cli-configure-sso-pkce>
    pub async fn with_browser(&self, open: impl FnOnce(&str)) -> Result<LoggedIn, Error> {
        self.check()?;
        ensure!(self.settings.session.name().is_some(), LegacyInBrowserSnafu);
        self.try_folder().await?;
        let (grant, registration) = browser::log_in(&self.settings, self.login_timeout, open).await?;
        self.store(&grant, &registration).await
    }

    /// Logs in on any device: `show` tells the person the address and the code to approve there. It is called once and
    /// must not block.
    ///
    /// # Errors
    /// [`Error::NotApproved`], [`Error::CodeExpired`], [`Error::NobodyCame`], [`Error::WriteToken`], and what a call can
    /// meet.
    ///
    /// AWS: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html#cli-configure-sso-device-auth>
    pub async fn with_device_code(&self, show: impl FnOnce(&DeviceAuthorization)) -> Result<LoggedIn, Error> {
        self.check()?;
        self.try_folder().await?;
        let (grant, registration) = device::log_in(&self.settings, self.login_timeout, show).await?;
        self.store(&grant, &registration).await
    }

    /// Logs out: ends the token's life and removes the files of this session. Whether there was a token file.
    ///
    /// A token that IAM Identity Center does not take back is a warning in the log: the files go all the same.
    ///
    /// # Errors
    /// [`Error::RemoveFile`], and mistakes in the settings.
    pub async fn logout(&self) -> Result<bool, Error> {
        self.check()?;
        let file = self.settings.token_file()?;
        if matches!(
            token_file::read(&self.settings, &file).await,
            Err(Error::NotLoggedIn { .. })
        ) {
            // Not even a lock is left where nobody ever logged in.
            remove(&registration::file(&self.settings)?, false).await?;
            return Ok(false);
        }
        // Whoever renews the token at this moment has to be done first, or the file would come back.
        let _lock = file.lock(&*self.settings.clock).await;
        let mut ended = false;
        match token_file::read(&self.settings, &file).await {
            Ok(token) => {
                let deadline = self.settings.deadline();
                match portal::logout(&self.settings, &token.access_token, deadline).await {
                    Ok(()) => ended = true,
                    Err(error) => tracing::warn!(
                        error = %Report::of(&error),
                        "the token could not be ended; it lives on until it expires"
                    ),
                }
            }
            Err(error) => tracing::warn!(error = %Report::of(&error), "the token could not be ended"),
        }
        let removed = remove(&file, ended).await;
        let registration = remove(&registration::file(&self.settings)?, ended).await;
        // Of two errors the token's counts.
        let removed = removed?;
        registration?;
        Ok(removed)
    }

    fn check(&self) -> Result<(), Error> {
        ensure!(in_runtime(), NoRuntimeSnafu);
        self.settings.check()
    }

    /// Nobody shall log in for a token that cannot be written: what stands beside it shows whether a file can.
    async fn try_folder(&self) -> Result<(), Error> {
        let token_file = self.settings.token_file()?;
        let path = token_file.path();
        let trial = CacheFile::new(path.with_extension("trial"));
        // One byte, for a full disk takes empty files.
        trial
            .replace(&Secret::from("\n"))
            .await
            .context(WriteTokenSnafu { path })?;
        trial.remove().await.context(WriteTokenSnafu { path })?;
        Ok(())
    }

    async fn store(&self, grant: &Grant, registration: &Registration) -> Result<LoggedIn, Error> {
        let token = Token::of_login(
            grant,
            &registration.client,
            registration.expiration,
            &self.settings,
        );
        let file = self.settings.token_file()?;
        let path = file.path();
        let _lock = file.lock(&*self.settings.clock).await;
        file.replace(&token.contents())
            .await
            .context(WriteTokenSnafu { path })?;
        Ok(LoggedIn {
            renewable: token.renewable(&self.settings).is_ok(),
            token_file: path.to_owned(),
            expiration: token.expiration,
        })
    }

    /// The settings, to be changed. A login keeps nothing between calls that would have to go with the old ones.
    fn change(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

async fn remove(file: &CacheFile, ended: bool) -> Result<bool, Error> {
    let path = file.path();
    file.remove().await.context(RemoveFileSnafu { path, ended })
}

#[cfg(test)]
mod tests;
