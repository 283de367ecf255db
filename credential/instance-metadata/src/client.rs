use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use credential_core::{Clock, ProcessRandom, Random, Variables};
use credential_http::{Request, Url};
use credential_runtime::{TokioClock, in_runtime, within};
use snafu::{OptionExt, ResultExt, ensure};

use crate::endpoint::{EndpointMode, endpoint, mode_in_code_is_overruled};
use crate::error::{
    DisabledSnafu, EndpointSnafu, Error, NoRuntimeSnafu, NotFoundSnafu, PathSnafu, StatusSnafu,
    TimedOutSnafu, UnexpectedSnafu,
};
use crate::session::{Answer, Session};
use crate::settings::{Setting, Settings, Switch, V1Fallback};
use crate::token::{Pass, Version1};

/// Reads instance metadata: anything below `/latest`, with a token that it gets, keeps and renews.
///
/// A clone shares the token and everything else that was learned; a changed setting starts anew. Use one client for a
/// whole program. It needs a tokio runtime.
///
/// ```no_run
/// use credential_instance_metadata::InstanceMetadataClient;
///
/// # async fn example() -> Result<(), credential_instance_metadata::Error> {
/// let client = InstanceMetadataClient::new();
/// println!("{} in {}", client.get("meta-data/instance-id").await?, client.region().await?);
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>
#[derive(Clone, Debug)]
pub struct InstanceMetadataClient {
    pub(crate) settings: Settings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    session: Mutex<Option<Arc<Session>>>,
    warned_of_switch: AtomicBool,
    warned_of_mode: AtomicBool,
}

impl Default for InstanceMetadataClient {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            state: Arc::default(),
        }
    }
}

