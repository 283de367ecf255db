use super::*;
use tests_support::{canary, leaks};

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

fn text(form: Form) -> String {
    String::from_utf8(form.into_parts().0).unwrap()
}

#[test]
fn nothing_is_sent_that_was_not_set() {
    assert_eq!(
        text(AssumeRole::new(ROLE, "nightly").form()),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy\
         &RoleSessionName=nightly"
    );
    assert_eq!(
        text(GetSessionToken::new().form()),
        "Action=GetSessionToken&Version=2011-06-15"
    );
}

#[test]
fn everything_that_was_set_is_sent_in_a_fixed_order() {
    let request = AssumeRole::new("r", "ignored")
        .with_role_session_name("a@b")
        .with_duration(Duration::from_millis(900_999))
        .with_external_id("ext-Id_1=2,3.4@5:6/7+8")
        .with_policy("{\"Version\": 1}")
        .with_policy_arn("arn:1")
        .with_policy_arn("arn:2")
        .with_tag("team", "blue sky")
        .with_tag("cost", "")
        .with_transitive_tag_key("team")
        .with_source_identity("jo")
        .with_mfa("arn:aws:iam::123456789012:mfa/jo", "012345");
    assert_eq!(
        text(request.form()),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=a%40b\
         &PolicyArns.member.1.arn=arn%3A1&PolicyArns.member.2.arn=arn%3A2&Policy=%7B%22Version%22%3A%201%7D\
         &DurationSeconds=900&Tags.member.1.Key=team&Tags.member.1.Value=blue%20sky\
         &Tags.member.2.Key=cost&Tags.member.2.Value=&TransitiveTagKeys.member.1=team\
         &ExternalId=ext-Id_1%3D2%2C3.4%405%3A6%2F7%2B8\
         &SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fjo&TokenCode=012345&SourceIdentity=jo"
    );
}

#[test]
fn a_session_token_is_asked_for_with_duration_and_code() {
    let request = GetSessionToken::new()
        .with_duration(Duration::from_secs(129_600))
        .with_mfa("GAHT12345678", "000000");
    request.check().unwrap();
    assert_eq!(
        text(request.form()),
        "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=129600&SerialNumber=GAHT12345678&TokenCode=000000"
    );
}

#[test]
fn what_sts_would_refuse_for_certain_is_refused_here() {
    let usual = || AssumeRole::new(ROLE, "nightly");
    let seconds = Duration::from_secs;
    let many = |count: usize| (0..count).map(|n| format!("k{n}"));
    let table: Vec<(AssumeRole, &str)> = vec![
        (AssumeRole::new(" ", "nightly"), "RoleArn"),
        (usual().with_role_session_name(""), "RoleSessionName"),
        (usual().with_role_session_name("x"), "RoleSessionName"),
        (usual().with_role_session_name("x".repeat(65)), "RoleSessionName"),
        (usual().with_role_session_name("with blank"), "RoleSessionName"),
        (usual().with_role_session_name("with/slash"), "RoleSessionName"),
        (
            usual().with_role_session_name("h\u{e9}l\u{e8}ne"),
            "RoleSessionName",
        ),
        (usual().with_duration(seconds(899)), "DurationSeconds"),
        (usual().with_duration(seconds(43_201)), "DurationSeconds"),
        (usual().with_duration(Duration::MAX), "DurationSeconds"),
        (many(11).fold(usual(), AssumeRole::with_policy_arn), "PolicyArns"),
        (
            many(51).fold(usual(), |request, key| request.with_tag(key, "")),
            "Tags",
        ),
        (
            many(51).fold(usual(), AssumeRole::with_transitive_tag_key),
            "TransitiveTagKeys",
        ),
    ];
    for (request, expected) in table {
        let error = request.check().unwrap_err();
        let named = matches!(&error, Error::Parameter { parameter, .. } if *parameter == expected);
        assert!(named, "{expected}: {error:?}");
    }
    for seconds in [899, 129_601] {
        let error = GetSessionToken::new()
            .with_duration(Duration::from_secs(seconds))
            .check()
            .unwrap_err();
        assert!(error.to_string().contains("129600"), "{error}");
    }
}

#[test]
fn the_edges_of_what_sts_takes_pass() {
    for request in [
        AssumeRole::new(ROLE, "ab"),
        AssumeRole::new(ROLE, "x".repeat(64)),
        AssumeRole::new(ROLE, "Az09_+=,.@-"),
        AssumeRole::new(ROLE, "ab").with_duration(Duration::from_secs(900)),
        AssumeRole::new(ROLE, "ab").with_duration(Duration::from_secs(43_200)),
    ] {
        request.check().unwrap();
    }
}

#[test]
fn an_mfa_code_has_six_ascii_digits() {
    for code in [
        "",
        "12345",
        "1234567",
        "12345a",
        "12 456",
        "\u{661}23456",
        "-12345",
    ] {
        for error in [
            AssumeRole::new(ROLE, "ab")
                .with_mfa("serial", code)
                .check()
                .unwrap_err(),
            GetSessionToken::new()
                .with_mfa("serial", code)
                .check()
                .unwrap_err(),
        ] {
            assert!(
                matches!(&error, Error::MfaCode { serial } if serial == "serial"),
                "{error:?}"
            );
            assert!(code.is_empty() || !error.to_string().contains(code), "{error}");
        }
    }
}

#[test]
fn debug_hides_external_id_and_code() {
    let request = AssumeRole::new(ROLE, "ab")
        .with_external_id(canary("external ID"))
        .with_mfa("serial", canary("code"));
    assert!(!leaks(&format!("{request:?} {request:#?}")));
}
