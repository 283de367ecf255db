use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use credential_core::{
    AwsCredentials, Clock, CredentialsFuture, ErrorKind, ProvideAwsCredentials, Random, Variables,
};
use credential_runtime::{Flight, in_runtime, within};
use snafu::{IntoError, ensure};

use crate::client::InstanceMetadataClient;
use crate::endpoint::EndpointMode;
use crate::error::{Error, LostSnafu, NoRuntimeSnafu, TimedOutSnafu};
use crate::role::{ExtendedPath, Roles, Walk, configured_role};
use crate::session::Session;
use crate::settings::V1Fallback;

/// The provider's name in errors and logs.
pub(crate) const NAME: &str = "InstanceMetadata";

/// Provides the credentials of the role that is attached to an EC2 instance.
///
/// It asks at each call and keeps no credentials; `AutoRefreshingProvider` of `credential-refresh` does that. What it
/// keeps is the token and the name of the role, so that a renewal is one request. Callers at the same time share one
/// walk. A clone shares all of it; a changed setting starts anew.
///
/// ```no_run
/// use credential_instance_metadata::InstanceMetadataProvider;
///
/// # async fn example() -> Result<(), credential_instance_metadata::Error> {
/// let credentials = InstanceMetadataProvider::new().load().await?;
/// println!("{} until {:?}", credentials.access_key_id(), credentials.expiration());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
#[derive(Clone, Debug, Default)]
pub struct InstanceMetadataProvider {
    client: InstanceMetadataClient,
    role: Option<String>,
    extended: ExtendedPath,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    roles: Roles,
    flight: Flight<Result<AwsCredentials, Error>>,
    delivered: AtomicBool,
}

impl InstanceMetadataProvider {
    /// A provider for the endpoint that the environment names, else for `http://169.254.169.254`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks through this client, and so shares its token and all its settings. Default: a client of its own.
    #[must_use]
    pub fn with_client(self, client: InstanceMetadataClient) -> Self {
        self.with(|_| client)
    }

    /// The client, for other things that instance metadata knows: the region, the instance's ID.
    #[must_use]
    pub fn client(&self) -> &InstanceMetadataClient {
        &self.client
    }

