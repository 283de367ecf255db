use tests_support::{canary, leaks};

use credential_core::Secret;

use super::*;

fn source_of(lines: &str) -> Result<Source, Error> {
    let profiles = Profiles::of_texts(&format!("[profile ops]\n{lines}"), "").unwrap();
    Source::of(&profiles, profiles.get("ops").unwrap())
}

const ROLE: &str = "role_arn = arn:aws:iam::123456789012:role/r";
const PAIR: &str = "aws_access_key_id = A\naws_secret_access_key = cAnArY0sEcReT/pair";

#[test]
fn the_first_kind_in_order_counts() {
    use SourceKind::{AssumeRole, LoginSession, Nothing, Process, Sso, StaticKeys, WebIdentity};
    let sso = "sso_start_url = u\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1";
    let cases = [
        (String::new(), Nothing, 0),
        ("region = x\noutput = json".into(), Nothing, 0),
        ("mfa_serial = arn:mfa".into(), Nothing, 0),
        (
            "role_session_name = me\nduration_seconds = 900".into(),
            Nothing,
            0,
        ),
        ("role_arn =".into(), Nothing, 0),
        ("source_profile =\nexternal_id =".into(), Nothing, 0),
        // with anything else to go by, the rest of a role counts for nothing
        (
            format!("source_profile = other\nexternal_id = x\n{PAIR}"),
            StaticKeys,
            4,
        ),
        (
            "role_arn =\nsource_profile = other\ncredential_process = p".into(),
            Process,
            4,
        ),
        (format!("external_id = x\n{sso}"), Sso, 4),
        (
            "source_profile = other\nlogin_session = l".into(),
            LoginSession,
            3,
        ),
        (
            format!("web_identity_token_file = /t\n{ROLE}\nsource_profile = a\ncredential_source = b"),
            WebIdentity,
            3,
        ),
        (format!("{PAIR}\n{ROLE}\nsource_profile = base"), AssumeRole, 4),
        (
            format!("{ROLE}\ncredential_source = Environment\n{sso}"),
            AssumeRole,
            2,
        ),
        (
            format!("{PAIR}\ncredential_process = p\nlogin_session = l\n{sso}"),
            Sso,
            7,
        ),
        (
            format!("{PAIR}\ncredential_process = p\nlogin_session = l"),
            LoginSession,
            5,
        ),
        (format!("{PAIR}\ncredential_process = p"), Process, 4),
        (PAIR.into(), StaticKeys, 2),
        // a blank key is absent
        (
            format!("role_arn =\nweb_identity_token_file =\nsso_session = \ncredential_process=\n{PAIR}"),
            StaticKeys,
            6,
        ),
        (format!("role_arn = # none\n{PAIR}"), StaticKeys, 3),
        (
            "aws_access_key_id =\naws_secret_access_key =\naws_session_token =".into(),
            Nothing,
            0,
        ),
        // an account ID alone asks for nothing
        ("aws_account_id = 123456789012".into(), Nothing, 0),
        // keys in a nested block are no keys
        (format!("odd =\n  {}", PAIR.replace('\n', "\n  ")), Nothing, 0),
    ];
    for (lines, kind, line) in cases {
        let source = source_of(&lines).unwrap_or_else(|error| panic!("{lines}: {error}"));
        assert_eq!(source.kind(), kind, "{lines}");
        assert_eq!(source.position().map_or(0, Position::line), line, "{lines}");
    }
}

#[test]
fn static_keys_are_taken_as_they_are_written() {
    let secret = canary("static");
    let source = source_of(&format!(
        "AWS_Access_Key_Id = AKIDEXAMPLE\naws_secret_access_key = {secret}=%(x)s \"q\\\n\
         aws_session_token = {secret}\naws_security_token = older\naws_account_id = 012345678901"
    ));
    let Ok(Source::StaticKeys(keys)) = source else {
        panic!("{source:?}");
    };
    assert_eq!(keys.access_key_id(), "AKIDEXAMPLE");
    assert_eq!(keys.secret_access_key().expose(), format!("{secret}=%(x)s \"q\\"));
    assert_eq!(keys.session_token().unwrap().expose(), secret);
    assert_eq!(keys.account_id(), Some("012345678901"));
    assert_eq!(keys.position().to_string(), "config:2");
    assert!(!leaks(&format!("{keys:?}")));
}

