//! AssumeRole with your own credentials and settings, from the environment and files: `assume_role_for_real ROLE_ARN`.
//!
//! It talks to AWS, unless `AWS_ENDPOINT_URL_STS` says otherwise: the peer checks run it against moto.

use credential_chain::{AssumeRoleProvider, DefaultCredentialsProvider, ProvideAwsCredentials, StsClient};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    let role_arn = std::env::args()
        .nth(1)
        .ok_or("usage: assume_role_for_real ROLE_ARN")?;

    let sts = DefaultCredentialsProvider::new().sts_client().await?;
    let endpoint = sts.endpoint()?;
    let region = DefaultCredentialsProvider::new()
        .region()
        .await?
        .ok_or("no region is set")?;
    let role = AssumeRoleProvider::new(sts, role_arn).credentials().await?;

    println!("{} until {:?}", role.access_key_id(), role.expiration());
    let as_the_role = StsClient::new(region, role).with_endpoint(endpoint.url());
    println!("{}", as_the_role.get_caller_identity().await?.arn());
    Ok(())
}
