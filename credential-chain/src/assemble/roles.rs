use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{ProvideAwsCredentials, Secret};
use credential_profile::RoleHop;
use credential_sts::MfaPrompt;

/// What a program says about the roles and processes of its profiles.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    pub(crate) mfa_prompt: Option<MfaPrompt>,
    pub(crate) mfa_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) process_timeout: Duration,
    pub(crate) process_variables: Vec<(String, Secret)>,
    pub(crate) wrap: Option<WrapRole>,
    pub(crate) credential_sources: Vec<(String, Arc<dyn ProvideAwsCredentials>)>,
}

impl Default for Roles {
    fn default() -> Self {
        Self {
            mfa_prompt: None,
            mfa_timeout: Duration::from_secs(300),
            timeout: Duration::from_secs(30),
            process_timeout: Duration::from_secs(60),
            process_variables: Vec::new(),
            wrap: None,
            credential_sources: Vec::new(),
        }
    }
}

impl Roles {
    pub(crate) fn credential_source_names(&self) -> Vec<&str> {
        self.credential_sources
            .iter()
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

type Wrap = dyn Fn(&RoleHop, Arc<dyn ProvideAwsCredentials>) -> Arc<dyn ProvideAwsCredentials> + Send + Sync;

/// Puts something of the program's own round the provider of a role.
#[derive(Clone)]
pub(crate) struct WrapRole(Arc<Wrap>);

impl WrapRole {
    pub(crate) fn new(
        wrap: impl Fn(&RoleHop, Arc<dyn ProvideAwsCredentials>) -> Arc<dyn ProvideAwsCredentials>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(wrap))
    }

    pub(crate) fn wrap(
        &self,
        hop: &RoleHop,
        provider: Arc<dyn ProvideAwsCredentials>,
    ) -> Arc<dyn ProvideAwsCredentials> {
        (self.0)(hop, provider)
    }
}

impl fmt::Debug for WrapRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrapRole(…)")
    }
}
