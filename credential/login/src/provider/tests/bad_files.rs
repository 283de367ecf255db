//! Files of the cache that are of no use.

use std::error::Error as _;

use serde_json::json;
use tests_support::{Reply, Server, canary, leaks};

use super::*;
use crate::error::Fault;
use crate::testing::{Home, OfSignIn as _};

#[tokio::test]
async fn a_missing_member_is_named_and_nobody_is_asked() {
    let server = Server::answering([Reply::renewal(1)]).await;
    for seconds in [HOUR, -HOUR] {
        for member in ["accessToken", "refreshToken", "clientId", "dpopKey"] {
            let home = Home::with_session(seconds);
            let mut document = home.document(seconds);
            document.as_object_mut().unwrap().remove(member);
            home.write(&document);
            let error = home.provider_at(&server).load().await.unwrap_err();
            let Error::Damaged { source, .. } = &error else {
                panic!("{error:?}");
            };
            assert_eq!(source, &Fault::Missing { member });
            assert_eq!(kind(&error), ErrorKind::LoginRequired);
            let text = report(&error);
            assert!(
                text.contains(member) && text.contains("aws login --profile dev"),
                "{text}"
            );
        }
    }
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn a_member_of_the_wrong_kind_is_named_and_never_shown() {
    let token = canary("refresh 0");
    for (pointer, value, expected) in [
        (
            "/accessToken",
            json!([]),
            Fault::NotAnObject {
                member: "accessToken",
            },
        ),
        (
            "/accessToken",
            json!(null),
            Fault::Missing {
                member: "accessToken",
            },
        ),
        (
            "/accessToken/accessKeyId",
            json!(7),
            Fault::NotText {
                member: "accessKeyId",
            },
        ),
        (
            "/accessToken/accessKeyId",
            json!("two words"),
            Fault::Illegal {
                member: "accessKeyId",
            },
        ),
        (
            "/accessToken/secretAccessKey",
            json!(format!("{token}\n")),
            Fault::Illegal {
                member: "secretAccessKey",
            },
        ),
        (
            "/accessToken/sessionToken",
            json!("  "),
            Fault::Blank {
                member: "sessionToken",
            },
        ),
        (
            "/accessToken/expiresAt",
            json!(token),
            Fault::NotATime { member: "expiresAt" },
        ),
        (
            "/accessToken/expiresAt",
            json!(1_893_499_200),
            Fault::NotText { member: "expiresAt" },
        ),
        (
            "/refreshToken",
            json!({ "a": token }),
            Fault::NotText {
                member: "refreshToken",
            },
        ),
        (
            "/refreshToken",
            json!(format!("{token} {token}")),
            Fault::Illegal {
                member: "refreshToken",
            },
        ),
        ("/clientId", json!(""), Fault::Blank { member: "clientId" }),
        ("/dpopKey", json!(true), Fault::NotText { member: "dpopKey" }),
    ] {
        let home = Home::with_session(HOUR);
        let mut document = home.document(HOUR);
        *document.pointer_mut(pointer).unwrap() = value;
        home.write(&document);
        let error = home.provider().load().await.unwrap_err();
        let shown = format!("{error:?} {}", report(&error));
        let Error::Damaged { source, .. } = error else {
            panic!("{pointer}: {error:?}");
        };
        assert_eq!(source, expected, "{pointer}");
        assert!(!leaks(&shown), "{shown}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_document_is_told_by_its_place() {
    let home = Home::new();
    let whole = home.document(HOUR).to_string();
    let half = &whole[..whole.len() / 2];
    for text in ["", half, "[]", "null", "\u{feff}{}", "not json"] {
        home.write_text(text);
        let error = home.provider().load().await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
        let shown = format!("{error:?} {}", report(&error));
        assert!(!leaks(&shown), "{shown}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_a_failure() {
    // A folder, no text, and more than anybody needs.
    for make in [
        (|path: &std::path::Path| std::fs::create_dir_all(path))
            as fn(&std::path::Path) -> std::io::Result<()>,
        |path| std::fs::write(path, b"{\"a\": \"\xff\"}"),
        |path| std::fs::write(path, " ".repeat(2 * 1024 * 1024)),
    ] {
        let home = Home::new();
        std::fs::create_dir_all(home.path().parent().unwrap()).unwrap();
        make(&home.path()).unwrap();
        let error = home.provider().load().await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
        assert!(error.source().is_some());
        assert!(error.to_string().contains(home.path().to_str().unwrap()));
        assert_eq!(kind(&error), ErrorKind::Failed);
    }
}
