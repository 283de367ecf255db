use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use credential_core::{ErrorKind, Variables};
use tests_support::canary;

use super::*;
use crate::builder::DefaultCredentialsProviderBuilder;
use crate::name;

mod coming_from_rusoto;
mod instance_metadata;
mod kept;
mod named_profile;
mod order;
mod outside_a_runtime;
mod region;
mod roles;
mod services;
mod stopping;
mod told;
mod wrong_settings;

/// A home directory with the two shared files in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str, credentials: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        home.write("config", config);
        home.write("credentials", credentials);
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(".aws").join(file), text).unwrap();
    }

    /// Variables with this home, these, and instance metadata switched off unless they say otherwise.
    fn variables(&self, more: &[(&str, &str)]) -> Variables {
        let mut pairs = vec![
            ("HOME".to_owned(), self.path().to_str().unwrap().to_owned()),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
        ];
        pairs.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        pairs.into_iter().collect()
    }

    fn builder(&self, more: &[(&str, &str)]) -> DefaultCredentialsProviderBuilder {
        DefaultCredentialsProvider::builder().variables(self.variables(more))
    }
}

fn profile(name: &str, access_key_id: &str) -> String {
    format!(
        "[{name}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {}\n",
        canary(access_key_id)
    )
}

fn keys(secret: &str) -> [(&str, &str); 2] {
    [
        ("AWS_ACCESS_KEY_ID", "ENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ]
}

/// Says the same each time, and counts.
#[derive(Clone, Debug)]
struct Says(Result<AwsCredentials, CredentialsError>, Arc<AtomicUsize>);

impl Says {
    fn keys(access_key_id: &str) -> Self {
        Self(
            Ok(AwsCredentials::new(access_key_id, canary(access_key_id))),
            Arc::default(),
        )
    }

    fn nothing() -> Self {
        Self(
            Err(CredentialsError::not_configured("Test", "nothing is set up")),
            Arc::default(),
        )
    }

    fn broken() -> Self {
        Self(
            Err(CredentialsError::failed("Test", "the door is stuck")),
            Arc::default(),
        )
    }

    fn calls(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

impl ProvideAwsCredentials for Says {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.1.fetch_add(1, Ordering::SeqCst);
        CredentialsFuture::ready(self.0.clone())
    }
}

async fn id(provider: &impl ProvideAwsCredentials) -> String {
    match provider.credentials().await {
        Ok(credentials) => credentials.access_key_id().to_owned(),
        Err(error) => panic!("{}", error.report()),
    }
}

async fn report(provider: &impl ProvideAwsCredentials) -> (ErrorKind, String) {
    let error = provider.credentials().await.unwrap_err();
    assert!(!tests_support::leaks(&format!("{error:?} {}", error.report())));
    (error.kind(), error.report().to_string())
}

fn asked(provider: &DefaultCredentialsProvider) -> Vec<String> {
    provider
        .attempts()
        .iter()
        .map(|attempt| attempt.provider().to_owned())
        .collect()
}

fn document(access_key_id: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{access_key_id}","SecretAccessKey":"{}","Token":"{}","Expiration":"2099-01-01T00:00:00Z"}}"#,
        canary("document"),
        canary("token")
    )
}
