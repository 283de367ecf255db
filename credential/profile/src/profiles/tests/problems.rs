//! What is told of a file that can be read.

use tests_support::{canary, leaks};

use super::*;

#[test]
fn what_has_no_effect_is_told_without_quoting_what_may_be_a_secret() {
    let pasted = canary("pasted");
    let config = format!(
        "[work]\n[default]\n[profile default]\n[profile {pasted} {pasted}]\n[profile ok]\n{pasted} x = 1\n"
    );
    let profiles = Profiles::of_texts(&config, "[profile work]\n[a b]\n").unwrap();
    let told: Vec<String> = profiles.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "config:1: [work] is ignored; a profile here is called [profile work]",
            "config:2: [default] is ignored beside [profile default]",
            "config:4: the section is ignored: a name has letters, digits and _-/.%@:+",
            "config:6: the property is ignored: its name is not allowed",
            "credentials:1: [profile work] is ignored; a profile here is called [work]",
            "credentials:2: [a b] is ignored: a name has letters, digits and _-/.%@:+ ; with blanks write \
             [profile \"a b\"] in the config file",
        ]
    );
    assert!(profiles.hint("work").starts_with("; config:1"));
    assert_eq!(profiles.hint("other"), "");
}

#[test]
fn a_section_with_an_illegal_name_is_told_with_its_cure_and_found_by_who_asks_for_it() {
    let blanks =
        |kind: &str, name: &str| format!(" ; with blanks write [{kind} \"{name}\"] in the config file");
    let rule = |section: &str| format!("[{section}] is ignored: a name has letters, digits and _-/.%@:+");
    let hidden = "the section is ignored: a name has letters, digits and _-/.%@:+";
    let long = "averylongnamethatcouldbeapastedsecret corp";
    // config, credentials, what is told, kind and name that are asked for, what the hint tells
    let cases = [
        (
            "[profile two words]",
            "",
            rule("profile two words") + &blanks("profile", "two words"),
            "profile",
            "two words",
        ),
        (
            "",
            "[two words]",
            rule("two words") + &blanks("profile", "two words"),
            "profile",
            "two words",
        ),
        (
            "[sso-session my corp]",
            "",
            rule("sso-session my corp") + &blanks("sso-session", "my corp"),
            "sso-session",
            "my corp",
        ),
        (
            "[profile o'neil]",
            "",
            rule("profile o'neil"),
            "profile",
            "o'neil",
        ),
        ("", "[o'neil]", rule("o'neil"), "profile", "o'neil"),
        (
            "[profile \"m\u{fc}ller\"]",
            "",
            rule("profile \"m\u{fc}ller\""),
            "profile",
            "m\u{fc}ller",
        ),
        ("[]", "", rule(""), "profile", ""),
        (
            "",
            "[sso-session corp]",
            "[sso-session corp] is ignored: it belongs into the config file".to_owned(),
            "sso-session",
            "corp",
        ),
    ];
    for (config, credentials, told, kind, name) in cases {
        let profiles = Profiles::of_texts(config, credentials).unwrap();
        let file = if config.is_empty() {
            "credentials"
        } else {
            "config"
        };
        let found: Vec<String> = profiles.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, [format!("{file}:1: {told}")]);
        assert_eq!(profiles.hint_of(kind, name), format!("; {file}:1: {told}"));
        assert_eq!(profiles.hint_of("services", name), "");
    }
    // What might be a secret is told only to who knows it.
    let profiles = Profiles::of_texts(&format!("[profile {long}]"), "").unwrap();
    assert_eq!(profiles.problems()[0].to_string(), format!("config:1: {hidden}"));
    assert!(!format!("{profiles:?}").contains(long));
    assert_eq!(
        profiles.hint(long),
        format!(
            "; config:1: {}{}",
            rule(&format!("profile {long}")),
            blanks("profile", long)
        )
    );
    // A kind that nobody knows may be a name in two words.
    let profiles = Profiles::of_texts("[two words]", "").unwrap();
    assert_eq!(
        profiles.hint("two words"),
        format!(
            "; config:1: {}{}",
            rule("two words"),
            blanks("profile", "two words")
        )
    );
}

#[test]
fn a_name_with_blanks_keeps_its_quotes_where_it_is_written_otherwise() {
    let profiles = Profiles::of_texts("[\"a b\"]", "[profile \"c d\"]").unwrap();
    let told: Vec<String> = profiles.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "config:1: [a b] is ignored; a profile here is called [profile \"a b\"]",
            "credentials:1: [profile c d] is ignored; a profile here is called [\"c d\"]",
        ]
    );
}

#[test]
fn sections_of_the_aws_cli_alone_are_no_problem() {
    let profiles =
        Profiles::of_texts("[plugins]\ncli_legacy_plugin_path = x\n[preview]\nx = true", "").unwrap();
    assert_eq!(profiles.problems(), []);
    assert_eq!(profiles.names().count(), 0);
}

#[test]
fn quotes_around_a_value_are_told() {
    let secret = canary("quoted");
    for (key, value, is_told) in [
        ("aws_access_key_id", "\"A\"", true),
        ("aws_secret_access_key", &format!("\"{secret}\""), true),
        ("role_arn", "\"arn:x\"", true),
        ("source_profile", "\"base\"", true),
        ("region", "\"eu-west-1\"", true),
        ("region", "eu-west-1", false),
        ("region", "\"", false),
        ("credential_process", "\"/opt/my tool\"", false),
    ] {
        let profiles = Profiles::of_texts("", &format!("[ops]\n{key} = {value}")).unwrap();
        let told: Vec<String> = profiles.problems().iter().map(ToString::to_string).collect();
        let expected = is_told.then(|| {
            format!(
                "credentials:2: {key} of profile `ops` is in quotes, which are a part of the value; remove them"
            )
        });
        assert_eq!(told, Vec::from_iter(expected));
    }
    let profiles = Profiles::of_texts("[profile base]", "").unwrap();
    assert_eq!(
        profiles.hint("\"base\""),
        "; its quotes are a part of it: remove them"
    );
}

#[test]
fn debug_shows_neither_values_nor_names_of_keys() {
    let secret = canary("debug");
    let text = format!(
        "[default]\naws_secret_access_key = {secret}\n{secret} = x\nblock =\n  {secret} = {secret}\n"
    );
    let profiles = Profiles::of_texts(&text, &text).unwrap();
    assert!(!leaks(&format!("{profiles:#?} {profiles:?}")));
}
