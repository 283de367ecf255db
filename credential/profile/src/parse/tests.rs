use super::*;

#[test]
fn a_header_is_a_kind_and_a_name() {
    let cases: &[(&str, Option<&str>, &str)] = &[
        ("[default]", None, "default"),
        ("[profile a]", Some("profile"), "a"),
        ("[ \tprofile \t a \t]  # x", Some("profile"), "a"),
        ("[profile \"a b\"]", Some("profile"), "a b"),
        ("[profile 'a b']", Some("profile"), "a b"),
        ("['a b']", None, "a b"),
        ("[a b c]", Some("a"), "b c"),
        ("[a]]", None, "a]"),
        ("[[a]", None, "[a"),
        ("[]", None, ""),
        ("[\"]", None, "\""),
        ("[profile \"a]", Some("profile"), "\"a"),
    ];
    for (line, kind, name) in cases {
        let header = header(line).unwrap();
        assert_eq!((header.kind, header.name), (*kind, *name), "{line}");
    }
}

#[test]
fn a_comment_needs_white_space_before_it() {
    for (text, rest) in [
        ("a # b", "a "),
        ("a#b", "a#b"),
        ("#a", "#a"),
        ("a\u{2003}; b", "a\u{2003}"),
        ("a ## b", "a "),
        ("ü;ü ;", "ü;ü "),
        ("", ""),
    ] {
        assert_eq!(without_comment(text), rest, "{text}");
    }
}

#[test]
fn an_identifier_is_made_of_letters_digits_and_a_few_signs() {
    for text in ["a", "A9_-/.%@:+", "0"] {
        assert!(is_identifier(text), "{text}");
    }
    for text in ["", "a b", "ä", "a!", "a\0", "a=", "a\\", "a~", "\"a\""] {
        assert!(!is_identifier(text), "{text}");
    }
}
