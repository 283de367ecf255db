use std::time::Duration;

use credential_core::Secret;

use crate::call::Operation;
use crate::error::Error;
use crate::form::Form;
use crate::request::{
    add_duration, add_policy, add_policy_arns, check_duration, check_policy_arns, check_role, need,
};
use crate::web_identity::token::MOST_BYTES;

/// What to ask AssumeRoleWithWebIdentity for, beside the token.
/// [`WebIdentityProvider`](crate::WebIdentityProvider) makes one from its own settings.
///
/// What is not set is not sent, so AWS's defaults hold.
///
/// ```
/// use credential_sts::AssumeRoleWithWebIdentity;
/// use std::time::Duration;
///
/// let request = AssumeRoleWithWebIdentity::new("arn:aws:iam::123456789012:role/pod", "nightly")
///     .with_duration(Duration::from_secs(900));
/// # let _ = request;
/// ```
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Clone, Debug)]
pub struct AssumeRoleWithWebIdentity {
    role_arn: String,
    role_session_name: String,
    duration: Option<Duration>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    provider_id: Option<String>,
}

impl AssumeRoleWithWebIdentity {
    /// A session in this role, under this name: 2 to 64 of the letters, digits and `_+=,.@-`.
    pub fn new(role_arn: impl Into<String>, role_session_name: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            role_session_name: role_session_name.into(),
            duration: None,
            policy: None,
            policy_arns: Vec::new(),
            provider_id: None,
        }
    }

    /// Names the session otherwise. Default: the name given to [`new`](Self::new).
    #[must_use]
    pub fn with_role_session_name(mut self, name: impl Into<String>) -> Self {
        self.role_session_name = name.into();
        self
    }

    /// How long the session lasts: 15 minutes to 12 hours, and no longer than the role allows. A fraction of a second
    /// is dropped. Default: not sent, so one hour.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// A policy, in JSON, that narrows what the session may do. Default: none.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// Adds the ARN of a managed policy that narrows what the session may do, ten at most. Default: none.
    #[must_use]
    pub fn with_policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// Adds the ARNs of several managed policies, as [`with_policy_arn`](Self::with_policy_arn) adds one. Default: none.
    #[must_use]
    pub fn with_policy_arns<A: Into<String>>(self, arns: impl IntoIterator<Item = A>) -> Self {
        arns.into_iter().fold(self, Self::with_policy_arn)
    }

    /// The host of an OAuth 2.0 provider, `www.amazon.com` or `graph.facebook.com`, whose access token is sent; never
    /// for OpenID Connect. Default: none.
    #[must_use]
    pub fn with_provider_id(mut self, provider_id: impl Into<String>) -> Self {
        self.provider_id = Some(provider_id.into());
        self
    }

    pub(crate) fn role_arn(&self) -> &str {
        &self.role_arn
    }

    pub(crate) fn operation(&self) -> Operation {
        Operation::of(Operation::ASSUME_ROLE_WITH_WEB_IDENTITY, &self.role_arn)
    }

    /// Refuses what STS would refuse for certain; all else is the service's to judge, whose limits have grown before.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let operation = || self.operation();
        check_role(&self.role_arn, &self.role_session_name, operation)?;
        check_duration(self.duration, 43_200, operation)?;
        check_policy_arns(&self.policy_arns, operation)
    }

    pub(crate) fn form(&self, token: &Secret) -> Result<Form, Error> {
        let fine = |fine, rule| need(fine, || self.operation(), "WebIdentityToken", rule);
        fine(!token.expose().trim().is_empty(), "must not be blank")?;
        fine(
            token.expose().len() as u64 <= MOST_BYTES,
            "must be 20,000 characters at most",
        )?;
        let mut form = Form::new(Operation::ASSUME_ROLE_WITH_WEB_IDENTITY);
        form.add("RoleArn", &self.role_arn);
        form.add("RoleSessionName", &self.role_session_name);
        form.add_secret("WebIdentityToken", "web identity token", Some(token));
        form.add_some("ProviderId", self.provider_id.as_deref());
        add_policy_arns(&mut form, &self.policy_arns);
        add_policy(&mut form, self.policy.as_deref());
        add_duration(&mut form, self.duration);
        Ok(form)
    }
}
