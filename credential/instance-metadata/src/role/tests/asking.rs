//! From a token over a list to a document.

use credential_core::ErrorKind;
use tests_support::Reply;
use time::OffsetDateTime;

use super::*;
use crate::testing::{Asked as _, LIST, document, reply};

#[tokio::test]
async fn a_token_a_list_and_a_document_give_credentials() {
    let server = imds(|_, _| None).await;

    let credentials = server.provider().load().await.unwrap();

    assert_eq!(server.lines(), [put(), get(LIST), get(ROLE)]);
    assert_eq!(credentials.access_key_id(), "ASIAweb");
    assert_eq!(
        credentials.secret_access_key().expose(),
        tests_support::canary("secret")
    );
    assert_eq!(
        credentials.session_token().unwrap().expose(),
        tests_support::canary("session token")
    );
    assert_eq!(credentials.source(), "InstanceMetadata");
    assert_eq!(credentials.renewal(), Renewal::NEVER.with_static_stability());
    let six_hours = std::time::Duration::from_secs(6 * 3600);
    assert_eq!(
        credentials.expiration().unwrap(),
        OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_secs(1_893_499_200) + six_hours
    );
}

#[tokio::test]
async fn a_renewal_is_one_request() {
    let server = imds(|_, _| None).await;
    let provider = server.provider();
    provider.load().await.unwrap();
    provider.load().await.unwrap();
    assert_eq!(server.lines(), [put(), get(LIST), get(ROLE), get(ROLE)]);
}

#[tokio::test]
async fn the_first_line_with_something_on_it_is_the_role() {
    for list in ["web", "web\n", "web\r\nother\r\n", "\n  web  \nother\n"] {
        let server = imds(move |request, _| (request.target == LIST).then(|| ok(list))).await;
        let credentials = server.provider().load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIAweb", "{list:?}");
    }
}

#[tokio::test]
async fn a_name_that_no_role_can_have_steers_no_request() {
    let long = "x".repeat(65);
    for list in [
        "../../user-data",
        "..",
        ".",
        "a/b",
        "a?b",
        "a#b",
        "a b",
        "a%2e",
        "a\u{7}",
        "é",
        "<html>",
        long.as_str(),
    ] {
        let list = list.to_owned();
        let server = imds(move |request, _| (request.target == LIST).then(|| ok(&list))).await;
        let error = server.provider().load().await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Unexpected {
                    what: "name of a role",
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(server.lines(), [put(), get(LIST)]);
    }
}

#[tokio::test]
async fn a_name_with_every_sign_that_is_allowed_is_asked_as_it_is() {
    let role = "a.b_c-d@e,f=g+h";
    let server = imds(move |request, _| match request.target.strip_prefix(LIST) {
        Some("") => Some(ok(role)),
        Some(name) if name == role => Some(ok(document("signs"))),
        _ => None,
    })
    .await;
    assert_eq!(
        server.provider().load().await.unwrap().access_key_id(),
        "ASIAsigns"
    );
}

#[tokio::test]
async fn no_role_is_not_configured() {
    let lists: [fn() -> Reply; 4] = [
        || ok(""),
        || ok("\n \r\n"),
        || reply(404, "", "<html>"),
        || reply(404, "", ""),
    ];
    for list in lists {
        let server = imds(move |request, _| (request.target == LIST).then(list)).await;
        let error = server.provider().load().await.unwrap_err();
        assert!(matches!(error, Error::NoRole { .. }), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::NotConfigured);
        assert!(
            error
                .to_string()
                .starts_with("no role is attached to this instance")
        );
        assert_eq!(server.lines().len(), 2);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server =
        imds(|request, _| (request.target == LIST).then(|| reply(301, &format!("Location: {ROLE}\r\n"), "")))
            .await;
    let error = server.provider().load().await.unwrap_err();
    assert!(matches!(error, Error::Status { status: 301, .. }), "{error:?}");
    assert!(error.to_string().ends_with("redirects are not followed"));
    assert_eq!(server.lines(), [put(), get(LIST)]);
}
