use credential_core::{Variables, parse_switch};
use credential_environment::Error as EnvironmentError;

use crate::{Attempt, name};

/// What AWS's chain can tell about settings that nearly did something.
#[derive(Clone, Debug)]
pub(crate) struct Hints {
    variables: Variables,
    /// A profile is named in code, so the environment's keys are not looked at.
    passes_over_environment: bool,
}

impl Hints {
    pub(crate) fn new(variables: Variables, passes_over_environment: bool) -> Self {
        Self {
            variables,
            passes_over_environment,
        }
    }

    /// What was nearly set up, for the end of an error. Names of variables, never a value.
    pub(crate) fn after(&self, attempts: &[Attempt]) -> Vec<String> {
        let mut hints = Vec::new();
        if let Some(EnvironmentError::HalfPair { present, missing, .. }) = cause(attempts, name::ENVIRONMENT)
        {
            hints.push(format!("set {missing} as well, or unset {present}"));
        }
        if self.passes_over_environment && self.is_set("AWS_ACCESS_KEY_ID") {
            hints.push(
                "a profile is named in code, so AWS_ACCESS_KEY_ID and its companions are passed over"
                    .to_owned(),
            );
        }
        if asked(attempts, name::WEB_IDENTITY)
            && self.is_set("AWS_ROLE_ARN")
            && !self.is_set("AWS_WEB_IDENTITY_TOKEN_FILE")
        {
            hints.push(
                "AWS_ROLE_ARN alone does nothing: it needs AWS_WEB_IDENTITY_TOKEN_FILE beside it".to_owned(),
            );
        }
        if asked(attempts, name::CONTAINER)
            && !self.is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            && !self.is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        {
            for variable in [
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            ] {
                if self.is_set(variable) {
                    hints.push(format!(
                        "{variable} does nothing without AWS_CONTAINER_CREDENTIALS_FULL_URI"
                    ));
                }
            }
        }
        if asked(attempts, name::INSTANCE_METADATA)
            && let Ok(Some(text)) = self.variables.get("AWS_EC2_METADATA_DISABLED")
            && parse_switch(&text).is_none()
        {
            hints.push(
                "AWS_EC2_METADATA_DISABLED is neither `true` nor `false`, so it switches nothing off"
                    .to_owned(),
            );
        }
        hints
    }

    /// A profile was chosen by a variable, and keys in the environment come first all the same.
    pub(crate) fn warn_of_shadowed_settings(&self, winner: &str) {
        if winner != name::ENVIRONMENT {
            return;
        }
        for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            if self.is_set(variable) {
                tracing::warn!(
                    "{variable} is set, and so are keys in the environment: the keys are used, not the profile"
                );
                return;
            }
        }
    }

    fn is_set(&self, variable: &str) -> bool {
        !matches!(self.variables.get(variable), Ok(None))
    }
}

fn asked(attempts: &[Attempt], provider: &str) -> bool {
    attempts.iter().any(|attempt| attempt.provider() == provider)
}

/// The typed error of a provider, where it left one.
fn cause<'a, E: std::error::Error + 'static>(attempts: &'a [Attempt], provider: &str) -> Option<&'a E> {
    let attempt = attempts.iter().find(|attempt| attempt.provider() == provider)?;
    attempt.error()?.cause().downcast_ref()
}
