use credential_core::{
    AwsCredentials, CredentialsError, CredentialsFuture, ProvideAwsCredentials, VariableError, Variables,
};
use snafu::Snafu;

use crate::name;

/// Holds the place of web identity, which is not built yet: where the variables ask for it, the chain must not go on to
/// somebody else.
#[derive(Clone, Debug)]
pub(crate) struct WebIdentityVariables {
    variables: Variables,
}

#[derive(Debug, Snafu)]
enum Error {
    #[snafu(display("AWS_WEB_IDENTITY_TOKEN_FILE is not set"))]
    NoTokenFile,
    #[snafu(display("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"))]
    NoRole,
    #[snafu(display("AWS_WEB_IDENTITY_TOKEN_FILE asks for a web identity, which cannot be provided here"))]
    NotBuilt,
    #[snafu(transparent)]
    Variable { source: VariableError },
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoTokenFile => Self::not_configured(name::WEB_IDENTITY, error),
            Error::NoRole | Error::NotBuilt | Error::Variable { .. } => {
                Self::invalid_configuration(name::WEB_IDENTITY, error)
            }
        }
    }
}

impl WebIdentityVariables {
    pub(crate) fn new(variables: Variables) -> Self {
        Self { variables }
    }

    fn load(&self) -> Result<AwsCredentials, Error> {
        if self.variables.get_path("AWS_WEB_IDENTITY_TOKEN_FILE")?.is_none() {
            return NoTokenFileSnafu.fail();
        }
        match self.variables.get("AWS_ROLE_ARN")? {
            Some(_) => NotBuiltSnafu.fail(),
            None => NoRoleSnafu.fail(),
        }
    }
}

impl ProvideAwsCredentials for WebIdentityVariables {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::ready(self.load().map_err(Into::into))
    }

    fn name(&self) -> &str {
        name::WEB_IDENTITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credential_core::ErrorKind;

    #[test]
    fn a_token_file_is_never_taken_for_silence_and_a_role_alone_is() {
        for (variables, kind, says) in [
            (
                vec![("PATH", "/bin")],
                ErrorKind::NotConfigured,
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            ),
            (
                vec![("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/x")],
                ErrorKind::NotConfigured,
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            ),
            (
                vec![("AWS_WEB_IDENTITY_TOKEN_FILE", " "), ("AWS_ROLE_ARN", "x")],
                ErrorKind::NotConfigured,
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            ),
            (
                vec![("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")],
                ErrorKind::InvalidConfiguration,
                "AWS_ROLE_ARN is not",
            ),
            (
                vec![("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "x")],
                ErrorKind::InvalidConfiguration,
                "AWS_WEB_IDENTITY_TOKEN_FILE asks for a web identity",
            ),
        ] {
            let shown = format!("{variables:?}");
            let provider = WebIdentityVariables::new(variables.into_iter().collect());
            let error = CredentialsError::from(provider.load().unwrap_err());
            assert_eq!(error.kind(), kind, "{shown}");
            assert!(error.report().to_string().contains(says), "{}", error.report());
        }
    }
}
