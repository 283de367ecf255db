//! Every address can be another.

use credential_chain::DefaultCredentialsProvider;
use mock_imds::{MockImds, Source, Step};

use super::*;

#[tokio::test]
async fn every_address_can_be_pointed_at_a_mock_on_this_machine() {
    for source in [
        Source::InstanceMetadata,
        Source::Ecs,
        Source::Eks,
        Source::Environment,
    ] {
        let mock = MockImds::builder().start().await;
        let variables: Variables = mock.variables(source).unwrap().into_iter().collect();
        let provider = DefaultCredentialsProvider::builder().variables(variables).build();

        let sts = provider.sts_client().await.unwrap();

        assert_eq!(
            sts.get_caller_identity().await.unwrap().account(),
            "123456789012",
            "{source:?}"
        );
    }
}

#[tokio::test]
async fn an_endpoint_with_the_whole_path_as_older_programs_have_it_works() {
    let mock = MockImds::builder().start().await;
    let endpoint = format!("{}/latest/meta-data/iam/security-credentials", mock.endpoint());

    let credentials = instance(&endpoint).load().await.unwrap();

    assert_eq!(credentials.source(), "InstanceMetadata");
    assert_eq!(mock.count(Step::Token), 1);
}
