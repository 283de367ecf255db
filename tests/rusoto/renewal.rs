//! What is kept, refreshed and read again.

use std::sync::Arc;

use credential_chain::{
    AutoRefreshingProvider, ContainerProvider, DefaultCredentialsProvider, EnvironmentProvider,
    ProfileProvider, StaticStability,
};
use mock_imds::{MockImds, Rotation, Source};
use tokio::sync::Notify;

use super::*;

/// A provider that tells when it has been asked and has answered.
#[derive(Debug)]
struct Telling<P> {
    provider: P,
    done: Notify,
}

impl<P> Telling<P> {
    fn new(provider: P) -> Self {
        let done = Notify::new();
        Self { provider, done }
    }
}

impl<P: ProvideAwsCredentials> ProvideAwsCredentials for Telling<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async {
            let answer = self.provider.credentials().await;
            self.done.notify_one();
            answer
        })
    }
}

#[tokio::test]
async fn the_default_provider_keeps_what_it_found_and_refreshes_it() {
    let clock = ManualClock::new();
    let source = Arc::new(Scripted {
        lifetime: Some((clock.clone(), Duration::from_secs(3600))),
        ..Scripted::default()
    });
    let provider = DefaultCredentialsProvider::builder()
        .variables(Variables::from(NOTHING))
        .environment(Arc::clone(&source))
        .clock(clock.clone())
        .build();

    for _ in 0..3 {
        assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKID1");
    }
    assert_eq!(source.calls.load(Ordering::SeqCst), 1);
    clock.advance(Duration::from_secs(3001));

    eventually(&provider, |credentials| credentials.access_key_id() == "AKID2").await;
}

#[tokio::test]
async fn keys_from_a_file_are_read_again_after_ten_minutes_and_never_shown_as_expiring() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let write = |id: &str| {
        let secret = canary("file");
        std::fs::write(
            &file,
            format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
        )
        .unwrap();
    };
    write("AKIDONE");
    let clock = ManualClock::new();
    let variables = Variables::from([("HOME", folder.path().as_os_str())]);
    let profile = ProfileProvider::new()
        .with_variables(variables)
        .with_credentials_file(&file);
    let reading = Arc::new(Telling::new(profile));
    let provider = AutoRefreshingProvider::new(Arc::clone(&reading)).with_clock(clock.clone());

    let one = provider.credentials().await.unwrap();
    reading.done.notified().await;
    write("AKIDTWO");
    clock.advance(Duration::from_secs(599));
    assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKIDONE");
    assert_eq!(provider.health().fetches, 1, "not before its time");
    clock.advance(Duration::from_secs(1));
    provider.credentials().await.unwrap();
    reading.done.notified().await;
    let two = eventually(&provider, |credentials| credentials.access_key_id() == "AKIDTWO").await;

    assert_eq!((one.expiration(), two.expiration()), (None, None));
}

#[tokio::test]
async fn keys_from_the_environment_are_read_again_after_ten_minutes() {
    let provider = EnvironmentProvider::new().with_variables(Variables::from([
        ("AWS_ACCESS_KEY_ID".to_owned(), "AKIDENVIRONMENT".to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), canary("environment")),
    ]));

    let clock = ManualClock::new();
    let provider = AutoRefreshingProvider::new(provider).with_clock(clock.clone());
    let reads = async || {
        let credentials = provider.credentials().await.unwrap();
        assert_eq!(credentials.expiration(), None, "never shown as an expiration");
        // What was begun beside this caller is done when the task has had its turn.
        tokio::task::yield_now().await;
        provider.health().fetches
    };

    assert_eq!(reads().await, 1);
    clock.advance(Duration::from_secs(599));
    assert_eq!(reads().await, 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(reads().await, 2);
}

