//! What stops the chain, and what lets it go on.

use tests_support::Log;

use super::*;
use crate::Error;

#[tokio::test]
async fn a_broken_profile_stops_the_default_chain() {
    let container = Says::keys("CONTAINER");
    for (config, says) in [
        ("[default\n", "a section line must end with a bracket"),
        ("[default]\naws_access_key_id = A\n", "no aws_secret_access_key"),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\n",
            "no profile `b`, which profile `default` names",
        ),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Moon\n",
            "`Moon`, which nobody knows",
        ),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n",
            "profile `default` has no credential settings",
        ),
        (
            "[default]\nsso_account_id = 1\nsso_role_name = r\n",
            "no sso_region and no sso_start_url",
        ),
    ] {
        let provider = Home::new(config, "");
        let provider = provider.builder(&[]).container(container.clone()).build();
        let (kind, text) = report(&provider).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{text}");
        assert!(text.contains(says), "{text}");
    }
    assert_eq!(container.calls(), 0, "nobody else was asked");
}

#[tokio::test]
async fn a_profile_that_is_named_and_missing_stops_the_default_chain() {
    let home = Home::new("", &profile("default", "PROFILE"));
    for provider in [
        home.builder(&[("AWS_PROFILE", "deplyo")]).build(),
        home.builder(&[]).profile_name("deplyo").build(),
    ] {
        let (kind, text) = report(&provider).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration);
        assert!(
            text.contains("no profile `deplyo`") && text.contains(".aws/config"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_default_chain_falls_back_when_it_is_told_to() {
    let home = Home::new("[default\n", "");
    let builder = home
        .builder(&[])
        .container(Says::broken())
        .instance_metadata(Says::keys("INSTANCE"));
    let provider = builder.fall_back_on_failure().build();
    let log = Log::listen();

    assert_eq!(id(&provider).await, "INSTANCE");

    let log = log.text();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].contains("provider=\"Profile\"") && warnings[1].contains("the door is stuck"),
        "{log}"
    );
}

#[tokio::test]
async fn absence_everywhere_is_not_configured_and_lists_all_places() {
    let home = Home::new("", "");
    let provider = home.builder(&[]).build();
    let error = provider.credentials().await.unwrap_err();
    assert!(error.is_not_configured());
    let Some(Error::Exhausted { attempts, hints }) = error.cause().downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!((attempts.len(), hints.len()), (5, 0));
    assert!(
        error
            .cause()
            .to_string()
            .starts_with("no credentials in 5 places\n  environment: ")
    );
}

#[tokio::test]
async fn a_profile_of_settings_alone_lets_the_chain_go_on() {
    let home = Home::new("[default]\nregion = eu-west-1\n", "");
    let provider = home.builder(&[]).container(Says::keys("CONTAINER")).build();
    assert_eq!(id(&provider).await, "CONTAINER");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_warned_of_and_named_where_nothing_is_found() {
    for config in ["", "[default]\nregion = eu-west-1\n"] {
        let home = Home::new(config, "");
        let folder = home.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let folder = folder.to_str().unwrap();
        let log = Log::listen();

        let provider = home.builder(&[("AWS_SHARED_CREDENTIALS_FILE", folder)]).build();
        let (kind, told) = report(&provider).await;

        let note =
            format!("AWS_SHARED_CREDENTIALS_FILE names {folder}, which cannot be read: it is a directory");
        assert_eq!(kind, ErrorKind::NotConfigured);
        assert!(told.contains("no credentials in 5 places"), "{told}");
        assert!(told.contains(&note), "{told}");
        let log = log.text();
        assert!(
            log.contains("WARN") && log.contains(&format!("{note}; it counts as empty")),
            "{log}"
        );
    }
}

/// Trouble with reading is no word about what a file holds: the next identity is not what was meant.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn trouble_with_reading_a_file_stops_the_default_chain_and_may_pass() {
    let home = Home::new("", "");
    // A regular file that can be opened and not read.
    let provider = home
        .builder(&[("AWS_CONFIG_FILE", "/proc/self/mem")])
        .provider("Last", Says::keys("LAST"))
        .build();
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.is_transient());
    assert_eq!(asked(&provider), ["Environment", "Profile"]);
}

#[tokio::test]
async fn a_web_identity_token_file_stops_the_chain_and_a_role_alone_does_not() {
    let home = Home::new("", "");
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod");
    let token = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token");
    let container = Says::keys("CONTAINER");
    let with = |variables: &[(&str, &str)]| home.builder(variables).container(container.clone()).build();

    assert_eq!(id(&with(&[role])).await, "CONTAINER");
    for (variables, says) in [
        (
            vec![token, role, ("AWS_REGION", "eu-west-1")],
            "the web identity token file /no/such/token cannot be read",
        ),
        (vec![token], "AWS_ROLE_ARN is not"),
    ] {
        let (kind, text) = report(&with(&variables)).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration);
        assert!(text.contains(says), "{text}");
    }
    assert_eq!(container.calls(), 1);
}

#[tokio::test]
async fn half_a_pair_of_keys_is_passed_over_with_a_warning_unless_the_pair_is_strict() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let half = [("AWS_ACCESS_KEY_ID", "HALF")];
    let log = Log::listen();
    assert_eq!(id(&home.builder(&half).build()).await, "PROFILE");
    let warnings = log.warnings().concat();
    assert!(
        warnings.contains("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"),
        "{warnings}"
    );
    drop(log);

    let environment = crate::EnvironmentProvider::new()
        .with_variables(home.variables(&half))
        .with_strict_pair();
    let strict = home.builder(&half).environment(environment).build();
    let (kind, told) = report(&strict).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
    assert_eq!(asked(&strict), ["Environment"]);
}
