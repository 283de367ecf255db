use super::*;
use crate::{Category, ErrorDocument};
use credential_core::Secret;
use proptest::prelude::*;
use std::fmt::Write as _;
use tests_support::{canary, leaks};
use time::OffsetDateTime;

/// A document as instance metadata sends it, with `members` in place of those of the same names.
fn document(members: &[(&str, &str)]) -> String {
    let secret = format!("\"{}\"", canary("secret"));
    let token = format!("\"{}\"", canary("token"));
    let usual = [
        ("Code", "\"Success\""),
        ("LastUpdated", "\"2030-01-01T11:00:00Z\""),
        ("Type", "\"AWS-HMAC\""),
        ("AccessKeyId", "\"ASIAEXAMPLE\""),
        ("SecretAccessKey", &*secret),
        ("Token", &*token),
        ("Expiration", "\"2030-01-01T12:00:00Z\""),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| !members.iter().any(|(other, _)| other == name));
    let mut text = String::new();
    for (name, value) in kept.chain(members).filter(|(_, value)| !value.is_empty()) {
        let comma = if text.is_empty() { "" } else { ",\n  " };
        write!(text, "{comma}\"{name}\" : {value}").unwrap();
    }
    format!("{{ {text} }}\n")
}

fn credentials(text: &str, required: Required) -> Result<AwsCredentials, Error> {
    Document::parse(text.as_bytes())?.into_credentials(required)
}

fn token(credentials: &AwsCredentials) -> Option<&str> {
    credentials.session_token().map(Secret::expose)
}

