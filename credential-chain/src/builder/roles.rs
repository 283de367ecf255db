//! What a program says about the roles and processes of its profiles.

use std::sync::Arc;
use std::time::Duration;

use credential_core::{ProvideAwsCredentials, Secret};
use credential_profile::RoleHop;
use credential_sts::MfaPrompt;

use super::DefaultCredentialsProviderBuilder;
use crate::assemble::WrapRole;

impl DefaultCredentialsProviderBuilder {
    /// Asks here for the code of an MFA device, where a role's profile has `mfa_serial`. Default: nobody is asked, so
    /// that such a profile is *invalid configuration*.
    ///
    /// Credentials got with a code are renewed when somebody asks for credentials and they are nearly dead, never
    /// ahead of time in the background.
    ///
    /// ```
    /// use credential_chain::{DefaultCredentialsProvider, MfaPrompt};
    ///
    /// let prompt = MfaPrompt::new(|serial: String| async move {
    ///     eprintln!("code of {serial}?");
    ///     Ok::<_, std::io::Error>("123456".to_owned())
    /// });
    /// let provider = DefaultCredentialsProvider::builder().mfa_prompt(prompt).build();
    /// # drop(provider);
    /// ```
    ///
    /// AWS: `mfa_serial`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
    pub fn mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.roles.mfa_prompt = Some(prompt);
        self
    }

    /// Waits this long for the code of an MFA device. Default: 5 minutes.
    pub fn mfa_timeout(mut self, limit: Duration) -> Self {
        self.roles.mfa_timeout = limit;
        self
    }

    /// Gives each step of a profile's plan this long: the place where it starts, and each role. Default: 30 seconds.
    ///
    /// A role has this and what those before it may take. Waiting for a person and for a credential process counts
    /// against limits of their own.
    pub fn role_timeout(mut self, limit: Duration) -> Self {
        self.roles.timeout = limit;
        self
    }

    /// Gives a profile's credential process this long. Default: one minute, enough for a person to type a code.
    pub fn process_timeout(mut self, limit: Duration) -> Self {
        self.roles.process_timeout = limit;
        self
    }

    /// Adds a variable to the environment of a profile's credential process. Default: what this process has.
    pub fn process_variable(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.roles.process_variables.push((name.into(), value.into()));
        self
    }

    /// Puts something of one's own round each role of a profile's plan: to count calls, or to keep sessions where other
    /// programs find them. The function gets the role and its provider, which asks STS each time; what it gives back is
    /// asked instead. Default: nothing.
    ///
    /// ```
    /// use credential_chain::DefaultCredentialsProvider;
    ///
    /// let provider = DefaultCredentialsProvider::builder()
    ///     .wrap_role(|role, provider| {
    ///         println!("profile {} takes {}", role.profile(), role.role_arn());
    ///         provider
    ///     })
    ///     .build();
    /// # drop(provider);
    /// ```
    pub fn wrap_role(
        mut self,
        wrap: impl Fn(&RoleHop, Arc<dyn ProvideAwsCredentials>) -> Arc<dyn ProvideAwsCredentials>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.roles.wrap = Some(WrapRole::new(wrap));
        self
    }

    /// Adds a name that `credential_source` may have in a profile, and who is asked then. The case of letters does not
    /// count. With one of AWS's names it stands in for AWS's source.
    ///
    /// ```
    /// use credential_chain::{AwsCredentials, DefaultCredentialsProvider};
    ///
    /// # let vault = AwsCredentials::new("AKIDEXAMPLE", "secret");
    /// // [profile ops]
    /// // role_arn = arn:aws:iam::123456789012:role/ops
    /// // credential_source = Vault
    /// let provider = DefaultCredentialsProvider::builder().credential_source("Vault", vault).build();
    /// # drop(provider);
    /// ```
    pub fn credential_source(
        mut self,
        name: impl Into<String>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        self.roles
            .credential_sources
            .push((name.into(), Arc::new(provider)));
        self
    }
}