#[tokio::test]
async fn how_often_files_and_environment_are_read_again_is_a_setting() {
    let provider = EnvironmentProvider::new().with_variables(Variables::from([
        ("AWS_ACCESS_KEY_ID".to_owned(), "AKIDENVIRONMENT".to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), canary("environment")),
    ]));
    let clock = ManualClock::new();
    let provider = AutoRefreshingProvider::new(provider).with_clock(clock.clone());
    let often = provider.clone().with_reread_interval(Duration::from_secs(60));
    let never = provider.without_reread();
    for provider in [&often, &never] {
        provider.credentials().await.unwrap();
    }

    clock.advance(Duration::from_secs(60));
    for provider in [&often, &never] {
        provider.credentials().await.unwrap();
    }

    assert_eq!((often.health().fetches, never.health().fetches), (2, 1));
    assert_eq!(never.health().next_refresh, None);
}

/// Asks until a soft refresh, which runs beside its callers, has brought what is waited for.
async fn eventually(
    provider: &dyn ProvideAwsCredentials,
    is: impl Fn(&AwsCredentials) -> bool,
) -> AwsCredentials {
    for _ in 0..100 {
        let credentials = provider.credentials().await.unwrap();
        if is(&credentials) {
            return credentials;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came");
}

#[tokio::test]
async fn temporary_credentials_are_refreshed_ahead_of_their_expiration() {
    let clock = ManualClock::new();
    let source = Arc::new(Scripted {
        lifetime: Some((clock.clone(), Duration::from_secs(3600))),
        ..Scripted::default()
    });
    let provider = AutoRefreshingProvider::new(Arc::clone(&source)).with_clock(clock.clone());
    provider.credentials().await.unwrap();

    clock.advance(Duration::from_secs(3001));

    eventually(&provider, |credentials| credentials.access_key_id() == "AKID2").await;
}

#[tokio::test]
async fn expired_credentials_that_cannot_be_renewed_are_an_error() {
    let clock = ManualClock::new();
    let source = Arc::new(Scripted {
        lifetime: Some((clock.clone(), Duration::from_secs(3600))),
        ..Scripted::default()
    });
    let provider = AutoRefreshingProvider::new(Arc::clone(&source)).with_clock(clock.clone());
    provider.credentials().await.unwrap();
    source.failing.store(true, Ordering::SeqCst);

    clock.advance(Duration::from_secs(3599));
    assert!(provider.credentials().await.is_ok(), "they are still good");
    clock.advance(Duration::from_secs(1));
    let error = provider.credentials().await.unwrap_err();

    assert!(
        error.report().to_string().contains("the source is down"),
        "{}",
        error.report()
    );
}

#[tokio::test]
async fn an_instances_expired_credentials_outlive_an_outage_unless_static_stability_is_off() {
    for (policy, served) in [(None, true), (Some(StaticStability::Off), false)] {
        let mock = MockImds::builder().rotation(Rotation::Never).start().await;
        let clock = ManualClock::at(mock.clock().now());
        let source = instance(mock.endpoint());
        let mut provider = AutoRefreshingProvider::new(source).with_clock(clock.clone());
        if let Some(policy) = policy {
            provider = provider.with_static_stability(policy);
        }
        provider.credentials().await.unwrap();

        clock.advance(Duration::from_secs(7 * 3600));

        assert_eq!(provider.credentials().await.is_ok(), served, "{policy:?}");
    }
}

#[tokio::test]
async fn a_containers_expired_credentials_outlive_an_outage_unless_static_stability_is_off() {
    for (policy, served) in [(StaticStability::FromSource, true), (StaticStability::Off, false)] {
        let mock = MockImds::builder().rotation(Rotation::Never).start().await;
        let variables: Variables = mock.variables(Source::Ecs).unwrap().into_iter().collect();
        let clock = ManualClock::at(mock.clock().now());
        let source = ContainerProvider::new().with_variables(variables);
        let provider = AutoRefreshingProvider::new(source)
            .with_clock(clock.clone())
            .with_static_stability(policy);
        provider.credentials().await.unwrap();

        clock.advance(Duration::from_secs(7 * 3600));

        assert_eq!(provider.credentials().await.is_ok(), served, "{policy:?}");
    }
}
