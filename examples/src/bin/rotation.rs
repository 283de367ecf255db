//! Credentials that rotate while a loop uses them: the loop never waits, and never holds a dead key.

use std::time::Duration;

use credential_chain::{
    AutoRefreshingProvider, Clock, InstanceMetadataProvider, ProvideAwsCredentials, TokioClock, Variables,
};
use mock_imds::{MockImds, Rotation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    // A role whose credentials live for four seconds, and rotate two before their end.
    let mock = MockImds::builder()
        .credential_lifetime(Duration::from_secs(4))
        .rotation(Rotation::BeforeEnd(Duration::from_secs(2)))
        .start()
        .await;
    // An instance with nothing set: in your own program leave out both settings.
    let instance = InstanceMetadataProvider::new()
        .with_variables(Variables::none())
        .with_endpoint(mock.endpoint());
    let provider = AutoRefreshingProvider::new(instance);

    let mut seen = Vec::new();
    while seen.len() < 3 {
        let key = provider.credentials().await?.access_key_id().to_owned();
        if seen.last() != Some(&key) {
            println!("now signing with {key}");
            seen.push(key);
        }
        TokioClock.sleep(Duration::from_millis(50)).await;
    }
    let health = provider.health();
    println!(
        "fetched {} times, callers waited {} times",
        health.fetches, health.waits
    );
    Ok(())
}
