use proptest::prelude::*;
use tests_support::{canary, leaks};

use super::*;
use crate::Property;
use crate::SyntaxErrorKind::{
    self, EmptyKey, MissingEquals, OrphanContinuation, PropertyOutsideSection, SectionNotClosed, SubEmptyKey,
    SubMissingEquals,
};

mod against_ini;

type Shown = Vec<(String, Vec<(String, String)>)>;
type Expected<'a> = &'a [(&'a str, &'a [(&'a str, &'a str)])];

/// Every profile with its properties.
fn shown(profiles: &Profiles) -> Shown {
    let of_one = |profile: &Profile| {
        let properties = profile
            .properties()
            .map(|(key, property)| (key.to_owned(), property.value().to_owned()))
            .collect();
        (profile.name().to_owned(), properties)
    };
    profiles.iter().map(of_one).collect()
}

fn expected(profiles: Expected<'_>) -> Shown {
    profiles
        .iter()
        .map(|(name, properties)| {
            let owned = properties
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect();
            ((*name).to_owned(), owned)
        })
        .collect()
}

const EMPTY: Expected<'_> = &[("foo", &[])];
const NAME: Expected<'_> = &[("foo", &[("name", "value")])];

#[test]
fn texts_are_read_as_all_sdks_read_them() {
    #[rustfmt::skip]
    let cases: &[(&str, &str, &str, Expected<'_>)] = &[
        // nothing much
        ("an empty file", "", "", &[]),
        ("a section without keys", "[profile foo]", "", EMPTY),
        ("two sections without keys", "[profile foo]\n[profile bar]", "", &[("bar", &[]), ("foo", &[])]),
        ("blank lines with tabs", "\t \n[profile foo]\n\t\n \nname = value\n\t \n \n\t", "", NAME),
        // names
        ("every sign a name may have", "[profile a:b/c.d%e@f+g_h-i]", "", &[("a:b/c.d%e@f+g_h-i", &[])]),
        ("every letter and digit", "[profile ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+]", "", &[("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+", &[])]),
        ("blanks and tabs round a name", "[profile \tfoo \t]", "", EMPTY),
        ("a tab before the name", "[profile\tfoo]", "", EMPTY),
        ("blanks inside the brackets", "[   profile   foo   ]", "", EMPTY),
        ("blanks inside the brackets of the credentials file", "", "[ \t foo  ]", EMPTY),
        // names that are not allowed
        ("a sign in the name", "[profile in!valid]\nname = value\n[profile foo]", "", EMPTY),
        ("a blank in the name", "[profile in valid]\nname = value\n[profile foo]", "", EMPTY),
        ("a sign in the name of the credentials file", "", "[in!valid]\nname = value\n[foo]", EMPTY),
        ("a blank in the name of the credentials file", "", "[in valid]\nname = value\n[foo]", EMPTY),
        ("a section without a name", "[]\nname = value\n[profile foo]", "[ ]\nname = value", EMPTY),
        ("a prefix without a name", "[profile ]\nname = value\n[profile foo]", "", EMPTY),
        // prefixes
        ("no prefix in the config file", "[foo]\nname = value", "", &[]),
        ("a prefix without its blank", "[profilefoo]\nname = value\n[profile foo]", "", EMPTY),
        ("a prefix in the credentials file", "", "[profile foo]\nname = value", &[]),
        ("a prefix behind a good section", "", "[foo]\nname = value\n[profile foo]\nname = other", NAME),
        ("a prefix in capitals", "[Profile foo]\nname = value", "", &[]),
        ("a profile called profile", "", "[profile]\nname = value", &[("profile", &[("name", "value")])]),
        // plain values
        ("one key", "[profile foo]\nname = value", "", NAME),
        ("one key of the credentials file", "", "[foo]\nname = value", NAME),
        ("line ends of Windows", "[profile foo]\r\nname = value\r\n", "", NAME),
        ("an equals sign in the value", "[profile foo]\nname = val=ue", "", &[("foo", &[("name", "val=ue")])]),
        ("letters of the world", "[profile foo]\nname = 😂 ü", "", &[("foo", &[("name", "😂 ü")])]),
        ("two keys", "[profile foo]\nname = value\nname2 = value2", "", &[("foo", &[("name", "value"), ("name2", "value2")])]),
        ("blanks and tabs round key and value", "[profile foo]\nname \t=  \tvalue \t", "", NAME),
        ("no blanks at all", "[profile foo]\nname=value", "", NAME),
        ("an empty value", "[profile foo]\nname =", "", &[("foo", &[("name", "")])]),
        ("quotes and backslashes", "[profile foo]\nname = \"a\\n'b", "", &[("foo", &[("name", "\"a\\n'b")])]),
        ("a colon in key and value", "[profile foo]\na:b = c:d", "", &[("foo", &[("a:b", "c:d")])]),
        ("percent signs and dollars", "[profile foo]\nname = %(x)s$HOME", "", &[("foo", &[("name", "%(x)s$HOME")])]),
        ("no line end after the last line", "[profile foo]\nname = value\nlast = one", "", &[("foo", &[("last", "one"), ("name", "value")])]),
        ("a lone carriage return in a value", "[profile foo]\nname = a\rb", "", &[("foo", &[("name", "a\rb")])]),
        // comments
        ("a line of comment", "# one\n[profile foo] # two\nname = value # three", "", NAME),
        ("a line of comment with a semicolon", "; one\n[profile foo] ; two\nname = value ; three", "", NAME),
        ("both signs on one line", "[profile foo]; # x\nname = value # ; x\n;# x\n#; x", "", NAME),
        ("a comment glued to the header", "[profile foo]#x\nname = value\n[profile bar];x", "", &[("bar", &[]), ("foo", &[("name", "value")])]),
        ("a comment with a bracket behind the header", "[profile foo] # ]\nname = value", "", NAME),
        ("empty comments", ";\n#\n[profile foo];\nname = value #\n", "", NAME),
        ("a comment instead of a value", "[profile foo]\nname = # value", "", &[("foo", &[("name", "")])]),
        ("a comment behind a tab", "[profile foo]\nname = value\t# x", "", NAME),
        ("a comment behind a no-break space", "[profile foo]\nname = value\u{a0}#x", "", &[("foo", &[("name", "value\u{a0}")])]),
        ("a comment sign glued to the value", "[profile foo]\nname = value; x\nname2 = value# x", "", &[("foo", &[("name", "value; x"), ("name2", "value# x")])]),
        ("a comment sign glued to the equals sign", "[profile foo]\nname =#x", "", &[("foo", &[("name", "#x")])]),
        // indented lines
        ("one indented line", "[profile foo]\nname = value\n -continued", "", &[("foo", &[("name", "value\n-continued")])]),
        ("two indented lines", "[profile foo]\nname = value\n -continued\n\t-again", "", &[("foo", &[("name", "value\n-continued\n-again")])]),
        ("blanks round indented lines", "[profile foo]\nname = value\n  \t -continued \t", "", &[("foo", &[("name", "value\n-continued")])]),
        ("a comment sign in an indented line", "[profile foo]\nname = value\n -continued # no ; comment", "", &[("foo", &[("name", "value\n-continued # no ; comment")])]),
        ("an indented comment", "[profile foo]\nname = value\n  # no comment", "", &[("foo", &[("name", "value\n# no comment")])]),
        ("an indented header", "[profile foo]\nname = value\n [profile bar]", "", &[("foo", &[("name", "value\n[profile bar]")])]),
        ("an indented line behind a blank line and a comment", "[profile foo]\nname = value\n\n# x\n -continued", "", &[("foo", &[("name", "value\n-continued")])]),
        // once again
        ("a section twice", "[profile foo]\nname = value\n[profile foo]\nname2 = value2", "", &[("foo", &[("name", "value"), ("name2", "value2")])]),
        ("a section twice in two spellings", "[profile foo]\nname = old\n[profile \t foo]\nname = value", "", NAME),
        ("a key twice", "[profile foo]\nname = old\nname = value", "", NAME),
        ("a key twice in two sections", "[profile foo]\nname = old\n[profile foo]\nname = value", "", NAME),
        ("keys that differ in case", "[profile foo]\nNAME = old\nName = value", "", NAME),
        ("profiles that differ in case", "[profile foo]\n[profile Foo]", "", &[("Foo", &[]), ("foo", &[])]),
        ("a later empty value counts", "[profile foo]\nname = old\n more\nname =", "", &[("foo", &[("name", "")])]),
        // the default profile
        ("default without a prefix", "[default]\nname = value", "", &[("default", &[("name", "value")])]),
        ("default with a prefix", "[profile default]\nname = value", "", &[("default", &[("name", "value")])]),
        ("the prefix first", "[profile default]\nname = value\n[default]\nname2 = other", "", &[("default", &[("name", "value")])]),
        ("the prefix last", "[default]\nname2 = other\n[profile default]\nname = value", "", &[("default", &[("name", "value")])]),
        ("the prefix twice, round one without", "[profile default]\nname = value\n[default]\nname2 = other\n[profile default]\nname3 = value3", "", &[("default", &[("name", "value"), ("name3", "value3")])]),
        ("the same with the credentials file's default", "[profile default]\nname = value\n[default]\nname2 = other\n[profile default]\nname3 = value3", "[default]\nsecret = foo", &[("default", &[("name", "value"), ("name3", "value3"), ("secret", "foo")])]),
        ("default in capitals", "[DEFAULT]\nname = value", "", &[]),
        // names of keys
        ("a key with a blank", "[profile foo]\nin valid = x\nname = value", "", NAME),
        ("a key with a sign", "[profile foo]\nin!valid = x\nname = value", "", NAME),
        ("every letter of a key", "[profile foo]\nABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/.%@:+abc = value", "", &[("foo", &[("abcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+abc", "value")])]),
        // nested blocks
        ("a nested block", "[profile foo]\ns3 =\n name = value", "", &[("foo", &[("s3", "\nname = value")])]),
        ("a nested empty value", "[profile foo]\ns3 =\n name =", "", &[("foo", &[("s3", "\nname =")])]),
        ("a nested name with a blank", "[profile foo]\ns3 =\n na me = value", "", &[("foo", &[("s3", "\nna me = value")])]),
        ("a blank line in a nested block", "[profile foo]\ns3 =\n name = value\n\t \n name2 = value2", "", &[("foo", &[("s3", "\nname = value\nname2 = value2")])]),
        ("a nested comment is kept as text", "[profile foo]\ns3 =\n name = value # x", "", &[("foo", &[("s3", "\nname = value # x")])]),
        ("a nested block behind a comment", "[profile foo]\ns3 = # x\n name = value", "", &[("foo", &[("s3", "\nname = value")])]),
        // two files
        ("keys in both files", "[profile foo]\nname = value", "[foo]\nname2 = value2", &[("foo", &[("name", "value"), ("name2", "value2")])]),
        ("the same key in both files", "[profile foo]\nname = old", "[foo]\nname = value", NAME),
        ("a profile in either file", "[profile foo]", "[bar]", &[("bar", &[]), ("foo", &[])]),
        // other sections
        ("an SSO session is no profile", "[sso-session foo]\nname = value", "", &[]),
        ("a misspelt kind is no profile", "[sso-sesion foo]\nname = value\n[services foo]\nsts =", "", &[]),
        ("an SSO session in the credentials file", "", "[sso-session foo]\nname = value", &[]),
        ("a name that begins as a kind does", "", "[sso-sessionfoo]\nname = value", &[("sso-sessionfoo", &[("name", "value")])]),
        // names in quotes
        ("a name in double quotes", "[profile \"foo\"]\nname = value", "", NAME),
        ("a name in single quotes", "[profile 'foo']\nname = value", "", NAME),
        ("a blank in quotes", "[profile \"my work\"]\nname = value", "", &[("my work", &[("name", "value")])]),
        ("a blank in quotes in the credentials file", "", "['my work']\nname = value", &[("my work", &[("name", "value")])]),
        ("a sign in quotes", "[profile \"in!valid\"]\nname = value", "", &[]),
        ("nothing in quotes", "[profile \"\"]\n[profile ' ']\n[profile \"]", "", &[]),
        ("quotes that do not match", "[profile \"foo']\nname = value", "", &[]),
        ("two pairs of quotes", "[profile \"a\" \"b\"]\nname = value", "", &[]),
    ];
    assert!(cases.len() >= 65, "{}", cases.len());
    for (title, config, credentials, profiles) in cases {
        let read = Profiles::of_texts(config, credentials).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(shown(&read), expected(profiles), "{title}");
    }
}

#[test]
fn a_text_that_breaks_the_grammar_is_an_error_with_its_line() {
    let cases: &[(&str, usize, SyntaxErrorKind)] = &[
        ("[profile foo", 1, SectionNotClosed),
        ("\n\n[profile foo\nname = value", 3, SectionNotClosed),
        ("[profile foo] x", 1, SectionNotClosed),
        ("[profile a#b]", 1, SectionNotClosed),
        ("[profile a;b]", 1, SectionNotClosed),
        ("[", 1, SectionNotClosed),
        ("[profile foo]\r[profile bar", 1, SectionNotClosed),
        ("[default]\raws_access_key_id = x\r", 1, SectionNotClosed),
        ("[\0d\0e\0f\0]\0", 1, SectionNotClosed),
        ("name = value", 1, PropertyOutsideSection),
        ("# x\n\nname = value\n[profile foo]", 3, PropertyOutsideSection),
        (" name = value", 1, PropertyOutsideSection),
        (" [profile foo]", 1, PropertyOutsideSection),
        ("\u{feff}[profile foo]", 1, PropertyOutsideSection),
        ("[profile foo]\n -continued", 2, OrphanContinuation),
        (
            "[profile foo]\nname = value\n[profile foo]\n -continued",
            4,
            OrphanContinuation,
        ),
        ("[profile foo]\n  # indented", 2, OrphanContinuation),
        ("[profile foo]\nname", 2, MissingEquals),
        ("[profile foo]\nname : value", 2, MissingEquals),
        ("[profile foo]\nname # = value", 2, MissingEquals),
        ("[profile foo]\r\n\r\n\u{a0}\r\n", 3, MissingEquals),
        ("[profile foo]\n= value", 2, EmptyKey),
        ("[profile foo]\n\u{b}= value\n=", 3, EmptyKey),
        ("[profile foo]\ns3 =\n name", 3, SubMissingEquals),
        ("[profile foo]\ns3 =\n # name", 3, SubMissingEquals),
        ("[profile foo]\ns3 =\n name # = value", 3, SubMissingEquals),
        ("[profile foo]\ns3 =\n name = value\n\n = value", 5, SubEmptyKey),
        // a line is wrong also where it would have no effect
        ("[foo]\nname", 2, MissingEquals),
        ("[profile in!valid]\n= value", 2, EmptyKey),
        ("[unknown kind]\n -continued", 2, OrphanContinuation),
    ];
    for (text, line, kind) in cases {
        for (config, credentials, file) in [(*text, "", "config"), ("", *text, "credentials")] {
            let error = Profiles::of_texts(config, credentials).unwrap_err();
            let Error::Syntax {
                position,
                kind: found,
            } = &error
            else {
                panic!("{text:?}: {error:?}");
            };
            assert_eq!((position.line(), found), (*line, kind), "{text:?}");
            assert_eq!(error.to_string(), format!("{file}:{line}: {kind}"));
        }
    }
}

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
fn a_nested_block_is_read_by_name_in_any_case() {
    let config = "[services dev]\nsts =\n  endpoint_url = old\n\n  Endpoint_URL = http://x # not y\n  blank =\n\
                  plain = x\n  endpoint_url = no child";
    let profiles = Profiles::of_texts(config, "").unwrap();
    let services = profiles.services("dev").unwrap();
    let sts = services.property("STS").unwrap();

    let url = sts.child("endpoint_url").unwrap();
    assert_eq!((url.name(), url.value()), ("Endpoint_URL", "http://x"));
    assert_eq!(url.position().to_string(), "config:5");
    assert!(sts.child("blank").is_none() && sts.child("other").is_none());
    assert_eq!(sts.children().len(), 3);
    assert!(services.property("plain").unwrap().children().is_empty());
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
fn debug_shows_neither_values_nor_names_of_keys() {
    let secret = canary("debug");
    let text = format!(
        "[default]\naws_secret_access_key = {secret}\n{secret} = x\nblock =\n  {secret} = {secret}\n"
    );
    let profiles = Profiles::of_texts(&text, &text).unwrap();
    assert!(!leaks(&format!("{profiles:#?} {profiles:?}")));
}

#[test]
fn a_file_of_one_line_over_and_over_takes_no_longer_than_it_is_long() {
    // One MiB of the shortest lines of each sort: anything quadratic would take minutes.
    for line in [
        "[a]\n",
        "a=b\n",
        " x\n",
        "a=\n",
        " a=b\n",
        "[profile a]\n",
        "\n",
        "#\n",
    ] {
        let text = format!("[profile a]\nk =\n{}", line.repeat((1 << 20) / line.len()));
        let _ = Profiles::of_texts(&text, "");
    }
    let many: String = (0..60_000).map(|n| format!("key{n} = {n}\n")).collect();
    let profiles = Profiles::of_texts(&format!("[default]\n{many}"), "").unwrap();
    assert_eq!(profiles.get("default").unwrap().properties().count(), 60_000);
}

/// Texts made of the pieces that the grammar cares about, and of anything else.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "[",
            "]",
            "[default]",
            "[profile a]",
            "[a]",
            "profile ",
            "=",
            "#",
            ";",
            " ",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "\"",
            "'",
            ":",
            "\\",
            "\0",
            "\u{feff}",
            "\u{a0}",
            "a",
            "key",
            "name = value",
            "\n  ",
            "services ",
            "ü",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_never_quoted(config in any_text(), credentials in any_text()) {
        // No canary, which may not even show as the name of a profile.
        let marked = |text: &str| text.replace(['a', 'k'], "mArK0oFaVaLuE");
        let shown = match Profiles::of_texts(&marked(&config), &marked(&credentials)) {
            Ok(profiles) => format!("{profiles:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        // A profile's name may show, and here it may be the mark.
        let with_names = shown.contains("Profiles {");
        prop_assert!(with_names || !shown.contains("mArK0oFaVaLuE"), "{}", shown);
    }

    #[test]
    fn comments_and_blank_lines_between_lines_change_nothing(
        values in prop::collection::vec("[a-z]{1,8}", 1..8),
        breaks in prop::collection::vec(prop::sample::select(vec!["", "\n", "# x\n", " \t\n", ";\n"]), 8),
    ) {
        let lines: Vec<String> = values.iter().enumerate().map(|(n, value)| format!("k{n} = {value}\n  {value}\n")).collect();
        let plain = format!("[default]\n{}", lines.concat());
        let broken: String = lines.iter().zip(&breaks).map(|(line, between)| format!("{between}{line}")).collect();
        prop_assert_eq!(
            shown(&Profiles::of_texts(&plain, "").unwrap()),
            shown(&Profiles::of_texts(&format!("[default]\n{broken}"), "").unwrap())
        );
    }

    #[test]
    fn reading_what_was_written_gives_it_back(
        written in prop::collection::btree_map(
            "[A-Za-z0-9_/.%@:+-]{1,12}",
            prop::collection::btree_map("[a-z0-9_/.%@:+-]{1,12}", "([!-~&&[^#;]]([ -~&&[^#;]]{0,12}[!-~&&[^#;]])?)?", 0..5),
            0..5,
        ),
    ) {
        let text: String = written
            .iter()
            .map(|(name, properties)| {
                let lines: String = properties.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
                format!("[{name}]\n{lines}")
            })
            .collect();
        let expected: Shown = written.into_iter().map(|(name, properties)| (name, properties.into_iter().collect())).collect();
        prop_assert_eq!(shown(&Profiles::of_texts("", &text).unwrap()), expected);
    }
}
