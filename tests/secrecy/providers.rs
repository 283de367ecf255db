//! Providers and their clients.

use credential_chain::container::ContainerProvider;
use credential_chain::http::{HttpClient, Proxies};
use credential_chain::profile::Selection;
use credential_chain::sso::SsoLogin;
use credential_chain::sts::SessionTokenProvider;
use credential_chain::{
    AssumeRoleProvider, AutoRefreshingProvider, ChainProvider, DefaultCredentialsProvider,
    EnvironmentProvider, InstanceMetadataProvider, LoginProvider, MfaPrompt, ProcessProvider,
    ProfileProvider, ProvideAwsCredentials, RegionProvider, SsoProvider, SsoSession, StsClient, Variables,
    WebIdentityProvider, WebIdentityToken,
};
use mock_imds::{MockImds, Source};

use super::*;

#[test]
fn providers_of_sessions_roles_and_commands_keep_quiet() {
    let secret = canary("provider");
    let role = "arn:aws:iam::123456789012:role/x";
    let sts = || StsClient::new("eu-central-1", credentials());
    let prompt = || {
        let code = secret.clone();
        MfaPrompt::new(move |_serial| {
            let code = code.clone();
            async move { Ok::<_, std::io::Error>(code) }
        })
    };
    let token = || {
        let token = secret.clone();
        WebIdentityToken::from_fn(move || {
            let token = token.clone();
            async move { Ok::<_, std::io::Error>(token) }
        })
    };
    let session = || SsoSession::named("corp", "https://corp.awsapps.com/start", "eu-central-1");
    let variables = Variables::from([("AWS_SECRET_ACCESS_KEY", &*secret), ("HTTPS_PROXY", &*secret)]);
    let searched: Vec<(&str, Box<dyn Debug>)> = vec![
        ("MfaPrompt", Box::new(prompt())),
        ("WebIdentityToken", Box::new(token())),
        ("StsClient", Box::new(sts())),
        (
            "AssumeRoleProvider",
            Box::new(
                AssumeRoleProvider::new(sts(), role)
                    .with_external_id(&*secret)
                    .with_mfa_serial("arn:aws:iam::123456789012:mfa/me")
                    .with_mfa_prompt(prompt()),
            ),
        ),
        (
            "SessionTokenProvider",
            Box::new(SessionTokenProvider::new(sts()).with_mfa_prompt(prompt())),
        ),
        (
            "WebIdentityProvider",
            Box::new(WebIdentityProvider::new(
                StsClient::unsigned("eu-central-1"),
                role,
                token(),
            )),
        ),
        (
            "ProcessProvider",
            Box::new(
                ProcessProvider::new(format!("/opt/tool --password {secret}"))
                    .with_variable("PASSWORD", &*secret),
            ),
        ),
        (
            "SsoProvider",
            Box::new(
                SsoProvider::new(session(), "123456789012", "developer").with_variables(variables.clone()),
            ),
        ),
        (
            "SsoLogin",
            Box::new(SsoLogin::new(session()).with_variables(variables.clone())),
        ),
        (
            "LoginProvider",
            Box::new(
                LoginProvider::new("arn:aws:iam::123456789012:user/me").with_variables(variables.clone()),
            ),
        ),
        (
            "InstanceMetadataClient",
            Box::new(
                credential_chain::InstanceMetadataClient::new()
                    .with_variables(variables.clone())
                    .with_profile_setting("any", &*secret, "a file"),
            ),
        ),
        (
            "DefaultCredentialsProviderBuilder",
            Box::new(
                DefaultCredentialsProvider::builder()
                    .variables(variables.clone())
                    .environment(credentials()),
            ),
        ),
        (
            "ChainProvider",
            Box::new(ChainProvider::of([("Keys", credentials())])),
        ),
        (
            "AutoRefreshingProvider",
            Box::new(AutoRefreshingProvider::new(credentials())),
        ),
        (
            "RegionProvider",
            Box::new(RegionProvider::new().with_variables(variables.clone())),
        ),
        (
            "HttpClient",
            Box::new(HttpClient::new().with_proxies(Proxies::from_lookup(|_| {
                Some(format!("http://user:{secret}@proxy.example:8080"))
            }))),
        ),
        ("Selection", Box::new(Selection::new().with_variables(variables))),
    ];
    for (name, value) in &searched {
        keeps_quiet(name, value);
    }
}

