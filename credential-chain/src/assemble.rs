//! What the selected profile and the variables say → the providers and clients that are set up so.

use std::sync::{Arc, OnceLock};

use credential_core::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, Random, Variables,
};
use credential_http::{HttpClient, Proxies};
use credential_instance_metadata::InstanceMetadataProvider;
use credential_profile::{Error as ProfileError, ProfileProvider, Profiles, Selection, Settings};
use credential_sts::StsClient;

use crate::chain::Policy;
use crate::name;

/// Whether the shared files are read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    Read,
    LeftAlone,
}

/// The settings in force now.
pub(crate) async fn settings(selection: &Selection, files: Files) -> Result<Settings, ProfileError> {
    match files {
        Files::Read => Settings::load(selection).await,
        Files::LeftAlone => Settings::new(Profiles::of_texts("", "")?, selection),
    }
}

/// Who fulfils what the selected profile asks for: static keys today. Every other kind is refused there by its name, as
/// *invalid configuration*, so that no other identity takes its place.
pub(crate) fn profile(selection: Selection) -> impl ProvideAwsCredentials + 'static {
    ProfileProvider::of(selection)
}

/// A client of STS for the region and the endpoint in force, with their proxies and certificates.
pub(crate) fn sts_client(
    settings: &Settings,
    variables: &Variables,
    region: Option<&str>,
    credentials: impl ProvideAwsCredentials + 'static,
) -> Result<StsClient, ProfileError> {
    let region = match region {
        Some(region) => region.to_owned(),
        None => settings
            .region()?
            .map(credential_profile::Setting::into_value)
            .unwrap_or_default(),
    };
    // The old setting about legacy endpoints changes nothing, but a typing mistake in it is still one.
    settings.sts_regional_endpoints()?;
    let mut client = StsClient::new(region, credentials).with_http_client(http_client(settings, variables)?);
    if let Some(endpoint) = settings.endpoint_url("sts")? {
        client = client.with_endpoint(endpoint.value());
    }
    if settings.use_fips()? {
        client = client.with_fips();
    }
    if settings.use_dualstack()? {
        client = client.with_dual_stack();
    }
    if let Some(attempts) = settings.max_attempts()? {
        client = client.with_max_attempts(*attempts.value());
    }
    Ok(client)
}

/// The connections to AWS's services: never those to metadata and container endpoints, which know no proxy.
fn http_client(settings: &Settings, variables: &Variables) -> Result<HttpClient, ProfileError> {
    let proxies = Proxies::from_lookup(|name| variables.get_raw(name).unwrap_or_default());
    let mut http = HttpClient::new().with_proxies(proxies);
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        if let Some(path) = variables.get_path(variable)? {
            http = http.with_system_roots_from(path);
            break;
        }
    }
    if let Some(path) = settings.ca_bundle()? {
        http = http.with_ca_bundle(path.value());
    }
    Ok(http)
}

/// Instance metadata as the selected profile sets it up: the files are read when it is first asked, since most programs
/// never get that far, and what it has learned is kept.
#[derive(Debug)]
pub(crate) struct ConfiguredInstanceMetadata {
    pub(crate) selection: Selection,
    pub(crate) files: Files,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) provider: OnceLock<InstanceMetadataProvider>,
}

impl ConfiguredInstanceMetadata {
    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        if let Some(provider) = self.provider.get() {
            return provider.credentials().await;
        }
        match settings(&self.selection, self.files).await {
            Ok(settings) => {
                let provider = self.provider.get_or_init(|| self.set_up(Some(&settings)));
                provider.credentials().await
            }
            // A chain that goes on past a broken file goes on here as well. What the file says may count later.
            Err(error) if self.policy == Policy::FallBack => {
                tracing::warn!(
                    %error,
                    "the profile's settings for instance metadata cannot be read, so the variables alone count"
                );
                self.set_up(None).credentials().await
            }
            Err(error) => Err(CredentialsError::invalid_configuration(
                name::INSTANCE_METADATA,
                error,
            )),
        }
    }

    fn set_up(&self, settings: Option<&Settings>) -> InstanceMetadataProvider {
        let mut provider = InstanceMetadataProvider::new()
            .with_variables(self.selection.variables().clone())
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        for (key, setting) in settings.into_iter().flat_map(Settings::instance_metadata) {
            provider = provider.with_profile_setting(key, setting.value(), setting.origin().to_string());
        }
        provider
    }
}

impl ProvideAwsCredentials for ConfiguredInstanceMetadata {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        if let Some(provider) = self.provider.get() {
            provider.invalidate(credentials);
        }
    }

    fn name(&self) -> &str {
        name::INSTANCE_METADATA
    }
}
