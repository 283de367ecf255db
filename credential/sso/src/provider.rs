use std::sync::Arc;
use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{AwsCredentials, CredentialsFuture, ProvideAwsCredentials};
use credential_runtime::{Flight, in_runtime, within};
use snafu::ensure;

use crate::call::Said;
use crate::error::{Error, NoRuntimeSnafu, TimedOutSnafu, TokenRefusedSnafu};
use crate::portal;
use crate::renewal::{self, Tokens};
use crate::session::SsoSession;
use crate::settings::{Settings, not_blank, settings_methods};
use crate::token_file::{Standing, Token};

/// The provider's name in errors and logs.
pub(crate) const NAME: &str = "Sso";

/// Provides a role's credentials to those who are logged in to IAM Identity Center.
///
/// The token of the login is read from its file at each call, so a login in another program counts at once. In the last
/// 5 minutes of its life the token is renewed, if the session has a name; what comes is written for all of AWS's tools to
/// use. Role credentials are not kept: `AutoRefreshingProvider` of `credential-refresh` does that. Callers at the same
/// time share one request. A clone shares it as well; a changed setting starts anew.
///
/// ```no_run
/// use credential_sso::{SsoProvider, SsoSession};
///
/// # async fn example() -> Result<(), credential_sso::Error> {
/// let session = SsoSession::named("corp", "https://corp.awsapps.com/start", "eu-central-1");
/// let credentials = SsoProvider::new(session, "123456789012", "ReadOnly").load().await?;
/// println!("{}", credentials.access_key_id());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug)]
pub struct SsoProvider {
    settings: Arc<Settings>,
    account_id: String,
    role_name: String,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    flight: Flight<Result<AwsCredentials, Arc<Error>>>,
    tokens: Arc<Tokens>,
}

impl SsoProvider {
    /// A provider for this role (`sso_role_name`) in this account (`sso_account_id`).
    ///
    /// Nothing is checked and nobody is asked before the first call: what cannot be used shows there.
    pub fn new(session: SsoSession, account_id: impl Into<String>, role_name: impl Into<String>) -> Self {
        Self {
            settings: Arc::new(Settings::new(session)),
            account_id: account_id.into(),
            role_name: role_name.into(),
            state: Arc::default(),
        }
    }

    settings_methods!();

    /// How long one call may take: reading the token, renewing it if need be, and asking for the credentials. Default:
    /// 20 s.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.change().timeout = limit;
        self
    }

    /// Asks for the role's credentials, with their expiration as it was sent.
    ///
    /// # Errors
    /// [`Error::NotLoggedIn`], [`Error::Expired`] and others whose [`needs_login`](Error::needs_login) is true when a
    /// person has to log in; see [`Error`] for the rest.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        ensure!(in_runtime(), NoRuntimeSnafu);
        let (clock, limit) = (&self.settings.clock, self.settings.timeout);
        // Whoever waits for another's fetch outlasts its limit, so that both hear the same.
        let waiting = clock.sleep(limit.saturating_add(limit / 4));
        let fetched = self.state.flight.share(waiting, || async {
            within(clock.sleep(limit), self.fetch())
                .await
                .unwrap_or_else(|| Err(TimedOutSnafu { limit }.build().into()))
        });
        match fetched.await {
            Some(fetched) => fetched.map_err(Error::from_shared),
            None => TimedOutSnafu { limit }.fail(),
        }
    }

    async fn fetch(&self) -> Result<AwsCredentials, Arc<Error>> {
        let deadline = self.settings.deadline();
        self.settings.check()?;
        not_blank("sso_account_id", &self.account_id)?;
        not_blank("sso_role_name", &self.role_name)?;
        let file = self.settings.token_file()?;
        let tokens = &self.state.tokens;
        let token = renewal::token(&self.settings, tokens, &file).await?;
        let refused = match self.ask(&token, deadline).await {
            Err(Error::Refused {
                status: 401,
                url,
                said,
                ..
            }) => (url, said),
            answer => return answer.map_err(Arc::new),
        };
        // Somebody may have logged in anew since the file was read.
        let now = tokens.current(&self.settings, &file).await?;
        let is_another = now.access_token != token.access_token;
        if !is_another || now.standing(self.settings.clock.now()) == Standing::Expired {
            return Err(self.token_refused(refused, &file).into());
        }
        match self.ask(&now, deadline).await {
            Err(Error::Refused {
                status: 401,
                url,
                said,
                ..
            }) => Err(self.token_refused((url, said), &file).into()),
            answer => answer.map_err(Arc::new),
        }
    }

    async fn ask(&self, token: &Token, deadline: Duration) -> Result<AwsCredentials, Error> {
        let (account_id, role_name) = (&self.account_id, &self.role_name);
        portal::role_credentials(
            &self.settings,
            &token.access_token,
            account_id,
            role_name,
            deadline,
        )
        .await
    }

    fn token_refused(&self, (url, said): (String, Said), file: &CacheFile) -> Error {
        TokenRefusedSnafu {
            url,
            path: file.path(),
            said,
            remedy: self.settings.remedy(),
        }
        .build()
    }

    /// The settings, to be changed: what was begun under others does not count.
    fn change(&mut self) -> &mut Settings {
        self.state = Arc::default();
        Arc::make_mut(&mut self.settings)
    }
}

impl ProvideAwsCredentials for SsoProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
