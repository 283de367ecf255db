//! Which of the two files a setting comes from.

use tests_support::canary;

use super::*;
use crate::Property;

#[test]
fn sso_sessions_and_services_come_from_the_config_file_alone() {
    let config = "[sso-session foo]\nsso_region = eu-west-1\n[services foo]\nsts =\n endpoint_url = x\n\
                  [sso-session \"a b\"]\n[sso-session b!d]\n[sso-session foo]\nextra = 1";
    let profiles = Profiles::of_texts(config, "[sso-session bar]\nsso_region = x").unwrap();

    let session = profiles.sso_session("foo").unwrap();
    assert_eq!(session.value("SSO_REGION").unwrap().value(), "eu-west-1");
    assert_eq!(session.value("extra").unwrap().position().line(), 9);
    assert_eq!(session.positions().len(), 2);
    assert!(profiles.sso_session("a b").is_some());
    assert!(profiles.sso_session("bar").is_none() && profiles.sso_session("b!d").is_none());
    assert!(profiles.services("foo").is_some() && profiles.services("bar").is_none());
}

#[test]
fn keys_and_what_belongs_to_them_come_from_one_file() {
    type Case<'a> = (&'a str, &'a str, [Option<&'a str>; 4], usize);
    let (a, b) = (&*canary("a"), &*canary("b"));
    let all = &*format!(
        "[default]\naws_access_key_id = A\naws_secret_access_key = {a}\naws_session_token = {a}\naws_account_id = A"
    );
    let of_all = [Some("A"), Some(a), Some(a), Some("A")];
    let cases: &[Case<'_>] = &[
        ("[default]", all, of_all, 0),
        (all, "[default]\nregion = x", of_all, 0),
        (
            all,
            &format!("[default]\naws_access_key_id = B\naws_secret_access_key = {b}"),
            [Some("B"), Some(b), None, None],
            4,
        ),
        (
            all,
            "[default]\naws_access_key_id = B",
            [Some("B"), None, None, None],
            4,
        ),
        (
            all,
            &format!("[default]\naws_secret_access_key = {b}"),
            [None, Some(b), None, None],
            4,
        ),
        // a token or an account ID alone defines no keys, so it goes over the other file's, key by key
        (
            all,
            &format!("[default]\naws_session_token = {b}"),
            [Some("A"), Some(a), Some(b), Some("A")],
            0,
        ),
        // a stub left by an installer
        (
            all,
            "[default]\naws_access_key_id =\naws_secret_access_key =",
            of_all,
            0,
        ),
        (
            &format!("[default]\naws_security_token = {a}"),
            "[default]\naws_access_key_id = B",
            [Some("B"), None, None, None],
            1,
        ),
    ];
    for (config, credentials, expected, left_out) in cases {
        let profiles = Profiles::of_texts(config, credentials).unwrap();
        let default = profiles.get("default").unwrap();
        let found = [
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
            "aws_account_id",
        ]
        .map(|key| default.value(key).map(Property::value));
        assert!(
            found == *expected,
            "{}: {:?}",
            credentials.replace(b, "b"),
            default.name()
        );
        assert_eq!(profiles.problems().len(), *left_out, "{:?}", profiles.problems());
        assert!(default.value("aws_security_token").is_none());
    }
}

#[test]
fn every_property_knows_its_file_and_line() {
    let profiles = Profiles::of_texts(
        "\n[profile foo]\na = 1\n\nb = 2\n[profile foo]\n\nb = 3\n",
        "[foo]\nc = 4\n continued",
    )
    .unwrap();
    let foo = profiles.get("foo").unwrap();
    let positions: Vec<String> = foo.properties().map(|(_, p)| p.position().to_string()).collect();
    assert_eq!(positions, ["config:3", "config:8", "credentials:2"]);
    let headers: Vec<String> = foo.positions().iter().map(ToString::to_string).collect();
    assert_eq!(headers, ["config:2", "config:6", "credentials:1"]);
}

#[test]
fn a_name_with_blanks_needs_no_quotes_in_the_credentials_file_where_the_config_file_has_it() {
    let credentials = "[my own work]\naws_access_key_id = A\n[other work]\naws_access_key_id = B\n";
    for config in ["[profile 'my own work']\nregion = x", "[profile \"my own work\"]"] {
        let profiles = Profiles::of_texts(config, credentials).unwrap();
        let profile = profiles.get("my own work").unwrap();
        assert_eq!(profile.value("aws_access_key_id").map(Property::value), Some("A"));
        assert_eq!(profile.name(), "my own work");
        assert_eq!(profiles.names().collect::<Vec<_>>(), ["my own work"]);
        let told: Vec<String> = profiles.problems().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("credentials:3: [other work] is ignored"),
            "{told:?}"
        );
    }
}
