//! What the selected profile and the variables say → the providers and clients that are set up so.

use std::sync::{Arc, OnceLock};

use credential_core::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, Random, Variables,
};
use credential_instance_metadata::InstanceMetadataProvider;
use credential_profile::{Error as ProfileError, Profiles, Selection, Settings};
use credential_sts::StsClient;

use crate::chain::Policy;
use crate::name;

mod base;
mod blueprint;
mod profile;
mod proxies;
mod roles;
mod services;
mod step;
mod workshop;

pub(crate) use profile::PlannedProfile;
pub(crate) use roles::{Roles, WrapRole};
use services::Service;
pub(crate) use workshop::Workshop;

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

/// A client of STS for the region and the endpoint in force, with their proxies and certificates.
pub(crate) fn sts_client(
    settings: &Settings,
    variables: &Variables,
    region: Option<&str>,
    credentials: impl ProvideAwsCredentials + 'static,
) -> Result<StsClient, ProfileError> {
    let sts = Service::sts(settings, variables, region)?;
    let client = StsClient::new(&sts.region, credentials);
    Ok(sts.client_of(client, sts.http_client()))
}

/// Instance metadata with what a profile says about it: key, value and where it was said.
fn instance_metadata(
    said: &[(String, String, String)],
    variables: &Variables,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> InstanceMetadataProvider {
    let provider = InstanceMetadataProvider::new()
        .with_variables(variables.clone())
        .with_clock(Arc::clone(clock))
        .with_random(Arc::clone(random));
    said.iter().fold(provider, |provider, (key, value, origin)| {
        provider.with_profile_setting(key, value, origin)
    })
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
        let said = settings.map(blueprint::instance_metadata).unwrap_or_default();
        instance_metadata(&said, self.selection.variables(), &self.clock, &self.random)
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
