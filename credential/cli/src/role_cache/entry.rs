use credential_chain::{AwsCredentials, OffsetDateTime, Secret, format_timestamp, parse_timestamp};
use serde_json::{Map, Value};

use crate::format::quote_json;

/// What a role's own provider calls itself.
const SOURCE: &str = "AssumeRole";

/// A session that is kept, and who gave it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) credentials: AwsCredentials,
    /// The endpoint of STS that was configured then, `Some(None)` for none; `None` where the AWS CLI wrote the file, which
    /// does not say.
    endpoint: Option<Option<String>>,
}

impl Entry {
    /// Whether it may serve where this endpoint is configured: a stand-in's session is nothing to AWS, nor the reverse.
    pub(super) fn is_of(&self, endpoint: Option<&str>) -> bool {
        self.endpoint
            .as_ref()
            .is_none_or(|known| known.as_deref() == endpoint)
    }
}

/// The session in a file of the AWS CLI: STS's answer in JSON. `None` for anything else.
pub(super) fn read(text: &Secret) -> Option<Entry> {
    // No word of an error in it: it would quote the file.
    let mut document: Map<String, Value> = serde_json::from_str(text.expose()).ok()?;
    let endpoint = match document.remove("Endpoint") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(endpoint)) => Some(Some(endpoint)),
        Some(_) => return None,
    };
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
    let credentials = match text("AccountId") {
        Some(account_id) => credentials.with_account_id(account_id),
        None => credentials,
    };
    Some(Entry {
        credentials,
        endpoint,
    })
}

/// botocore writes `2026-11-28T01:00:00UTC`, and reads whatever looks like a time.
fn instant(text: &str) -> Option<OffsetDateTime> {
    match text.strip_suffix("UTC") {
        Some(utc) => parse_timestamp(&format!("{}Z", utc.trim_end())),
        None => parse_timestamp(text),
    }
}

/// `None` for what is no session. The AWS CLI overlooks the endpoint.
pub(super) fn write(credentials: &AwsCredentials, endpoint: Option<&str>) -> Option<Secret> {
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
        "{{\"Credentials\": {{{}}}, \"Endpoint\": {}}}",
        members.join(", "),
        endpoint.map_or("null".to_owned(), quote_json)
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
            let read = read(&session(text)).and_then(|entry| entry.credentials.expiration());
            assert_eq!(read.map(OffsetDateTime::unix_timestamp), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let credentials = read(&session("2026-11-28T01:02:03UTC")).unwrap().credentials;
        assert_eq!(
            (
                credentials.access_key_id(),
                credentials.account_id(),
                credentials.source()
            ),
            ("ASIAEXAMPLE", Some("123456789012"), "AssumeRole")
        );
        let again = read(&write(&credentials, None).unwrap()).unwrap();
        assert_eq!(again.credentials, credentials);
    }

    #[test]
    fn a_session_serves_where_its_endpoint_is_configured() {
        let ends = [None, Some("http://127.0.0.1:1"), Some("http://\"quoted\"")];
        let of_the_aws_cli = read(&session("2026-11-28T01:02:03UTC")).unwrap();
        for then in ends {
            let written = write(&of_the_aws_cli.credentials, then).unwrap();
            let entry = read(&written).unwrap();
            for now in ends {
                assert_eq!(entry.is_of(now), then == now, "{then:?} {now:?}");
                assert!(of_the_aws_cli.is_of(now));
            }
        }
    }

    #[test]
    fn what_is_no_session_is_neither_read_nor_written() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"Credentials": []}"#,
            r#"{"Credentials": {}}"#,
            r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t",
                "Expiration": "2026-11-28T01:02:03Z"}, "Endpoint": 1}"#,
            r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": 1}}"#,
            r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2026-11-28T01:02:03Z"}}"#,
        ] {
            assert!(read(&Secret::from(text)).is_none(), "{text}");
        }
        assert!(write(&AwsCredentials::new("AKIDEXAMPLE", canary("long-term")), None).is_none());
    }
}
