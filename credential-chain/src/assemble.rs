//! What the selected profile and the variables say → the providers and clients that are set up so.

use std::sync::Arc;

use credential_core::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, Random, Variables,
};
use credential_instance_metadata::InstanceMetadataProvider;
use credential_profile::{Error as ProfileError, Profiles, Selection, Settings};
use credential_sts::StsClient;

use crate::chain::Policy;
use crate::kept::Kept;
use crate::name;

mod base;
mod blueprint;
mod profile;
mod proxies;
mod roles;
mod services;
mod step;
mod web_identity;
mod workshop;

pub(crate) use profile::PlannedProfile;
pub(crate) use roles::{Roles, WrapRole};
pub(crate) use services::Service;
pub(crate) use web_identity::WebIdentity;
pub(crate) use workshop::{Provider, Workshop};

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
        Files::LeftAlone => of_variables(selection),
    }
}

/// The same of the variables alone.
pub(crate) fn of_variables(selection: &Selection) -> Result<Settings, ProfileError> {
    Settings::new(Profiles::of_texts("", "")?, selection)
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

/// What a profile says about instance metadata: key, value and where it was said.
pub(crate) type Said = Vec<(String, String, String)>;

fn instance_metadata(
    said: &[(String, String, String)],
    variables: &Variables,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Provider {
    let mut provider = InstanceMetadataProvider::new()
        .with_variables(variables.clone())
        .with_clock(Arc::clone(clock))
        .with_random(Arc::clone(random));
    for (key, value, origin) in said {
        provider = provider.with_profile_setting(key, value, origin);
    }
    Arc::new(provider)
}

/// Instance metadata as the selected profile sets it up.
///
/// The files are read at each call that gets this far, and what the provider has learned is kept as long as they say the
/// same.
#[derive(Debug)]
pub(crate) struct ConfiguredInstanceMetadata {
    pub(crate) selection: Selection,
    pub(crate) files: Files,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) kept: Kept<Said, Provider>,
}

impl ConfiguredInstanceMetadata {
    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        let settings = settings(&self.selection, self.files).await;
        self.provider(settings)?.credentials().await
    }

    fn provider(&self, settings: Result<Settings, ProfileError>) -> Result<Provider, CredentialsError> {
        let said = match settings {
            Ok(settings) => blueprint::instance_metadata(&settings),
            Err(error) if goes_on_past(&error, self.policy) => {
                tracing::warn!(
                    %error,
                    "the profile's settings for instance metadata cannot be read, so the variables alone count"
                );
                Said::new()
            }
            Err(error) => return Err(unsettled(name::INSTANCE_METADATA, error)),
        };
        let variables = self.selection.variables();
        Ok(self.kept.made_from(said, |said| {
            instance_metadata(said, variables, &self.clock, &self.random)
        }))
    }
}

/// Whether a chain goes on without the settings: one that goes on past broken files does so here as well. A file that
/// cannot be read for a moment may hold a restriction, and is worth another try.
pub(crate) fn goes_on_past(error: &ProfileError, policy: Policy) -> bool {
    policy == Policy::FallBack && !matches!(error, ProfileError::Read { .. })
}

/// What it means for a place that its settings are not to be had.
pub(crate) fn unsettled(place: &'static str, error: ProfileError) -> CredentialsError {
    match error {
        ProfileError::Read { .. } => CredentialsError::failed(place, error).with_transient(true),
        _ => CredentialsError::invalid_configuration(place, error),
    }
}

impl ProvideAwsCredentials for ConfiguredInstanceMetadata {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        if let Some(provider) = self.kept.get() {
            provider.invalidate(credentials);
        }
    }

    fn name(&self) -> &str {
        name::INSTANCE_METADATA
    }
}
