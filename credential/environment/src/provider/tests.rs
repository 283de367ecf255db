use credential_core::{CredentialsError, ErrorKind};
use proptest::prelude::*;
use tests_support::{ManualClock, canary, leaks};

use super::*;

const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

fn provider(variables: &[(&str, &str)]) -> EnvironmentProvider {
    EnvironmentProvider::new()
        .with_variables(variables.iter().copied().collect())
        .with_clock(ManualClock::new())
}

fn kind(error: Error) -> ErrorKind {
    CredentialsError::from(error).kind()
}

#[test]
fn a_pair_and_a_token_are_credentials_with_their_source_and_no_expiration() {
    let (secret, token) = (canary("pair"), canary("token"));
    let credentials = provider(&[
        (ID, "AKIDEXAMPLE"),
        (SECRET, &secret),
        (TOKEN, &token),
        ("AWS_ACCOUNT_ID", "012345678901"),
    ])
    .load()
    .unwrap();

    let expected = AwsCredentials::new("AKIDEXAMPLE", &*secret)
        .with_session_token(&*token)
        .with_account_id("012345678901")
        .with_source("Environment")
        .with_renewal(Renewal::NEVER.with_reread_after(Duration::from_secs(600)));
    assert_eq!(credentials, expected);
}

#[test]
fn white_space_around_values_is_cut_off() {
    let secret = canary("trim");
    let credentials = provider(&[
        (ID, " AKIDEXAMPLE\r\n"),
        (SECRET, &format!("\t{secret}\n")),
        (TOKEN, &format!("{secret} ")),
        ("AWS_ACCOUNT_ID", " 123456789012 "),
        (EXPIRATION, " 2031-01-01T00:00:00Z\n"),
    ])
    .load()
    .unwrap();

    assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
    assert_eq!(credentials.secret_access_key().expose(), secret);
    assert_eq!(credentials.session_token().unwrap().expose(), secret);
    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert!(credentials.expiration().is_some());
}

#[test]
fn a_blank_token_account_id_or_expiration_is_none() {
    let secret = canary("blank");
    for blank in ["", " \t\r\n"] {
        let credentials = provider(&[
            (ID, "AKIDEXAMPLE"),
            (SECRET, &secret),
            (TOKEN, blank),
            ("AWS_ACCOUNT_ID", blank),
            (EXPIRATION, blank),
        ])
        .load()
        .unwrap();
        assert_eq!(credentials.session_token(), None);
        assert_eq!(credentials.account_id(), None);
        assert_eq!(credentials.expiration(), None);
    }
}

