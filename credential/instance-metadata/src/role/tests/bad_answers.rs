//! Answers that give no credentials.

use credential_core::ErrorKind;
use tests_support::{Reply, printed};

use super::*;
use crate::testing::{Asked as _, LIST, document, reply};

#[tokio::test]
async fn a_role_that_ec2_may_not_assume_points_to_its_trust_policy() {
    let server = with_document(
        r#"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role web.", "LastUpdated": "2030-01-01T11:00:00Z"}"#,
    )
    .await;
    let error = server.provider().load().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    let text = printed(&error);
    assert!(
        text.contains("its trust policy must allow ec2.amazonaws.com to call sts:AssumeRole"),
        "{text}"
    );
    assert!(text.contains("EC2 cannot assume the role web."), "{text}");
}

#[tokio::test]
async fn another_code_than_success_is_told_with_its_message() {
    let server = with_document(r#"{"code": "InstanceProfileNotFound", "message": "no such profile"}"#).await;
    let error = server.provider().load().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    let text = printed(&error);
    assert!(
        text.contains("the source refused with InstanceProfileNotFound: no such profile"),
        "{text}"
    );
    assert_eq!(server.count(&get(ROLE)), 1);
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_asked_for_once_more() {
    let server = imds(|request, count| {
        let cut = document("web")[..100].to_owned();
        (request.target == ROLE && count == 1).then(|| ok(cut))
    })
    .await;
    server.provider().load().await.unwrap();
    assert_eq!(server.lines(), [put(), get(LIST), get(ROLE), get(ROLE)]);
}

#[tokio::test]
async fn a_web_page_in_place_of_a_document_shows_its_start_alone() {
    let page = format!(
        "<!DOCTYPE html><title>Log in</title>{}{}",
        " ".repeat(64),
        tests_support::canary("page")
    );
    let length = page.len();
    let server = imds(move |request, _| {
        (request.target == ROLE).then(|| reply(200, "Content-Type: text/html\r\n", &page))
    })
    .await;

    let error = server.provider().load().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Failed);
    let text = printed(&error);
    assert!(
        text.contains(&format!("{length} bytes of text/html that start with")),
        "{text}"
    );
    assert!(text.contains("<!DOCTYPE html><title>Log in</title>"), "{text}");
    assert_eq!(server.count(&get(ROLE)), 2);
}

/// What stands where the document should, how often it is asked for, and what the error says.
#[tokio::test]
async fn bad_documents_give_their_errors_and_no_secret() {
    let good = document("web");
    let secret = tests_support::canary("secret");
    let without = |member: &str| good.replace(&format!("\"{member}\""), "\"Other\"");
    let with = |from: &str, to: &str| good.replace(from, to);
    let table: Vec<(&str, Vec<u8>, usize, &str)> = vec![
        ("nothing", b"".to_vec(), 2, "unexpected end"),
        ("blank", b" \r\n".to_vec(), 2, "unexpected end"),
        (
            "half a document",
            good.as_bytes()[..200].to_vec(),
            2,
            "unexpected end",
        ),
        (
            "two documents",
            format!("{good}{good}").into_bytes(),
            2,
            "unexpected character",
        ),
        ("a list", format!("[{good}]").into_bytes(), 2, "not a JSON object"),
        (
            "a string",
            format!("\"{secret}\"").into_bytes(),
            2,
            "not a JSON object",
        ),
        ("null", b"null".to_vec(), 2, "not a JSON object"),
        ("not UTF-8", [good.as_bytes(), &[0xff]].concat(), 2, "not UTF-8"),
        ("too deep", "[".repeat(10_000).into_bytes(), 2, "nested"),
        ("an empty object", b"{}".to_vec(), 1, "AccessKeyId is missing"),
        (
            "no key ID",
            without("AccessKeyId").into_bytes(),
            1,
            "AccessKeyId is missing",
        ),
        (
            "no secret",
            without("SecretAccessKey").into_bytes(),
            1,
            "SecretAccessKey is missing",
        ),
        ("no token", without("Token").into_bytes(), 1, "Token is missing"),
        (
            "no expiration",
            without("Expiration").into_bytes(),
            1,
            "Expiration is missing",
        ),
        (
            "a blank secret",
            with(&secret, " ").into_bytes(),
            1,
            "SecretAccessKey is blank",
        ),
        (
            "a blank key ID",
            with("ASIAweb", "").into_bytes(),
            1,
            "AccessKeyId is blank",
        ),
        (
            "a number for a token",
            with(&format!("\"{}\"", tests_support::canary("session token")), "12").into_bytes(),
            1,
            "Token is not a string",
        ),
        (
            "a control character",
            with(&secret, &format!("{secret}\\u0007")).into_bytes(),
            1,
            "SecretAccessKey holds a character",
        ),
        (
            "a NUL",
            with("ASIAweb", "ASIA\\u0000web").into_bytes(),
            1,
            "AccessKeyId holds a character",
        ),
        (
            "a date for people",
            with("2030-01-01T18:00:00Z", "tomorrow").into_bytes(),
            1,
            "Expiration is not a date",
        ),
        (
            "an impossible date",
            with("2030-01-01T18:00:00Z", "2030-02-30T18:00:00Z").into_bytes(),
            1,
            "Expiration is not a date",
        ),
        (
            "a code that is a number",
            with("\"Success\"", "0").into_bytes(),
            1,
            "Code is not a string",
        ),
    ];
    for (name, body, asked, message) in table {
        let server = with_document(body).await;
        let error = server.provider().load().await.expect_err(name);
        let text = printed(&error);
        assert!(text.contains(message), "{name}: {text}");
        assert_eq!(error.kind(), ErrorKind::Failed, "{name}");
        assert_eq!(server.count(&get(ROLE)), asked, "{name}");
    }
}

#[tokio::test]
async fn answers_that_never_end_or_never_come_are_cut_off() {
    type Case = (fn() -> Reply, &'static str, usize);
    let answers: [Case; 5] = [
        (|| Reply::Endless, "is longer than 65536 bytes", 1),
        (
            || reply(200, "", vec![b' '; 70_000]),
            "is longer than 65536 bytes",
            1,
        ),
        (|| Reply::Silence, "took over 100ms", 3),
        (|| Reply::Close, "ended before its response did", 3),
        (
            || Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{".to_vec()),
            "ended before its response did",
            3,
        ),
    ];
    for (answer, message, asked) in answers {
        for path in [LIST, ROLE] {
            let server = imds(move |request, _| (request.target == path).then(answer)).await;
            let provider = server
                .provider()
                .with_read_timeout(std::time::Duration::from_millis(100));
            let error = provider.load().await.unwrap_err();
            let text = printed(&error);
            assert!(
                matches!(error, Error::Transport { .. }) && text.contains(message),
                "{text}"
            );
            assert_ne!(error.kind(), ErrorKind::NotConfigured);
            assert_eq!(server.count(&get(path)), asked, "{message}");
        }
    }
}

#[tokio::test]
async fn a_list_that_is_not_text_is_no_role() {
    let server = imds(|request, _| (request.target == LIST).then(|| ok([0xff, 0xfe]))).await;
    assert!(matches!(
        server.provider().load().await.unwrap_err(),
        Error::Unexpected { .. }
    ));
}
