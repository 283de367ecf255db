//! What rusoto promised to its users, each promise a test named after it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use credential_chain::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, InstanceMetadataProvider,
    ProvideAwsCredentials, Variables,
};
use tests_support::{ManualClock, canary};

mod addresses;
mod chain;
mod renewal;
mod roles;

const NOTHING: [(&str, &str); 1] = [("AWS_EC2_METADATA_DISABLED", "true")];

/// A provider that counts its calls and fails on demand.
#[derive(Debug, Default)]
struct Scripted {
    calls: AtomicUsize,
    failing: std::sync::atomic::AtomicBool,
    lifetime: Option<(ManualClock, Duration)>,
}

impl ProvideAwsCredentials for Scripted {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if self.failing.load(Ordering::SeqCst) {
            let cause = std::io::Error::other("the source is down");
            return CredentialsFuture::ready(Err(
                CredentialsError::failed("Scripted", cause).with_transient(true)
            ));
        }
        let mut credentials =
            AwsCredentials::new(format!("AKID{call}"), canary("scripted")).with_source("Scripted");
        if let Some((clock, lifetime)) = &self.lifetime {
            credentials = credentials.with_expiration(clock.now() + *lifetime);
        }
        CredentialsFuture::ready(Ok(credentials))
    }

    fn name(&self) -> &str {
        "Scripted"
    }
}

/// Instance metadata at this endpoint, whatever the process's own variables say.
fn instance(endpoint: &str) -> InstanceMetadataProvider {
    InstanceMetadataProvider::new()
        .with_variables(Variables::none())
        .with_endpoint(endpoint)
}
