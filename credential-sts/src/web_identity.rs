use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsFuture, ProvideAwsCredentials, Renewal, Secret};
use credential_runtime::within;

use crate::client::StsClient;
use crate::error::{Error, TokenTimedOutSnafu};
use crate::refusal::{Cure, meaning_of};
use crate::response::AssumedRole;

mod request;
mod token;

pub use request::AssumeRoleWithWebIdentity;
pub use token::{TokenFault, TokenPlace, WebIdentityToken};

const NAME: &str = "WebIdentity";

/// Provides the credentials of a role for the holder of an identity provider's token, as a pod on EKS has one.
///
/// It reads the token and asks STS at each call, and keeps nothing; `AutoRefreshingProvider` keeps and renews. Nothing
/// is signed, so [`StsClient::unsigned`] is all it needs.
///
/// ```no_run
/// use credential_core::ProvideAwsCredentials;
/// use credential_sts::{StsClient, WebIdentityProvider, WebIdentityToken};
///
/// # async fn example() -> Result<(), credential_core::CredentialsError> {
/// let sts = StsClient::unsigned("eu-central-1");
/// let token = WebIdentityToken::file("/var/run/secrets/eks.amazonaws.com/serviceaccount/token");
/// let role = WebIdentityProvider::new(sts, "arn:aws:iam::123456789012:role/pod", token)
///     .with_role_session_name("nightly");
/// println!("{:?}", role.credentials().await?.expiration());
/// # Ok(())
/// # }
/// ```
///
/// # A token that is refused
/// When AWS finds the token expired, it is read again, since it may have been renewed meanwhile; a file is also read
/// again when AWS finds its token invalid. The call is repeated, once, only with another token.
///
/// The client's limit of time, 20 s unless set, holds for all of it: reading, calling, and the same again.
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug)]
pub struct WebIdentityProvider {
    sts: StsClient,
    request: AssumeRoleWithWebIdentity,
    token: WebIdentityToken,
}

impl WebIdentityProvider {
    /// The role with this ARN, for whoever the token is about. The session is named `credential-sts-` and the time in
    /// milliseconds at which this was called, so that all sessions of one provider share a name in the audit log.
    pub fn new(sts: StsClient, role_arn: impl Into<String>, token: WebIdentityToken) -> Self {
        let request = AssumeRoleWithWebIdentity::new(role_arn, sts.role_session_name());
        Self { sts, request, token }
    }

    /// Names the sessions: 2 to 64 of the letters, digits and `_+=,.@-`. Default: see [`new`](Self::new).
    ///
    /// AWS: `role_session_name`
    #[must_use]
    pub fn with_role_session_name(mut self, name: impl Into<String>) -> Self {
        self.request = self.request.with_role_session_name(name);
        self
    }

    /// How long sessions last: 15 minutes to 12 hours, and no longer than the role allows. A fraction of a second is
    /// dropped. Default: not sent, so one hour.
    ///
    /// AWS: `duration_seconds`
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.request = self.request.with_duration(duration);
        self
    }

    /// A policy, in JSON, that narrows what the sessions may do. Default: none.
    ///
    /// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<String>) -> Self {
        self.request = self.request.with_policy(policy);
        self
    }

    /// Adds the ARN of a managed policy that narrows what the sessions may do, ten at most. Default: none.
    ///
    /// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>
    #[must_use]
    pub fn with_policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.request = self.request.with_policy_arn(arn);
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
        self.request = self.request.with_provider_id(provider_id);
        self
    }

    /// The role's ARN.
    #[must_use]
    pub fn role_arn(&self) -> &str {
        self.request.role_arn()
    }

    /// Reads the token and assumes the role.
    ///
    /// # Errors
    /// [`Error::TokenFile`] and [`Error::Token`] for a token that cannot be sent, [`Error::Refused`] when AWS says no;
    /// any other as its variants tell.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        self.sts.check_unsigned(&self.request)?;
        self.sts.warn_of_another_partition(self.role_arn());
        let start = self.sts.clock().monotonic();
        let token = self.read(start).await?;
        let refusal = match self.assume(&token, start).await {
            Ok(role) => return Ok(credentials_of(role)),
            Err(error) => error,
        };
        if !self.may_have_another_token(&refusal) {
            return Err(refusal);
        }
        match self.read(start).await {
            Ok(fresh) if fresh != token && !self.left_since(start).is_zero() => {
                tracing::debug!(error = %refusal, "the web identity token has changed meanwhile; trying the new one");
                self.assume(&fresh, start).await.map(credentials_of)
            }
            Ok(_) => Err(refusal),
            Err(error) => {
                tracing::debug!(%error, "no other web identity token");
                Err(refusal)
            }
        }
    }

    async fn read(&self, start: Duration) -> Result<Secret, Error> {
        let clock = self.sts.clock();
        let operation = self.request.operation();
        let token = self.token.read(&operation);
        within(clock.sleep(self.left_since(start)), token)
            .await
            .unwrap_or_else(|| {
                TokenTimedOutSnafu {
                    place: self.token.place(),
                    limit: self.sts.timeout(),
                }
                .fail()
            })
    }

    async fn assume(&self, token: &Secret, start: Duration) -> Result<AssumedRole, Error> {
        self.sts
            .assume_role_with_web_identity_within(&self.request, token, self.left_since(start))
            .await
    }

    fn left_since(&self, start: Duration) -> Duration {
        let used = self.sts.clock().monotonic().saturating_sub(start);
        self.sts.timeout().saturating_sub(used)
    }

    /// Whether the token was refused for what a newer one would not be. Of a token that the program makes for each call,
    /// the next would be as invalid as this.
    fn may_have_another_token(&self, refusal: &Error) -> bool {
        let Error::Refused {
            operation,
            status,
            code,
            ..
        } = refusal
        else {
            return false;
        };
        let meaning = meaning_of(operation, *status, code.as_deref());
        meaning.cure == Cure::Token && (self.token.is_file() || !meaning.permanent)
    }
}

fn credentials_of(role: AssumedRole) -> AwsCredentials {
    role.into_credentials().with_renewal(Renewal::NEVER)
}

impl ProvideAwsCredentials for WebIdentityProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { self.load().await.map_err(|error| error.of_provider(NAME)) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
