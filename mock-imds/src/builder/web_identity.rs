use std::time::Duration;

use super::Builder;

/// The identity provider whose tokens STS takes for `AssumeRoleWithWebIdentity`.
impl Builder {
    /// The role that `AWS_ROLE_ARN` names; STS lets a token assume any role that admits its subject as
    /// [`caller`](crate::TrustedRole::caller). Default: `mock-web-identity-role`.
    #[must_use]
    pub fn web_identity_role(mut self, name: &str) -> Self {
        name.clone_into(&mut self.settings.web_identity.role);
        self
    }

    /// Who the token in the file speaks for. Default: `system:serviceaccount:default:mock`.
    #[must_use]
    pub fn web_identity_subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.settings.web_identity.subject);
        self
    }

    /// How long the tokens in the file live. Default: 24 hours, as in EKS. Zero: they have expired already.
    #[must_use]
    pub fn web_identity_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.web_identity.lifetime = lifetime;
        self
    }

    /// The text of the first token, in place of one that looks like a JWT.
    #[must_use]
    pub fn web_identity_token(mut self, text: &str) -> Self {
        self.settings.web_identity.token = Some(text.to_owned());
        self
    }
}
