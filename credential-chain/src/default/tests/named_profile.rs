//! A profile that somebody named, and keys in the environment.

use tests_support::Log;

use super::*;

#[tokio::test]
async fn a_profile_named_in_code_passes_over_keys_in_the_environment() {
    let secret = canary("environment");
    let home = Home::new("", &profile("deploy", "DEPLOY"));
    let provider = home.builder(&keys(&secret)).profile_name("deploy").build();
    assert_eq!(id(&provider).await, "DEPLOY");
    assert_eq!(asked(&provider), ["Profile"]);
}

#[tokio::test]
async fn an_error_tells_that_keys_were_passed_over() {
    let secret = canary("environment");
    let home = Home::new("[profile empty]\nregion = eu-west-1\n", "");
    let (_, text) = report(&home.builder(&keys(&secret)).profile_name("empty").build()).await;
    assert!(
        text.contains("hint: a profile is named in code, so AWS_ACCESS_KEY_ID"),
        "{text}"
    );
}

#[tokio::test]
async fn an_argument_that_names_a_profile_is_named_in_errors_and_hints() {
    let secret = canary("environment");
    let home = Home::new("", "");
    let provider = home
        .builder(&keys(&secret))
        .profile_name_from("ops", "--profile")
        .build();
    let (kind, told) = report(&provider).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(
        told.contains("no profile `ops`, which --profile names, in "),
        "{told}"
    );
    assert!(
        told.ends_with(
            "hint: --profile names a profile, so AWS_ACCESS_KEY_ID and its companions are passed over"
        ),
        "{told}"
    );
}

#[tokio::test]
async fn a_profile_named_by_a_variable_comes_behind_keys_in_the_environment_with_a_warning() {
    let secret = canary("environment");
    let home = Home::new("", &profile("deploy", "DEPLOY"));
    let [id_pair, secret_pair] = keys(&secret);
    let provider = home
        .builder(&[id_pair, secret_pair, ("AWS_PROFILE", "deploy")])
        .build();
    let log = Log::listen();

    assert_eq!(id(&provider).await, "ENVIRONMENT");

    let log = log.text();
    assert!(
        log.contains("WARN") && log.contains("AWS_PROFILE is set, and so are keys"),
        "{log}"
    );
    assert!(!tests_support::leaks(&log), "{log}");
}
