//! Our provider, handed to the official SDK's own trait: what `aws_config::defaults(…).credentials_provider(…)` takes.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, error::CredentialsError, future};
use credential_chain::{DefaultCredentialsProvider, ErrorKind, ProvideAwsCredentials};
use mock_imds::{MockImds, Source};

#[derive(Debug)]
struct ForTheSdk<P>(P);

impl<P: ProvideAwsCredentials> ForTheSdk<P> {
    async fn ask(&self) -> provider::Result {
        let ours = self.0.credentials().await.map_err(|error| match error.kind() {
            ErrorKind::NotConfigured => CredentialsError::not_loaded(error),
            ErrorKind::InvalidConfiguration => CredentialsError::invalid_configuration(error),
            _ => CredentialsError::provider_error(error),
        })?;
        let mut theirs = Credentials::builder()
            .access_key_id(ours.access_key_id())
            .secret_access_key(ours.secret_access_key().expose())
            .provider_name("credential-chain");
        theirs.set_session_token(ours.session_token().map(|token| token.expose().to_owned()));
        theirs.set_expiry(ours.expiration().map(SystemTime::from));
        Ok(theirs.build())
    }
}

impl<P: ProvideAwsCredentials> ProvideCredentials for ForTheSdk<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mock = MockImds::builder().start().await;
    let ours = DefaultCredentialsProvider::builder()
        .variables(mock.variables(Source::InstanceMetadata)?.into_iter().collect())
        .build();

    let theirs = ForTheSdk(ours).provide_credentials().await?;

    println!("the SDK signs with {}", theirs.access_key_id());
    assert!(theirs.expiry().is_some(), "the role's session has an end");
    Ok(())
}
