use std::error::Error as _;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use credential_core::{CredentialsError, ErrorKind};
use serde_json::{Value, json};
use tests_support::{Reply, Server, canary, leaks};

use super::*;
use crate::error::Fault;
use crate::testing::{Home, OfSignIn as _, Renewing, SESSION, answer, refresh_token, single_use};

const HOUR: i64 = 3600;

fn report(error: &Error) -> String {
    CredentialsError::from(error.clone()).report().to_string()
}

fn kind(error: &Error) -> ErrorKind {
    CredentialsError::from(error.clone()).kind()
}

// The cache alone

#[tokio::test]
async fn credentials_that_live_on_are_used_without_a_request() {
    let home = Home::with_session(HOUR);
    let server = Server::answering([Reply::renewal(1)]).await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIAOLD");
    assert_eq!(credentials.secret_access_key().expose(), canary("old secret"));
    assert_eq!(credentials.session_token().unwrap().expose(), canary("old token"));
    assert_eq!(credentials.account_id(), Some("012345678901"));
    assert_eq!(
        credentials.expiration(),
        Some(home.clock.now() + Duration::from_secs(3600))
    );
    assert_eq!(credentials.source(), "Login");
    assert_eq!(credentials.renewal(), credential_core::Renewal::NEVER);
    assert_eq!(server.received().len(), 0);
}

#[test]
fn the_cache_is_read_outside_a_runtime_too() {
    let home = Home::with_session(HOUR);
    let provider = home.provider();
    let mut load = pin!(provider.load());
    let Poll::Ready(outcome) = load.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("reading a file needs nobody else");
    };
    assert_eq!(outcome.unwrap().access_key_id(), "ASIAOLD");
}

#[test]
fn renewing_outside_a_runtime_is_an_error() {
    let home = Home::with_session(0);
    let provider = home.provider().with_region("us-east-1");
    let mut load = pin!(provider.load());
    let polled = load.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Err(Error::NoRuntime))));
}

#[tokio::test]
async fn without_a_file_the_command_to_sign_in_is_told() {
    let home = Home::new();
    for (profile, command) in [
        (None, "aws login"),
        (Some("dev"), "aws login --profile dev"),
        (Some("my dev"), "aws login --profile 'my dev'"),
        (Some("jo's"), r"aws login --profile 'jo'\''s'"),
    ] {
        let mut provider = home.provider();
        provider.profile = profile.map(str::to_owned);
        let error = provider.load().await.unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with(&format!("run `{command}`")), "{text}");
        assert!(text.contains(home.path().to_str().unwrap()), "{text}");
        assert_eq!(kind(&error), ErrorKind::LoginRequired);
    }
}

#[tokio::test]
async fn a_blank_session_is_wrong_configuration() {
    let error = LoginProvider::new(" ").load().await.unwrap_err();
    assert_eq!(kind(&error), ErrorKind::InvalidConfiguration);
}

#[tokio::test]
async fn the_folder_of_the_cache_is_a_setting() {
    let home = Home::with_session(HOUR);
    let folder = home.path().parent().unwrap().to_owned();
    let provider = LoginProvider::new(format!(" {SESSION}\n"))
        .with_clock(home.clock.clone())
        .with_variables(Variables::from([("HOME", "/nobody")]))
        .with_cache_directory(folder);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
}

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

// Renewing

#[tokio::test]
async fn an_expired_session_is_renewed_and_its_file_replaced() {
    let home = Home::with_session(-60);
    let mut document = home.document(-60);
    document["ours"] = json!({ "not": ["yours", 1, null] });
    document["accessToken"]["more"] = json!("kept");
    home.write(&document);
    let server = Server::answering([Reply::renewal(1)]).await;

    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIANEW1");
    assert_eq!(credentials.secret_access_key().expose(), canary("new secret"));
    assert_eq!(credentials.session_token().unwrap().expose(), canary("new token"));
    assert_eq!(credentials.account_id(), Some("012345678901"));
    assert_eq!(
        credentials.expiration(),
        Some(home.clock.now() + Duration::from_secs(900))
    );
    assert_eq!(credentials.source(), "Login");

    let token = &mut document["accessToken"];
    token["accessKeyId"] = json!("ASIANEW1");
    token["secretAccessKey"] = json!(canary("new secret"));
    token["sessionToken"] = json!(canary("new token"));
    token["expiresAt"] = json!("2030-01-01T12:15:00Z");
    document["refreshToken"] = json!(refresh_token(1));
    assert_eq!(home.read(), document);

    // The next call needs nobody.
    let again = home.provider_at(&server).load().await.unwrap();
    assert_eq!(again.expiration(), credentials.expiration());
    assert_eq!(server.received().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_renewed_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_session(-60);
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let server = Server::answering([Reply::renewal(1)]).await;
    home.provider_at(&server).load().await.unwrap();
    let mode = std::fs::metadata(home.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let folder = home.path().parent().unwrap().to_owned();
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let name = location::name(SESSION);
    assert_eq!(names, [name.clone(), format!("{name}.lock")]);
}

#[tokio::test]
async fn the_question_is_aws_sign_ins_own_with_a_proof_by_the_sessions_key() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::renewal(1)]).await;
    home.provider_at(&server).load().await.unwrap();
    let [request] = &server.received()[..] else {
        panic!("one request");
    };
    assert_eq!(request.line(), "POST /v1/token");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.json(),
        json!({
            "clientId": "arn:aws:signin:::devtools/same-device",
            "grantType": "refresh_token",
            "refreshToken": refresh_token(0),
        })
    );
    let proof = request.proof(&home.key);
    assert_eq!(proof.claims["htm"], "POST");
    assert_eq!(proof.claims["htu"], format!("{}/v1/token", server.url));
    assert_eq!(proof.claims["iat"], home.clock.now().unix_timestamp());
}

