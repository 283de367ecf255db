//! Web identity as the environment's variables ask for it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use credential_core::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, Random, VariableError,
    Variables,
};
use credential_profile::{Error as ProfileError, Selection, Settings};
use credential_sts::{StsClient, WebIdentityProvider, WebIdentityToken};
use snafu::Snafu;

use crate::assemble::{self, Files};
use crate::chain::Policy;
use crate::name;

/// The role that `AWS_ROLE_ARN` names, for the holder of the token in `AWS_WEB_IDENTITY_TOKEN_FILE`.
///
/// Only variables say which role and token; the shared files are read when both are there, for the region and the other
/// settings of STS. What has been set up is kept as long as the variables say the same.
#[derive(Debug)]
pub(crate) struct ConfiguredWebIdentity {
    pub(crate) selection: Selection,
    pub(crate) files: Files,
    pub(crate) region: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) kept: Mutex<Option<(Wanted, WebIdentityProvider)>>,
}

/// What the three variables ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    token_file: PathBuf,
    role_arn: String,
    role_session_name: Option<String>,
}

#[derive(Debug, Snafu)]
enum Error {
    #[snafu(display("AWS_WEB_IDENTITY_TOKEN_FILE is not set"))]
    NoTokenFile,
    #[snafu(display("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"))]
    NoRole,
    #[snafu(transparent)]
    Variable { source: VariableError },
    #[snafu(transparent)]
    Settings { source: ProfileError },
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoTokenFile => Self::not_configured(name::WEB_IDENTITY, error),
            Error::NoRole | Error::Variable { .. } | Error::Settings { .. } => {
                Self::invalid_configuration(name::WEB_IDENTITY, error)
            }
        }
    }
}

impl Wanted {
    /// A role alone is commonly set for other tools and asks for nothing; a token file alone is half a setting.
    fn by(variables: &Variables) -> Result<Self, Error> {
        let Some(token_file) = variables.get_path("AWS_WEB_IDENTITY_TOKEN_FILE")? else {
            return NoTokenFileSnafu.fail();
        };
        let Some(role_arn) = variables.get("AWS_ROLE_ARN")? else {
            return NoRoleSnafu.fail();
        };
        Ok(Self {
            token_file: token_file.into(),
            role_arn,
            role_session_name: variables.get("AWS_ROLE_SESSION_NAME")?,
        })
    }
}

impl ConfiguredWebIdentity {
    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        self.provider().await?.credentials().await
    }

    async fn provider(&self) -> Result<WebIdentityProvider, Error> {
        let wanted = Wanted::by(self.selection.variables())?;
        if let Some(provider) = self.kept_for(&wanted) {
            return Ok(provider);
        }
        match assemble::settings(&self.selection, self.files).await {
            Ok(settings) => {
                let provider = self.set_up(&wanted, &settings)?;
                Ok(self.keep(wanted, provider))
            }
            // A chain that goes on past a broken file goes on here as well. What the file says may count later.
            Err(error) if self.policy == Policy::FallBack => {
                tracing::warn!(
                    %error,
                    "the profile's settings for STS cannot be read, so the variables alone count"
                );
                let settings = assemble::settings(&self.selection, Files::LeftAlone).await?;
                Ok(self.set_up(&wanted, &settings)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn set_up(&self, wanted: &Wanted, settings: &Settings) -> Result<WebIdentityProvider, ProfileError> {
        let variables = self.selection.variables();
        let sts = web_identity_client(settings, variables, self.region.as_deref())?
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        let token = WebIdentityToken::file(&wanted.token_file);
        let provider = WebIdentityProvider::new(sts, &wanted.role_arn, token);
        Ok(match &wanted.role_session_name {
            Some(name) => provider.with_role_session_name(name),
            None => provider,
        })
    }

    fn kept_for(&self, wanted: &Wanted) -> Option<WebIdentityProvider> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (same, provider) = kept.as_ref()?;
        (same == wanted).then(|| provider.clone())
    }

    /// Of two that were set up at the same time, the first stays: it has named its sessions already.
    fn keep(&self, wanted: Wanted, provider: WebIdentityProvider) -> WebIdentityProvider {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((same, first)) if *same == wanted => first.clone(),
            _ => {
                *kept = Some((wanted, provider.clone()));
                provider
            }
        }
    }
}

impl ProvideAwsCredentials for ConfiguredWebIdentity {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    fn name(&self) -> &str {
        name::WEB_IDENTITY
    }
}

/// A client of STS as the settings say, for calls that nobody signs.
pub(crate) fn web_identity_client(
    settings: &Settings,
    variables: &Variables,
    region: Option<&str>,
) -> Result<StsClient, ProfileError> {
    assemble::sts_client(settings, variables, region, Nobody)
}

/// The signer of calls that are not signed: it is never asked.
#[derive(Debug)]
struct Nobody;

impl ProvideAwsCredentials for Nobody {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let error = CredentialsError::not_configured(name::WEB_IDENTITY, "a web identity signs nothing");
        CredentialsFuture::ready(Err(error))
    }

    fn name(&self) -> &str {
        name::WEB_IDENTITY
    }
}

#[cfg(test)]
mod tests;
