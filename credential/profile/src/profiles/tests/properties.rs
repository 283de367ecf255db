//! Rules that hold for any text.

use proptest::prelude::*;
use tests_support::{canary, leaks};

use super::*;

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

/// Lines made of the pieces that the grammar cares about, and of anything else.
fn rubbish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        select(&[
            "[",
            "]",
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
            "key",
            "name = value",
            "ü",
        ]),
        any::<String>(),
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// Texts in the shape of a config or a credentials file. `SECRET` stands where one may have been pasted, but for a name
/// that a profile can have: that may be shown.
fn any_file() -> impl Strategy<Value = String> {
    let section = select(&[
        "[default]",
        "[profile default]",
        "[profile a]",
        "[a]",
        "[profile 'a b'] # SECRET",
        "[services a]",
        "[sso-session a]",
        "[SECRET!]",
        "[profile SECRET a]",
    ]);
    let key = select(&[
        "aws_access_key_id",
        "aws_secret_access_key",
        "AWS_SESSION_TOKEN",
        "role_arn",
        "source_profile",
        "region",
        "s3",
        "SECRET",
        "SECRET is no name",
    ]);
    let value = select(&[
        "SECRET",
        "\"SECRET\"",
        "",
        "SECRET # SECRET",
        "SECRET\n  SECRET",
        "\n  name = SECRET\n\tSECRET = SECRET # SECRET",
    ]);
    let property = (key, select(&[" = ", "=", "\t=\t"]), value)
        .prop_map(|(key, equals, value)| [key, equals.to_owned(), value].concat())
        .boxed();
    let nothing = select(&["", " \t", "# SECRET", ";SECRET"]);
    let wrong = prop_oneof![
        select(&["SECRET", "= SECRET", "  SECRET", "[SECRET", "[a] SECRET"]),
        rubbish()
    ];
    let first = prop_oneof![9 => section.clone(), 1 => property.clone()];
    let line = prop_oneof![4 => section, 12 => property, 3 => nothing, 1 => wrong];
    (
        first,
        prop::collection::vec((line, select(&["\n", "\r\n"])), 0..12),
    )
        .prop_map(|(first, lines)| {
            let lines: String = lines.into_iter().map(|(line, end)| line + &end).collect();
            format!("{first}\n{lines}").replace("SECRET", &canary("text"))
        })
}

fn select(from: &[&str]) -> prop::sample::Select<String> {
    prop::sample::select(from.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused_and_no_secret_is_shown(config in any_file(), credentials in any_file()) {
        let shown = match Profiles::of_texts(&config, &credentials) {
            Ok(profiles) => {
                let problems: Vec<_> = profiles.problems().iter().map(ToString::to_string).collect();
                format!("{profiles:?} {problems:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!leaks(&shown), "{}", shown);
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
