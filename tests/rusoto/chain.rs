//! Who is asked, and what a failure means.

use std::sync::Arc;

use credential_chain::{
    AutoRefreshingProvider, ChainProvider, DefaultCredentialsProvider, EnvironmentProvider, ErrorKind,
};
use mock_imds::{MockImds, Source};
use tests_support::Log;

use super::*;

fn broken_profile(home: &tempfile::TempDir) -> Vec<(String, String)> {
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(
        home.path().join(".aws/credentials"),
        "[default]\naws_access_key_id = AKIDHALF\n",
    )
    .unwrap();
    vec![("HOME".to_owned(), home.path().display().to_string())]
}

#[tokio::test]
async fn the_sources_are_asked_in_rusotos_order_with_web_identity_before_the_container() {
    let chain = DefaultCredentialsProvider::builder()
        .variables(Variables::from(NOTHING))
        .build();

    chain.credentials().await.unwrap_err();

    let asked: Vec<String> = chain
        .attempts()
        .iter()
        .map(|attempt| attempt.provider().to_owned())
        .collect();
    assert_eq!(
        asked,
        [
            "Environment",
            "Profile",
            "WebIdentity",
            "Container",
            "InstanceMetadata"
        ]
    );
}

#[tokio::test]
async fn the_chain_provider_falls_back_when_a_source_fails_and_errs_when_all_are_exhausted() {
    let down = Arc::new(Scripted::default());
    down.failing.store(true, Ordering::SeqCst);
    let good = Arc::new(Scripted::default());
    let chain = ChainProvider::of([("Down", Arc::clone(&down)), ("Good", Arc::clone(&good))]);

    assert_eq!(chain.credentials().await.unwrap().access_key_id(), "AKID1");

    let exhausted = ChainProvider::of([("Down", Arc::clone(&down)), ("Too", down)]);
    let error = exhausted.credentials().await.unwrap_err();
    let text = error.report().to_string();
    assert!(
        text.contains("2 places") && text.matches("the source is down").count() == 2,
        "{text}"
    );
}

#[tokio::test]
async fn the_chain_provider_keeps_every_reason_and_warns_when_it_passes_what_was_set_up_but_broken() {
    let nothing = EnvironmentProvider::new().with_variables(Variables::from(NOTHING));
    let down = Arc::new(Scripted::default());
    down.failing.store(true, Ordering::SeqCst);
    let chain = ChainProvider::of([("Nothing", nothing)])
        .with_provider("Down", down)
        .with_provider("Good", AwsCredentials::new("AKIDGOOD", canary("good")));
    let log = Log::listen();

    assert_eq!(chain.credentials().await.unwrap().access_key_id(), "AKIDGOOD");

    let warnings = log.warnings();
    assert_eq!(
        warnings.len(),
        1,
        "none for a place where nothing is set up: {warnings:?}"
    );
    assert!(
        warnings[0].contains("\"Down\"") && warnings[0].contains("the source is down"),
        "{warnings:?}"
    );
    let kinds: Vec<Option<ErrorKind>> = chain
        .attempts()
        .iter()
        .map(|attempt| attempt.error().map(CredentialsError::kind))
        .collect();
    assert_eq!(
        kinds,
        [Some(ErrorKind::NotConfigured), Some(ErrorKind::Failed), None]
    );
}

#[tokio::test]
async fn the_chain_provider_stops_at_a_failure_when_told_to() {
    let down = Arc::new(Scripted::default());
    down.failing.store(true, Ordering::SeqCst);
    let good = Arc::new(Scripted::default());
    let chain = ChainProvider::of([("Down", down), ("Good", Arc::clone(&good))]).stop_on_failure();

    assert_eq!(chain.credentials().await.unwrap_err().kind(), ErrorKind::Failed);
    assert_eq!(good.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_default_provider_is_strict_and_falls_back_when_told_to() {
    let mock = MockImds::builder().start().await;
    let home = tempfile::tempdir().unwrap();
    let mut pairs = mock.variables(Source::InstanceMetadata).unwrap();
    pairs.extend(broken_profile(&home));
    let variables: Variables = pairs.into_iter().collect();

    let strict = DefaultCredentialsProvider::builder()
        .variables(variables.clone())
        .build();
    assert_eq!(
        strict.credentials().await.unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
    assert_eq!(mock.connections(), 0, "nobody asked for the machine's identity");

    let lenient = DefaultCredentialsProvider::builder()
        .variables(variables)
        .fall_back_on_failure()
        .build();
    assert_eq!(lenient.credentials().await.unwrap().source(), "InstanceMetadata");
}

#[tokio::test]
async fn a_provider_of_ones_own_is_one_trait_with_one_method() {
    #[derive(Debug)]
    struct Mine;
    impl ProvideAwsCredentials for Mine {
        fn credentials(&self) -> CredentialsFuture<'_> {
            CredentialsFuture::new(async { Ok(AwsCredentials::new("AKIDMINE", canary("mine"))) })
        }
    }
    let stored: Arc<dyn ProvideAwsCredentials> = Arc::new(Mine);

    let provider = AutoRefreshingProvider::new(ChainProvider::of([("Mine", stored)]));

    assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKIDMINE");
}

#[tokio::test]
async fn the_chain_stays_with_the_source_that_answered() {
    let first = Arc::new(Scripted::default());
    first.failing.store(true, Ordering::SeqCst);
    let second = Arc::new(Scripted::default());
    let chain = ChainProvider::of([("First", Arc::clone(&first)), ("Second", Arc::clone(&second))]);
    chain.credentials().await.unwrap();

    first.failing.store(false, Ordering::SeqCst);
    second.failing.store(true, Ordering::SeqCst);
    let error = chain.credentials().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(
        first.calls.load(Ordering::SeqCst),
        1,
        "an earlier source never takes over unasked"
    );
}