#[tokio::test]
async fn a_key_with_backslashes_for_line_ends_signs_too() {
    let home = Home::with_session(-60);
    let mut document = home.document(-60);
    document["dpopKey"] = json!(home.key.pem().replace('\n', "\\n"));
    home.write(&document);
    let server = Server::answering([Reply::renewal(1)]).await;
    home.provider_at(&server).load().await.unwrap();
    server.received()[0].proof(&home.key);
    assert_eq!(home.read()["dpopKey"], document["dpopKey"]);
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_an_error_without_a_request() {
    let home = Home::with_session(-60);
    let mut document = home.document(-60);
    document["dpopKey"] = json!(canary("no key"));
    home.write(&document);
    let server = Server::answering([Reply::renewal(1)]).await;
    let error = home.provider_at(&server).load().await.unwrap_err();
    assert!(matches!(error, Error::Key { .. }));
    assert_eq!(kind(&error), ErrorKind::LoginRequired);
    assert!(!leaks(&format!("{error:?} {}", report(&error))));
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn the_last_five_minutes_are_for_renewing() {
    for (seconds, requests) in [(301, 0), (300, 1), (1, 1), (0, 1), (-1, 1)] {
        let home = Home::with_session(seconds);
        let server = Server::answering([Reply::renewal(1)]).await;
        let credentials = home.provider_at(&server).load().await.unwrap();
        let expected = if requests == 0 { "ASIAOLD" } else { "ASIANEW1" };
        assert_eq!(credentials.access_key_id(), expected, "{seconds}");
        assert_eq!(server.received().len(), requests, "{seconds}");
    }
}

#[tokio::test]
async fn what_the_answer_leaves_out_stays_and_what_it_brings_counts() {
    let home = Home::with_session(-60);
    let mut answer = answer(1);
    answer.as_object_mut().unwrap().remove("refreshToken");
    answer.as_object_mut().unwrap().remove("tokenType");
    answer["idToken"] = json!(canary("new identity"));
    // More than AWS promises, and not whole.
    answer["expiresIn"] = json!(3600.9);
    let server = Server::answering([Reply::with(200, answer.to_string())]).await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(
        credentials.expiration(),
        Some(home.clock.now() + Duration::from_secs(3600))
    );
    let file = home.read();
    assert_eq!(file["refreshToken"], json!(refresh_token(0)));
    assert_eq!(file["tokenType"], json!("aws_sigv4"));
    assert_eq!(file["idToken"], json!(canary("new identity")));
}

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

#[tokio::test]
async fn trouble_is_met_with_further_attempts_each_with_a_proof_of_its_own() {
    for trouble in [
        Reply::with(500, ""),
        Reply::with(503, "busy"),
        Reply::refusal(429, "INVALID_REQUEST"),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()),
        Reply::Raw(Vec::new()),
    ] {
        let home = Home::with_session(-60);
        let server = Server::answering([trouble.clone(), trouble.clone(), Reply::renewal(1)]).await;
        let credentials = home.provider_at(&server).load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIANEW1", "{trouble:?}");
        let requests = server.received();
        assert_eq!(requests.len(), 3);
        let ids: std::collections::BTreeSet<String> = requests
            .iter()
            .map(|request| request.proof(&home.key).claims["jti"].to_string())
            .collect();
        assert_eq!(ids.len(), 3, "{ids:?}");
        assert_eq!(
            home.clock.pauses(),
            [Duration::from_millis(500), Duration::from_secs(1)]
        );
        let times: Vec<i64> = requests
            .iter()
            .map(|request| request.proof(&home.key).claims["iat"].as_i64().unwrap())
            .collect();
        assert_eq!(
            times[2] - times[0],
            1,
            "the time of each attempt, in whole seconds"
        );
    }
}

#[tokio::test]
async fn attempts_are_limited_and_pauses_are_as_the_server_asks() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::with(503, "").header("Retry-After: 3")]).await;
    let provider = home.provider_at(&server).with_max_attempts(2);
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::Refused { attempts: 2, .. }), "{error:?}");
    assert!(error.is_transient());
    assert_eq!(kind(&error), ErrorKind::Failed);
    assert_eq!(home.clock.pauses(), [Duration::from_secs(3)]);

    let home = Home::with_session(-60);
    let error = home
        .provider_at(&server)
        .with_max_attempts(0)
        .load()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { attempts: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn an_endpoint_nobody_listens_at_is_a_passing_failure() {
    let home = Home::with_session(-60);
    let provider = home.provider().with_endpoint("http://127.0.0.1:1");
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::Transport { attempts: 3, .. }), "{error:?}");
    assert!(error.is_transient());
    assert!(error.to_string().contains("http://127.0.0.1:1/v1/token"));
}

