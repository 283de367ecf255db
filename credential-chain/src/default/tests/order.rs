//! Which places are asked, in which order.

use httpmock::MockServer;

use super::*;
use crate::Error;

#[tokio::test]
async fn the_sources_are_asked_in_awss_order() {
    let places = [
        name::ENVIRONMENT,
        name::PROFILE,
        name::WEB_IDENTITY,
        name::CONTAINER,
        name::INSTANCE_METADATA,
    ];
    for winner in 0..places.len() {
        let say = |index| {
            if index == winner {
                Says::keys("WINNER")
            } else {
                Says::nothing()
            }
        };
        let provider = DefaultCredentialsProvider::builder()
            .environment(say(0))
            .profile(say(1))
            .web_identity(say(2))
            .container(say(3))
            .instance_metadata(say(4))
            .build();
        assert_eq!(id(&provider).await, "WINNER");
        assert_eq!(asked(&provider), places[..=winner]);
    }
}

#[tokio::test]
async fn real_sources_come_in_the_same_order() {
    let secret = canary("real");
    let server = MockServer::start();
    server.mock(|when, then| {
        when.path("/task");
        then.status(200).body(document("CONTAINER"));
    });
    let uri = server.url("/task");
    let home = Home::new("", &profile("default", "PROFILE"));
    let nothing = Home::new("", "");
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str());
    let [id_pair, secret_pair] = keys(&secret);

    let everything = home.builder(&[id_pair, secret_pair, container]).build();
    assert_eq!(id(&everything).await, "ENVIRONMENT");
    assert_eq!(id(&home.builder(&[container]).build()).await, "PROFILE");
    assert_eq!(id(&nothing.builder(&[container]).build()).await, "CONTAINER");
}

#[tokio::test]
async fn without_a_profile_the_files_are_left_alone() {
    let home = Home::new("[default\n", "");
    let variables = [("AWS_REGION", "eu-west-1")];
    let provider = home
        .builder(&variables)
        .without_profile()
        .provider("Own", Says::keys("OWN"))
        .build();
    assert_eq!(id(&provider).await, "OWN");
    assert_eq!(provider.region().await.unwrap().as_deref(), Some("eu-west-1"));
    assert!(provider.sts_client().await.is_ok());
    assert_eq!(
        asked(&provider),
        [
            "Environment",
            "WebIdentity",
            "Container",
            "InstanceMetadata",
            "Own"
        ]
    );
}

#[tokio::test]
async fn places_can_be_left_out_added_and_put_in_another_order() {
    let base = || {
        DefaultCredentialsProvider::builder()
            .environment(Says::nothing())
            .profile(Says::nothing())
            .container(Says::nothing())
            .without_web_identity()
            .without_instance_metadata()
    };
    for (builder, expected) in [
        (base(), vec!["Environment", "Profile", "Container"]),
        (
            base().provider("Own", Says::nothing()),
            vec!["Environment", "Profile", "Container", "Own"],
        ),
        (
            base().provider_before(name::PROFILE, "Own", Says::nothing()),
            vec!["Environment", "Own", "Profile", "Container"],
        ),
        (
            base()
                .provider_after(name::PROFILE, "Own", Says::nothing())
                .provider_after("Own", "Other", Says::nothing()),
            vec!["Environment", "Profile", "Own", "Other", "Container"],
        ),
        (
            base().without_provider(name::PROFILE),
            vec!["Environment", "Container"],
        ),
        (base().without_environment().without_profile(), vec!["Container"]),
        (
            base().order([name::CONTAINER, name::ENVIRONMENT]),
            vec!["Container", "Environment", "Profile"],
        ),
    ] {
        let provider = builder.build();
        provider.credentials().await.unwrap_err();
        assert_eq!(asked(&provider), expected);
    }
}

#[tokio::test]
async fn a_place_that_is_not_there_is_an_error_at_the_first_call() {
    for builder in [
        DefaultCredentialsProvider::builder().provider_before("Vault", "Own", Says::keys("OWN")),
        DefaultCredentialsProvider::builder().without_provider("Vault"),
        DefaultCredentialsProvider::builder().order(["Vault"]),
    ] {
        let (kind, text) = report(&builder.environment(Says::keys("E")).build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration);
        assert!(
            text.contains("no provider `Vault`; it has `Environment`, `Profile`"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn everything_left_out_is_an_empty_chain() {
    let provider = DefaultCredentialsProvider::builder()
        .without_environment()
        .without_profile()
        .without_web_identity()
        .without_container()
        .without_instance_metadata()
        .build();
    let error = provider.credentials().await.unwrap_err();
    assert!(
        matches!(error.cause().downcast_ref(), Some(Error::Empty)),
        "{error:?}"
    );
}
