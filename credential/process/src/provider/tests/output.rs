//! What is printed on standard output.

use credential_json::{Error as Json, Member};

use super::*;

#[tokio::test]
async fn nothing_but_blanks_is_its_own_error() {
    let stage = Stage::new();
    for text in ["", " \n\t\n"] {
        let error = stage.printing(text).load().await.unwrap_err();
        assert!(matches!(error, Error::NoOutput { .. }), "{error:?}");
        assert_eq!(
            told(&error),
            "the credential process cat printed nothing on standard output; it said nothing on standard error"
        );
    }
    let error = stage
        .script("echo please sign in first >&2")
        .load()
        .await
        .unwrap_err();
    assert!(told(&error).ends_with("printed nothing on standard output; it said: please sign in first"));
}

#[tokio::test]
async fn what_is_no_document_says_what_is_wrong_and_shows_nothing() {
    let secret = canary("half");
    let half = document("");
    let half = &half[..half.len() - 5];
    let stage = Stage::new();
    for (bytes, expected) in [
        (half.as_bytes().to_vec(), "unexpected end at line 1"),
        (
            format!("{secret} no JSON").into_bytes(),
            "unexpected character at line 1",
        ),
        (
            format!("{} {secret}", document("")).into_bytes(),
            "unexpected character at line 1",
        ),
        (
            (document("") + &document("")).into_bytes(),
            "unexpected character at line 1",
        ),
        (format!("[{}]", document("")).into_bytes(), "not a JSON object"),
        (format!("\"{secret}\"").into_bytes(), "not a JSON object"),
        ([secret.as_bytes(), b"\xff\xfe"].concat(), "not UTF-8"),
    ] {
        let error = stage.printing(&bytes).load().await.unwrap_err();
        assert!(matches!(error, Error::Document { .. }), "{error:?}");
        assert_eq!(CredentialsError::from(error.clone()).kind(), ErrorKind::Failed);
        let told = told(&error);
        assert!(
            told.starts_with("the credential process cat printed no usable credentials"),
            "{told}"
        );
        assert!(told.contains(expected), "{told}");
    }
}

#[tokio::test]
async fn only_the_number_1_is_a_known_version() {
    let stage = Stage::new();
    for (version, found) in [
        ("", "nothing"),
        (r#""Version": null,"#, "nothing"),
        (r#""Version": 2,"#, "2"),
        (r#""Version": 0,"#, "0"),
        (r#""Version": "1","#, "a string"),
        (r#""Version": 1.5,"#, "a fraction"),
        (r#""Version": [1],"#, "a list"),
    ] {
        let text = format!(
            r#"{{{version} "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "{}"}}"#,
            canary("version")
        );
        let error = stage.printing(text).load().await.unwrap_err();
        assert!(matches!(error, Error::Version { .. }), "{error:?}");
        assert_eq!(
            told(&error),
            format!(
                "the credential process cat printed a document whose Version is {found}; it must be the number 1"
            )
        );
    }
}

#[tokio::test]
async fn a_key_that_is_missing_or_blank_is_named() {
    let stage = Stage::new();
    let secret = canary("key");
    for (members, expected) in [
        (
            format!(r#""SecretAccessKey": "{secret}""#),
            Json::Missing {
                member: Member::AccessKeyId,
            },
        ),
        (
            r#""AccessKeyId": "AKIDEXAMPLE""#.to_owned(),
            Json::Missing {
                member: Member::SecretAccessKey,
            },
        ),
        (
            format!(r#""AccessKeyId": " ", "SecretAccessKey": "{secret}""#),
            Json::Blank {
                member: Member::AccessKeyId,
            },
        ),
        (
            r#""AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": """#.to_owned(),
            Json::Blank {
                member: Member::SecretAccessKey,
            },
        ),
        (
            format!(r#""AccessKeyId": 7, "SecretAccessKey": "{secret}""#),
            Json::WrongType {
                member: Member::AccessKeyId,
            },
        ),
        (
            format!(r#""AccessKeyId": "A", "SecretAccessKey": "{secret}", "Expiration": "soon""#),
            Json::Expiration,
        ),
    ] {
        let error = stage
            .printing(format!(r#"{{"Version": 1, {members}}}"#))
            .load()
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Document { source, .. } if *source == expected),
            "{error:?}"
        );
        told(&error);
    }
}

#[tokio::test]
async fn credentials_that_are_dead_on_arrival_are_an_error() {
    let stage = Stage::new();
    for (expiration, dead) in [
        ("2029-12-31T00:00:00Z", true),
        ("2030-01-01T12:00:00Z", true),
        ("2030-01-01T12:00:01Z", false),
    ] {
        let text = document(&format!(r#", "Expiration": "{expiration}""#));
        let loaded = stage.printing(text).load().await;
        assert_eq!(matches!(&loaded, Err(Error::Expired { .. })), dead, "{loaded:?}");
        if let Err(error) = loaded {
            let told = told(&error);
            assert!(
                told.contains("returned expired credentials: they ended at "),
                "{told}"
            );
        }
    }
}

#[tokio::test]
async fn a_mebibyte_is_read_and_not_a_byte_more() {
    let stage = Stage::new();
    for (size, fits) in [(MOST_OUTPUT, true), (MOST_OUTPUT + 1, false)] {
        let mut text = document("").into_bytes();
        text.resize(size, b' ');
        let loaded = stage.printing(text).load().await;
        assert_eq!(loaded.is_ok(), fits, "{loaded:?}");
    }
}

#[tokio::test]
async fn output_without_end_is_stopped() {
    let stage = Stage::new();
    let provider = stage.script("echo $$ > \"$here/pid\"; exec yes");
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::TooMuchOutput { .. }), "{error:?}");
    assert_eq!(
        told(&error),
        "the credential process sh printed more than 1048576 bytes and was stopped"
    );
    let pid = stage.number("pid").await;
    until(|| state(pid).is_none()).await;
}

#[tokio::test]
async fn a_hundred_megabytes_are_stopped_too() {
    let stage = Stage::new();
    let error = stage
        .script("head -c 100000000 /dev/zero")
        .load()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooMuchOutput { .. }), "{error:?}");
}