#[tokio::test]
async fn silence_ends_with_the_limit() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::Silence]).await;
    let provider = home.provider_at(&server).with_timeout(Duration::from_secs(6));
    let task = tokio::spawn(async move { provider.load().await });
    server.arrival().await;
    home.clock.manual.advance(Duration::from_secs(6));
    let error = task.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(kind(&error), ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_limit_without_end_is_a_limit() {
    let server = single_use().await;
    let home = Home::with_session(-60);
    let provider = home.provider_at(&server).with_timeout(Duration::MAX);
    let outcome = provider.load().await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[tokio::test]
async fn without_a_region_the_setting_is_named() {
    let home = Home::with_session(-60);
    let error = home.provider().load().await.unwrap_err();
    assert!(matches!(error, Error::NoRegion));
    assert!(error.to_string().contains("`region`"));
    assert_eq!(kind(&error), ErrorKind::InvalidConfiguration);
    // A mistake in the settings is no attempt: mended, it is renewed at once.
    let home = Home::with_session(60);
    assert_eq!(home.provider().load().await.unwrap().access_key_id(), "ASIAOLD");
}

// Failures in time

#[tokio::test]
async fn a_failed_renewal_is_no_error_while_the_credentials_are_valid() {
    for failure in [
        Reply::refusal(401, "TOKEN_EXPIRED"),
        Reply::with(500, ""),
        Reply::with(200, "{}"),
    ] {
        let home = Home::with_session(200);
        let server = Server::answering([failure]).await;
        let provider = home.provider_at(&server).with_max_attempts(1);
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
        // Not asked again at once.
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
        assert_eq!(server.received().len(), 1);
        home.clock.manual.advance(Duration::from_secs(29));
        provider.load().await.unwrap();
        assert_eq!(server.received().len(), 1);
        home.clock.manual.advance(Duration::from_secs(1));
        provider.load().await.unwrap();
        assert_eq!(server.received().len(), 2);
        // Dead at last.
        home.clock.manual.advance(Duration::from_secs(170));
        provider.load().await.unwrap_err();
        assert_eq!(server.received().len(), 3);
    }
}

#[tokio::test]
async fn within_thirty_seconds_the_last_error_is_the_answer_and_then_no_more() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::with(500, ""), Reply::renewal(1)]).await;
    let provider = home.provider_at(&server).with_max_attempts(1);
    for _ in 0..3 {
        let error = provider.load().await.unwrap_err();
        assert!(matches!(error, Error::Refused { status: 500, .. }), "{error:?}");
    }
    assert_eq!(server.received().len(), 1);
    home.clock.manual.advance(Duration::from_secs(30));
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIANEW1");
}

#[tokio::test]
async fn signing_in_again_helps_at_once() {
    let home = Home::with_session(-60);
    let server = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
    let provider = home.provider_at(&server);
    provider.load().await.unwrap_err();
    let mut document = home.document(HOUR);
    document["refreshToken"] = json!(refresh_token(7));
    home.write(&document);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
    // Also when the new session has to be renewed already.
    document = home.document(-1);
    document["refreshToken"] = json!(refresh_token(8));
    home.write(&document);
    provider.load().await.unwrap_err();
    assert_eq!(server.received()[1].refresh_token(), refresh_token(8));
}

