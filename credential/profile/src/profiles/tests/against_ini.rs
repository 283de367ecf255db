//! The crate `ini` as a second opinion, over what both grammars mean alike: no quotes, no backslashes, no comments
//! behind a value, no indented lines, nothing twice, one blank round the equals sign or none.

use ini::{Ini, ParseOption};
use proptest::prelude::*;

use super::{Shown, shown};
use crate::Profiles;

fn read_by_ini(text: &str) -> Shown {
    let options = ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        ..ParseOption::default()
    };
    let ini = Ini::load_from_str_opt(text, options).unwrap();
    let mut shown: Shown = ini
        .iter()
        .filter_map(|(name, properties)| {
            let mut properties: Vec<(String, String)> = properties
                .iter()
                .map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()))
                .collect();
            properties.sort();
            Some((name?.to_owned(), properties))
        })
        .collect();
    shown.sort();
    shown
}

#[derive(Clone, Debug)]
enum Line {
    Property {
        key: String,
        equals: &'static str,
        value: String,
    },
    Comment(String),
    Blank(&'static str),
}

fn line() -> impl Strategy<Value = Line> {
    let equals = prop::sample::select(vec!["=", " = ", "\t=\t", "= ", " ="]);
    // `:` separates key and value for `ini`, so that keys have none.
    let value = "([!-~ü😂&&[^\"'\\\\#;]]([ -~ü😂&&[^\"'\\\\#;]]{0,16}[!-~ü😂&&[^\"'\\\\#;]])?)?";
    prop_oneof![
        4 => ("[A-Za-z0-9_/.%@+-]{1,12}", equals, value)
            .prop_map(|(key, equals, value)| Line::Property { key, equals, value }),
        1 => "[#;][ -~]{0,12}".prop_map(Line::Comment),
        1 => prop::sample::select(vec!["", " ", "\t"]).prop_map(Line::Blank),
    ]
}

proptest! {
    #[test]
    fn both_read_the_same(
        sections in prop::collection::btree_map("[A-Za-z0-9_/.%@:+-]{1,12}", prop::collection::vec(line(), 0..8), 0..5),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut text = String::new();
        for (name, lines) in &sections {
            text.push_str(&format!("[{name}]{line_end}"));
            let mut seen = std::collections::BTreeSet::new();
            for line in lines {
                let line = match line {
                    Line::Property { key, .. } if !seen.insert(key.to_ascii_lowercase()) => continue,
                    Line::Property { key, equals, value } => format!("{key}{equals}{value}"),
                    Line::Comment(comment) => comment.clone(),
                    Line::Blank(blank) => (*blank).to_owned(),
                };
                text.push_str(&line);
                text.push_str(line_end);
            }
        }
        prop_assert_eq!(shown(&Profiles::of_texts("", &text).unwrap()), read_by_ini(&text), "{:?}", text);
    }
}
