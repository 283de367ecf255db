//! A role named by code, environment or profile.

use credential_core::ErrorKind;
use credential_core::Variables;

use super::*;
use crate::testing::{Asked as _, LIST, no_variables, reply};

#[tokio::test]
async fn a_configured_role_spares_the_list() {
    let by_code = |server: &Server| server.provider().with_role("web");
    let by_variable = |server: &Server| {
        server
            .provider()
            .with_variables(Variables::from([("AWS_EC2_INSTANCE_PROFILE_NAME", " web\n")]))
    };
    let by_profile = |server: &Server| {
        server
            .provider()
            .with_profile_setting("ec2_instance_profile_name", "web", "line 9")
    };
    let server = imds(|_, _| None).await;
    for provider in [by_code(&server), by_variable(&server), by_profile(&server)] {
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAweb");
    }
    assert_eq!(server.count(&get(LIST)), 0);

    let server = imds(|request, _| request.target.ends_with("/web").then(|| reply(404, "", ""))).await;
    for (provider, setting) in [
        (by_code(&server), "with_role"),
        (by_variable(&server), "AWS_EC2_INSTANCE_PROFILE_NAME"),
        (by_profile(&server), "line 9"),
    ] {
        let error = provider.load().await.unwrap_err();
        let message = format!("instance metadata has no credentials for role web, which {setting} names");
        assert!(error.to_string().starts_with(&message), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    }
    assert_eq!(server.count(&get(LIST)), 0);
    assert_eq!(server.count(&get(ROLE)), 3);
}

#[tokio::test]
async fn code_names_the_role_before_the_environment_before_the_profile() {
    let client = |variable: &str| {
        InstanceMetadataClient::new()
            .with_variables(Variables::from([("AWS_EC2_INSTANCE_PROFILE_NAME", variable)]))
            .with_profile_setting("ec2_instance_profile_name", "profile", "line 9")
    };
    let role = |code: Option<&str>, client: &InstanceMetadataClient| {
        configured_role(code, client)
            .unwrap()
            .map(|setting| setting.value)
    };
    assert_eq!(role(Some("code"), &client("variable")).as_deref(), Some("code"));
    assert_eq!(role(None, &client("variable")).as_deref(), Some("variable"));
    let without = client("variable").with_variables(no_variables());
    assert_eq!(role(None, &without).as_deref(), Some("profile"));
    assert_eq!(
        role(
            None,
            &InstanceMetadataClient::new().with_variables(no_variables())
        ),
        None
    );
}

#[tokio::test]
async fn a_blank_or_impossible_role_in_a_setting_is_an_error_without_a_request() {
    for (role, problem) in [
        ("", "it is blank"),
        ("  ", "it is blank"),
        ("..", "it would lead to another path"),
        ("a/b", "it may hold letters, digits and _+=,.@- alone"),
        (&"x".repeat(65), "it is longer than 64 characters"),
    ] {
        let server = imds(|_, _| None).await;
        let by_variable = server
            .provider()
            .with_variables(Variables::from([("AWS_EC2_INSTANCE_PROFILE_NAME", role)]));
        let by_profile = server
            .provider()
            .with_profile_setting("ec2_instance_profile_name", role, "line 9");
        for (provider, setting) in [
            (by_variable, "AWS_EC2_INSTANCE_PROFILE_NAME"),
            (by_profile, "line 9"),
            (server.provider().with_role(role), "with_role"),
        ] {
            let error = provider.load().await.unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{setting} holds no name of a role: {problem}")
            );
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        }
        assert_eq!(server.connections(), 0);
    }
}
