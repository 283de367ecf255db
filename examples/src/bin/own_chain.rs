//! A chain of one's own: these places, in this order, and nothing else.

use credential_chain::{
    AutoRefreshingProvider, ChainProvider, ContainerProvider, EnvironmentProvider, ProvideAwsCredentials,
    Variables,
};
use mock_imds::{MockImds, Source};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    let mock = MockImds::builder().start().await;
    let variables: Variables = mock.variables(Source::Ecs)?.into_iter().collect();

    let chain = ChainProvider::of([
        (
            "Environment",
            Box::new(EnvironmentProvider::new().with_variables(variables.clone()))
                as Box<dyn ProvideAwsCredentials>,
        ),
        (
            "Container",
            Box::new(ContainerProvider::new().with_variables(variables)),
        ),
    ])
    .stop_on_failure();
    let provider = AutoRefreshingProvider::new(chain);

    let credentials = provider.credentials().await?;
    println!("{} from {}", credentials.access_key_id(), credentials.source());
    Ok(())
}
