//! A role or a token that changes meanwhile.

use credential_core::ErrorKind;

use super::*;
use crate::testing::{Asked as _, LIST, document, reply};

#[tokio::test]
async fn a_token_that_dies_at_the_list_or_at_the_document_is_replaced() {
    for path in [LIST, ROLE] {
        let server =
            imds(move |request, count| (request.target == path && count == 1).then(|| reply(401, "", "")))
                .await;
        server.provider().load().await.unwrap();
        assert_eq!(server.lines().len(), 5, "{path}");
        assert_eq!((server.count(&put()), server.count(&get(path))), (2, 2));
    }
}

#[tokio::test]
async fn a_role_that_was_exchanged_is_found_again() {
    let server = imds(|request, count| match (request.target.as_str(), count) {
        (LIST, 2) => Some(ok("db")),
        (ROLE, 2..) => Some(reply(404, "", "")),
        (path, _) if path.ends_with("/db") => Some(ok(document("db"))),
        _ => None,
    })
    .await;
    let provider = server.provider();
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAweb");

    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAdb");

    let lines = server.lines();
    assert_eq!(lines[3..5], [get(ROLE), get(LIST)]);
    assert_eq!(lines.len(), 6);
}

#[tokio::test]
async fn a_role_that_is_gone_at_first_is_found_in_the_next_round() {
    let server = imds(|request, count| match (request.target.as_str(), count) {
        (LIST, 1) => Some(ok("gone")),
        _ => None,
    })
    .await;
    assert_eq!(server.provider().load().await.unwrap().access_key_id(), "ASIAweb");
    assert_eq!(server.lines().len(), 5);
}

#[tokio::test]
async fn after_four_rounds_without_a_document_there_is_an_error() {
    let server = imds(|request, _| (request.target == ROLE).then(|| reply(404, "", ""))).await;
    let error = server.provider().load().await.unwrap_err();
    assert!(
        matches!(&error, Error::RoleGone { role, rounds: 4, .. } if role == "web"),
        "{error:?}"
    );
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!((server.count(&get(LIST)), server.count(&get(ROLE))), (4, 4));
}
