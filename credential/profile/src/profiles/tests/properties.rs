//! Rules that hold for any text.

use proptest::prelude::*;

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
