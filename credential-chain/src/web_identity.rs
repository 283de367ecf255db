//! Web identity as the environment's variables ask for it.

use std::path::PathBuf;
use std::sync::Arc;

use credential_core::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, Random, VariableError,
    Variables,
};
use credential_profile::{Error as ProfileError, Selection, Settings};
use snafu::Snafu;

use crate::assemble::{self, Files, Provider, Service, WebIdentity};
use crate::chain::Policy;
use crate::kept::Kept;
use crate::name;

/// The role that `AWS_ROLE_ARN` names, for the holder of the token in `AWS_WEB_IDENTITY_TOKEN_FILE`.
///
/// Only variables say which role and token; the shared files are read when both are there, at each call, for the region and
/// the other settings of STS. What has been set up is kept as long as variables and files say the same.
#[derive(Debug)]
pub(crate) struct ConfiguredWebIdentity {
    pub(crate) selection: Selection,
    pub(crate) files: Files,
    pub(crate) region: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) kept: Kept<(Wanted, Service), Provider>,
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
            Error::NoRole | Error::Variable { .. } => Self::invalid_configuration(name::WEB_IDENTITY, error),
            Error::Settings { source } => assemble::unsettled(name::WEB_IDENTITY, source),
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
        let wanted = Wanted::by(self.selection.variables())?;
        let settings = assemble::settings(&self.selection, self.files).await;
        self.provider(wanted, settings)?.credentials().await
    }

    fn provider(&self, wanted: Wanted, settings: Result<Settings, ProfileError>) -> Result<Provider, Error> {
        let settings = match settings {
            Err(error) if assemble::goes_on_past(&error, self.policy) => {
                tracing::warn!(
                    %error,
                    "the profile's settings for STS cannot be read, so the variables alone count"
                );
                assemble::of_variables(&self.selection)?
            }
            settings => settings?,
        };
        let variables = self.selection.variables();
        let sts = Service::sts_for_a_token(&settings, variables, self.region.as_deref())?;
        Ok(self
            .kept
            .made_from((wanted, sts), |(wanted, sts)| self.set_up(wanted, sts)))
    }

    fn set_up(&self, wanted: &Wanted, sts: &Service) -> Provider {
        let role = WebIdentity {
            token_file: &wanted.token_file,
            role_arn: &wanted.role_arn,
            role_session_name: wanted.role_session_name.as_deref(),
            duration: None,
        };
        role.provider(sts, &self.clock, &self.random)
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

#[cfg(test)]
mod tests;
