use proptest::prelude::*;
use serde_json::json;
use tests_support::canary;

use super::*;

fn document() -> serde_json::Value {
    json!({
        "accessToken": {
            "accessKeyId": "ASIAEXAMPLE",
            "secretAccessKey": canary("secret"),
            "sessionToken": canary("token"),
            "expiresAt": "2030-01-01T12:00:00Z",
        },
        "clientId": "arn:aws:signin:::devtools/cross-device",
        "refreshToken": canary("refresh"),
        "dpopKey": canary("key"),
    })
}

fn with_account(account_id: serde_json::Value) -> Option<String> {
    let mut document = document();
    document["accessToken"]["accountId"] = account_id;
    let session = Session::read(&document.to_string()).unwrap();
    session.credentials().account_id().map(str::to_owned)
}

#[test]
fn what_the_file_may_lack_is_not_asked_for() {
    let session = Session::read(&document().to_string()).unwrap();
    assert_eq!(session.credentials().account_id(), None);
    assert_eq!(session.credentials().access_key_id(), "ASIAEXAMPLE");
}

#[test]
fn an_account_id_has_twelve_digits_or_is_passed_over() {
    assert_eq!(
        with_account(json!("012345678901")).as_deref(),
        Some("012345678901")
    );
    for other in [
        json!(123_456_789_012_u64),
        json!("1234"),
        json!("01234567890x"),
        json!(null),
        json!([]),
    ] {
        assert_eq!(with_account(other.clone()), None, "{other}");
    }
}

#[test]
fn names_are_taken_in_any_case() {
    let text = document().to_string().replace("refreshToken", "RefreshToken");
    let session = Session::read(&text).unwrap();
    assert_eq!(session.refresh_token().expose(), canary("refresh"));
    let answer = Answer::read(
        br#"{"expiresIn": 900, "refreshToken": "next",
            "accessToken": {"accessKeyId": "ASIANEW", "secretAccessKey": "s", "sessionToken": "t"}}"#,
    )
    .unwrap();
    let renewed = session.renewed(answer, OffsetDateTime::UNIX_EPOCH).unwrap();
    // The AWS CLI finds members by their exact names alone.
    let text = renewed.to_text();
    assert!(text.expose().contains(r#""refreshToken":"next""#));
    assert!(!text.expose().contains("RefreshToken"));
}

#[test]
fn a_fraction_of_the_clock_is_dropped_in_file_and_memory() {
    let session = Session::read(&document().to_string()).unwrap();
    let answer = Answer::read(
        br#"{"expiresIn": 900,
            "accessToken": {"accessKeyId": "ASIANEW", "secretAccessKey": "s", "sessionToken": "t"}}"#,
    )
    .unwrap();
    let now = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(1_893_499_200_999);
    let renewed = session.renewed(answer, now).unwrap();
    let again = Session::read(renewed.to_text().expose()).unwrap();
    assert_eq!(again.credentials(), renewed.credentials());
    assert_eq!(renewed.expiration().unix_timestamp(), 1_893_500_100);
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in ".{0,200}") {
        let _ = Session::read(&text);
        let _ = Answer::read(text.as_bytes());
    }

    #[test]
    fn no_value_makes_the_readers_panic(place in 0_usize..8, number: i64, text in ".{0,30}") {
        let mut document = document();
        let value = if number % 2 == 0 { json!(text) } else { json!(number) };
        let pointer = [
            "/accessToken", "/accessToken/accessKeyId", "/accessToken/secretAccessKey", "/accessToken/sessionToken",
            "/accessToken/expiresAt", "/clientId", "/refreshToken", "/dpopKey",
        ][place];
        *document.pointer_mut(pointer).unwrap() = value;
        let _ = Session::read(&document.to_string());
        document["expiresIn"] = json!(number);
        let _ = Answer::read(document.to_string().as_bytes());
    }
}
