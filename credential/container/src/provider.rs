use std::cell::Cell;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{
    AwsCredentials, Clock, CredentialsFuture, ProcessRandom, ProvideAwsCredentials, Random, Renewal,
    VariableError, Variables,
};
use credential_http::{HttpClient, Proxies, Request, Response, RetryPolicy, Scheme, Url, retry_after};
use credential_json::{Document, ErrorDocument, Required};
use credential_runtime::{Flight, TokioClock, in_runtime, within};
use snafu::{IntoError, ResultExt, ensure};

use crate::authorization::{self, Authorization};
use crate::endpoint::{self, ECS, Endpoint};
use crate::error::{
    DocumentSnafu, Error, NoRuntimeSnafu, NoTlsSnafu, RedirectSnafu, Said, StatusSnafu, TimedOutSnafu,
    TransportSnafu, VariableSnafu, is_no_document,
};

/// The provider's name in errors and logs.
pub(crate) const NAME: &str = "Container";

type Fetching<'a> = Pin<Box<dyn Future<Output = Result<AwsCredentials, Error>> + Send + 'a>>;

/// Credentials that do not expire are asked for again after the shortest life that STS gives to others.
const REREAD_AFTER: Duration = Duration::from_secs(900);

/// Provides the credentials that a container gets from the endpoint its environment names: Amazon ECS, Amazon EKS Pod
/// Identity, AWS IoT Greengrass, AWS Lambda SnapStart, AWS CloudShell and tools that do the same.
///
/// It asks at each call and keeps no credentials; `AutoRefreshingProvider` of `credential-refresh` does that. The
/// authorization token is read anew each time, too. Callers at the same time share one request. A clone shares it as
/// well; a changed setting starts anew.
///
/// ```no_run
/// use credential_container::ContainerProvider;
///
/// # async fn example() -> Result<(), credential_container::Error> {
/// let credentials = ContainerProvider::new().load().await?;
/// println!("{}", credentials.access_key_id());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Clone, Debug)]
pub struct ContainerProvider {
    variables: Variables,
    base: String,
    limits: Limits,
    ca_bundle: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    state: Arc<State>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    connect: Duration,
    read: Duration,
    whole: Duration,
    attempts: u32,
}

#[derive(Debug, Default)]
struct State {
    flight: Flight<Result<AwsCredentials, Error>>,
}

impl Default for ContainerProvider {
    fn default() -> Self {
        Self {
            variables: Variables::of_process(),
            base: ECS.to_owned(),
            limits: Limits {
                connect: Duration::from_secs(2),
                read: Duration::from_secs(5),
                whole: Duration::from_secs(10),
                attempts: 3,
            },
            ca_bundle: None,
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            state: Arc::default(),
        }
    }
}

