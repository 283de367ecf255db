use std::sync::Arc;
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, ProcessRandom, ProvideAwsCredentials, Random, Secret};
use credential_endpoint::Partition;
use credential_http::{HttpClient, RetryPolicy, Url};
use credential_runtime::{TokioClock, in_runtime};
use snafu::{OptionExt, ResultExt, ensure};

use crate::call::Operation;
use crate::endpoint::Endpoint;
use crate::error::{
    EndpointConflictSnafu, EndpointQuerySnafu, EndpointSnafu, Error, ExpiredSnafu, NoRuntimeSnafu,
    SourceSnafu, UnsignedSnafu,
};
use crate::exchange::{Exchange, Offset};
use crate::form::Form;
use crate::request::{AssumeRole, GetSessionToken};
use crate::response::{self, AssumedRole, CallerIdentity};
use crate::web_identity::AssumeRoleWithWebIdentity;

/// Calls AWS Security Token Service: one signed form out, one XML answer back.
///
/// The credentials come from any provider, asked anew for each call. A clone shares the connections and what was
/// learned about the clock.
///
/// ```no_run
/// use credential_core::AwsCredentials;
/// use credential_sts::StsClient;
///
/// # async fn example(keys: AwsCredentials) -> Result<(), credential_sts::Error> {
/// let sts = StsClient::new("eu-central-1", keys);
/// println!("I am {}", sts.get_caller_identity().await?.arn());
/// # Ok(())
/// # }
/// ```
///
/// # Limits
/// | | default | set by |
/// | --- | --- | --- |
/// | connecting | 3.1 s | [`with_http_client`](Self::with_http_client) |
/// | one attempt | 10 s | [`with_attempt_timeout`](Self::with_attempt_timeout) |
/// | the whole call, without the time that the source of the credentials takes | 20 s | [`with_timeout`](Self::with_timeout) |
/// | attempts | 3, pausing up to 1 s, then 2 s, 20 s at most | [`with_retry_policy`](Self::with_retry_policy) |
/// | the answer | 256 KiB | [`with_http_client`](Self::with_http_client) |
///
/// Each attempt is signed anew, but for a web identity's, which is not signed at all. When AWS finds our clock wrong, the answer's date sets it right for this client and the
/// call is signed once more. When AWS finds the session expired, the source is told so and asked again, and the call is
/// repeated only with other credentials.
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>
#[derive(Clone, Debug)]
pub struct StsClient {
    region: String,
    endpoint: Option<String>,
    fips: bool,
    dual_stack: bool,
    /// `None`: nothing can be signed.
    credentials: Option<Arc<dyn ProvideAwsCredentials>>,
    http: HttpClient,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    retries: RetryPolicy,
    attempt_timeout: Duration,
    timeout: Duration,
    offset: Offset,
}

impl StsClient {
    /// A client for this region's endpoint, signing with what the provider gives.
    ///
    /// `aws-global` is the old global endpoint, whose sessions do not work in every region. Nothing is checked and
    /// nobody is asked before the first call: a region that cannot be used shows there.
    pub fn new(region: impl Into<String>, credentials: impl ProvideAwsCredentials + 'static) -> Self {
        Self::of(region.into(), Some(Arc::new(credentials)))
    }

    /// A client without credentials, for the calls that need none:
    /// [`assume_role_with_web_identity`](Self::assume_role_with_web_identity). Every other call is
    /// [`Error::Unsigned`].
    ///
    /// ```
    /// use credential_sts::{StsClient, WebIdentityProvider, WebIdentityToken};
    ///
    /// let sts = StsClient::unsigned("eu-central-1");
    /// let token = WebIdentityToken::file("/var/run/secrets/token");
    /// let provider = WebIdentityProvider::new(sts, "arn:aws:iam::123456789012:role/pod", token);
    /// # drop(provider);
    /// ```
    pub fn unsigned(region: impl Into<String>) -> Self {
        Self::of(region.into(), None)
    }

    fn of(region: String, credentials: Option<Arc<dyn ProvideAwsCredentials>>) -> Self {
        Self {
            region,
            endpoint: None,
            fips: false,
            dual_stack: false,
            credentials,
            http: HttpClient::new(),
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            retries: RetryPolicy::new(3, Duration::from_secs(1), Duration::from_secs(20)),
            attempt_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(20),
            offset: Offset::default(),
        }
    }

