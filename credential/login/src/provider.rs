use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{
    AwsCredentials, Clock, CredentialsFuture, ProcessRandom, ProvideAwsCredentials, Random, Variables,
};
use credential_http::{HttpClient, Url};
use credential_runtime::{Missed, TokioClock, in_runtime};
use snafu::{OptionExt, ResultExt, ensure};

use crate::endpoint::Endpoint;
use crate::error::{
    CutOffSnafu, DamagedSnafu, Error, NoRuntimeSnafu, NoSessionSnafu, NotSignedInSnafu, TimedOutSnafu,
    UnreadableSnafu,
};
use crate::location;
use crate::session::Session;
use crate::state::State;

mod renewal;

/// The provider's name in errors and logs.
pub(crate) const NAME: &str = "Login";

/// Credentials that live longer than this are used as they are.
const MARGIN: Duration = Duration::from_secs(300);

/// Waiting for the lock, reading and writing, beside the time that the exchange may take.
const BESIDE_THE_EXCHANGE: Duration = Duration::from_secs(10);

/// Provides the credentials of somebody who has signed in to the console with `aws login`.
///
/// They are read from the AWS CLI's cache at each call. In their last five minutes they are renewed with AWS Sign-In, and
/// the cache's file is replaced. While they are valid, a failed renewal is a warning and no error. AWS Sign-In is asked at
/// most every 30 seconds.
///
/// The refresh token may be good for one use only, so everybody renews in turn: callers at the same time share one
/// renewal, other processes are kept away by a lock beside the file, and whoever comes next finds the file renewed. A
/// renewal that has begun runs on a task of its own to its end, also when all who wait for it are dropped: the new
/// refresh token is in its answer alone. A clone shares all of it; a changed setting starts anew.
///
/// ```no_run
/// use credential_login::LoginProvider;
///
/// # async fn example() -> Result<(), credential_login::Error> {
/// let provider = LoginProvider::new("arn:aws:iam::123456789012:user/jo")
///     .with_region("eu-central-1")
///     .with_profile("dev");
/// println!("{}", provider.load().await?.access_key_id());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
#[derive(Clone, Debug)]
pub struct LoginProvider {
    settings: Arc<Settings>,
    state: Arc<State>,
}

#[derive(Clone, Debug)]
struct Settings {
    login_session: String,
    folder: Option<PathBuf>,
    variables: Variables,
    profile: Option<String>,
    endpoint: Endpoint,
    http: HttpClient,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    attempts: u32,
    timeout: Duration,
}

impl LoginProvider {
    /// A provider for this session: the ARN that `aws login` has put into the profile as `login_session`.
    pub fn new(login_session: impl Into<String>) -> Self {
        let settings = Settings {
            login_session: login_session.into(),
            folder: None,
            variables: Variables::of_process(),
            profile: None,
            endpoint: Endpoint::default(),
            http: HttpClient::new(),
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            attempts: 3,
            timeout: Duration::from_secs(20),
        };
        Self {
            settings: Arc::new(settings),
            state: Arc::default(),
        }
    }

