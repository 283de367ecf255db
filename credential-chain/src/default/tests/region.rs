//! The region, and where the STS client goes.

use super::*;

#[tokio::test]
async fn the_region_comes_from_code_then_variables_then_the_profile() {
    let home = Home::new(
        "[default]\nregion = eu-west-1\n[profile ops]\nregion = eu-west-2\n",
        "",
    );
    for (builder, expected) in [
        (home.builder(&[]), Some("eu-west-1")),
        (home.builder(&[("AWS_PROFILE", "ops")]), Some("eu-west-2")),
        (home.builder(&[]).profile_name("ops"), Some("eu-west-2")),
        (
            home.builder(&[("AWS_DEFAULT_REGION", "us-east-1")]),
            Some("us-east-1"),
        ),
        (
            home.builder(&[("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_REGION", "us-east-2")]),
            Some("us-east-2"),
        ),
        (
            home.builder(&[("AWS_REGION", "us-east-2")]).region("ap-south-1"),
            Some("ap-south-1"),
        ),
        (Home::new("", "").builder(&[]), None),
    ] {
        assert_eq!(builder.build().region().await.unwrap().as_deref(), expected);
    }
    let wrong = home.builder(&[("AWS_REGION", "evil.example/")]).build();
    assert_eq!(
        wrong.region().await.unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
}

#[tokio::test]
async fn the_sts_client_goes_where_variables_and_profile_say() {
    let config = "[default]\nregion = eu-west-1\nuse_dualstack_endpoint = true\n\
                  [profile own]\nregion = eu-west-1\nservices = mine\n[services mine]\nsts =\n  endpoint_url = http://127.0.0.1:1/sts\n";
    let home = Home::new(config, "");
    for (variables, url) in [
        (
            vec![("AWS_USE_DUALSTACK_ENDPOINT", "false")],
            "https://sts.eu-west-1.amazonaws.com",
        ),
        (
            vec![
                ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
                ("AWS_USE_DUALSTACK_ENDPOINT", "false"),
                ("AWS_REGION", "us-east-1"),
            ],
            "https://sts.us-east-1.amazonaws.com",
        ),
        (vec![], "https://sts.eu-west-1.api.aws"),
        (
            vec![("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_REGION", "us-east-1")],
            "https://sts-fips.us-east-1.api.aws",
        ),
        (vec![("AWS_PROFILE", "own")], "http://127.0.0.1:1/sts"),
        (
            vec![
                ("AWS_PROFILE", "own"),
                ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2"),
            ],
            "http://127.0.0.1:2",
        ),
        (
            vec![
                ("AWS_PROFILE", "own"),
                ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
            ],
            "https://sts.eu-west-1.amazonaws.com",
        ),
    ] {
        let client = home.builder(&variables).build().sts_client().await.unwrap();
        assert_eq!(client.endpoint().unwrap().url(), url, "{variables:?}");
    }
    for wrong in [
        ("AWS_ENDPOINT_URL_STS", "not an address"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "lgeacy"),
        ("AWS_MAX_ATTEMPTS", "0"),
    ] {
        let error = home.builder(&[wrong]).build().sts_client().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(error.report().to_string().contains(wrong.0), "{}", error.report());
    }
}

#[tokio::test]
async fn without_a_region_the_sts_client_says_how_to_set_one() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let sts = home.builder(&[]).build().sts_client().await.unwrap();
    let error = sts.get_caller_identity().await.unwrap_err();
    assert!(error.to_string().contains("region"), "{error}");
}