    /// Calls this address instead of AWS's, still signing for the region: `http` or `https`, with a path if need be.
    ///
    /// It cannot go with FIPS or dual-stack. Default: the region's endpoint.
    ///
    /// AWS: `AWS_ENDPOINT_URL_STS`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: &str) -> Self {
        self.endpoint = Some(endpoint.to_owned());
        // Another host has another clock.
        self.offset = Offset::default();
        self
    }

    /// Calls the endpoint with FIPS 140 cryptography. Default: the plain one.
    ///
    /// AWS: `use_fips_endpoint`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
    #[must_use]
    pub fn with_fips(mut self) -> Self {
        self.fips = true;
        self
    }

    /// Calls the endpoint that has IPv6 as well. Default: the plain one.
    ///
    /// AWS: `use_dualstack_endpoint`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
    #[must_use]
    pub fn with_dual_stack(mut self) -> Self {
        self.dual_stack = true;
        self
    }

    /// Connects through this client, which brings proxies, CA bundle and limits. Default: `HttpClient::new()`.
    #[must_use]
    pub fn with_http_client(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// Takes time and pauses from this clock. Default: the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Takes the random share of each pause from here. Default: the operating system's randomness.
    #[must_use]
    pub fn with_random(mut self, random: impl Random + 'static) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// How often to try, and how long to pause. Default: 3 attempts, pauses up to 1 s, then 2 s, 20 s at most.
    #[must_use]
    pub fn with_retry_policy(mut self, retries: RetryPolicy) -> Self {
        self.retries = retries;
        self
    }

    /// How often to try, pausing as before; 0 counts as 1. Default: 3.
    ///
    /// AWS: `max_attempts`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.retries = RetryPolicy::new(attempts, self.retries.base(), self.retries.cap());
        self
    }

    /// How long one attempt may take, from connecting to the last byte. Default: 10 s.
    #[must_use]
    pub fn with_attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// How long one call may take with all its attempts and pauses; the time that the source of the credentials takes
    /// counts against the source's own limit. Default: 20 s.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Where the calls go.
    ///
    /// # Errors
    /// No region, one that cannot be part of a host name, or settings that exclude each other.
    pub fn endpoint(&self) -> Result<Endpoint, Error> {
        let Some(endpoint) = &self.endpoint else {
            return Endpoint::of_region(&self.region, self.fips, self.dual_stack);
        };
        let url = Url::parse(endpoint).context(EndpointSnafu)?;
        let shown = url.to_string();
        ensure!(url.query().is_none(), EndpointQuerySnafu { endpoint: shown });
        ensure!(
            !self.fips && !self.dual_stack,
            EndpointConflictSnafu { endpoint: shown }
        );
        Endpoint::custom(shown.trim_end_matches('/'), &self.region)
    }

    /// Asks for a session in a role.
    ///
    /// # Errors
    /// [`Error::Refused`] when AWS says no; any other as its variants tell.
    ///
    /// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
    pub async fn assume_role(&self, request: &AssumeRole) -> Result<AssumedRole, Error> {
        let operation = request.operation();
        request.check()?;
        let credentials = self.source_credentials(&operation).await?;
        self.assume_role_with(&operation, request.form(), credentials)
            .await
    }

    pub(crate) async fn assume_role_with(
        &self,
        operation: &Operation,
        form: Form,
        credentials: AwsCredentials,
    ) -> Result<AssumedRole, Error> {
        let role = self
            .exchange(operation, form, response::assumed_role)?
            .run(Some(credentials))
            .await?;
        self.check_alive(operation, role.credentials())?;
        Ok(role)
    }

    /// Asks for a session in a role for whoever the token of an identity provider is about.
    ///
    /// Nothing is signed: the token says who calls, and the client's own credentials are not even asked for. It is sent
    /// in the body, and as it is given.
    ///
    /// # Errors
    /// [`Error::Refused`] when AWS says no; any other as its variants tell.
    ///
    /// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
    pub async fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: &Secret,
    ) -> Result<AssumedRole, Error> {
        self.check_unsigned(request)?;
        self.assume_role_with_web_identity_within(request, token, self.timeout)
            .await
    }

    /// What can be told before the token is read.
    pub(crate) fn check_unsigned(&self, request: &AssumeRoleWithWebIdentity) -> Result<(), Error> {
        let operation = request.operation();
        ensure!(in_runtime(), NoRuntimeSnafu { operation });
        request.check()?;
        self.endpoint().map(|_| ())
    }

    pub(crate) async fn assume_role_with_web_identity_within(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: &Secret,
        limit: Duration,
    ) -> Result<AssumedRole, Error> {
        let operation = request.operation();
        let exchange = Exchange {
            timeout: limit,
            ..self.exchange(
                &operation,
                request.form(token)?,
                response::assumed_role_with_web_identity,
            )?
        };
        let role = exchange.run(None).await?;
        self.check_alive(&operation, role.credentials())?;
        Ok(role)
    }

    /// Asks for a session of the caller's own, as after an MFA code; the source must have long-term credentials.
    ///
    /// # Errors
    /// [`Error::Refused`] when AWS says no; any other as its variants tell.
    ///
    /// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
    pub async fn get_session_token(&self, request: &GetSessionToken) -> Result<AwsCredentials, Error> {
        request.check()?;
        let credentials = self.source_credentials(&GetSessionToken::operation()).await?;
        self.get_session_token_with(request, credentials).await
    }

    pub(crate) async fn get_session_token_with(
        &self,
        request: &GetSessionToken,
        credentials: AwsCredentials,
    ) -> Result<AwsCredentials, Error> {
        let operation = GetSessionToken::operation();
        request.check()?;
        let session = self
            .exchange(&operation, request.form(), response::session)?
            .run(Some(credentials))
            .await?;
        self.check_alive(&operation, &session)?;
        Ok(session)
    }

    /// Asks whose credentials these are. Nobody needs a permission for it.
    ///
    /// # Errors
    /// [`Error::Refused`] when AWS says no; any other as its variants tell.
    ///
    /// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    pub async fn get_caller_identity(&self) -> Result<CallerIdentity, Error> {
        let operation = Operation::new(Operation::GET_CALLER_IDENTITY);
        let credentials = self.source_credentials(&operation).await?;
        self.exchange(&operation, Form::new(operation.name()), response::caller_identity)?
            .run(Some(credentials))
            .await
    }

    /// The credentials that sign a call: the first step of each, so the settings are looked at before.
    pub(crate) async fn source_credentials(&self, operation: &Operation) -> Result<AwsCredentials, Error> {
        ensure!(
            in_runtime(),
            NoRuntimeSnafu {
                operation: operation.clone()
            }
        );
        let source = self.credentials.as_ref().with_context(|| UnsignedSnafu {
            operation: operation.clone(),
        })?;
        self.endpoint()?;
        source.credentials().await.with_context(|_| SourceSnafu {
            operation: operation.clone(),
        })
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A name for all sessions of one provider: the time tells the providers apart in the audit log.
    pub(crate) fn role_session_name(&self) -> String {
        let milliseconds = self.clock.now().unix_timestamp_nanos() / 1_000_000;
        format!("credential-sts-{milliseconds}")
    }

    /// A role of another partition than the region's cannot be assumed there, but that is AWS's to say.
    pub(crate) fn warn_of_another_partition(&self, role_arn: &str) {
        let region = Partition::of_region(&self.region).name();
        let role = role_arn
            .strip_prefix("arn:")
            .and_then(|rest| rest.split(':').next());
        if role.is_some_and(|role| role != region) {
            tracing::warn!(
                role_arn,
                region,
                "the role lies in another partition than the region"
            );
        }
    }

    fn exchange<'a, T>(
        &'a self,
        operation: &'a Operation,
        form: Form,
        read: fn(&[u8]) -> Result<T, response::AnswerError>,
    ) -> Result<Exchange<'a, T>, Error> {
        let endpoint = self.endpoint()?;
        let (body, sent) = form.into_parts();
        Ok(Exchange {
            operation,
            url: Url::parse(endpoint.url())
                .and_then(|url| url.join("/"))
                .context(EndpointSnafu)?,
            endpoint,
            body,
            read,
            credentials: self.credentials.as_deref(),
            sent,
            http: &self.http,
            clock: &*self.clock,
            random: &*self.random,
            retries: self.retries,
            attempt_timeout: self.attempt_timeout,
            timeout: self.timeout,
            offset: &self.offset,
        })
    }

    /// Dead credentials are no answer. What is known about our clock counts here too: on a machine whose clock is
    /// ahead, fresh credentials would look dead.
    fn check_alive(&self, operation: &Operation, credentials: &AwsCredentials) -> Result<(), Error> {
        let now = self.offset.correct(self.clock.now());
        match credentials.expiration() {
            Some(expiration) if credentials.is_expired_at(now) => ExpiredSnafu {
                operation: operation.clone(),
                expiration,
                now,
            }
            .fail(),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
