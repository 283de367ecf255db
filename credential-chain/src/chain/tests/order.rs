//! Who is asked, one after another, and what a failure does to that.

use super::*;

#[tokio::test]
async fn the_first_that_has_credentials_gives_them_and_none_behind_it_is_asked() {
    let (a, b, c) = (
        Scripted::saying(nothing()),
        Scripted::saying(keys("B")),
        Scripted::saying(keys("C")),
    );
    let chain = chain(&[("A", &a), ("B", &b), ("C", &c)]);

    assert_eq!(id(&chain).await, "B");

    assert_eq!([a.calls(), b.calls(), c.calls()], [1, 1, 0]);
    assert_eq!(
        outcomes(&chain),
        ["a: nothing is set up", "b: access key ID B, no expiration"]
    );
}

#[tokio::test]
async fn a_chain_falls_back_past_failures_of_every_kind() {
    for failure in [
        CredentialsError::not_configured("Test", "x"),
        CredentialsError::invalid_configuration("Test", "x"),
        CredentialsError::failed("Test", "x"),
        CredentialsError::timed_out("Test", "x"),
        CredentialsError::login_required("Test", "x"),
    ] {
        let (a, b) = (Scripted::saying(Err(failure)), Scripted::saying(keys("B")));
        assert_eq!(id(&chain(&[("A", &a), ("B", &b)])).await, "B");
    }
}

#[test]
fn the_chain_of_awss_order_has_all_places_and_falls_back() {
    let chain = ChainProvider::new();
    let names: Vec<&str> = chain
        .slots
        .list()
        .unwrap()
        .iter()
        .map(|slot| &*slot.name)
        .collect();
    assert_eq!(
        names,
        [
            "Environment",
            "Profile",
            "WebIdentity",
            "Container",
            "InstanceMetadata"
        ]
    );
    assert_eq!((chain.policy, chain.memory), (Policy::FallBack, Memory::Sticky));
}

#[tokio::test]
async fn a_strict_chain_goes_on_past_absence_alone() {
    for (failure, goes_on) in [
        (CredentialsError::not_configured("Test", "x"), true),
        (CredentialsError::invalid_configuration("Test", "x"), false),
        (CredentialsError::failed("Test", "x"), false),
        (CredentialsError::timed_out("Test", "x"), false),
        (CredentialsError::login_required("Test", "x"), false),
    ] {
        let kind = failure.kind();
        let (a, b) = (Scripted::saying(Err(failure)), Scripted::saying(keys("B")));
        let answer = chain(&[("A", &a), ("B", &b)])
            .stop_on_failure()
            .credentials()
            .await;
        match answer {
            Ok(credentials) => assert!(goes_on, "{credentials:?} after {kind:?}"),
            Err(error) => {
                assert!(!goes_on, "{error:?}");
                assert_eq!((error.kind(), b.calls()), (kind, 0));
            }
        }
    }
}

#[tokio::test]
async fn places_are_asked_one_after_another() {
    let (first, mut asked_first) = waiting();
    let (second, mut asked_second) = waiting();
    let chain = ChainProvider::of([("First", first), ("Second", second)]);
    let walk = tokio::spawn(async move { chain.credentials().await });
    let answer = asked_first.recv().await.unwrap();
    assert!(asked_second.try_recv().is_err(), "the second waits for the first");
    answer.send(nothing()).unwrap();
    asked_second.recv().await.unwrap().send(keys("B")).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "B");
}
