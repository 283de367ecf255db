//! The whole way: the default chain finds an instance's role, STS lends another, and that one makes a signed EC2 call.
//!
//! All against a mock inside this process. In your own program leave out the mock, `.variables(…)` and the endpoints.
//! `RUST_LOG=debug` shows what happens underneath.

mod ec2;

use credential_chain::{
    AssumeRoleProvider, AutoRefreshingProvider, DefaultCredentialsProvider, ProvideAwsCredentials, StsClient,
};
use mock_imds::{MockImds, Source};

const ROLE: &str = "arn:aws:iam::123456789012:role/spot-reader";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();

    let mock = MockImds::builder().spot().start().await;
    let variables = mock.variables(Source::InstanceMetadata)?.into_iter().collect();

    let chain = DefaultCredentialsProvider::builder().variables(variables).build();
    let found = chain.credentials().await?;
    println!(
        "the chain found {} from {}",
        found.access_key_id(),
        found.source()
    );

    let sts = StsClient::new(mock.region(), chain).with_endpoint(mock.endpoint());
    println!("I am            {}", sts.get_caller_identity().await?.arn());

    let role = AssumeRoleProvider::new(sts, ROLE).with_role_session_name("example");
    let role = AutoRefreshingProvider::new(role);
    let sts = StsClient::new(mock.region(), role.clone()).with_endpoint(mock.endpoint());
    println!("I became        {}", sts.get_caller_identity().await?.arn());

    for request in ec2::describe_spot_instance_requests(mock.endpoint(), mock.region(), &role).await? {
        println!("EC2 says        {request}");
    }
    Ok(())
}
