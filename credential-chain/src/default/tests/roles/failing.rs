//! What becomes of a failure at any step.

use super::*;

#[tokio::test]
async fn whatever_a_step_says_it_is_a_failure_that_nobody_covers() {
    let cases = [
        (
            CredentialsError::not_configured("Own", "nothing"),
            ErrorKind::Failed,
        ),
        (
            CredentialsError::failed("Own", "the door is stuck"),
            ErrorKind::Failed,
        ),
        (
            CredentialsError::invalid_configuration("Own", "wrong"),
            ErrorKind::InvalidConfiguration,
        ),
        (CredentialsError::timed_out("Own", "late"), ErrorKind::TimedOut),
        (
            CredentialsError::login_required("Own", "who"),
            ErrorKind::LoginRequired,
        ),
    ];
    let home = Home::new(
        &two_roles().replace("source_profile = base", "credential_source = Own"),
        "",
    );
    for (error, kind) in cases {
        let container = Says::keys("CONTAINER");
        let transient = error.is_transient();
        let provider = home
            .builder(&[(STS, "http://127.0.0.1:1")])
            .credential_source("Own", Says(Err(error), Arc::default()))
            .container(container.clone())
            .build();
        let error = provider.credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, transient));
        let text = error.report().to_string();
        for part in [
            "no credentials from role arn:aws:iam::123456789012:role/default of profile `default`",
            ", which needs role arn:aws:iam::123456789012:role/inner of profile `inner`",
            ", which needs profile `inner` (credential source Own in ",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        for part in ["no credentials from", ": own "] {
            assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
        }
        assert!(!text.contains("to sign"), "{text}");
        assert_eq!(container.calls(), 0);
    }
}

#[tokio::test]
async fn a_lenient_chain_falls_back_past_a_failed_profile_as_a_whole() {
    let home = Home::new(&role("default", "credential_source = EcsContainer"), "");
    let container = Says::keys("CONTAINER");
    let provider = home
        .builder(&[(STS, "http://127.0.0.1:1")])
        .fall_back_on_failure()
        .container(container.clone())
        .build();
    assert_eq!(id(&provider).await, "CONTAINER");
}