#[tokio::test]
async fn providers_keep_quiet_before_and_after_they_answer() {
    let mock = MockImds::builder().start().await;
    for (source, answering) in [
        (Source::InstanceMetadata, "InstanceMetadataProvider"),
        (Source::Ecs, "ContainerProvider"),
        (Source::Eks, "ContainerProvider"),
        (Source::Environment, "EnvironmentProvider"),
    ] {
        let mut variables = mock.variables(source).unwrap();
        // Also where the credentials come from elsewhere: an explanation asks every place.
        variables.push((
            "AWS_EC2_METADATA_SERVICE_ENDPOINT".to_owned(),
            mock.endpoint().to_owned(),
        ));
        let variables: Variables = variables.into_iter().collect();
        let provider = DefaultCredentialsProvider::builder()
            .variables(variables.clone())
            .build();
        keeps_quiet("DefaultCredentialsProvider", &provider);
        provider.credentials().await.unwrap();
        keeps_quiet("DefaultCredentialsProvider", &provider);
        keeps_quiet("Attempt", &provider.attempts());
        keeps_quiet("Health", &provider.health());
        let explained = provider.explain().await;
        keeps_quiet("Explanation", &explained);
        assert!(!explained.to_string().contains("EXAMPLEKEY"), "{explained}");
        for (name, one) in [
            (
                "EnvironmentProvider",
                Box::new(EnvironmentProvider::new().with_variables(variables.clone()))
                    as Box<dyn ProvideAwsCredentials>,
            ),
            (
                "ProfileProvider",
                Box::new(ProfileProvider::new().with_variables(variables.clone())),
            ),
            (
                "ContainerProvider",
                Box::new(ContainerProvider::new().with_variables(variables.clone())),
            ),
            (
                "InstanceMetadataProvider",
                Box::new(
                    InstanceMetadataProvider::new()
                        .with_variables(variables.clone())
                        .with_endpoint(mock.endpoint()),
                ),
            ),
        ] {
            keeps_quiet(name, &one);
            let refreshing = AutoRefreshingProvider::new(one);
            let answer = refreshing.credentials().await;
            assert!(answer.is_ok() || name != answering, "{source:?}: {answer:?}");
            keeps_quiet(name, &answer);
            keeps_quiet(name, &refreshing);
        }
    }
    keeps_quiet("MockImds", &mock);
    keeps_quiet("Record", &mock.requests());
    keeps_quiet("AccessKey", mock.user());
}

#[tokio::test]
async fn sts_keeps_quiet_when_it_refuses() {
    let mock = MockImds::builder().start().await;
    let wrong = AwsCredentials::new(mock.user().access_key_id(), canary("wrong"));
    let sts = StsClient::new(mock.region(), wrong).with_endpoint(mock.endpoint());
    keeps_quiet("StsClient", &sts);
    let role = AssumeRoleProvider::new(sts.clone(), "arn:aws:iam::123456789012:role/x")
        .with_external_id(canary("external"));
    keeps_quiet("AssumeRoleProvider", &role);
    keeps_quiet("SessionTokenProvider", &SessionTokenProvider::new(sts));

    let error = ChainProvider::of([("Role", role)])
        .credentials()
        .await
        .unwrap_err();

    keeps_quiet("CredentialsError", &error);
    let text = error.report().to_string();
    assert!(!leaks(&text) && text.contains("SignatureDoesNotMatch"), "{text}");
}
