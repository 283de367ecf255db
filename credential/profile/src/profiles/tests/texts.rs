//! Texts and what they say.

use super::*;

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
    for (title, config, credentials, profiles) in cases {
        let read = Profiles::of_texts(config, credentials).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(shown(&read), expected(profiles), "{title}");
    }
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
