//! Testing your own code: start the mock, point your code at it, look at what it asked, let time pass.

use std::time::Duration;

use credential_chain::{InstanceMetadataProvider, ProvideAwsCredentials, Variables};
use mock_imds::MockImds;

/// Your code: it takes any provider.
async fn upload(provider: &dyn ProvideAwsCredentials) -> Result<String, Box<dyn std::error::Error>> {
    let credentials = provider.credentials().await?;
    Ok(format!("uploaded, signed with {}", credentials.access_key_id()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    let mock = MockImds::builder().role("uploader").start().await;
    // No variables: what is set where the test runs must not change it.
    let provider = InstanceMetadataProvider::new()
        .with_variables(Variables::none())
        .with_endpoint(mock.endpoint());

    println!("{}", upload(&provider).await?);
    mock.clock().advance(Duration::from_secs(6 * 3600));
    println!("{}", upload(&provider).await?);

    for request in mock.requests() {
        println!(
            "{} {} → {}",
            request.method(),
            request.path(),
            request.status().unwrap_or(0)
        );
    }
    Ok(())
}
