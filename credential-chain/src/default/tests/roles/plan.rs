//! The plan is told, and what has no effect in it.

use tests_support::Log;

use super::*;

#[tokio::test]
async fn the_plan_is_told_without_asking_anybody() {
    let (home, url) = Sts::start().home(&two_roles());
    let provider = home.builder(&[(STS, &url)]).build();
    let plan = provider.plan().await.unwrap();
    assert_eq!(
        plan.to_string(),
        "profile `default`: role arn:aws:iam::123456789012:role/default, from profile `inner`: role \
         arn:aws:iam::123456789012:role/inner, from profile `base`: static keys BASE in ~/.aws/credentials:2"
    );
    let own = home
        .builder(&[])
        .credential_source("Vault", Says::keys("VAULT"))
        .build();
    home.write("config", &role("default", "credential_source = vault"));
    assert!(own.plan().await.is_ok());
    assert_eq!(
        provider.plan().await.unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
    home.write("config", "");
    assert_eq!(
        provider.plan().await.unwrap_err().kind(),
        ErrorKind::NotConfigured
    );
}

#[tokio::test]
async fn an_explanation_shows_the_plan() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let text = home.builder(&[]).build().explain().await.to_string();
    assert!(
        text.contains("; the plan: profile `default`: static keys PROFILE in ~/"),
        "{text}"
    );
}

#[tokio::test]
async fn what_has_no_effect_in_a_plan_is_warned_of_once() {
    let config = "[default]\ncredential_process = echo\n";
    let home = Home::new(config, &profile("default", "PROFILE"));
    let chain = home.builder(&[]).build_chain();
    let log = Log::listen();
    for _ in 0..3 {
        assert!(chain.credentials().await.is_err());
    }
    let text = log.text();
    assert_eq!(
        text.matches("so what it says of static keys has no effect")
            .count(),
        1,
        "{text}"
    );
}
