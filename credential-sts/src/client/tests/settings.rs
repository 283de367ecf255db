//! Settings, and those that cannot work.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn settings_that_cannot_work_are_told_before_anybody_is_asked() {
    let base = |region: &str| {
        let source = Arc::new(Sourced::new(vec![session("ASIAOLD")]));
        (Arc::clone(&source), StsClient::new(region, source))
    };
    type Change = fn(StsClient) -> StsClient;
    let table: [(&str, Change, &str); 9] = [
        ("", |sts| sts, "AWS_REGION"),
        ("", |sts| sts.with_endpoint("http://127.0.0.1:1"), "AWS_REGION"),
        ("evil.example.com#", |sts| sts, "is not the name of a region"),
        ("aws-global", StsClient::with_fips, "no FIPS endpoint"),
        ("aws-global", StsClient::with_dual_stack, "no dual-stack endpoint"),
        (
            "us-east-1",
            |sts| sts.with_endpoint("http://127.0.0.1:1").with_fips(),
            "FIPS",
        ),
        (
            "us-east-1",
            |sts| sts.with_endpoint("http://127.0.0.1:1").with_dual_stack(),
            "dual-stack",
        ),
        (
            "us-east-1",
            |sts| sts.with_endpoint("127.0.0.1:1"),
            "endpoint cannot be used",
        ),
        (
            "us-east-1",
            |sts| sts.with_endpoint("http://127.0.0.1:1/?a=b"),
            "has a query",
        ),
    ];
    for (region, change, words) in table {
        let (source, sts) = base(region);
        let error = change(sts).assume_role(&request()).await.unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(
            CredentialsError::from(error).kind(),
            ErrorKind::InvalidConfiguration,
            "{words}"
        );
        assert_eq!(source.asked(), 0, "{words}");
    }
}

#[tokio::test]
async fn an_https_endpoint_may_be_given_too() {
    let sts = StsClient::new("us-gov-west-1", keys()).with_endpoint("https://sts.example.com:8443/aws/");
    let endpoint = sts.endpoint().unwrap();
    assert_eq!(endpoint.url(), "https://sts.example.com:8443/aws");
    assert_eq!(endpoint.signing_region(), "us-gov-west-1");
}
