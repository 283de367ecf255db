use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsFuture, ProvideAwsCredentials, Renewal, Secret};

use crate::client::StsClient;
use crate::device::Device;
use crate::error::Error;
use crate::mfa::MfaPrompt;
use crate::request::{AssumeRole, Mfa};

pub(crate) const NAME: &str = "AssumeRole";

/// AWS lets a role's session make further ones of at most this length.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
const LONGEST_CHAINED: Duration = Duration::from_secs(3600);

/// The names of the sources whose credentials are a role's session.
const ROLE_SESSIONS: [&str; 5] = [
    "AssumeRole",
    "WebIdentity",
    "Sso",
    "InstanceMetadata",
    "Container",
];

/// Provides the credentials of a role, assumed with the client's own.
///
/// It asks STS at each call and keeps nothing; `AutoRefreshingProvider` keeps and renews.
///
/// ```no_run
/// use credential_core::{AwsCredentials, ProvideAwsCredentials};
/// use credential_sts::{AssumeRoleProvider, StsClient};
/// use std::time::Duration;
///
/// # async fn example(keys: AwsCredentials) -> Result<(), credential_core::CredentialsError> {
/// let sts = StsClient::new("eu-central-1", keys);
/// let role = AssumeRoleProvider::new(sts, "arn:aws:iam::123456789012:role/deploy")
///     .with_role_session_name("nightly")
///     .with_external_id("4711")
///     .with_duration(Duration::from_secs(900));
/// println!("{:?}", role.credentials().await?.expiration());
/// # Ok(())
/// # }
/// ```
///
/// # Sessions from sessions
/// With credentials that are themselves a role's session, AWS allows one hour at most. A longer
/// [`with_duration`](Self::with_duration) is cut to an hour, with a warning, when the source of the credentials says
/// that they are one: `AssumeRole`, `WebIdentity`, `Sso`, `InstanceMetadata` or `Container`. Of credentials from
/// variables, files or processes nobody knows; there the call is refused by AWS.
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug)]
pub struct AssumeRoleProvider {
    sts: StsClient,
    request: AssumeRole,
    device: Device,
}

/// The name that rusoto gave it: see the example of [`AssumeRoleProvider`].
pub type StsAssumeRoleSessionCredentialsProvider = AssumeRoleProvider;

impl AssumeRoleProvider {
    /// The role with this ARN. The session is named `credential-sts-` and the time in milliseconds at which this was
    /// called, so that all sessions of one provider share a name in the audit log.
    pub fn new(sts: StsClient, role_arn: impl Into<String>) -> Self {
        let request = AssumeRole::new(role_arn, sts.role_session_name());
        Self {
            sts,
            request,
            device: Device::default(),
        }
    }

    /// Names the sessions: 2 to 64 of the letters, digits and `_+=,.@-`. Default: see [`new`](Self::new).
    ///
    /// AWS: `role_session_name`
    #[must_use]
    pub fn with_role_session_name(mut self, name: impl Into<String>) -> Self {
        self.request = self.request.with_role_session_name(name);
        self
    }

    /// The ID that the role's owner agreed on with the caller. Default: none.
    ///
    /// AWS: `external_id`, <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>
    #[must_use]
    pub fn with_external_id(mut self, external_id: impl Into<Secret>) -> Self {
        self.request = self.request.with_external_id(external_id);
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

    /// Adds a session tag, fifty at most. Default: none.
    ///
    /// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.request = self.request.with_tag(key, value);
        self
    }

    /// Adds several session tags, as [`with_tag`](Self::with_tag) adds one. Default: none.
    #[must_use]
    pub fn with_tags<K: Into<String>, V: Into<String>>(self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        tags.into_iter()
            .fold(self, |provider, (key, value)| provider.with_tag(key, value))
    }

    /// Adds the key of a tag that stays with sessions made from these, fifty at most. Default: none.
    ///
    /// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining>
    #[must_use]
    pub fn with_transitive_tag_key(mut self, key: impl Into<String>) -> Self {
        self.request = self.request.with_transitive_tag_key(key);
        self
    }

    /// Adds the keys of several such tags, as [`with_transitive_tag_key`](Self::with_transitive_tag_key) adds one. Default:
    /// none.
    #[must_use]
    pub fn with_transitive_tag_keys<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter().fold(self, Self::with_transitive_tag_key)
    }

    /// Who is behind the sessions, for the audit log. It stays through all sessions made from these. Default: none.
    ///
    /// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>
    #[must_use]
    pub fn with_source_identity(mut self, source_identity: impl Into<String>) -> Self {
        self.request = self.request.with_source_identity(source_identity);
        self
    }

    /// The serial number or ARN of the MFA device that the role asks for; it needs
    /// [`with_mfa_prompt`](Self::with_mfa_prompt) as well. Default: none.
    ///
    /// Credentials got with a code are marked as interactive, so that nobody renews them ahead of time.
    ///
    /// AWS: `mfa_serial`
    #[must_use]
    pub fn with_mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.device.serial = Some(serial.into());
        self
    }

    /// Asks here for the code of the MFA device. Without a device nobody is asked. Default: nobody.
    #[must_use]
    pub fn with_mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.device.prompt = Some(prompt);
        self
    }

    /// How long to wait for the code of the MFA device. Default: 5 minutes.
    #[must_use]
    pub fn with_mfa_timeout(mut self, limit: Duration) -> Self {
        self.device.limit = limit;
        self
    }

    /// The role's ARN.
    #[must_use]
    pub fn role_arn(&self) -> &str {
        self.request.role_arn()
    }

    /// Assumes the role.
    ///
    /// First the source is asked, then the person for the MFA code where there is a device, then STS.
    ///
    /// # Errors
    /// [`Error::Refused`] when AWS says no; any other as its variants tell.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        let operation = self.request.operation();
        self.request.check()?;
        self.device.check()?;
        self.sts.warn_of_another_partition(self.role_arn());
        let source = self.sts.source_credentials(&operation).await?;
        let duration = self.duration_for(&source);
        let mut mfa = None;
        let mut renewal = Renewal::NEVER;
        if let Some((serial, code)) = self.device.ask(&**self.sts.clock()).await? {
            let code = Mfa::new(serial, code);
            code.check()?;
            mfa = Some(code);
            renewal = renewal.with_interactive();
        }
        let form = self.request.form_with(duration, mfa.as_ref());
        let role = self.sts.assume_role_with(&operation, form, source).await?;
        Ok(role.into_credentials().with_renewal(renewal))
    }

    /// How long the session is to last: one hour at most when a role's session makes it.
    fn duration_for(&self, source: &AwsCredentials) -> Option<Duration> {
        match self.request.duration() {
            Some(asked) if asked > LONGEST_CHAINED && ROLE_SESSIONS.contains(&source.source()) => {
                tracing::warn!(
                    role_arn = self.role_arn(),
                    source = source.source(),
                    asked_seconds = asked.as_secs(),
                    "a role's session can make sessions of one hour at most; asking for one hour"
                );
                Some(LONGEST_CHAINED)
            }
            asked => asked,
        }
    }
}

impl ProvideAwsCredentials for AssumeRoleProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

#[cfg(test)]
mod tests;
