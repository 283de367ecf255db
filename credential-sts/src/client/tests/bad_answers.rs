//! Answers that are none.

use tests_support::{Reply, leaks};

use super::*;
use crate::response::AnswerError;
use crate::scripted::OfSts as _;

#[tokio::test]
async fn bad_answers_give_their_error_in_bounded_attempts_and_show_no_secret() {
    let secret = canary("in the answer");
    let Reply::Answer { body: whole, .. } = Reply::role() else {
        unreachable!()
    };
    let whole = String::from_utf8(whole).unwrap();
    let cut = &whole[..whole.len() - 90];
    let moved = Reply::with(302, "").header("Location: http://127.0.0.1:1/");
    let html = format!("<html><body>Sign in, {secret}</body></html>");
    let past = Reply::session("AssumeRole", "2030-01-01T12:00:00Z");
    let raw = |text: &str| Reply::Raw(text.as_bytes().to_vec());
    type Expected = fn(&Error) -> bool;
    let table: Vec<(&str, Reply, usize, Expected)> = vec![
        ("nothing", Reply::with(200, ""), 3, is_answer),
        ("HTML", Reply::with(200, html), 3, is_answer),
        (
            "JSON",
            Reply::with(200, format!("{{\"SecretAccessKey\":\"{secret}\"}}")),
            3,
            is_answer,
        ),
        ("truncated XML", Reply::with(200, cut), 3, is_answer),
        (
            "truncated body",
            raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<Assume"),
            3,
            is_http,
        ),
        ("another answer", Reply::identity(), 3, is_answer),
        (
            "document type",
            Reply::with(200, format!("<!DOCTYPE a>{whole}")),
            3,
            is_answer,
        ),
        (
            "not UTF-8",
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe".to_vec()),
            3,
            is_answer,
        ),
        ("endless body", Reply::Endless, 1, is_http),
        ("no HTTP", raw("220 mail.example.com ESMTP\r\n"), 1, is_http),
        ("closed", raw(""), 3, is_http),
        ("redirect", moved, 1, |error| {
            matches!(
                error,
                Error::Refused {
                    status: 302,
                    hint: Some(_),
                    ..
                }
            )
        }),
        ("past expiration", past, 1, |error| {
            matches!(error, Error::Expired { .. })
        }),
        (
            "error with 200",
            Reply::refusal(200, "AccessDenied"),
            1,
            |error| matches!(error, Error::Refused { .. }),
        ),
        ("bare 404", Reply::with(404, ""), 1, |error| {
            matches!(error, Error::Refused { code: None, .. })
        }),
        ("HTML with 502", Reply::with(502, "<html>"), 3, |error| {
            matches!(error, Error::Refused { .. })
        }),
    ];
    for (name, reply, calls, expected) in table {
        let server = Server::answering([reply]).await;
        let error = client(&server, &PausingClock::default())
            .assume_role(&request())
            .await
            .unwrap_err();
        assert!(expected(&error), "{name}: {error:?}");
        assert_eq!(server.received().len(), calls, "{name}");
        let shown = format!("{error:?} {error:#?}");
        assert!(
            !leaks(&shown) && !leaks(&CredentialsError::from(error).report().to_string()),
            "{name}: {shown}"
        );
    }
}

fn is_answer(error: &Error) -> bool {
    matches!(error, Error::Answer { .. })
}

fn is_http(error: &Error) -> bool {
    matches!(error, Error::Http { .. })
}

#[tokio::test]
async fn a_broken_answer_names_what_is_missing() {
    let empty = "<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>";
    let server = Server::answering([Reply::with(200, empty)]).await;
    let error = client(&server, &PausingClock::default())
        .assume_role(&request())
        .await
        .unwrap_err();
    let element = "Credentials";
    assert!(matches!(&error, Error::Answer { source, .. } if *source == AnswerError::Missing { element }));
    assert!(
        CredentialsError::from(error)
            .report()
            .to_string()
            .ends_with("the answer has no Credentials")
    );
}
