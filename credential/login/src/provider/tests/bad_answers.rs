//! Answers that renew nothing.

use serde_json::{Value, json};
use tests_support::{Reply, Server, canary, leaks};

use super::*;
use crate::error::Fault;
use crate::testing::{Home, OfSignIn as _, answer, refresh_token};

#[tokio::test]
async fn an_answer_without_credentials_is_a_failure() {
    let good = answer(1);
    let with = |pointer: &str, value: Value| {
        let mut answer = good.clone();
        *answer.pointer_mut(pointer).unwrap() = value;
        answer.to_string()
    };
    let whole = good.to_string();
    for (body, expected, requests) in [
        (String::new(), Fault::Truncated { line: 1, column: 0 }, 3),
        (
            whole[..40].to_owned(),
            Fault::Truncated { line: 1, column: 40 },
            3,
        ),
        ("<html>".to_owned(), Fault::Syntax { line: 1, column: 1 }, 3),
        ("[]".to_owned(), Fault::NoDocument, 3),
        ("{}".to_owned(), Fault::Missing { member: "expiresIn" }, 1),
        (
            with("/expiresIn", json!(0)),
            Fault::NotPositive { member: "expiresIn" },
            1,
        ),
        (
            with("/expiresIn", json!(-900)),
            Fault::NotPositive { member: "expiresIn" },
            1,
        ),
        (
            with("/expiresIn", json!("900")),
            Fault::WrongType { member: "expiresIn" },
            1,
        ),
        (
            with("/expiresIn", json!(1e18)),
            Fault::NotATime { member: "expiresIn" },
            1,
        ),
        (
            with("/accessToken", json!(canary("opaque"))),
            Fault::NotAnObject {
                member: "accessToken",
            },
            1,
        ),
        (
            with("/accessToken/sessionToken", json!(null)),
            Fault::Missing {
                member: "sessionToken",
            },
            1,
        ),
        (
            with("/refreshToken", json!("")),
            Fault::Blank {
                member: "refreshToken",
            },
            1,
        ),
    ] {
        let home = Home::with_session(-60);
        let server = Server::answering([Reply::with(200, body.clone())]).await;
        let error = home.provider_at(&server).load().await.unwrap_err();
        let shown = format!("{error:?} {}", report(&error));
        let Error::Answer { source, .. } = error else {
            panic!("{body}: {error:?}");
        };
        assert_eq!(source, expected, "{body}");
        assert!(!leaks(&shown), "{shown}");
        assert_eq!(server.received().len(), requests, "{body}");
        assert_eq!(home.read()["refreshToken"], json!(refresh_token(0)));
    }
}

#[tokio::test]
async fn refusals_tell_what_to_do() {
    for (status, code, expected, advice) in [
        (
            401,
            "TOKEN_EXPIRED",
            ErrorKind::LoginRequired,
            "the session has ended: run `aws login --profile dev`",
        ),
        (
            403,
            "USER_CREDENTIALS_CHANGED",
            ErrorKind::LoginRequired,
            "the password has changed since the sign-in: run `aws login --profile dev`",
        ),
        (
            403,
            "INSUFFICIENT_PERMISSIONS",
            ErrorKind::Failed,
            "signin:CreateOAuth2Token",
        ),
        (
            400,
            "INVALID_REQUEST",
            ErrorKind::Failed,
            "run `aws login --profile dev`",
        ),
        (
            401,
            "AUTHCODE_EXPIRED",
            ErrorKind::Failed,
            "run `aws login --profile dev`",
        ),
    ] {
        let home = Home::with_session(-60);
        let reply = Reply::refusal(status, code)
            .header("x-amzn-errortype: AccessDeniedException:http://internal/")
            .header("x-amzn-RequestId: c6104cbe-1");
        let server = Server::answering([reply]).await;
        let error = home.provider_at(&server).load().await.unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with(advice), "{text}");
        assert!(
            text.contains(&format!(": {code}: as the script says (request c6104cbe-1)")),
            "{text}"
        );
        assert!(text.contains(&format!("status {status}")), "{text}");
        assert!(text.contains(&server.url), "{text}");
        assert!(!error.is_transient());
        assert_eq!(kind(&error), expected, "{code}");
        assert_eq!(server.received().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_refusal_without_a_word_is_told_all_the_same() {
    for (reply, part) in [
        (Reply::with(400, ""), "(status 400, 1 attempt); if it stays so"),
        (
            Reply::with(403, "{\"message\": 1}").header("x-amzn-errortype: AccessDeniedException"),
            "(status 403, 1 attempt): AccessDeniedException;",
        ),
        (
            Reply::with(302, "").header("Location: http://127.0.0.1:1/"),
            "(status 302, 1 attempt); a redirect is not followed",
        ),
    ] {
        let home = Home::with_session(-60);
        let server = Server::answering([reply]).await;
        let error = home.provider_at(&server).load().await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_that_repeats_the_token_is_not_repeated() {
    for message in [
        format!("no such token: {}", refresh_token(0)),
        format!("no such token: {}", refresh_token(0).replace('-', "-\u{200b}")),
        format!(
            "no such token: \u{202e}{}",
            refresh_token(0).split_at(5).0.to_owned() + "\u{feff}" + refresh_token(0).split_at(5).1
        ),
        format!("in {{\"refreshToken\": \"{}\"}}", &refresh_token(0)[..12]),
    ] {
        let home = Home::with_session(-60);
        let body = json!({ "error": refresh_token(0), "message": message });
        let server = Server::answering([Reply::with(400, body.to_string())]).await;
        let error = home.provider_at(&server).load().await.unwrap_err();
        let shown = format!("{error:?} {}", report(&error));
        assert!(!leaks(&shown), "{shown}");
    }
}

#[tokio::test]
async fn a_long_message_is_cut() {
    let home = Home::with_session(-60);
    let body = json!({ "error": "INVALID_REQUEST", "message": "x".repeat(1000) });
    let server = Server::answering([Reply::with(400, body.to_string())]).await;
    let error = home.provider_at(&server).load().await.unwrap_err();
    let Error::Refused { said, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(said.message().unwrap().len(), 200);
}