impl ContainerProvider {
    /// A provider for the endpoint that the process's environment names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The environment's variables. Default: the process's own, read at each call.
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self.anew()
    }

    /// What `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is below. Default: `http://169.254.170.2`, where Amazon ECS is.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
    ///
    /// # Errors
    /// What is no http or https address shows as [`Error::Uri`] from [`load`](Self::load); one that
    /// [may not receive the token](crate::may_receive_token), as [`Error::ForbiddenAddress`].
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.base = endpoint.into();
        self.anew()
    }

    /// How long connecting may take. Default: 2 seconds.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect = timeout;
        self.anew()
    }

    /// How long one attempt may take from the request to the whole answer. Default: 5 seconds.
    #[must_use]
    pub fn with_read_timeout(mut self, timeout: Duration) -> Self {
        self.limits.read = timeout;
        self.anew()
    }

    /// How long the whole may take, with looking up the host, reading the token and all attempts. Default: 10 seconds.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.limits.whole = timeout;
        self.anew()
    }

    /// How often it is tried. Default: 3. Zero counts as one.
    ///
    /// A token file whose text changed while the endpoint refused the old one is worth one attempt more.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.limits.attempts = attempts.max(1);
        self.anew()
    }

    /// The certificates to trust over https, a PEM file. Default: `AWS_CA_BUNDLE`, else the system's.
    ///
    /// AWS: `ca_bundle`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>
    #[must_use]
    pub fn with_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(path.into());
        self.anew()
    }

    /// The clock that measures pauses and limits. Default: the system's, sleeping on tokio's timer.
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

    /// Asks the endpoint for credentials, with their expiration as it was sent, also when that is past already.
    ///
    /// # Errors
    /// [`Error::NotSet`] when the environment names no endpoint; see [`Error`] for the others.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        ensure!(in_runtime(), NoRuntimeSnafu);
        let limit = self.limits.whole;
        // Whoever waits for another's fetch outlasts its limit, so that both hear the same.
        let waiting = self.clock.sleep(limit.saturating_add(limit / 4));
        let fetched = self.state.flight.share(waiting, || async {
            within(self.clock.sleep(limit), self.fetch())
                .await
                .unwrap_or_else(|| TimedOutSnafu { limit }.fail())
        });
        fetched.await.unwrap_or_else(|| TimedOutSnafu { limit }.fail())
    }

    /// Boxed, so that the futures around it are not compiled with all that is in it.
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(self.fetch_unlimited())
    }

    async fn fetch_unlimited(&self) -> Result<AwsCredentials, Error> {
        let started = self.clock.monotonic();
        let url = endpoint::url(&self.variables, &self.base)?;
        let http = self.http(&url)?;
        // The host first: a token for nobody is not even read.
        let endpoint = endpoint::check(url, &http).await?;
        let mut most = self.limits.attempts;
        let mut attempts = 0;
        let mut authorization = authorization::read(&self.variables).await?;
        loop {
            attempts += 1;
            let outcome = http.send(&request(&endpoint, authorization.as_ref())).await;
            let pause = outcome
                .as_ref()
                .ok()
                .and_then(|response| retry_after(response, MOST_PAUSE));
            let failure = match judge(outcome, &endpoint, authorization.as_ref(), attempts) {
                Ok(credentials) => return Ok(credentials),
                Err(failure) => failure,
            };
            match failure.again {
                Again::Never => return Err(failure.error),
                Again::AfterPause if attempts >= most => return Err(failure.error),
                Again::AfterPause => {
                    let policy = RetryPolicy::new(most, Duration::from_millis(100), MOST_PAUSE);
                    let pause = pause.unwrap_or_else(|| policy.pause(attempts - 1, self.random.fraction()));
                    let spent = self.clock.monotonic().saturating_sub(started);
                    if spent.saturating_add(pause) >= self.limits.whole {
                        return Err(failure.error);
                    }
                    tracing::debug!(attempts, ?pause, "the container endpoint is asked again");
                    self.clock.sleep(pause).await;
                    authorization = authorization::read(&self.variables).await?;
                }
                Again::WithNewToken => {
                    let renewed = authorization::read(&self.variables).await?;
                    // Only once: the extra attempt is what makes `most` differ from the setting.
                    if renewed == authorization || most > self.limits.attempts {
                        return Err(failure.error);
                    }
                    authorization = renewed;
                    most = self.limits.attempts.max(attempts) + 1;
                }
            }
        }
    }

    fn http(&self, url: &Url) -> Result<HttpClient, Error> {
        let mut http = HttpClient::new()
            .with_connect_timeout(self.limits.connect)
            .with_read_timeout(self.limits.read)
            .with_timeout(self.limits.whole)
            .with_max_body_bytes(64 * 1024)
            .with_user_agent(concat!("credential-container/", env!("CARGO_PKG_VERSION")));
        if url.scheme() == Scheme::Http {
            return Ok(http);
        }
        // Inside TLS neither proxy nor anybody else sees the token.
        let path_in = |name| self.variables.get_path(name).context(VariableSnafu);
        http = http.with_proxies(proxies(&self.variables).context(VariableSnafu)?);
        if let Some(path) = path_in("SSL_CERT_FILE")?.or(path_in("SSL_CERT_DIR")?) {
            http = http.with_system_roots_from(path);
        }
        if let Some(path) = &self.ca_bundle {
            http = http.with_ca_bundle(path);
        } else if let Some(path) = path_in("AWS_CA_BUNDLE")? {
            http = http.with_ca_bundle(path);
        }
        Ok(http)
    }

    /// What was begun under other settings does not count.
    fn anew(mut self) -> Self {
        self.state = Arc::default();
        self
    }
}