impl InstanceMetadataClient {
    /// A client for the endpoint that the environment names, else for `http://169.254.169.254`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The environment's variables. Default: the process's own, read at each request.
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.settings.variables = variables;
        self.anew()
    }

    /// A setting of the selected profile, such as `ec2_metadata_service_endpoint`, and where it stands, such as
    /// `ec2_metadata_service_endpoint in ~/.aws/config, line 12`. Default: none.
    ///
    /// Keys that say nothing about instance metadata are ignored. The environment's variables come before the profile.
    #[must_use]
    pub fn with_profile_setting(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
        origin: impl Into<String>,
    ) -> Self {
        let (value, origin) = (value.into(), origin.into());
        self.settings
            .profile
            .push((key.into(), Setting { value, origin }));
        self.anew()
    }

    /// The endpoint, an http or https address. Default: `AWS_EC2_METADATA_SERVICE_ENDPOINT`, else the profile's
    /// `ec2_metadata_service_endpoint`, else by the [mode](Self::with_endpoint_mode).
    ///
    /// A path in it stands before `/latest`. One that ends in `/latest/meta-data/iam/security-credentials`, as older
    /// programs have it, is cut there.
    ///
    /// # Errors
    /// What is no such address shows as [`Error::Endpoint`] at the first request.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.endpoint = Some(Setting {
            value: endpoint.into(),
            origin: "with_endpoint".to_owned(),
        });
        self.anew()
    }

    /// Which of the two well-known addresses is asked. Default: `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, else the
    /// profile's `ec2_metadata_service_endpoint_mode`, else IPv4. An endpoint, wherever it is set, comes first.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_endpoint_mode(mut self, mode: EndpointMode) -> Self {
        self.settings.endpoint_mode = Some(mode);
        self.anew()
    }

    /// Whether version 1 may stand in for version 2. Default: [`V1Fallback::Never`].
    #[must_use]
    pub fn with_v1_fallback(mut self, fallback: V1Fallback) -> Self {
        self.settings.v1 = fallback;
        self.anew()
    }

    /// Asks even when `AWS_EC2_METADATA_DISABLED` or the profile's `disable_ec2_metadata` says `true`. Default: obeys.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn always_enabled(mut self) -> Self {
        self.settings.switch = Switch::On;
        self.anew()
    }

    /// Never asks, whatever the settings say.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.settings.switch = Switch::Off;
        self.anew()
    }

    /// How long connecting may take. Default: `AWS_METADATA_SERVICE_TIMEOUT` in seconds, else the profile's
    /// `metadata_service_timeout`, else one second.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = Some(timeout);
        self.anew()
    }

    /// How long one attempt may take from the request to the whole answer. Default: as for
    /// [connecting](Self::with_connect_timeout).
    #[must_use]
    pub fn with_read_timeout(mut self, timeout: Duration) -> Self {
        self.settings.read_timeout = Some(timeout);
        self.anew()
    }

    /// How long one request may take with all its attempts. Default: 3 s, or three times the longer of connecting and
    /// reading.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = Some(timeout);
        self.anew()
    }

    /// How long the whole may take: token, request, and everything that is repeated. Default: 5 s, or five times the
    /// longer of connecting and reading.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self.anew()
    }

    /// How often a request is tried. Default: `AWS_METADATA_SERVICE_NUM_ATTEMPTS`, else the profile's
    /// `metadata_service_num_attempts`, else 3. Zero counts as one. While nothing has ever answered, a failure to
    /// connect is final.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = Some(attempts);
        self.anew()
    }

    /// The clock that measures ages, pauses and limits. Default: the system's, sleeping on tokio's timer.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self.anew()
    }

    /// The randomness of the pauses. Default: [`ProcessRandom`].
    #[must_use]
    pub fn with_random(mut self, random: impl Random + 'static) -> Self {
        self.random = Arc::new(random);
        self.anew()
    }

    /// The text at a path below `/latest`, such as `meta-data/placement/region`, as it was sent. `/latest/` may stand
    /// before it, as on AWS's pages.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is nothing there, [`Error::Unreachable`] when there is no instance metadata at
    /// all, and whatever else can go wrong on the way.
    pub async fn get(&self, path: &str) -> Result<String, Error> {
        let (bytes, request) = self.read(path).await?;
        String::from_utf8(bytes).ok().context(UnexpectedSnafu {
            what: "text",
            request,
        })
    }

    /// The bytes at a path below `/latest`, such as `user-data`, which need not be text; at most 64 KiB.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Error> {
        Ok(self.read(path).await?.0)
    }

    /// The region of the instance, such as `eu-central-1`.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Error::Unexpected`] when the answer is no name of a region.
    pub async fn region(&self) -> Result<String, Error> {
        let (bytes, request) = self.read("meta-data/placement/region").await?;
        let text = String::from_utf8(bytes).unwrap_or_default();
        let region = text.trim();
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ensure!(
            (1..=32).contains(&region.len()) && region.bytes().all(legal),
            UnexpectedSnafu {
                what: "name of a region",
                request,
            }
        );
        Ok(region.to_owned())
    }

    /// The account that the instance belongs to, from its identity document.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Error::Unexpected`] when the document names no account.
    pub async fn account_id(&self) -> Result<String, Error> {
        let (bytes, request) = self.read("dynamic/instance-identity/document").await?;
        let document = String::from_utf8(bytes).unwrap_or_default();
        account_id_in(&document).context(UnexpectedSnafu {
            what: "account ID",
            request,
        })
    }

    async fn read(&self, path: &str) -> Result<(Vec<u8>, crate::error::Attempted), Error> {
        ensure!(in_runtime(), NoRuntimeSnafu);
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("latest/").unwrap_or(path);
        let legal = |byte: u8| byte.is_ascii_graphic() && !b"?#\\".contains(&byte);
        ensure!(
            path.bytes().all(legal) && path.split('/').all(|part| !matches!(part, "." | "..")),
            PathSnafu { path }
        );
        let session = self.session()?;
        let limit = session.limits.whole;
        let answer = within(self.clock.sleep(limit), self.ask(&session, path)).await;
        let Answer { response, request } = answer.unwrap_or_else(|| {
            TimedOutSnafu {
                what: format!("reading {path} from instance metadata"),
                limit,
            }
            .fail()
        })?;
        match response.status() {
            200 => Ok((response.into_body(), request)),
            404 => NotFoundSnafu { request }.fail(),
            status => StatusSnafu { status, request }.fail(),
        }
    }

    /// The session with the endpoint that the settings name now, or why there is none to be asked.
    pub(crate) fn session(&self) -> Result<Arc<Session>, Error> {
        let (off, strange) = self.settings.switched_off_by()?;
        if strange && !self.state.warned_of_switch.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "AWS_EC2_METADATA_DISABLED is neither `true` nor `false`, so it does not disable anything"
            );
        }
        if let Some(setting) = off {
            return DisabledSnafu { setting }.fail();
        }
        let endpoint = endpoint(&self.settings)?;
        if mode_in_code_is_overruled(&self.settings)
            && !self.state.warned_of_mode.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("the endpoint mode set in code is not used: an endpoint is set, and comes first");
        }
        let limits = self.settings.limits()?;
        let mut current = self.state.session.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(session) if session.endpoint == endpoint && session.limits == limits => {
                Ok(Arc::clone(session))
            }
            _ => {
                let (clock, random) = (Arc::clone(&self.clock), Arc::clone(&self.random));
                let session = Arc::new(Session::new(endpoint, limits, clock, random));
                *current = Some(Arc::clone(&session));
                Ok(session)
            }
        }
    }

    /// Asks for a path below `/latest`, with a token; a refused token is replaced once.
    pub(crate) async fn ask(&self, session: &Session, path: &str) -> Result<Answer, Error> {
        let version1 = match self.settings.v1 {
            V1Fallback::Never => Version1::Never,
            V1Fallback::Allowed => match self.settings.v1_forbidden_by()? {
                Some(setting) => Version1::ForbiddenBy(setting),
                None => Version1::Allowed,
            },
        };
        session.check_something_is_there()?;
        let url = session.path(&format!("/latest/{path}"))?;
        let mut renewed = false;
        loop {
            let pass = session.pass(&version1).await?;
            let mut request = Request::get(url.clone());
            if let Pass::Token(token) = &pass {
                request = request.with_secret_header("x-aws-ec2-metadata-token", token.expose());
            }
            let answer = session.exchange(&request).await?;
            if answer.response.status() != 401 || renewed {
                return Ok(answer);
            }
            session.tokens.forget(&pass);
            renewed = true;
        }
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What was learned under other settings does not count.
    fn anew(mut self) -> Self {
        self.state = Arc::default();
        self
    }
}

impl Session {
    pub(crate) fn path(&self, path: &str) -> Result<Url, Error> {
        self.endpoint.url.join(path).context(EndpointSnafu {
            setting: "the endpoint of instance metadata",
        })
    }
}

/// The `accountId` of an identity document: its members are flat, and an account ID is twelve digits, so no whole
/// JSON parser is called for.
fn account_id_in(document: &str) -> Option<String> {
    let (_, rest) = document.split_once("\"accountId\"")?;
    let rest = rest
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    let (id, _) = rest.split_once('"')?;
    (id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_owned())
}

#[cfg(test)]
mod tests;