    /// The role whose credentials are asked for, which spares reading its name. Default:
    /// `AWS_EC2_INSTANCE_PROFILE_NAME`, else the profile's `ec2_instance_profile_name`, else the one attached.
    ///
    /// # Errors
    /// A name that no role can have shows as [`Error::RoleName`] from [`load`](Self::load); one that the instance does
    /// not have, as [`Error::NoSuchRole`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self.anew()
    }

    /// Whether the newer paths are asked, which add the account ID. Default: [`ExtendedPath::Off`].
    #[must_use]
    pub fn with_extended_path(mut self, extended: ExtendedPath) -> Self {
        self.extended = extended;
        self.anew()
    }

    /// The environment's variables. Default: the process's own, read at each call.
    ///
    /// See [`InstanceMetadataClient::with_variables`].
    #[must_use]
    pub fn with_variables(self, variables: Variables) -> Self {
        self.with(|client| client.with_variables(variables))
    }

    /// A setting of the selected profile, its value, and where it stands. Default: none.
    ///
    /// See [`InstanceMetadataClient::with_profile_setting`].
    #[must_use]
    pub fn with_profile_setting(
        self,
        key: impl Into<String>,
        value: impl Into<String>,
        origin: impl Into<String>,
    ) -> Self {
        self.with(|client| client.with_profile_setting(key, value, origin))
    }

    /// The endpoint, an http or https address. Default: `AWS_EC2_METADATA_SERVICE_ENDPOINT`, else the profile's
    /// `ec2_metadata_service_endpoint`, else `http://169.254.169.254` or, by the [mode](Self::with_endpoint_mode), its IPv6
    /// counterpart.
    ///
    /// See [`InstanceMetadataClient::with_endpoint`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_endpoint(self, endpoint: impl Into<String>) -> Self {
        self.with(|client| client.with_endpoint(endpoint))
    }

    /// Which of the two well-known addresses is asked. Default: `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, else the
    /// profile's `ec2_metadata_service_endpoint_mode`, else IPv4.
    ///
    /// See [`InstanceMetadataClient::with_endpoint_mode`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_endpoint_mode(self, mode: EndpointMode) -> Self {
        self.with(|client| client.with_endpoint_mode(mode))
    }

    /// Whether version 1 may stand in for version 2. Default: [`V1Fallback::Never`].
    ///
    /// See [`InstanceMetadataClient::with_v1_fallback`].
    #[must_use]
    pub fn with_v1_fallback(self, fallback: V1Fallback) -> Self {
        self.with(|client| client.with_v1_fallback(fallback))
    }

    /// Asks even when `AWS_EC2_METADATA_DISABLED` or the profile's `disable_ec2_metadata` says `true`. Default: obeys.
    ///
    /// See [`InstanceMetadataClient::always_enabled`].
    #[must_use]
    pub fn always_enabled(self) -> Self {
        self.with(InstanceMetadataClient::always_enabled)
    }

    /// Never asks, whatever the settings say. Default: asks.
    ///
    /// See [`InstanceMetadataClient::disabled`].
    #[must_use]
    pub fn disabled(self) -> Self {
        self.with(InstanceMetadataClient::disabled)
    }

    /// How long connecting may take. Default: `AWS_METADATA_SERVICE_TIMEOUT` in seconds, else the profile's
    /// `metadata_service_timeout`, else one second.
    ///
    /// See [`InstanceMetadataClient::with_connect_timeout`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_connect_timeout(self, timeout: Duration) -> Self {
        self.with(|client| client.with_connect_timeout(timeout))
    }

    /// How long one attempt may take from the request to the whole answer. Default: as for
    /// [connecting](Self::with_connect_timeout), one second.
    ///
    /// See [`InstanceMetadataClient::with_read_timeout`].
    #[must_use]
    pub fn with_read_timeout(self, timeout: Duration) -> Self {
        self.with(|client| client.with_read_timeout(timeout))
    }

    /// How long one request may take with all its attempts. Default: 3 seconds, or three times the longer of connecting
    /// and reading.
    ///
    /// See [`InstanceMetadataClient::with_request_timeout`].
    #[must_use]
    pub fn with_request_timeout(self, timeout: Duration) -> Self {
        self.with(|client| client.with_request_timeout(timeout))
    }

    /// How long one [`load`](Self::load) may take. Default: 5 seconds, or five times the longer of connecting and reading.
    ///
    /// See [`InstanceMetadataClient::with_timeout`].
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.with(|client| client.with_timeout(timeout))
    }

    /// How often a request is tried. Default: `AWS_METADATA_SERVICE_NUM_ATTEMPTS`, else the profile's
    /// `metadata_service_num_attempts`, else 3. Zero counts as one.
    ///
    /// See [`InstanceMetadataClient::with_attempts`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        self.with(|client| client.with_attempts(attempts))
    }

    /// The clock that measures ages, pauses and limits. Default: the system's, sleeping on tokio's timer.
    ///
    /// See [`InstanceMetadataClient::with_clock`].
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        self.with(|client| client.with_clock(clock))
    }

    /// The randomness of the pauses. Default: [`ProcessRandom`](credential_core::ProcessRandom).
    ///
    /// See [`InstanceMetadataClient::with_random`].
    #[must_use]
    pub fn with_random(self, random: impl Random + 'static) -> Self {
        self.with(|client| client.with_random(random))
    }

    /// Asks for the role's credentials, with their expiration as it was sent, also when that is past already.
    ///
    /// # Errors
    /// See [`Error`]. Once this provider has given credentials, what would be *not configured* is [`Error::Lost`].
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        ensure!(in_runtime(), NoRuntimeSnafu);
        let outcome = match self.client.session() {
            Ok(session) => self.share(&session).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(credentials) => {
                self.state.delivered.store(true, Ordering::Relaxed);
                Ok(credentials)
            }
            Err(error)
                if error.kind() == ErrorKind::NotConfigured
                    && self.state.delivered.load(Ordering::Relaxed) =>
            {
                Err(LostSnafu.into_error(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn share(&self, session: &Session) -> Result<AwsCredentials, Error> {
        let limit = session.limits.whole;
        // Whoever waits for another's walk outlasts its limit, so that both hear the same.
        let waiting = self.client.clock().sleep(limit.saturating_add(limit / 4));
        let walked = self.state.flight.share(waiting, || self.walk(session)).await;
        walked.unwrap_or_else(|| too_long(limit))
    }

    async fn walk(&self, session: &Session) -> Result<AwsCredentials, Error> {
        let limit = session.limits.whole;
        let walk = Walk {
            client: &self.client,
            session,
            roles: &self.state.roles,
            extended: self.extended,
        };
        let configured = configured_role(self.role.as_deref(), &self.client)?;
        within(
            self.client.clock().sleep(limit),
            walk.credentials(configured.as_ref()),
        )
        .await
        .unwrap_or_else(|| too_long(limit))
    }

    fn with(mut self, change: impl FnOnce(InstanceMetadataClient) -> InstanceMetadataClient) -> Self {
        self.client = change(self.client);
        self.anew()
    }

    /// What was learned under other settings does not count.
    fn anew(mut self) -> Self {
        self.state = Arc::default();
        self
    }
}

fn too_long<T>(limit: Duration) -> Result<T, Error> {
    TimedOutSnafu {
        what: "asking instance metadata for credentials",
        limit,
    }
    .fail()
}

impl ProvideAwsCredentials for InstanceMetadataProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