#[test]
fn a_document_of_instance_metadata_gives_temporary_credentials() {
    let found = credentials(&document(&[]), Required::TEMPORARY).unwrap();
    assert_eq!(found.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(found.secret_access_key().expose(), canary("secret"));
    assert_eq!(token(&found), Some(&*canary("token")));
    assert_eq!(
        found.expiration().map(OffsetDateTime::unix_timestamp),
        Some(1_893_499_200)
    );
    assert_eq!(found.account_id(), None);
}

#[test]
fn names_are_compared_without_case_and_some_have_another() {
    let text = format!(
        r#"{{"accesskeyid":"AKID","SECRETACCESSKEY":"{0}","sessionToken":"{0}","expiresat":"2030-01-01T12:00:00Z"}}"#,
        canary("case")
    );
    let found = credentials(&text, Required::TEMPORARY).unwrap();
    assert_eq!(token(&found), Some(&*canary("case")));
}

#[test]
fn the_first_of_several_members_counts_and_null_is_no_member() {
    for (text, expected) in [
        (r#""Token":"first","Token":"second""#, "first"),
        (r#""SessionToken":"first","Token":"second""#, "first"),
        (r#""token":"first","Token":7"#, "first"),
        (r#""Token":null,"SessionToken":"second""#, "second"),
    ] {
        let text = format!(r#"{{"AccessKeyId":"A","SecretAccessKey":"s",{text}}}"#);
        let found = credentials(&text, Required::KEYS).unwrap();
        assert_eq!(token(&found), Some(expected), "{text}");
    }
}

#[test]
fn unknown_members_are_ignored_whatever_is_in_them() {
    let text = document(&[
        (
            "Extra",
            r#"{"Code":"Failed","Token":{"a":[1,2,{"b":null}]},"n":-1.5e300}"#,
        ),
        ("RoleArn", r#""arn:aws:iam::123456789012:role/x""#),
        ("\\u0041\\n", "true"),
    ]);
    let found = credentials(&text, Required::TEMPORARY).unwrap();
    assert_eq!(found.account_id(), None, "a role's ARN is no AccountId");
}

#[test]
fn escapes_in_texts_are_undone() {
    let text = document(&[("SecretAccessKey", r#""a\/\u0062\"c\u00e9""#)]);
    let found = credentials(&text, Required::TEMPORARY).unwrap();
    assert_eq!(found.secret_access_key().expose(), "a/b\"c\u{e9}");
}

#[test]
fn token_and_expiration_may_be_missing_where_they_are_not_required() {
    for nothing in ["", "null"] {
        let text = document(&[("Token", nothing), ("Expiration", nothing)]);
        let found = credentials(&text, Required::KEYS).unwrap();
        assert_eq!((token(&found), found.expiration()), (None, None), "{nothing}");
    }
    for blank in ["\"\"", "\" \\t\""] {
        let text = document(&[("Token", blank), ("Expiration", "null")]);
        assert_eq!(
            token(&credentials(&text, Required::KEYS).unwrap()),
            None,
            "{blank}"
        );
    }
}

#[test]
fn a_code_is_compared_without_case_and_may_be_missing() {
    for code in ["\"SUCCESS\"", "\"success\"", "\" Success \"", "\"\"", "null", ""] {
        let text = document(&[("Code", code)]);
        assert!(credentials(&text, Required::TEMPORARY).is_ok(), "{code}");
    }
}

#[test]
fn a_code_other_than_success_is_a_refusal_whatever_else_is_there() {
    let message = r#""EC2 cannot assume \n the role""#;
    let text = document(&[
        ("Code", "\"AssumeRoleUnauthorizedAccess\""),
        ("message", message),
        ("AccessKeyId", ""),
        ("Token", "7"),
    ]);
    let document = Document::parse(text.as_bytes()).unwrap();
    assert!(document.is_failure());
    assert_eq!(document.code(), Some("AssumeRoleUnauthorizedAccess"));
    let error = document.into_credentials(Required::TEMPORARY).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the source refused with AssumeRoleUnauthorizedAccess: EC2 cannot assume the role"
    );
    let bare = credentials(r#"{"Code":"Failed"}"#, Required::TEMPORARY).unwrap_err();
    assert_eq!(bare.to_string(), "the source refused with Failed");
}

#[test]
fn a_code_that_may_be_a_secret_is_not_repeated() {
    let text = format!(r#"{{"Code":"{}"}}"#, canary("code"));
    let document = Document::parse(text.as_bytes()).unwrap();
    assert!(!leaks(&format!("{document:?}")));
    let error = document.into_credentials(Required::KEYS).unwrap_err();
    assert_eq!(error.to_string(), "the source refused with (unreadable)");
}

#[test]
fn an_account_id_is_a_string_of_twelve_digits_or_nothing() {
    for (value, expected) in [
        ("\"123456789012\"", Some("123456789012")),
        ("\"000000000000\"", Some("000000000000")),
        ("123456789012", None),
        ("\"12345678901\"", None),
        ("\"1234567890123\"", None),
        ("\"12345678901x\"", None),
        ("\"\u{661}23456\"", None),
        ("\"\"", None),
        ("null", None),
        ("[]", None),
    ] {
        let text = document(&[("AccountId", value)]);
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.account_id(), expected, "{value}");
        let found = document.into_credentials(Required::TEMPORARY).unwrap();
        assert_eq!(found.account_id(), expected, "{value}");
    }
}

#[test]
fn a_version_is_given_as_found() {
    for (value, expected, words) in [
        ("", Version::Absent, "nothing"),
        ("null", Version::Absent, "nothing"),
        ("1", Version::Number(1), "1"),
        ("2", Version::Number(2), "2"),
        ("-1", Version::Other("a negative number"), "a negative number"),
        ("1.0", Version::Other("a fraction"), "a fraction"),
        ("\"1\"", Version::Other("a string"), "a string"),
        ("true", Version::Other("true or false"), "true or false"),
        ("[1]", Version::Other("a list"), "a list"),
        ("{\"a\":1}", Version::Other("an object"), "an object"),
    ] {
        let text = document(&[("Version", value)]);
        let version = Document::parse(text.as_bytes()).unwrap().version();
        assert_eq!((version, &*version.to_string()), (expected, words), "{value}");
    }
}

#[test]
fn a_bad_member_is_named() {
    use Member::{AccessKeyId, Code, Expiration, SecretAccessKey, Token};
    let illegal = |member| Error::Illegal { member };
    for (name, member) in [
        ("AccessKeyId", AccessKeyId),
        ("SecretAccessKey", SecretAccessKey),
        ("Token", Token),
        ("Expiration", Expiration),
    ] {
        for (value, expected) in [
            ("", Error::Missing { member }),
            ("null", Error::Missing { member }),
            ("\"\"", Error::Blank { member }),
            ("\" \\n\"", Error::Blank { member }),
            ("7", Error::WrongType { member }),
            ("1e400", Error::WrongType { member }),
            ("false", Error::WrongType { member }),
            ("[\"x\"]", Error::WrongType { member }),
            ("{\"x\":{}}", Error::WrongType { member }),
        ] {
            let error = credentials(&document(&[(name, value)]), Required::TEMPORARY).unwrap_err();
            if value == "1e400" {
                assert!(matches!(error, Error::NotJson { .. }), "{name} {value}: {error}");
            } else {
                assert_eq!(error, expected, "{name} {value}");
                assert!(error.to_string().starts_with(name), "{error}");
            }
        }
    }
    for (name, value, expected) in [
        ("AccessKeyId", r#""A\u0000B""#, illegal(AccessKeyId)),
        ("AccessKeyId", r#""A B""#, illegal(AccessKeyId)),
        ("AccessKeyId", r#""AB\n""#, illegal(AccessKeyId)),
        ("SecretAccessKey", r#""a\u0000b""#, illegal(SecretAccessKey)),
        ("SecretAccessKey", r#""a\u007fb""#, illegal(SecretAccessKey)),
        ("SecretAccessKey", r#""ab\r\n""#, illegal(SecretAccessKey)),
        ("Token", r#""a b""#, illegal(Token)),
        ("Token", r#""a\u00a0b""#, illegal(Token)),
        ("Token", r#""a\tb""#, illegal(Token)),
        ("Expiration", "\"next tuesday\"", Error::Expiration),
        ("Expiration", "\"99999-01-01T00:00:00Z\"", Error::Expiration),
        ("Expiration", "\"9999-12-31T23:59:59-23:59\"", Error::Expiration),
        ("Code", "7", Error::WrongType { member: Code }),
        ("Code", "{}", Error::WrongType { member: Code }),
    ] {
        let text = document(&[(name, value)]);
        assert_eq!(
            credentials(&text, Required::TEMPORARY).unwrap_err(),
            expected,
            "{name} {value}"
        );
        if name != "Code" {
            let error = credentials(&text, Required::KEYS).unwrap_err();
            assert_eq!(error, expected, "{name} {value}, though not required");
        }
    }
}

#[test]
fn a_body_that_is_no_document_is_told_by_its_fault() {
    let good = document(&[]);
    let cut = &good[..good.len() - 20];
    let deep = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let syntax = |line, column| Error::NotJson {
        category: Category::Syntax,
        line,
        column,
    };
    let truncated = |line, column| Error::NotJson {
        category: Category::Truncated,
        line,
        column,
    };
    for (body, expected) in [
        ("", truncated(1, 0)),
        (" \n\t", truncated(2, 1)),
        ("{", truncated(1, 1)),
        ("<html><body>login</body></html>", syntax(1, 1)),
        ("Not Found", syntax(1, 1)),
        ("{\"Code\" \"Success\"}", syntax(1, 9)),
        ("{\"Token\":\"a\nb\"}", syntax(2, 0)),
        ("{\"Token\":\"\\ud800\"}", syntax(1, 17)),
        ("{} {}", syntax(1, 4)),
        ("{}x", syntax(1, 3)),
        ("\u{feff}{}", syntax(1, 1)),
        ("[]", Error::NotAnObject),
        ("[{\"Token\":\"t\"}]", Error::NotAnObject),
        ("\"text\"", Error::NotAnObject),
        ("7", Error::NotAnObject),
        ("null", Error::NotAnObject),
        (&deep(17), Error::TooDeep),
        (&"[".repeat(1_000_000), Error::TooDeep),
        (&"{\"a\":".repeat(1_000_000), Error::TooDeep),
    ] {
        let shown: String = body.chars().take(40).collect();
        assert_eq!(Document::parse(body.as_bytes()).unwrap_err(), expected, "{shown}");
    }
    assert!(matches!(
        Document::parse(cut.as_bytes()),
        Err(Error::NotJson {
            category: Category::Truncated,
            ..
        })
    ));
    assert_eq!(
        Document::parse(b"{\"Token\":\"\xff\"}").unwrap_err(),
        Error::NotUtf8
    );
    assert_eq!(Document::parse(b"{\"x\":\"\xff\"}").unwrap_err(), Error::NotUtf8);
    assert!(Document::parse(deep(16).as_bytes()).is_ok());
    assert!(
        Document::parse(br#"{"a":"[[[[[[[[[[[[[[[[[[[[[[\"[["}"#).is_ok(),
        "brackets in a text"
    );
}

#[test]
fn ten_megabytes_are_read_or_refused() {
    let long = "x".repeat(10 << 20);
    let found = credentials(
        &document(&[("Extra", &format!("\"{long}\""))]),
        Required::TEMPORARY,
    );
    assert!(found.is_ok());
    assert!(Document::parse(long.as_bytes()).is_err());
}

#[test]
fn no_error_and_no_debug_shows_a_value() {
    let secret = format!("\"{}\"", canary("shown"));
    for name in [
        "AccessKeyId",
        "SecretAccessKey",
        "Token",
        "Expiration",
        "Code",
        "AccountId",
        "Version",
        "X",
    ] {
        let text = document(&[(name, &secret)]);
        let document = Document::parse(text.as_bytes()).unwrap();
        assert!(!leaks(&format!("{document:?}")), "{name}: {document:?}");
        for body in [
            text.replace(&secret, &format!("{secret}{secret}")),
            text.replace('}', ""),
        ] {
            let error = Document::parse(body.as_bytes()).unwrap_err();
            assert!(!leaks(&format!("{error} {error:?}")), "{name}: {error:?}");
        }
        if let Err(error) = document.into_credentials(Required::TEMPORARY) {
            assert!(!leaks(&format!("{error} {error:?}")), "{name}: {error:?}");
        }
    }
}

#[test]
fn no_debug_shows_a_number() {
    for name in ["SecretAccessKey", "Token", "Expiration", "Message"] {
        for value in ["80417", "{\"Token\":80417}"] {
            let text = document(&[(name, value)]);
            let shown = format!("{:?}", Document::parse(text.as_bytes()).unwrap());
            assert!(!shown.contains("80417"), "{name}: {shown}");
        }
    }
}

/// Everything that may be printed about a document, errors with all their causes.
fn printed(body: &[u8]) -> String {
    let mut text = String::new();
    let result = Document::parse(body).and_then(|document| {
        write!(text, "{document:?}").unwrap();
        document.into_credentials(Required::TEMPORARY)
    });
    if let Err(error) = result {
        write!(
            text,
            "{error:?} {}",
            credential_core::CredentialsError::failed("X", error.clone()).report()
        )
        .unwrap();
    }
    text
}

#[derive(Clone, Debug)]
enum Damage {
    Truncate,
    Behead,
    Flip(u8),
    Insert(Vec<u8>),
    Delete(usize),
    Repeat(usize),
}

fn damaged(mut body: Vec<u8>, places: &[(prop::sample::Index, Damage)]) -> Vec<u8> {
    for (index, damage) in places {
        if body.is_empty() {
            break;
        }
        let at = index.index(body.len());
        let end = |length: usize| (at + length).min(body.len());
        match damage {
            Damage::Truncate => body.truncate(at),
            Damage::Behead => drop(body.drain(..at)),
            Damage::Flip(bits) => body[at] ^= bits,
            Damage::Insert(bytes) => drop(body.splice(at..at, bytes.clone())),
            Damage::Delete(length) => drop(body.drain(at..end(*length))),
            Damage::Repeat(length) => {
                let again = body[at..end(*length)].to_vec();
                drop(body.splice(at..at, again));
            }
        }
    }
    body
}

fn damage() -> impl Strategy<Value = (prop::sample::Index, Damage)> {
    let kind = prop_oneof![
        Just(Damage::Truncate),
        Just(Damage::Behead),
        (1..=255_u8).prop_map(Damage::Flip),
        prop_oneof![
            "[\"{}\\[\\]:,\\\\ ]{1,3}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 1..4)
        ]
        .prop_map(Damage::Insert),
        (1..80_usize).prop_map(Damage::Delete),
        (1..80_usize).prop_map(Damage::Repeat),
    ];
    (any::<prop::sample::Index>(), kind)
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = (printed(&bytes), ErrorDocument::parse(&bytes).to_string());
    }

    #[test]
    fn any_json_like_text_is_read_without_a_panic(
        text in "(\\{|\\}|\\[|\\]|:|,|\"|\\\\u[0-9a-fd]{4}|null|1e9|\"(Code|Token|ExpiresAt|Message)\":|[ -~]){0,40}",
    ) {
        let _ = (printed(text.as_bytes()), ErrorDocument::parse(text.as_bytes()).to_string());
    }

    #[test]
    fn any_text_as_expiration_is_read_without_a_panic(
        text in prop_oneof!["[ -~]{0,40}", "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,30})?(Z|[+-][0-9]{2}:[0-9]{2})"],
    ) {
        let text = document(&[("Expiration", &serde_json::to_string(&text).unwrap())]);
        if let Ok(found) = credentials(&text, Required::TEMPORARY) {
            prop_assert!(found.expiration().is_some_and(|at| at.offset().is_utc()));
        }
    }

    #[test]
    fn a_damaged_document_never_shows_its_secrets(places in prop::collection::vec(damage(), 1..3)) {
        let body = damaged(document(&[("AccountId", "\"123456789012\"")]).into_bytes(), &places);
        let shown = printed(&body);
        prop_assert!(!leaks(&shown), "{}", shown);
    }

    #[test]
    fn a_damaged_document_taken_for_an_error_document_is_not_repeated(place in damage()) {
        let body = damaged(document(&[]).into_bytes(), &[place]);
        let shown = format!("{:?}", ErrorDocument::parse(&body));
        prop_assert!(!leaks(&shown), "{}", shown);
    }

    #[test]
    fn what_is_written_is_read_back(key in "[!-~]{1,40}", secret in "[!-~][ -~]{0,60}", session in "[!-~]{1,200}") {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let text = document(&[
            ("AccessKeyId", &quoted(&key)), ("SecretAccessKey", &quoted(&secret)), ("Token", &quoted(&session)),
        ]);
        let found = credentials(&text, Required::TEMPORARY).unwrap();
        prop_assert_eq!(found.access_key_id(), key);
        prop_assert_eq!(found.secret_access_key().expose(), secret);
        prop_assert_eq!(token(&found), Some(&*session));
    }
}

#[test]
fn a_blank_expiration_is_no_instant_and_not_for_ever() {
    for blank in ["", "  "] {
        let body = format!(
            r#"{{"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "s", "Token": "", "Expiration": "{blank}"}}"#
        );
        let error = Document::parse(body.as_bytes())
            .unwrap()
            .into_credentials(Required::KEYS)
            .unwrap_err();
        assert_eq!(
            error,
            Error::Blank {
                member: Member::Expiration
            }
        );
    }
}

#[test]
fn a_name_in_its_own_letters_counts_before_the_same_in_others_where_that_is_wanted() {
    let body = br#"{"accesskeyid": "OTHER", "AccessKeyId": "AKIDEXAMPLE", "AccessKeyId": "AGAIN", "secretaccesskey": "s"}"#;
    let found = |document: Document| document.into_credentials(Required::KEYS).unwrap();
    let first = found(Document::parse(body).unwrap());
    assert_eq!(first.access_key_id(), "OTHER");
    let exact = found(Document::parse(body).unwrap().with_exact_names_first());
    assert_eq!(exact.access_key_id(), "AKIDEXAMPLE");

    let body = br#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "another", "SessionToken": "own",
                    "ExpiresAt": "2099-01-01T00:00:00Z", "Expiration": "2098-01-01T00:00:00Z"}"#;
    let exact = found(Document::parse(body).unwrap().with_exact_names_first());
    assert_eq!(token(&exact), Some("own"));
    assert_eq!(exact.expiration(), parse_timestamp("2098-01-01T00:00:00Z"));
}
