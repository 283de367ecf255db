//! How long the answer is kept.

use std::sync::Mutex;
use std::time::Duration;

use tests_support::ManualClock;

use super::*;
use crate::StaticStability;

#[tokio::test]
async fn credentials_are_kept_and_a_clone_keeps_the_same() {
    let environment = Says::keys("KEPT");
    let provider = DefaultCredentialsProvider::builder()
        .environment(environment.clone())
        .build();
    for _ in 0..3 {
        assert_eq!(id(&provider.clone()).await, "KEPT");
    }
    assert_eq!((environment.calls(), provider.health().fetches), (1, 1));
}

#[tokio::test]
async fn a_changed_file_is_seen_ten_minutes_after_it_was_read() {
    let clock = ManualClock::new();
    let home = Home::new("", &profile("default", "OLD"));
    let provider = home.builder(&[]).clock(clock.clone()).build();
    assert_eq!(id(&provider).await, "OLD");

    home.write("credentials", &profile("default", "NEW"));
    clock.advance(Duration::from_secs(599));
    assert_eq!(id(&provider).await, "OLD");
    clock.advance(Duration::from_secs(2));

    // The refresh runs beside its callers, who have what they have until it is done.
    while id(&provider).await == "OLD" {
        tokio::task::yield_now().await;
    }
    assert_eq!(id(&provider).await, "NEW");
}

#[tokio::test]
async fn settings_of_the_refresher_reach_it() {
    let clock = ManualClock::new();
    let dying = AwsCredentials::new("DYING", canary("dying"))
        .with_expiration(clock_end(&clock))
        .with_renewal(credential_core::Renewal::NEVER.with_static_stability());
    for (policy, served) in [(StaticStability::FromSource, true), (StaticStability::Off, false)] {
        let clock = clock_at_start(&clock);
        let source = Once(Mutex::new(Some(dying.clone())));
        let provider = DefaultCredentialsProvider::builder()
            .environment(source)
            .clock(clock.clone())
            .static_stability(policy)
            .build();
        assert_eq!(id(&provider).await, "DYING");
        clock.advance(Duration::from_secs(3601));
        assert_eq!(provider.credentials().await.is_ok(), served, "{policy:?}");
    }
}

fn clock_end(clock: &ManualClock) -> time::OffsetDateTime {
    use credential_core::Clock as _;
    clock.now() + Duration::from_secs(3600)
}

fn clock_at_start(clock: &ManualClock) -> ManualClock {
    use credential_core::Clock as _;
    ManualClock::at(clock.now())
}

/// Answers once, and has trouble ever after.
#[derive(Debug)]
struct Once(Mutex<Option<AwsCredentials>>);

impl ProvideAwsCredentials for Once {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let answer = self.0.lock().unwrap().take();
        let trouble = || CredentialsError::failed("Test", "an outage").with_transient(true);
        CredentialsFuture::ready(answer.ok_or_else(trouble))
    }
}
