//! What people are told, and that no secret is.

use tests_support::Log;

use super::*;
use crate::Standing;

#[tokio::test]
async fn what_was_nearly_set_up_is_hinted_at() {
    let home = Home::new("", "");
    for (variable, value, hint) in [
        (
            "AWS_ACCESS_KEY_ID",
            "AKID",
            "set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID",
        ),
        ("AWS_ROLE_ARN", "arn", "AWS_ROLE_ARN alone does nothing"),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "t",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN does nothing without",
        ),
        (
            "AWS_EC2_METADATA_DISABLED",
            "yes",
            "AWS_EC2_METADATA_DISABLED is neither `true` nor `false`",
        ),
    ] {
        let provider = home
            .builder(&[(variable, value)])
            .instance_metadata(Says::nothing())
            .build();
        let (kind, text) = report(&provider).await;
        assert_eq!(kind, ErrorKind::NotConfigured);
        assert!(text.contains(&format!("\nhint: {hint}")), "{text}");
    }
}

#[tokio::test]
async fn an_explanation_tells_what_each_source_looked_at() {
    let secret = canary("explain");
    let home = Home::new("", &profile("default", "PROFILE"));
    let explanation = home.builder(&keys(&secret)).build().explain().await;

    let standings: Vec<Standing> = explanation
        .sources()
        .iter()
        .map(crate::ExplainedSource::standing)
        .collect();
    assert_eq!(standings[0], Standing::Used);
    assert!(
        standings[1..]
            .iter()
            .all(|standing| *standing == Standing::NotReached)
    );
    let text = explanation.to_string();
    for part in [
        "> environment (",
        "access key ID ENVIRONMENT, no expiration",
        "looked at profile `default` (the default) in ",
        "access key ID PROFILE",
        "looked at AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_EC2_METADATA_DISABLED switches instance metadata off",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!tests_support::leaks(&format!("{text} {explanation:?}")));
}

#[tokio::test]
async fn nothing_that_prints_shows_a_secret() {
    let secret = canary("printing");
    let home = Home::new("", &profile("default", "PROFILE"));
    let log = Log::listen();
    let builder = home.builder(&keys(&secret));
    let mut texts = format!("{builder:?}");
    let provider = builder.build();
    id(&provider).await;
    provider.explain().await;
    texts += &format!(
        "{provider:?} {:?} {:?} {}",
        provider.health(),
        provider.attempts(),
        log.text()
    );
    assert!(!tests_support::leaks(&texts), "{texts}");
    assert!(texts.contains("found credentials"), "{texts}");
}
