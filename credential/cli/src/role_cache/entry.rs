use credential_chain::{AwsCredentials, OffsetDateTime, Secret, format_timestamp, parse_timestamp};
use serde_json::{Map, Value};

use crate::format::quote_json;

/// What a role's own provider calls itself.
const SOURCE: &str = "AssumeRole";

/// The session in a file of the AWS CLI: STS's answer in JSON. `None` for anything else.
pub(super) fn read(text: &Secret) -> Option<AwsCredentials> {
    // No word of an error in it: it would quote the file.
    let mut document: Map<String, Value> = serde_json::from_str(text.expose()).ok()?;
    let Value::Object(mut session) = document.remove("Credentials")? else {
        return None;
    };
    let mut text = |key: &str| match session.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let credentials = AwsCredentials::new(text("AccessKeyId")?, Secret::from(text("SecretAccessKey")?))
        .with_session_token(Secret::from(text("SessionToken")?))
        .with_expiration(instant(&text("Expiration")?)?)
        .with_source(SOURCE);
    Some(match text("AccountId") {
        Some(account_id) => credentials.with_account_id(account_id),
        None => credentials,
    })
}

/// botocore writes `2026-11-28T01:00:00UTC`, and reads whatever looks like a time.
fn instant(text: &str) -> Option<OffsetDateTime> {
    match text.strip_suffix("UTC") {
        Some(utc) => parse_timestamp(&format!("{}Z", utc.trim_end())),
        None => parse_timestamp(text),
    }
}

/// `None` for what is no session.
pub(super) fn write(credentials: &AwsCredentials) -> Option<Secret> {
    let token = credentials.session_token()?;
    let expiration = credentials.expiration()?;
    let mut members = vec![
        ("AccessKeyId", quote_json(credentials.access_key_id())),
        (
            "SecretAccessKey",
            quote_json(credentials.secret_access_key().expose()),
        ),
        ("SessionToken", quote_json(token.expose())),
        ("Expiration", quote_json(&format_timestamp(expiration))),
    ];
    if let Some(account_id) = credentials.account_id() {
        members.push(("AccountId", quote_json(account_id)));
    }
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    Some(Secret::from(format!(
        "{{\"Credentials\": {{{}}}}}",
        members.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use tests_support::canary;

    use super::*;

    fn session(expiration: &str) -> Secret {
        Secret::from(format!(
            r#"{{"Credentials": {{"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "{}", "SessionToken": "{}",
            "Expiration": "{expiration}", "AccountId": "123456789012"}}, "AssumedRoleUser": {{"Arn": "x"}},
            "ResponseMetadata": {{"RetryAttempts": 0}}}}"#,
            canary("secret"),
            canary("token")
        ))
    }

    #[test]
    fn each_spelling_of_an_expiration_is_read() {
        for (text, expected) in [
            ("2026-11-28T01:02:03UTC", Some(1_795_827_723)),
            ("2026-11-28T01:02:03Z", Some(1_795_827_723)),
            ("2026-11-28T02:02:03+01:00", Some(1_795_827_723)),
            ("2026-11-28T01:02:03.5+00:00", Some(1_795_827_723)),
            // The year 10000 in UTC.
            ("9999-12-31T23:59:59-01:00", None),
            ("9999-12-31T23:59:59UTC", Some(253_402_300_799)),
            ("tomorrow", None),
            ("", None),
        ] {
            let read = read(&session(text)).and_then(|credentials| credentials.expiration());
            assert_eq!(read.map(OffsetDateTime::unix_timestamp), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let credentials = read(&session("2026-11-28T01:02:03UTC")).unwrap();
        assert_eq!(
            (
                credentials.access_key_id(),
                credentials.account_id(),
                credentials.source()
            ),
            ("ASIAEXAMPLE", Some("123456789012"), "AssumeRole")
        );
        let again = read(&write(&credentials).unwrap()).unwrap();
        assert_eq!(again, credentials);
    }

    #[test]
    fn what_is_no_session_is_neither_read_nor_written() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"Credentials": []}"#,
            r#"{"Credentials": {}}"#,
            r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": 1}}"#,
            r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2026-11-28T01:02:03Z"}}"#,
        ] {
            assert!(read(&Secret::from(text)).is_none(), "{text}");
        }
        assert!(write(&AwsCredentials::new("AKIDEXAMPLE", "secret")).is_none());
    }
}
