//! Any path below `/latest`.

use super::*;
use crate::testing::{reply, token};

#[tokio::test]
async fn a_path_as_awss_pages_write_it_is_below_latest_once() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    for path in ["/latest/meta-data/instance-id", "latest/meta-data/instance-id"] {
        assert_eq!(client.get(path).await.unwrap(), "i-0abc", "{path}");
    }
    let other = client.get("latest-news").await.unwrap_err();
    assert!(other.to_string().contains("/latest/latest-news"), "{other}");
}

#[tokio::test]
async fn a_path_must_stay_below_latest() {
    let server = knowing_its_id(|_, _| None).await;
    for path in [
        "meta-data/../../x",
        "..",
        "a b",
        "meta-data?x",
        "a#b",
        "a\\b",
        "a\r\nX: y",
        "é",
    ] {
        let error = client(&server).get(path).await.unwrap_err();
        assert!(matches!(error, Error::Path { .. }), "{path:?}: {error:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn nothing_at_a_path_is_told_from_no_instance_metadata() {
    let server = knowing_its_id(|_, _| None).await;
    let error = client(&server).get("meta-data/nothing").await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    assert_eq!(error.kind(), credential_core::ErrorKind::Failed);
}

#[tokio::test]
async fn an_endpoint_with_a_path_keeps_it() {
    let server = Server::deciding(|_, request| match request.target.as_str() {
        "/prefix/latest/api/token" => ok(token(1)),
        "/prefix/latest/meta-data/instance-id" => ok("i-0abc"),
        _ => reply(404, "", ""),
    })
    .await;
    let client = client(&server).with_endpoint(format!("{}/prefix/", server.url));
    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");
}
