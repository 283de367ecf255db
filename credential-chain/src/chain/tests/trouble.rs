//! Providers that take too long or panic, and calls that are dropped.

use credential_core::ErrorKind;
use tests_support::ManualClock;

use super::*;

#[tokio::test]
async fn a_dropped_call_leaves_the_chain_usable() {
    let (first, mut asked) = waiting();
    let chain = ChainProvider::of([("First", first)]).with_provider("Second", Scripted::saying(keys("B")));
    for _ in 0..3 {
        let walking = chain.clone();
        let walk = tokio::spawn(async move { walking.credentials().await });
        let answer = asked.recv().await.unwrap();
        walk.abort();
        assert!(walk.await.unwrap_err().is_cancelled());
        assert!(answer.is_closed(), "the provider's own future went with it");
    }
    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    asked.recv().await.unwrap().send(keys("A")).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "A");
}

#[tokio::test]
async fn a_provider_past_the_chains_limit_took_too_long_and_stops_a_strict_chain() {
    let clock = ManualClock::new();
    let (first, mut asked) = waiting();
    let second = Scripted::saying(keys("B"));
    let chain = ChainProvider::of([("First", first)])
        .with_provider("Second", second.clone())
        .stop_on_failure()
        .with_provider_timeout(Duration::from_secs(5))
        .with_clock(clock.clone());
    let walk = tokio::spawn(async move { chain.credentials().await });
    let answer = asked.recv().await.unwrap();
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(5));

    let error = walk.await.unwrap().unwrap_err();

    assert_eq!(
        (error.kind(), error.is_transient(), second.calls()),
        (ErrorKind::TimedOut, true, 0)
    );
    assert!(
        error
            .report()
            .to_string()
            .contains("first (took too long): no answer within 5s"),
        "{}",
        error.report()
    );
    assert!(answer.is_closed());
}

#[tokio::test]
async fn a_source_that_panics_harms_only_who_asked() {
    #[derive(Debug)]
    struct Panics(AtomicUsize);
    impl ProvideAwsCredentials for Panics {
        fn credentials(&self) -> CredentialsFuture<'_> {
            let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            CredentialsFuture::new(async move {
                assert!(!first, "on purpose");
                keys("A")
            })
        }
    }
    let chain = ChainProvider::of([("A", Panics(AtomicUsize::new(0)))]);
    let asking = chain.clone();
    let asked = tokio::spawn(async move { asking.credentials().await }).await;
    assert!(asked.unwrap_err().is_panic());
    assert_eq!(id(&chain).await, "A");
}
