//! The default chain: AWS's order, strict, refreshed. Here against a mock instance; leave out `.variables(…)` for yours.

use credential_chain::{DefaultCredentialsProvider, ProvideAwsCredentials, format_timestamp};
use mock_imds::{MockImds, Source};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    let mock = MockImds::builder().start().await;
    let provider = DefaultCredentialsProvider::builder()
        .variables(mock.variables(Source::InstanceMetadata)?.into_iter().collect())
        .build();

    let credentials = provider.credentials().await?;

    println!("{} from {}", credentials.access_key_id(), credentials.source());
    if let Some(expiration) = credentials.expiration() {
        println!("good until {}", format_timestamp(expiration));
    }
    println!("{}", provider.explain().await);
    Ok(())
}
