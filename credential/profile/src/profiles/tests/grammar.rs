//! Texts that break the grammar.

use super::*;
use crate::SyntaxErrorKind::{
    self, EmptyKey, MissingEquals, OrphanContinuation, PropertyOutsideSection, SectionNotClosed, SubEmptyKey,
    SubMissingEquals,
};

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