#[tokio::test]
async fn short_lived_credentials_are_not_renewed_all_the_time() {
    let home = Home::with_session(-60);
    let mut short = answer(1);
    short["expiresIn"] = json!(20);
    let server = Server::answering([Reply::with(200, short.to_string()), Reply::renewal(2)]).await;
    let provider = home.provider_at(&server);
    for _ in 0..3 {
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIANEW1");
    }
    home.clock.manual.advance(Duration::from_secs(20));
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::TooSoon { .. }), "{error:?}");
    assert_eq!(server.received().len(), 1);
    home.clock.manual.advance(Duration::from_secs(10));
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIANEW2");
}

// Others at the same file

#[tokio::test]
async fn a_file_that_somebody_renewed_meanwhile_is_taken() {
    // Another program is faster and takes no lock: our question comes too late.
    let home = Home::with_session(-60);
    let mut document = home.document(HOUR);
    document["refreshToken"] = json!(refresh_token(5));
    document["accessToken"]["accessKeyId"] = json!("ASIATHEIRS");
    let (path, theirs) = (home.path(), document.to_string());
    let server = Server::deciding(move |_, _| {
        std::fs::write(&path, &theirs).unwrap();
        Reply::refusal(401, "TOKEN_EXPIRED")
    })
    .await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIATHEIRS");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_file_that_somebody_is_about_to_write_is_waited_for() {
    let home = Home::with_session(-60);
    let mut theirs = home.document(HOUR);
    theirs["refreshToken"] = json!(refresh_token(5));
    theirs["accessToken"]["accessKeyId"] = json!("ASIATHEIRS");
    let server = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
    let manual = home.clock.manual.clone();
    let provider = home.provider_at(&server).with_clock(manual.clone());
    let load = tokio::spawn(async move { provider.load().await });
    for turn in 0..3 {
        let pause = loop {
            match manual.next_wake() {
                Some(next) if next <= Duration::from_millis(500) => break next,
                _ => tokio::task::yield_now().await,
            }
        };
        match turn {
            1 => home.write_text("{\"accessToken\":"),
            2 => home.write(&theirs),
            _ => {}
        }
        manual.advance(pause);
    }
    assert_eq!(load.await.unwrap().unwrap().access_key_id(), "ASIATHEIRS");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_session_that_is_over_is_told_after_a_second_and_one_that_lives_at_once() {
    for (seconds, expected) in [(-60, 900..1500), (60, 0..1)] {
        let home = Home::with_session(seconds);
        let server = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
        let outcome = home.provider_at(&server).load().await;
        assert_eq!(outcome.is_ok(), seconds > 0);
        let waited: Duration = home.clock.pauses().iter().sum();
        assert!(expected.contains(&waited.as_millis()), "{waited:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_not_sent_again_when_another_came_into_the_file() {
    for trouble in [Reply::Close, Reply::with(500, "")] {
        let home = Home::with_session(-60);
        let mut document = home.document(HOUR);
        document["refreshToken"] = json!(refresh_token(5));
        document["accessToken"]["accessKeyId"] = json!("ASIATHEIRS");
        let (path, theirs) = (home.path(), document.to_string());
        let server = Server::deciding(move |_, _| {
            std::fs::write(&path, &theirs).unwrap();
            trouble.clone()
        })
        .await;
        let credentials = home.provider_at(&server).load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIATHEIRS");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_refresh_token_that_somebody_left_meanwhile_is_tried_once() {
    let home = Home::with_session(-60);
    let mut document = home.document(10);
    document["refreshToken"] = json!(refresh_token(5));
    let (path, theirs) = (home.path(), document.to_string());
    let server = Server::deciding(move |turn, _| {
        if turn == 0 {
            std::fs::write(&path, &theirs).unwrap();
            return Reply::refusal(401, "TOKEN_EXPIRED");
        }
        Reply::renewal(6)
    })
    .await;
    let credentials = home.provider_at(&server).load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIANEW6");
    assert_eq!(server.received()[1].refresh_token(), refresh_token(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_callers_spend_each_refresh_token_once() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home.provider_at(&server);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let provider = provider.clone();
        callers.spawn(async move { provider.load().await });
    }
    for outcome in callers.join_all().await {
        assert_eq!(outcome.unwrap().access_key_id(), "ASIANEW1");
    }
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_providers_that_know_nothing_of_each_other_do_too() {
    // As many processes would: only the lock beside the file is between them. It waits on a real clock.
    let home = Home::with_session(0);
    let server = single_use().await;
    let mut document = home.document(0);
    document["accessToken"]["expiresAt"] = json!("2020-01-01T00:00:00Z");
    home.write(&document);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let provider = home.provider_at(&server).with_clock(TokioClock);
        callers.spawn(async move { provider.load().await });
    }
    for outcome in callers.join_all().await {
        assert_eq!(outcome.unwrap().access_key_id(), "ASIANEW1");
    }
    assert_eq!(server.received().len(), 1);
}

/// Polls a future so many times, and then drops it.
async fn poll_and_drop<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_dropped_at_any_poll_loses_no_refresh_token() {
    for polls in 0.. {
        let home = Home::with_session(-60);
        let server = single_use().await;
        let provider = home.provider_at(&server);
        let finished = poll_and_drop(polls, provider.load()).await.is_some();
        let credentials = provider.load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIANEW1", "after {polls} polls");
        assert_eq!(server.received().len(), 1, "after {polls} polls");
        assert_eq!(home.read()["refreshToken"], json!(refresh_token(1)));
        if finished {
            return;
        }
    }
}

#[tokio::test]
async fn a_renewal_that_nobody_waits_for_is_written_down() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home.provider_at(&server);
    {
        let mut load = pin!(provider.load());
        tokio::select! {
            biased;
            () = server.arrival() => {}
            _ = load.as_mut() => panic!("the server has not answered"),
        }
    }
    drop(provider);
    while home.read()["refreshToken"] != json!(refresh_token(1)) {
        tokio::task::yield_now().await;
    }
}

/// A way to the cache's folder that is so long that the system takes the session's file there, but no file with a longer
/// name beside it: no lock, and nothing to rename. Nobody can write then, not even root.
#[cfg(target_os = "linux")]
fn nearly_too_long(home: &Home) -> PathBuf {
    const MOST: usize = 4095;
    let path = home.path();
    let mut folder = path.parent().unwrap().to_str().unwrap().to_owned();
    let name = path.file_name().unwrap().len() + 1;
    std::fs::create_dir(format!("{folder}/x")).unwrap();
    while folder.len() + name + 5 <= MOST {
        folder.push_str("/x/..");
    }
    folder.into()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_session_that_cannot_be_written_serves_in_this_process() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home
        .provider_at(&server)
        .with_cache_directory(nearly_too_long(&home));
    for turn in 1..=3 {
        let credentials = provider.load().await.unwrap();
        assert_eq!(credentials.access_key_id(), format!("ASIANEW{turn}"));
        assert_eq!(home.read()["refreshToken"], json!(refresh_token(0)));
        // Known to the clone, too.
        provider.clone().load().await.unwrap();
        home.clock.manual.advance(Duration::from_secs(1000));
    }
    let tokens: Vec<String> = server.received().iter().map(Renewing::refresh_token).collect();
    assert_eq!(tokens, [0, 1, 2].map(refresh_token));

    // Somebody signs in: the file counts again.
    let mut document = home.document(10 * HOUR);
    document["refreshToken"] = json!(refresh_token(9));
    home.write(&document);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
    assert_eq!(server.received().len(), 3);

    // Somebody signs out: nothing is kept behind the file's back.
    std::fs::remove_file(home.path()).unwrap();
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::NotSignedIn { .. }), "{error:?}");
}

// Secrets

#[tokio::test]
async fn a_provider_shows_no_secret() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home
        .provider_at(&server)
        .with_endpoint(&format!("{}/", server.url));
    provider.load().await.unwrap();
    home.clock.manual.advance(Duration::from_secs(1000));
    let refusing = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
    let refused = home.provider_at(&refusing);
    refused.load().await.unwrap_err();
    let session = refused.session(&refused.file().unwrap()).await.unwrap();
    refused.state.keep(&session, session.clone());
    let shown = format!("{provider:?} {refused:#?} {session:?} {:?}", session.question());
    assert!(!leaks(&shown), "{shown}");
    let password = canary("password");
    let provider = home
        .provider()
        .with_endpoint(&format!("https://jo:{password}@example.com"));
    assert!(!leaks(&format!("{provider:?} {:?}", provider.load().await)));
}

#[test]
fn a_command_is_what_a_shell_takes() {
    for (word, expected) in [
        ("dev", "dev"),
        ("a.b-c_d/e@f:g,h+i=j", "a.b-c_d/e@f:g,h+i=j"),
        ("größe", "größe"),
        ("", "''"),
        ("two words", "'two words'"),
        ("$(rm)", "'$(rm)'"),
        ("it's", r"'it'\''s'"),
    ] {
        assert_eq!(quoted(word), expected);
    }
}