#[test]
fn the_older_name_of_the_token_counts_where_the_documented_one_is_missing() {
    for (lines, expected) in [
        ("aws_security_token = old", Some("old")),
        ("aws_security_token = old\naws_session_token =", Some("old")),
        ("aws_session_token = new\naws_security_token = old", Some("new")),
        ("", None),
    ] {
        let Ok(Source::StaticKeys(keys)) = source_of(&format!("{PAIR}\n{lines}")) else {
            panic!("{lines}");
        };
        assert_eq!(keys.session_token().map(Secret::expose), expected, "{lines}");
    }
}

#[test]
fn a_profile_set_up_by_halves_says_what_is_missing() {
    let half = canary("half");
    let has = |what: &str, line: u8, missing: &str| {
        format!("profile `ops` has {what} in config:{line}, but no {missing}")
    };
    let cases = [
        (
            format!("aws_access_key_id = {half}"),
            has("aws_access_key_id", 2, "aws_secret_access_key"),
        ),
        (
            format!("aws_access_key_id = {half}\naws_secret_access_key ="),
            has("aws_access_key_id", 2, "aws_secret_access_key"),
        ),
        (
            format!("\naws_secret_access_key = {half}"),
            has("aws_secret_access_key", 3, "aws_access_key_id"),
        ),
        (
            format!("aws_session_token = {half}"),
            has(
                "aws_session_token",
                2,
                "aws_access_key_id and no aws_secret_access_key",
            ),
        ),
        (
            format!("aws_security_token = {half}"),
            has(
                "aws_security_token",
                2,
                "aws_access_key_id and no aws_secret_access_key",
            ),
        ),
        (
            format!("web_identity_token_file = {half}\n{PAIR}"),
            has("web_identity_token_file", 2, "role_arn"),
        ),
        (
            format!("{PAIR}\ncredential_source = {half}"),
            has("credential_source", 4, "role_arn"),
        ),
        (
            "region = x\nsource_profile = other".into(),
            has("source_profile", 3, "role_arn"),
        ),
        (
            "role_arn =\nsource_profile = other".into(),
            has("source_profile", 3, "role_arn"),
        ),
        (
            "source_profile = ops".into(),
            has("source_profile", 2, "role_arn"),
        ),
        (
            format!("external_id = {half}\nmfa_serial = arn:mfa"),
            has("external_id", 2, "role_arn"),
        ),
        (
            format!("role_arn =\ncredential_source = {half}"),
            has("credential_source", 3, "role_arn"),
        ),
        (
            format!("{PAIR}\n{ROLE}"),
            has("role_arn", 4, "source_profile or credential_source"),
        ),
        (
            format!("{ROLE}\nsource_profile = {half}\ncredential_source = {half}"),
            "profile `ops` has both source_profile and credential_source in config:4; only one is allowed"
                .into(),
        ),
        (
            format!("sso_account_id = {half}\n{PAIR}"),
            has(
                "sso_account_id",
                2,
                "sso_role_name and no sso_region and no sso_start_url",
            ),
        ),
        (
            format!("sso_role_name = {half}\n{PAIR}"),
            has(
                "sso_role_name",
                2,
                "sso_account_id and no sso_region and no sso_start_url",
            ),
        ),
    ];
    for (lines, sentence) in cases {
        let error = source_of(&lines).unwrap_err();
        assert_eq!(error.to_string(), sentence);
        assert!(!leaks(&format!("{error:?}")));
    }
}

#[test]
fn an_sso_session_without_account_and_role_gives_no_credentials() {
    let error = source_of("sso_session = main").unwrap_err();
    assert!(
        matches!(&error, Error::SsoTokenOnly { key, .. } if key == "sso_session"),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("sso_account_id nor sso_role_name"),
        "{error}"
    );
}

#[test]
fn what_is_said_of_sso_without_account_and_role_leaves_credentials_to_the_next_kind_and_is_told() {
    let told = |line: usize, used: SourceKind| {
        format!(
            "config:{line}: profile `ops` asks for {used}, so what it says of IAM Identity Center (sso_…) has no effect"
        )
    };
    for (lines, used, line) in [
        (
            format!("sso_region = eu-west-1\n{PAIR}"),
            SourceKind::StaticKeys,
            2,
        ),
        (format!("{PAIR}\nsso_session = gone"), SourceKind::StaticKeys, 4),
        (
            "sso_start_url = u\nsso_account_id =\ncredential_process = p".to_owned(),
            SourceKind::Process,
            2,
        ),
        (
            "login_session = arn:x\nsso_session = main".to_owned(),
            SourceKind::LoginSession,
            3,
        ),
    ] {
        let profiles = Profiles::of_texts(&format!("[profile ops]\n{lines}"), "").unwrap();
        let plan = crate::Plan::of(&profiles, "ops", &[]).unwrap();
        let problems: Vec<_> = plan.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, [told(line, used)]);
        assert_eq!(source_of(&lines).unwrap().kind(), used);
    }
    // Halves of another kind stay a mistake.
    for lines in [
        "sso_region = eu-west-1\naws_access_key_id = A",
        "sso_session = main\nsource_profile = base",
    ] {
        let error = source_of(lines).unwrap_err();
        assert!(matches!(error, Error::Incomplete { .. }), "{error:?}");
    }
}

