//! What a chain says that found nothing.

use credential_core::{ErrorKind, Variables};
use credential_environment::EnvironmentProvider;

use super::*;

#[tokio::test]
async fn an_exhausted_chain_lists_every_place_with_its_causes() {
    let error = CredentialsError::not_configured("Profile", "no profile `deploy` in ~/.aws/config");
    let deep = CredentialsError::failed("Inner", std::io::Error::other("connection reset"));
    let chain = ChainProvider::of([
        (
            "Environment",
            Scripted::saying(Err(CredentialsError::not_configured(
                "E",
                "AWS_ACCESS_KEY_ID is not set",
            ))),
        ),
        ("Profile", Scripted::saying(Err(error))),
        (
            "InstanceMetadata",
            Scripted::saying(Err(CredentialsError::failed("I", deep))),
        ),
    ]);

    let error = chain.credentials().await.unwrap_err();

    assert_eq!(
        error.cause().to_string(),
        "no credentials in 3 places\n  \
         environment: AWS_ACCESS_KEY_ID is not set\n  \
         profile: no profile `deploy` in ~/.aws/config\n  \
         instance metadata (failed): inner failed: connection reset"
    );
    let Some(Error::Exhausted { attempts, .. }) = error.cause().downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!(attempts.len(), 3);
}

#[tokio::test]
async fn an_exhausted_chain_has_the_kind_of_the_first_that_is_more_than_absence() {
    let late = || Err(CredentialsError::timed_out("Test", "x"));
    let wrong = || Err(CredentialsError::invalid_configuration("Test", "x"));
    for (answers, kind, transient) in [
        ([nothing(), nothing(), nothing()], ErrorKind::NotConfigured, false),
        (
            [nothing(), wrong(), late()],
            ErrorKind::InvalidConfiguration,
            false,
        ),
        ([nothing(), late(), wrong()], ErrorKind::TimedOut, true),
        ([broken(), nothing(), nothing()], ErrorKind::Failed, false),
    ] {
        let chain = ChainProvider::of(answers.map(|answer| ("A", Scripted::saying(answer))));
        let error = chain.credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, transient));
    }
}

#[tokio::test]
async fn a_stopped_chain_says_where_and_that_nobody_else_was_asked() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(broken()));
    let error = chain(&[("A", &a), ("Profile", &b)])
        .stop_on_failure()
        .credentials()
        .await
        .unwrap_err();
    assert_eq!(
        error.report().to_string(),
        "chain failed: no credentials: profile is set up and does not work, so no other source was asked\n  \
         a: nothing is set up\n  \
         profile (failed): the door is stuck"
    );
}

#[tokio::test]
async fn a_stopped_chain_keeps_what_was_said_and_hints_at_what_was_nearly_set_up() {
    let half = Variables::from([("AWS_ACCESS_KEY_ID", canary("half"))]);
    let environment = EnvironmentProvider::new().with_variables(half.clone());
    let chain = ChainProvider::of([("Environment", environment)])
        .with_provider("Profile", Scripted::saying(broken()))
        .with_provider("Container", Scripted::saying(keys("C")))
        .with_hints(Hints::new(half, None))
        .stop_on_failure();

    let error = chain.credentials().await.unwrap_err();

    assert_eq!(
        outcomes(&chain),
        [
            "environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
            "profile (failed): the door is stuck"
        ]
    );
    let text = error.report().to_string();
    assert!(
        text.ends_with("\nhint: set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID"),
        "{text}"
    );
    assert!(!tests_support::leaks(&format!("{text} {error:?}")));
}

#[tokio::test]
async fn an_empty_chain_has_an_error_of_its_own() {
    let error = chain(&[]).credentials().await.unwrap_err();
    assert!(
        matches!(error.cause().downcast_ref(), Some(Error::Empty)),
        "{error:?}"
    );
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
}
