use credential_core::ErrorKind;
use credential_core::Variables;
use proptest::prelude::*;
use tests_support::{Reply, Server, printed};
use time::OffsetDateTime;

use super::*;
use crate::testing::{Asked as _, EXTENDED_LIST, LIST, ROLE, TOKEN, document, imds, no_variables, ok, reply};

const EXTENDED_ROLE: &str = "/latest/meta-data/iam/security-credentials-extended/web";

fn get(path: &str) -> String {
    format!("GET {path}")
}

fn put() -> String {
    format!("PUT {TOKEN}")
}

/// Instance metadata whose document is this.
async fn with_document(body: impl AsRef<[u8]> + Send + 'static) -> Server {
    imds(move |request, _| (request.target == ROLE).then(|| ok(&body))).await
}

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

#[tokio::test]
async fn a_configured_role_spares_the_list() {
    let by_code = |server: &Server| server.provider().with_role("web");
    let by_variable = |server: &Server| {
        server
            .provider()
            .with_variables(Variables::from([("AWS_EC2_INSTANCE_PROFILE_NAME", " web\n")]))
    };
    let by_profile = |server: &Server| {
        server
            .provider()
            .with_profile_setting("ec2_instance_profile_name", "web", "line 9")
    };
    let server = imds(|_, _| None).await;
    for provider in [by_code(&server), by_variable(&server), by_profile(&server)] {
        assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAweb");
    }
    assert_eq!(server.count(&get(LIST)), 0);

    let server = imds(|request, _| request.target.ends_with("/web").then(|| reply(404, "", ""))).await;
    for (provider, setting) in [
        (by_code(&server), "with_role"),
        (by_variable(&server), "AWS_EC2_INSTANCE_PROFILE_NAME"),
        (by_profile(&server), "line 9"),
    ] {
        let error = provider.load().await.unwrap_err();
        let message = format!("instance metadata has no credentials for role web, which {setting} names");
        assert!(error.to_string().starts_with(&message), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    }
    assert_eq!(server.count(&get(LIST)), 0);
    assert_eq!(server.count(&get(ROLE)), 3);
}

#[tokio::test]
async fn code_names_the_role_before_the_environment_before_the_profile() {
    let client = |variable: &str| {
        InstanceMetadataClient::new()
            .with_variables(Variables::from([("AWS_EC2_INSTANCE_PROFILE_NAME", variable)]))
            .with_profile_setting("ec2_instance_profile_name", "profile", "line 9")
    };
    let role = |code: Option<&str>, client: &InstanceMetadataClient| {
        configured_role(code, client)
            .unwrap()
            .map(|setting| setting.value)
    };
    assert_eq!(role(Some("code"), &client("variable")).as_deref(), Some("code"));
    assert_eq!(role(None, &client("variable")).as_deref(), Some("variable"));
    let without = client("variable").with_variables(no_variables());
    assert_eq!(role(None, &without).as_deref(), Some("profile"));
    assert_eq!(
        role(
            None,
            &InstanceMetadataClient::new().with_variables(no_variables())
        ),
        None
    );
}

#[tokio::test]
async fn a_blank_or_impossible_role_in_a_setting_is_an_error_without_a_request() {
    for (role, problem) in [
        ("", "it is blank"),
        ("  ", "it is blank"),
        ("..", "it would lead to another path"),
        ("a/b", "it may hold letters, digits and _+=,.@- alone"),
        (&"x".repeat(65), "it is longer than 64 characters"),
    ] {
        let server = imds(|_, _| None).await;
        let by_variable = server
            .provider()
            .with_variables(Variables::from([("AWS_EC2_INSTANCE_PROFILE_NAME", role)]));
        let by_profile = server
            .provider()
            .with_profile_setting("ec2_instance_profile_name", role, "line 9");
        for (provider, setting) in [
            (by_variable, "AWS_EC2_INSTANCE_PROFILE_NAME"),
            (by_profile, "line 9"),
            (server.provider().with_role(role), "with_role"),
        ] {
            let error = provider.load().await.unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{setting} holds no name of a role: {problem}")
            );
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        }
        assert_eq!(server.connections(), 0);
    }
}

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
async fn a_document_may_lack_its_code_and_spell_names_its_own_way() {
    let body = document("web");
    for body in [
        body.replace(r#""Code": "Success","#, ""),
        body.replace("Success", "SUCCESS"),
        body.replace(r#""Token""#, r#""SessionToken""#),
        body.replace(r#""Expiration""#, r#""ExpiresAt""#),
        body.replace(r#""AccessKeyId""#, r#""accesskeyid""#),
        body.replace('}', r#", "Extra": {"a": [1, 2]}, "Region": null}"#),
    ] {
        let server = with_document(body).await;
        assert_eq!(server.provider().load().await.unwrap().access_key_id(), "ASIAweb");
    }
}

#[tokio::test]
async fn the_account_is_read_where_the_document_has_one() {
    let body = document("web").replace('}', r#", "AccountId": "123456789012"}"#);
    let server = with_document(body).await;
    assert_eq!(
        server.provider().load().await.unwrap().account_id(),
        Some("123456789012")
    );
}

#[tokio::test]
async fn expirations_are_read_with_fractions_and_offsets() {
    for (text, nanoseconds) in [
        ("2030-01-01T12:00:00.832308Z", 832_308_000),
        ("2030-01-01T14:00:00+02:00", 0),
        ("2030-01-01T12:00:00.123456789Z", 123_456_789),
    ] {
        let server = with_document(document("web").replace("2030-01-01T18:00:00Z", text)).await;
        let expiration = server.provider().load().await.unwrap().expiration().unwrap();
        assert_eq!(
            (expiration.unix_timestamp(), expiration.nanosecond()),
            (1_893_499_200, nanoseconds)
        );
    }
}

#[tokio::test]
async fn credentials_that_are_past_their_expiration_are_handed_out_as_they_are() {
    let server = with_document(document("web").replace("2030-01-01T18", "2029-01-01T18")).await;
    let credentials = server.provider().load().await.unwrap();
    assert!(
        credentials.is_expired_at(OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_secs(1_893_499_200))
    );
    assert!(credentials.renewal().static_stability);
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

proptest! {
    #[test]
    fn a_name_without_fault_leads_nowhere_else(name in ".{0,70}") {
        if fault_in(&name).is_none() {
            prop_assert!(!name.is_empty() && !name.contains(['/', '?', '#', '%', '\\', ' ']));
            prop_assert!(name != "." && name != "..");
        }
    }
}