const MOST_PAUSE: Duration = Duration::from_secs(2);

/// A proxy variable that cannot be read is no word for going without one.
fn proxies(variables: &Variables) -> Result<Proxies, VariableError> {
    let unreadable = Cell::new(None);
    let proxies = Proxies::from_lookup(|name| {
        variables.get_raw(name).unwrap_or_else(|error| {
            unreadable.set(unreadable.take().or(Some(error)));
            None
        })
    });
    match unreadable.into_inner() {
        Some(error) => Err(error),
        None => Ok(proxies),
    }
}

fn request(endpoint: &Endpoint, authorization: Option<&Authorization>) -> Request {
    let mut request = Request::get(endpoint.url.clone()).with_header("accept", "application/json");
    if let Some(addresses) = &endpoint.pinned {
        request = request.with_addresses(addresses.clone());
    }
    if let Some(authorization) = authorization {
        request = request.with_secret_header("authorization", authorization.token.expose());
    }
    request
}

/// An attempt that gave nothing, and what may help.
struct Failure {
    error: Error,
    again: Again,
}

enum Again {
    Never,
    AfterPause,
    /// The token was refused: it may have been exchanged in its file meanwhile.
    WithNewToken,
}

fn judge(
    outcome: Result<Response, credential_http::Error>,
    endpoint: &Endpoint,
    authorization: Option<&Authorization>,
    attempts: u32,
) -> Result<AwsCredentials, Failure> {
    let url = endpoint.url.to_string();
    let response = match outcome {
        Ok(response) => response,
        Err(credential_http::Error::NoTls { .. }) => {
            return Err(Failure {
                error: NoTlsSnafu { url }.build(),
                again: Again::Never,
            });
        }
        Err(source) => {
            let again = if source.is_transient() {
                Again::AfterPause
            } else {
                Again::Never
            };
            let error = TransportSnafu { url, attempts }.into_error(source);
            return Err(Failure { error, again });
        }
    };
    match response.status() {
        200 => read(&response).map_err(|source| Failure {
            again: if is_no_document(&source) {
                Again::AfterPause
            } else {
                Again::Never
            },
            error: DocumentSnafu { url, attempts }.into_error(source),
        }),
        status @ 300..=399 => Err(Failure {
            error: RedirectSnafu { url, status }.build(),
            again: Again::Never,
        }),
        status => Err(Failure {
            error: StatusSnafu {
                url,
                attempts,
                status,
                said: said(&response, authorization),
            }
            .build(),
            again: match status {
                429 | 500 | 502 | 503 | 504 => Again::AfterPause,
                400 | 401 | 403 if authorization.is_some_and(|token| token.from_file) => Again::WithNewToken,
                _ => Again::Never,
            },
        }),
    }
}

fn read(response: &Response) -> Result<AwsCredentials, credential_json::Error> {
    let credentials = Document::parse(response.body())?.into_credentials(Required::KEYS)?;
    let mut renewal = Renewal::NEVER.with_static_stability();
    if credentials.expiration().is_none() {
        renewal = renewal.with_reread_after(REREAD_AFTER);
    }
    Ok(credentials.with_source(NAME).with_renewal(renewal))
}

/// What the endpoint said about its refusal. It may repeat the token in it, we do not.
fn said(response: &Response, authorization: Option<&Authorization>) -> Said {
    let document = ErrorDocument::parse(response.body());
    let without_token = |text: &str| match authorization {
        Some(Authorization { token, .. }) => text.replace(token.expose(), "(the token)"),
        None => text.to_owned(),
    };
    Said {
        code: document.code().map(without_token),
        message: document.message().map(without_token),
    }
}

impl ProvideAwsCredentials for ContainerProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