    /// The region whose AWS Sign-In renews the session: the profile's. Default: none, and then nothing is renewed.
    ///
    /// # Errors
    /// [`Error::NoRegion`] and [`Error::Region`] show when the session has to be renewed, and its credentials are dead.
    ///
    /// AWS: `region`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.change().endpoint.region = Some(region.into());
        self
    }

    /// The folder of the cache, taken as it is. Default: `AWS_LOGIN_CACHE_DIRECTORY`, with a leading `~` for the home
    /// directory, else `~/.aws/login/cache`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
    #[must_use]
    pub fn with_cache_directory(mut self, folder: impl Into<PathBuf>) -> Self {
        self.change().folder = Some(folder.into());
        self
    }

    /// The environment's variables. Default: the process's own, read at each call.
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.change().variables = variables;
        self
    }

    /// The profile that names the session, for the command in errors: ``run `aws login --profile dev` ``. Default: none.
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.change().profile = Some(profile.into());
        self
    }

    /// Asks this address instead of AWS's: `http` or `https`, with a path if need be. No region is needed then.
    ///
    /// It cannot go with FIPS or dual-stack. Default: the region's AWS Sign-In.
    ///
    /// AWS: `AWS_ENDPOINT_URL_SIGNIN`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: &str) -> Self {
        self.change().endpoint.custom = Some(Url::parse(endpoint));
        self
    }

    /// Asks the endpoint with FIPS 140 cryptography. Default: the plain one.
    ///
    /// AWS: `use_fips_endpoint`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
    #[must_use]
    pub fn with_fips(mut self) -> Self {
        self.change().endpoint.fips = true;
        self
    }

    /// Asks the endpoint that has IPv6 as well. Default: the plain one.
    ///
    /// AWS: `use_dualstack_endpoint`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
    #[must_use]
    pub fn with_dual_stack(mut self) -> Self {
        self.change().endpoint.dual_stack = true;
        self
    }

    /// Connects through this client, which brings proxies, CA bundle and limits. Default: `HttpClient::new()`.
    #[must_use]
    pub fn with_http_client(mut self, http: HttpClient) -> Self {
        self.change().http = http;
        self
    }

    /// Takes time and pauses from this clock. Default: the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.change().clock = Arc::new(clock);
        self
    }

    /// Takes the random share of each pause from here. Default: the operating system's randomness.
    #[must_use]
    pub fn with_random(mut self, random: impl Random + 'static) -> Self {
        self.change().random = Arc::new(random);
        self
    }

    /// How often AWS Sign-In is asked for one renewal; 0 counts as 1. Default: 3.
    ///
    /// AWS: `max_attempts`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.change().attempts = attempts;
        self
    }

    /// How long asking AWS Sign-In may take for one renewal, with all attempts and pauses. Default: 20 seconds.
    ///
    /// The lock beside the file is waited for apart from that, up to 5 seconds.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.change().timeout = limit;
        self
    }

    /// The session's credentials: those in the cache, or renewed ones in the last five minutes of these.
    ///
    /// # Errors
    /// Without a usable session in the cache, and when credentials that have expired cannot be renewed: see [`Error`].
    /// [`Error::NoRuntime`] already in their last five minutes.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        let file = self.file()?;
        let session = self.session(&file).await?;
        if session.outlives(MARGIN, self.settings.clock.now()) {
            return Ok(session.credentials());
        }
        match self.renewed(&file).await {
            // Whoever asks outside a runtime is to ask again inside one.
            Err(Error::NoRuntime) => NoRuntimeSnafu.fail(),
            Err(error) if session.outlives(Duration::ZERO, self.settings.clock.now()) => {
                tracing::debug!(%error, "the session was not renewed, its credentials are still valid");
                Ok(session.credentials())
            }
            renewed => renewed,
        }
    }

    fn file(&self) -> Result<CacheFile, Error> {
        ensure!(!self.settings.login_session.trim().is_empty(), NoSessionSnafu);
        let folder = location::folder(self.settings.folder.as_ref(), &self.settings.variables)?;
        Ok(CacheFile::new(
            folder.join(location::name(&self.settings.login_session)),
        ))
    }

    /// The session as it is now: the file's, unless that could not be written last time.
    async fn session(&self, file: &CacheFile) -> Result<Session, Error> {
        let path = file.path();
        let read = file.read().await.context(UnreadableSnafu { path });
        let session = read.and_then(|text| {
            let command = self.command();
            let text = text.context(NotSignedInSnafu {
                path,
                command: &command,
            })?;
            Session::read(text.expose()).context(DamagedSnafu { path, command })
        });
        if matches!(session, Err(Error::NotSignedIn { .. })) {
            self.state.forget();
        }
        session.map(|session| self.state.newest(session))
    }

    /// The credentials after a renewal, shared with all who want one now.
    async fn renewed(&self, file: &CacheFile) -> Result<AwsCredentials, Error> {
        ensure!(in_runtime(), NoRuntimeSnafu);
        let limit = self.settings.timeout.saturating_add(BESIDE_THE_EXCHANGE);
        let shared = self.state.renewal.share(&*self.settings.clock, limit, || {
            let (provider, file) = (self.clone(), file.clone());
            async move { provider.renew(&file).await }
        });
        match shared.await {
            Ok(renewed) => renewed.map_err(Arc::unwrap_or_clone),
            Err(Missed::Late) => TimedOutSnafu { limit }.fail(),
            Err(Missed::CutOff) => CutOffSnafu.fail(),
        }
    }

    /// What a person has to run to sign in again.
    fn command(&self) -> String {
        match &self.settings.profile {
            Some(profile) => format!("aws login --profile {}", quoted(profile)),
            None => "aws login".to_owned(),
        }
    }

    /// The settings, to be changed: what was begun under others does not count.
    fn change(&mut self) -> &mut Settings {
        self.state = Arc::default();
        Arc::make_mut(&mut self.settings)
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ',' | ':' | '/' | '@' | '+' | '=');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl ProvideAwsCredentials for LoginProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
