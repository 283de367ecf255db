//! The extended path, by choice.

use super::*;
use crate::testing::{Asked as _, EXTENDED_LIST, LIST, document, reply};

const EXTENDED_ROLE: &str = "/latest/meta-data/iam/security-credentials-extended/web";

/// Instance metadata that serves the extended path as well.
async fn with_extended_path() -> Server {
    imds(|request, _| match request.target.as_str() {
        EXTENDED_LIST => Some(ok("web")),
        EXTENDED_ROLE => Some(ok(
            document("extended").replace('}', r#", "AccountId": "123456789012"}"#)
        )),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn the_extended_path_is_asked_only_by_choice() {
    for (extended, key) in [
        (ExtendedPath::Off, "ASIAweb"),
        (ExtendedPath::Auto, "ASIAextended"),
        (ExtendedPath::On, "ASIAextended"),
    ] {
        let server = with_extended_path().await;
        let provider = server.provider().with_extended_path(extended);
        let credentials = provider.load().await.unwrap();
        assert_eq!(credentials.access_key_id(), key);
        assert_eq!(credentials.account_id().is_some(), key == "ASIAextended");
        provider.load().await.unwrap();
        assert_eq!(server.lines().len(), 4, "{extended:?}");
    }
}

#[tokio::test]
async fn an_extended_path_that_is_not_served_is_tried_once() {
    let server = imds(|_, _| None).await;
    let provider = server.provider().with_extended_path(ExtendedPath::Auto);
    provider.load().await.unwrap();
    provider.load().await.unwrap();
    assert_eq!(
        server.lines(),
        [put(), get(EXTENDED_LIST), get(LIST), get(ROLE), get(ROLE)]
    );

    let server = imds(|_, _| None).await;
    let provider = server
        .provider()
        .with_extended_path(ExtendedPath::Auto)
        .with_role("web");
    provider.load().await.unwrap();
    assert_eq!(server.lines(), [put(), get(EXTENDED_ROLE), get(ROLE)]);
}

#[tokio::test]
async fn an_extended_path_that_fails_is_not_left() {
    let server = imds(|request, _| (request.target == EXTENDED_LIST).then(|| reply(500, "", ""))).await;
    let provider = server.provider().with_extended_path(ExtendedPath::Auto);
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::Status { status: 500, .. }), "{error:?}");
    assert_eq!(
        (server.count(&get(LIST)), server.count(&get(EXTENDED_LIST))),
        (0, 3)
    );

    let server = imds(|_, _| None).await;
    let error = server
        .provider()
        .with_extended_path(ExtendedPath::On)
        .load()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NoRole { .. }), "{error:?}");
    assert_eq!(server.count(&get(LIST)), 0);
}

#[tokio::test]
async fn once_the_extended_path_has_answered_a_404_means_that_the_role_is_gone() {
    let server = imds(|request, count| match (request.target.as_str(), count) {
        (EXTENDED_LIST, _) => Some(ok("web")),
        (EXTENDED_ROLE, 2) => Some(reply(404, "", "")),
        (EXTENDED_ROLE, _) => Some(ok(document("extended"))),
        _ => None,
    })
    .await;
    let provider = server.provider().with_extended_path(ExtendedPath::Auto);
    provider.load().await.unwrap();
    provider.load().await.unwrap();
    assert_eq!(
        (server.count(&get(LIST)), server.count(&get(EXTENDED_LIST))),
        (0, 2)
    );
}
