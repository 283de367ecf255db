//! Whoever answered first is the source from then on.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn a_chain_stays_with_the_source_that_answered_first() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    assert_eq!(id(&chain).await, "B");

    a.now_says(keys("A"));

    assert_eq!(id(&chain).await, "B");
    assert_eq!(a.calls(), 1, "a place before the winner is not asked again");
}

#[tokio::test]
async fn a_source_that_answered_and_fails_now_is_no_reason_to_become_another() {
    for strict in [false, true] {
        for failure in [
            nothing(),
            broken(),
            Err(CredentialsError::timed_out("Test", "late")),
        ] {
            let (a, b) = (Scripted::saying(keys("A")), Scripted::saying(keys("B")));
            let mut chain = chain(&[("A", &a), ("B", &b)]);
            if strict {
                chain = chain.stop_on_failure();
            }
            assert_eq!(id(&chain).await, "A");

            let transient = failure.as_ref().unwrap_err().is_transient();
            a.now_says(failure);

            let error = chain.credentials().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.is_transient()),
                (ErrorKind::Failed, transient)
            );
            assert!(
                matches!(error.cause().downcast_ref(), Some(Error::Lost { .. })),
                "{error:?}"
            );
            assert_eq!(b.calls(), 0);

            a.now_says(keys("A"));
            assert_eq!(id(&chain).await, "A", "it recovers by itself");
        }
    }
}

#[tokio::test]
async fn a_source_that_asks_for_a_login_now_still_asks_for_a_login() {
    let a = Scripted::saying(keys("A"));
    let chain = chain(&[("A", &a)]);
    id(&chain).await;
    a.now_says(Err(CredentialsError::login_required("Test", "the session ended")));
    assert_eq!(
        chain.credentials().await.unwrap_err().kind(),
        ErrorKind::LoginRequired
    );
}

#[tokio::test]
async fn a_reset_chain_walks_again() {
    let (a, b) = (Scripted::saying(keys("A")), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    a.now_says(nothing());
    chain.credentials().await.unwrap_err();

    chain.reset();

    assert_eq!(id(&chain).await, "B");
}

#[tokio::test]
async fn a_chain_without_stickiness_walks_each_time() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]).without_stickiness();
    assert_eq!(id(&chain).await, "B");
    a.now_says(keys("A"));
    assert_eq!(id(&chain).await, "A");
}

#[tokio::test]
async fn a_failed_walk_settles_nothing() {
    let a = Scripted::saying(broken());
    let b = Scripted::saying(nothing());
    let chain = chain(&[("A", &a), ("B", &b)]);
    chain.credentials().await.unwrap_err();
    b.now_says(keys("B"));
    assert_eq!(id(&chain).await, "B");
    assert_eq!(a.calls(), 2);
}

#[tokio::test]
async fn a_clone_stays_with_the_same_source() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    a.now_says(keys("A"));
    assert_eq!(id(&chain.clone()).await, "B");
}

#[tokio::test]
async fn two_walks_at_once_end_with_one_identity() {
    let (first, mut asked) = waiting();
    let second = Scripted::saying(keys("B"));
    let chain = ChainProvider::of([("First", first)]).with_provider("Second", second.clone());
    let (one, two) = (chain.clone(), chain.clone());
    let one = tokio::spawn(async move { one.credentials().await });
    let to_one = asked.recv().await.unwrap();
    let two = tokio::spawn(async move { two.credentials().await });
    let to_two = asked.recv().await.unwrap();

    to_one.send(keys("A")).unwrap();
    assert_eq!(one.await.unwrap().unwrap().access_key_id(), "A");
    to_two.send(nothing()).unwrap();
    // The second walk finds B, and learns that the chain is A by now.
    asked.recv().await.unwrap().send(keys("A")).unwrap();

    assert_eq!(two.await.unwrap().unwrap().access_key_id(), "A");
}

#[tokio::test]
async fn a_walk_from_before_a_reset_settles_nothing_after_it() {
    let (first, mut asked) = waiting();
    let chain = ChainProvider::of([("First", first)]).with_provider("Second", Scripted::saying(keys("B")));
    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    let answer = asked.recv().await.unwrap();
    chain.reset();
    answer.send(keys("A")).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "A");

    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    asked.recv().await.unwrap().send(nothing()).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "B");
}
