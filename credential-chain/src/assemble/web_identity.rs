use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{Clock, Random};
use credential_sts::{StsClient, WebIdentityProvider, WebIdentityToken};

use super::services::Service;
use super::workshop::Provider;

/// A role that is assumed with a token from a file, as a profile or the variables ask for it.
pub(crate) struct WebIdentity<'a> {
    pub(crate) token_file: &'a Path,
    pub(crate) role_arn: &'a str,
    pub(crate) role_session_name: Option<&'a str>,
    pub(crate) duration: Option<Duration>,
}

impl WebIdentity<'_> {
    pub(crate) fn provider(
        &self,
        sts: &Service,
        clock: &Arc<dyn Clock>,
        random: &Arc<dyn Random>,
    ) -> Provider {
        let client = sts
            .client_of(StsClient::unsigned(&sts.region), sts.http_client())
            .with_clock(Arc::clone(clock))
            .with_random(Arc::clone(random));
        let token = WebIdentityToken::file(self.token_file);
        let mut provider = WebIdentityProvider::new(client, self.role_arn, token);
        if let Some(name) = self.role_session_name {
            provider = provider.with_role_session_name(name);
        }
        if let Some(duration) = self.duration {
            provider = provider.with_duration(duration);
        }
        Arc::new(provider)
    }
}