#[test]
fn a_missing_sso_session_points_at_the_ignored_line() {
    let error = source_of(
        "sso_session = my corp\nsso_account_id = 1\nsso_role_name = r\n[sso-session my corp]\nsso_region = eu-west-1",
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no [sso-session my corp] in the config file, which profile `ops` names in config:2; config:5: \
         [sso-session my corp] is ignored: a name has letters, digits and _-/.%@:+ ; with blanks write \
         [sso-session \"my corp\"] in the config file"
    );
}

#[test]
fn what_a_login_asks_for_is_said_in_the_session_alone() {
    for (said, scopes) in [
        ("", &[][..]),
        ("sso_registration_scopes =", &[]),
        (
            "sso_registration_scopes = sso:account:access",
            &["sso:account:access"],
        ),
        ("sso_registration_scopes = a , b,,c,", &["a", "b", "c"]),
    ] {
        let source = source_of(&format!(
            "sso_session = s\nsso_account_id = 012345678901\nsso_role_name = r\nsso_registration_scopes = of-the-profile\n\
             [sso-session s]\nsso_region = x\nsso_start_url = u\n{said}"
        ));
        let Ok(Source::Sso(role)) = source else {
            panic!("{source:?}");
        };
        assert_eq!(role.scopes(), scopes, "{said}");
        assert_eq!(role.account_id(), "012345678901");
    }
}

#[test]
fn keys_that_cannot_be_sent_are_refused_by_name_and_line() {
    let secret = canary("illegal");
    let cases = [
        ("aws_access_key_id", "A B".to_owned()),
        ("aws_access_key_id", "A\u{a0}B".to_owned()),
        ("aws_access_key_id", "A\n  continued".to_owned()),
        ("aws_access_key_id", "A\0".to_owned()),
        ("aws_access_key_id", "A\rB".to_owned()),
        ("aws_secret_access_key", format!("{secret}\u{7f}")),
        ("aws_secret_access_key", format!("{secret}\n {secret}")),
        ("aws_session_token", format!("{secret} {secret}")),
        ("aws_security_token", format!("{secret}\0")),
        ("aws_account_id", format!("{secret}\u{1b}[31m{secret}")),
    ];
    for (key, value) in cases {
        let error = source_of(&format!("{PAIR}\n{key} = {value}\n")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{key} of profile `ops` in config:4 holds a control character or white space inside")
        );
        assert!(!leaks(&format!("{error:?}")));
    }
}

#[test]
fn what_is_said_of_a_role_without_its_name_has_no_effect_beside_keys_and_is_told() {
    for (lines, problem) in [
        (
            format!("{PAIR}\nsource_profile = base"),
            Some(
                "config:4: profile `ops` asks for static keys, so what it says of an assumed role (role_arn) has no effect",
            ),
        ),
        (
            "credential_process = p\nexternal_id = x\nsource_profile = base".to_owned(),
            Some(
                "config:4: profile `ops` asks for a credential process (credential_process), so what it says of an \
                 assumed role (role_arn) has no effect",
            ),
        ),
        (
            format!("{PAIR}\nexternal_id = x"),
            Some(
                "config:4: profile `ops` asks for static keys, so what it says of an assumed role (role_arn) has no effect",
            ),
        ),
        (format!("{PAIR}\nmfa_serial = arn:mfa"), None),
    ] {
        let profiles =
            Profiles::of_texts(&format!("[profile ops]\n{lines}\n[profile base]\n{PAIR}"), "").unwrap();
        let plan = crate::Plan::of(&profiles, "ops", &[]).unwrap();
        let problems: Vec<_> = plan.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, problem.into_iter().collect::<Vec<_>>(), "{lines}");
    }
}
