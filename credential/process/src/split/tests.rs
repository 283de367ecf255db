use proptest::prelude::*;

use super::*;

const UNCLOSED: SplitError = SplitError::Unclosed { quote: '"' };

#[test]
fn unix_splits_as_a_shell_without_expanding() {
    for (line, expected) in [
        ("tool", &["tool"][..]),
        ("  tool\t--a \n b\r\n", &["tool", "--a", "b"]),
        (
            r#"/opt/tool --name "two words""#,
            &["/opt/tool", "--name", "two words"],
        ),
        (r#""/path with blanks/tool" x"#, &["/path with blanks/tool", "x"]),
        ("tool 'a \"b\" \\ $c'", &["tool", "a \"b\" \\ $c"]),
        (r#"tool "a\"b\\c\$d\`e""#, &["tool", "a\"b\\c$d`e"]),
        (r#"tool "C:\new\tmp""#, &["tool", r"C:\new\tmp"]),
        ("tool \"a\\\nb\"", &["tool", "ab"]),
        (r"tool a\ b \' \\ \n", &["tool", "a b", "'", "\\", "n"]),
        (r#"tool a"b c"'d e'f"#, &["tool", "ab cd ef"]),
        (r#"tool "" '' x"#, &["tool", "", "", "x"]),
        ("tool # no comment", &["tool", "#", "no", "comment"]),
        (
            "tool ~/x $HOME * {a,b} `x` a|b >c ;d",
            &["tool", "~/x", "$HOME", "*", "{a,b}", "`x`", "a|b", ">c", ";d"],
        ),
        ("tool ü 日本", &["tool", "ü", "日本"]),
        // Not a blank of the shell's.
        ("tool a\u{a0}b", &["tool", "a\u{a0}b"]),
    ] {
        assert_eq!(
            split_unix(line).as_deref(),
            Ok(expected.map_words().as_slice()),
            "{line}"
        );
    }
}

#[test]
fn windows_splits_as_the_c_runtime() {
    for (line, expected) in [
        ("tool", &["tool"][..]),
        (" tool \t--a  b ", &["tool", "--a", "b"]),
        (
            r#""C:\Program Files\tool.exe" --name "two words""#,
            &[r"C:\Program Files\tool.exe", "--name", "two words"],
        ),
        (
            r"C:\x\y.exe \\server\share\",
            &[r"C:\x\y.exe", r"\\server\share\"],
        ),
        (r#"tool a\"b"#, &["tool", "a\"b"]),
        (r#"tool "a\\" b"#, &["tool", r"a\", "b"]),
        (r#"tool "a\\\" b""#, &["tool", "a\\\" b"]),
        (r#"tool a\\\\"b c"d"#, &["tool", r"a\\b cd"]),
        (r#"tool "" x"#, &["tool", "", "x"]),
        ("tool 'a b'", &["tool", "'a", "b'"]),
        ("tool %PATH% ^a", &["tool", "%PATH%", "^a"]),
    ] {
        assert_eq!(
            split_windows(line).as_deref(),
            Ok(expected.map_words().as_slice()),
            "{line}"
        );
    }
}

#[test]
fn what_cannot_be_split_says_why() {
    for (line, unix, windows) in [
        ("", Err(SplitError::Empty), Err(SplitError::Empty)),
        (" \t ", Err(SplitError::Empty), Err(SplitError::Empty)),
        ("\"\" x", Err(SplitError::NoProgram), Err(SplitError::NoProgram)),
        ("tool \"a b", Err(UNCLOSED), Err(UNCLOSED)),
        ("tool \"a\\", Err(UNCLOSED), Err(UNCLOSED)),
        ("tool 'a", Err(SplitError::Unclosed { quote: '\'' }), Ok(2)),
        ("tool a\\", Err(SplitError::TrailingBackslash), Ok(2)),
        ("tool a\0b", Err(SplitError::Nul), Err(SplitError::Nul)),
    ] {
        assert_eq!(split_unix(line).map(|words| words.len()), unix, "{line:?}");
        assert_eq!(split_windows(line).map(|words| words.len()), windows, "{line:?}");
    }
}

#[test]
fn the_platform_picks() {
    let expected = if cfg!(windows) { "'a" } else { "a b" };
    assert_eq!(split("tool 'a b'").unwrap()[1], expected);
}

proptest! {
    #[test]
    fn splitting_never_panics_and_never_gives_nothing(line in r#"(?s)[ab \t\n'"\\$ü\x00]{0,24}|.{0,40}"#) {
        for words in [split_unix(&line), split_windows(&line)].into_iter().flatten() {
            prop_assert!(!words[0].is_empty());
        }
    }

    #[test]
    fn quoting_and_splitting_gives_the_words_back(
        program in r#"[^\x00]{1,8}"#,
        arguments in prop::collection::vec(r#"[ab \t\n'"\\$`ü]{0,8}|[^\x00]{0,8}"#, 0..6),
        style in 0..3_u8,
    ) {
        let words: Vec<String> = std::iter::once(program).chain(arguments).collect();
        let line = |quote: &dyn Fn(&str) -> String| words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
        let unix = match style {
            0 => line(&|word| format!("'{}'", word.replace('\'', r"'\''"))),
            1 => line(&|word| {
                let escaped = ['\\', '"', '$', '`'].iter().fold(word.to_owned(), |word, special| {
                    word.replace(*special, &format!("\\{special}"))
                });
                format!("\"{escaped}\"")
            }),
            _ => line(&|word| match word {
                "" => "''".to_owned(),
                word => word.chars().flat_map(|letter| ['\\', letter]).collect(),
            }),
        };
        prop_assert_eq!(split_unix(&unix), Ok(words.clone()));
        prop_assert_eq!(split_windows(&line(&quote_windows)), Ok(words));
    }
}

/// As Windows programs quote: backslashes before a quote, and before the closing one, are doubled.
fn quote_windows(word: &str) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for letter in word.chars() {
        if letter == '"' {
            quoted.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if letter == '\\' { backslashes + 1 } else { 0 };
        quoted.push(letter);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

trait MapWords {
    fn map_words(&self) -> Vec<String>;
}

impl MapWords for [&str] {
    fn map_words(&self) -> Vec<String> {
        self.iter().map(|word| (*word).to_owned()).collect()
    }
}