#[test]
fn an_older_name_serves_only_where_the_documented_one_is_missing_or_blank() {
    type Case<'a> = (&'a [(&'a str, &'a str)], [&'a str; 3]);
    let cases: &[Case<'_>] = &[
        (
            &[("AWS_ACCESS_KEY", "old"), ("AWS_SECRET_KEY", "old")],
            ["old", "old", ""],
        ),
        (
            &[("AWS_ACCESS_KEY", "old"), ("SECRET_ACCESS_KEY", "oldest")],
            ["old", "oldest", ""],
        ),
        (
            &[
                (ID, "new"),
                ("AWS_ACCESS_KEY", "old"),
                ("SECRET_ACCESS_KEY", "oldest"),
                ("AWS_SECRET_KEY", "old"),
            ],
            ["new", "old", ""],
        ),
        (
            &[
                (ID, " "),
                ("AWS_ACCESS_KEY", "old"),
                (SECRET, "new"),
                ("AWS_SECRET_KEY", "old"),
            ],
            ["old", "new", ""],
        ),
        (
            &[(ID, "new"), (SECRET, "new"), ("AWS_SECURITY_TOKEN", "old")],
            ["new", "new", "old"],
        ),
        (
            &[
                (ID, "new"),
                (SECRET, "new"),
                ("AWS_SECURITY_TOKEN", "old"),
                (TOKEN, "new"),
            ],
            ["new", "new", "new"],
        ),
    ];
    for (variables, [access_key_id, secret_access_key, session_token]) in cases {
        let credentials = provider(variables).load().unwrap();
        assert_eq!(credentials.access_key_id(), *access_key_id, "{variables:?}");
        assert_eq!(
            credentials.secret_access_key().expose(),
            *secret_access_key,
            "{variables:?}"
        );
        let token = credentials.session_token().map_or("", Secret::expose);
        assert_eq!(token, *session_token, "{variables:?}");
    }
}

#[test]
fn without_a_pair_the_environment_is_not_configured() {
    for variables in [
        &[][..],
        &[(ID, ""), (SECRET, "  ")],
        &[(TOKEN, "token")],
        &[("aws_access_key_id", "lower"), ("aws_secret_access_key", "lower")],
        &[("AWS_CREDENTIAL_FILE", "/x"), (EXPIRATION, "nonsense")],
    ] {
        let error = provider(variables).load().unwrap_err();
        assert_eq!(error.to_string(), "AWS_ACCESS_KEY_ID is not set", "{variables:?}");
        assert_eq!(kind(error), ErrorKind::NotConfigured);
    }
}

#[test]
fn half_a_pair_is_not_configured_and_names_what_is_missing() {
    let half = canary("half");
    for (variables, sentence) in [
        (
            &[(ID, &*half)][..],
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            &[(ID, &half), (SECRET, "")],
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            &[(SECRET, &half)],
            "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not",
        ),
        (
            &[("AWS_SECRET_KEY", &half)],
            "AWS_SECRET_KEY is set, but AWS_ACCESS_KEY_ID is not",
        ),
    ] {
        let error = provider(variables).load().unwrap_err();
        assert_eq!(error.to_string(), sentence);
        assert_eq!(kind(error), ErrorKind::NotConfigured, "{sentence}");

        let strict = provider(variables).with_strict_pair().load().unwrap_err();
        assert_eq!(strict.to_string(), sentence);
        assert_eq!(kind(strict), ErrorKind::InvalidConfiguration, "{sentence}");
    }
}

#[test]
fn bad_input_is_invalid_configuration_that_names_the_variable_and_shows_no_value() {
    let secret = canary("bad");
    let inside = format!("{secret} {secret}");
    let (newline, nul, escape) = (
        format!("{secret}\n{secret}"),
        format!("{secret}\0{secret}"),
        format!("\u{1b}[31m{secret}"),
    );
    let huge = format!("{}\u{7f}", secret.repeat(10 << 20 >> 5));
    let cases: &[(&str, &str)] = &[
        (ID, &inside),
        (ID, &newline),
        (ID, "AKID\u{a0}EXAMPLE"),
        (SECRET, &newline),
        (SECRET, &nul),
        (SECRET, &huge),
        (TOKEN, &inside),
        (TOKEN, &escape),
        ("AWS_ACCOUNT_ID", &newline),
        (EXPIRATION, &secret),
        (EXPIRATION, "2031-01-01"),
        (EXPIRATION, "2031-01-01T00:00:00"),
        (EXPIRATION, "1925000000"),
        (EXPIRATION, "2031-02-30T00:00:00Z"),
        (EXPIRATION, "2029-12-31T23:59:59Z"),
        (EXPIRATION, "0000-01-01T00:00:00Z"),
    ];
    for (name, value) in cases {
        let mut variables = vec![(ID, "AKIDEXAMPLE"), (SECRET, &*secret), (TOKEN, &*secret)];
        variables.retain(|(other, _)| other != name);
        variables.push((name, value));

        let error = provider(&variables).load().unwrap_err();

        let shown = format!("{error} {error:?}");
        assert!(error.to_string().contains(name), "{shown}");
        assert!(!leaks(&shown), "{shown}");
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration, "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_invalid_configuration_for_every_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    for name in [ID, SECRET, TOKEN, "AWS_ACCOUNT_ID", EXPIRATION] {
        let mut variables: Vec<(&str, OsString)> =
            vec![(ID, "AKIDEXAMPLE".into()), (SECRET, canary("unicode").into())];
        variables.retain(|(other, _)| *other != name);
        variables.push((name, OsString::from_vec(vec![b'x', 0xff])));

        let error = EnvironmentProvider::new()
            .with_variables(variables.into_iter().collect())
            .load()
            .unwrap_err();

        assert!(error.to_string().starts_with(name), "{error}");
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

#[test]
fn a_secret_may_hold_blanks_and_any_letters() {
    let secret = format!("{} {}=%ü", canary("odd"), canary("odd"));
    let credentials = provider(&[(ID, "AKIDEXAMPLE"), (SECRET, &secret)])
        .load()
        .unwrap();
    assert_eq!(credentials.secret_access_key().expose(), secret);
}

#[test]
fn an_expiration_may_have_any_offset_and_a_fraction() {
    let secret = canary("expiration");
    for text in [
        "2030-01-01T13:00:00Z",
        "2030-01-01T13:00:00.000000000+00:00",
        "2030-01-01T18:30:00+05:30",
        "2030-01-01T05:00:00-08:00",
    ] {
        let credentials = provider(&[(ID, "AKIDEXAMPLE"), (SECRET, &secret), (EXPIRATION, text)])
            .load()
            .unwrap();
        let in_an_hour = ManualClock::new().now() + Duration::from_secs(3600);
        assert_eq!(credentials.expiration(), Some(in_an_hour), "{text}");
        assert_eq!(credentials.renewal().reread_after, Some(Duration::from_secs(600)));
    }
}

#[test]
fn credentials_that_die_now_are_dead() {
    let secret = canary("edge");
    let error = provider(&[(ID, "A"), (SECRET, &secret), (EXPIRATION, "2030-01-01T12:00:00Z")])
        .load()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the credentials expired at 2030-01-01T12:00:00Z, says AWS_CREDENTIAL_EXPIRATION; set new ones"
    );
}

#[test]
fn another_prefix_has_names_of_its_own_and_no_older_ones() {
    let secret = canary("prefix");
    let both = [
        ("APP_ACCESS_KEY_ID", "APPID"),
        ("APP_SECRET_ACCESS_KEY", &*secret),
        ("APP_SESSION_TOKEN", &secret),
        ("APP_ACCOUNT_ID", "1"),
        ("APP_CREDENTIAL_EXPIRATION", "2031-01-01T00:00:00Z"),
        (ID, "AWSID"),
        (SECRET, &secret),
    ];
    let credentials = provider(&both).with_prefix("APP").load().unwrap();
    assert_eq!(credentials.access_key_id(), "APPID");
    assert!(credentials.session_token().is_some() && credentials.expiration().is_some());
    assert_eq!(credentials.account_id(), Some("1"));

    let older = provider(&[("AWS_ACCESS_KEY", "A"), ("SECRET_ACCESS_KEY", &secret)]).with_prefix("APP");
    assert_eq!(
        older.load().unwrap_err().to_string(),
        "APP_ACCESS_KEY_ID is not set"
    );
}

#[test]
fn the_interval_of_the_second_look_can_be_set_or_left_out() {
    let secret = canary("reread");
    let variables = [(ID, "AKIDEXAMPLE"), (SECRET, &*secret)];
    let minute = Duration::from_secs(60);
    let often = provider(&variables).with_reread_after(minute).load().unwrap();
    assert_eq!(often.renewal().reread_after, Some(minute));
    let never = provider(&variables).without_reread().load().unwrap();
    assert_eq!(never.renewal(), Renewal::NEVER);
}

#[tokio::test]
async fn as_a_provider_it_has_a_name_and_needs_no_waiting() {
    let provider = provider(&[]);
    assert_eq!(provider.name(), "Environment");
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(
        error.report().to_string(),
        "environment is not configured: AWS_ACCESS_KEY_ID is not set"
    );
}

#[test]
fn the_environment_is_looked_at_live_and_not_copied() {
    let shown = format!("{:?}", EnvironmentProvider::new());
    assert!(shown.contains("Variables(of the process)"), "{shown}");
}

#[test]
fn debug_shows_no_value() {
    let secret = canary("debug");
    let provider = provider(&[(ID, "AKIDEXAMPLE"), (SECRET, &secret)]);
    assert!(!leaks(&format!("{provider:?} {:?}", provider.load())));
}

proptest! {
    #[test]
    fn any_values_give_credentials_that_can_be_sent_or_an_error_that_shows_none(
        values in proptest::collection::vec(proptest::option::of(any::<String>()), 5),
    ) {
        let names = [ID, SECRET, TOKEN, "AWS_ACCOUNT_ID", EXPIRATION];
        let variables: Vec<(&str, String)> = names
            .into_iter()
            .zip(values)
            .filter_map(|(name, value)| Some((name, format!("{}{}", canary("any"), value?))))
            .collect();
        match EnvironmentProvider::new().with_variables(variables.into_iter().collect()).load() {
            Ok(credentials) => {
                let sent = format!(
                    "{}{}",
                    credentials.access_key_id(),
                    credentials.session_token().map_or("", Secret::expose)
                );
                prop_assert!(!sent.contains(|c: char| c.is_control() || c.is_whitespace()));
            }
            Err(error) => {
                let shown = format!("{error} {error:?}");
                prop_assert!(!leaks(&shown), "{}", shown);
            }
        }
    }
}
