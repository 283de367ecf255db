//! Providers put together by name; a chain is one itself.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn providers_go_in_and_out_by_name() {
    let say = |id| Scripted::saying(keys(id));
    let base = || ChainProvider::of([("A", Scripted::saying(nothing())), ("C", say("C"))]);
    assert_eq!(id(&base().with_provider_before("C", "B", say("B"))).await, "B");
    assert_eq!(id(&base().with_provider_after("A", "B", say("B"))).await, "B");
    assert_eq!(id(&base().with_provider_after("C", "D", say("D"))).await, "C");
    assert_eq!(
        id(&base().without_provider("C").with_provider("D", say("D"))).await,
        "D"
    );
}

#[tokio::test]
async fn a_name_that_the_chain_does_not_have_is_an_error_at_the_first_call() {
    let chain = ChainProvider::of([("A", Scripted::saying(keys("A")))]).without_provider("Vault");
    let error = chain.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    assert_eq!(
        error.cause().to_string(),
        "this chain has no provider `Vault`; it has `A`"
    );
}

#[tokio::test]
async fn a_chain_is_a_provider_and_may_stand_in_a_chain() {
    let inner = ChainProvider::of([("Deep", Scripted::saying(nothing()))]);
    let outer = ChainProvider::of([("Inner", inner)]);
    let error = outer.credentials().await.unwrap_err();
    assert!(error.is_not_configured());
    assert_eq!(
        error.cause().to_string(),
        "no credentials in 1 place\n  inner: no credentials in 1 place\n    deep: nothing is set up"
    );
}

#[tokio::test]
async fn refused_credentials_are_told_to_every_provider() {
    let (passed, winner) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let never_asked = Scripted::saying(keys("C"));
    let chain = chain(&[("A", &passed), ("B", &winner), ("C", &never_asked)]);
    let credentials = chain.credentials().await.unwrap();

    chain.invalidate(&credentials);

    for (name, provider) in [("A", passed), ("B", winner), ("C", never_asked)] {
        assert_eq!(*provider.0.refused.lock().unwrap(), ["B"], "{name}");
    }
}

#[test]
fn a_chain_is_send_sync_and_its_futures_are_send() {
    fn is<T: Send + Sync>() {}
    fn send<T: Send>(_: T) {}
    is::<ChainProvider>();
    let chain = ChainProvider::of::<&str, AwsCredentials>([]);
    send(chain.credentials());
    send(chain.explain());
}
