use credential_core::{Variables, parse_switch};
use credential_environment::Error as EnvironmentError;
use credential_profile::Origin;

use crate::{Attempt, name};

/// What AWS's chain can tell about settings that nearly did something.
#[derive(Clone, Debug)]
pub(crate) struct Hints {
    variables: Variables,
    /// Who names a profile in code or by an argument, so that the environment's keys are not looked at.
    passed_over_for: Option<Origin>,
}

impl Hints {
    pub(crate) fn new(variables: Variables, passed_over_for: Option<Origin>) -> Self {
        Self {
            variables,
            passed_over_for,
        }
    }

    /// What was nearly set up, for the end of an error. Names of variables, never a value.
    pub(crate) fn after(&self, attempts: &[Attempt]) -> Vec<String> {
        let mut hints = Vec::new();
        if let Some(EnvironmentError::HalfPair { present, missing, .. }) = cause(attempts, name::ENVIRONMENT)
        {
            hints.push(format!("set {missing} as well, or unset {present}"));
        }
        if let Some(origin) = &self.passed_over_for
            && self.is_set("AWS_ACCESS_KEY_ID")
        {
            let named = match origin {
                Origin::Argument(argument) => format!("{argument} names a profile"),
                _ => "a profile is named in code".to_owned(),
            };
            hints.push(format!(
                "{named}, so AWS_ACCESS_KEY_ID and its companions are passed over"
            ));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use credential_core::{AwsCredentials, CredentialsError, ProvideAwsCredentials};
    use credential_environment::EnvironmentProvider;
    use tests_support::{canary, leaks};

    use super::*;

    /// The hints after everybody said that nothing is set up, in a chain with these variables.
    async fn after_absence(variables: &[(&str, &str)], passes_over_environment: bool) -> Vec<String> {
        let variables: Variables = variables.iter().copied().collect();
        let mut attempts = Vec::new();
        if !passes_over_environment {
            let environment = EnvironmentProvider::new().with_variables(variables.clone());
            attempts.push(attempt(name::ENVIRONMENT, &environment.credentials().await));
        }
        for place in [name::WEB_IDENTITY, name::CONTAINER, name::INSTANCE_METADATA] {
            let absence = Err(CredentialsError::not_configured(place, "nothing is set up"));
            attempts.push(attempt(place, &absence));
        }
        let hints = Hints::new(variables, passes_over_environment.then_some(Origin::Code)).after(&attempts);
        assert!(!leaks(&hints.concat()), "{hints:?}");
        hints
    }

    fn attempt(place: &'static str, answer: &Result<AwsCredentials, CredentialsError>) -> Attempt {
        Attempt::new(place.into(), answer, Duration::ZERO)
    }

    #[tokio::test]
    async fn each_setting_that_nearly_did_something_is_named() {
        let value = canary("hint");
        for (variable, hint) in [
            (
                "AWS_ACCESS_KEY_ID",
                "set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID",
            ),
            (
                "AWS_SECRET_KEY",
                "set AWS_ACCESS_KEY_ID as well, or unset AWS_SECRET_KEY",
            ),
            (
                "AWS_ROLE_ARN",
                "AWS_ROLE_ARN alone does nothing: it needs AWS_WEB_IDENTITY_TOKEN_FILE beside it",
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN does nothing without AWS_CONTAINER_CREDENTIALS_FULL_URI",
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE does nothing without AWS_CONTAINER_CREDENTIALS_FULL_URI",
            ),
            (
                "AWS_EC2_METADATA_DISABLED",
                "AWS_EC2_METADATA_DISABLED is neither `true` nor `false`, so it switches nothing off",
            ),
        ] {
            assert_eq!(after_absence(&[(variable, &value)], false).await, [hint]);
            assert!(
                after_absence(&[(variable, " ")], false).await.is_empty(),
                "{variable}"
            );
        }
        assert_eq!(
            after_absence(&[("AWS_ACCESS_KEY_ID", &value)], true).await,
            ["a profile is named in code, so AWS_ACCESS_KEY_ID and its companions are passed over"]
        );
    }

    #[tokio::test]
    async fn what_does_its_part_is_not_hinted_at() {
        let value = canary("hint");
        for variables in [
            &[][..],
            &[("AWS_ROLE_ARN", &*value), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")],
            &[
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &value),
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"),
            ],
            &[
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
                ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"),
            ],
            &[("AWS_EC2_METADATA_DISABLED", "TRUE")],
            &[("AWS_EC2_METADATA_DISABLED", "false")],
        ] {
            assert!(after_absence(variables, false).await.is_empty(), "{variables:?}");
        }
    }

    #[test]
    fn a_place_that_was_not_asked_is_not_hinted_at() {
        let value = canary("hint");
        let hints = Hints::new(
            Variables::from([
                ("AWS_ROLE_ARN", &*value),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &value),
                ("AWS_EC2_METADATA_DISABLED", &value),
            ]),
            None,
        );
        assert!(hints.after(&[]).is_empty());
    }
}
