//! A provider of one's own, kept and renewed like any other.

use credential_chain::{
    AutoRefreshingProvider, AwsCredentials, CredentialsError, CredentialsFuture, ProvideAwsCredentials,
    Renewal,
};

#[derive(Debug)]
struct KeyringProvider {
    entry: &'static str,
}

impl KeyringProvider {
    async fn load(&self) -> Result<AwsCredentials, std::io::Error> {
        // Here a real one would ask the keyring; it must not block the runtime, and must not wait for ever.
        let secret = format!("cAnArY0sEcReT/{}", self.entry);
        Ok(AwsCredentials::new("AKIDFROMKEYRING", secret).with_source("Keyring"))
    }
}

impl ProvideAwsCredentials for KeyringProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move {
            let found = self
                .load()
                .await
                .map_err(|error| CredentialsError::failed("Keyring", error))?;
            Ok(found.with_renewal(Renewal::NEVER.with_reread_after(std::time::Duration::from_secs(600))))
        })
    }

    fn name(&self) -> &str {
        "Keyring"
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    let provider = AutoRefreshingProvider::new(KeyringProvider { entry: "aws" });
    let credentials = provider.credentials().await?;
    println!("{} from {}", credentials.access_key_id(), credentials.source());
    Ok(())
}
