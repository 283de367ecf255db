use proptest::prelude::*;
use tests_support::{canary, leaks};

use super::*;

fn said(bytes: &[u8], hidden: &[&str]) -> String {
    let mut tail = Tail::default();
    tail.push(bytes);
    let hidden: Vec<Secret> = hidden.iter().map(|word| Secret::from(*word)).collect();
    Said::of(&tail, &hidden).text().to_owned()
}

#[test]
fn plain_messages_stay_as_they_are() {
    for text in [
        "no session, run: aws sso login",
        "An error occurred (ExpiredTokenException) when calling the AssumeRole operation: expired",
        "/usr/local/bin/helper: cannot open /etc/some-folder/settings",
        "arn:aws:iam::123456789012:role/web is not allowed",
        "line 7 column 3, error 0x1f",
        "the token has expired",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_SECRET_ACCESS_KEY are not set",
        "InvalidClientTokenId",
        "größer als 日本",
    ] {
        assert_eq!(said(text.as_bytes(), &[]), text);
    }
}

#[test]
fn lines_become_one() {
    assert_eq!(said(b"\n one\r\n\n\ttwo \rthree\n", &[]), "one | two | three");
}

#[test]
fn what_looks_like_a_secret_is_hidden() {
    for (text, expected) in [
        (
            "got wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY here",
            "got [hidden] here",
        ),
        ("got wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCY", "got [hidden]"),
        ("got abcdefghijklmnop", "got [hidden]"),
        ("got abcdefghijklmno", "got abcdefghijklmno"),
        ("got 0123456789abcdef!", "got [hidden]!"),
        (
            "jwt eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
            "jwt [hidden].[hidden].[hidden]",
        ),
        (
            "AWS_SECRET_ACCESS_KEY=hunter2 x",
            "AWS_SECRET_ACCESS_KEY=[hidden] x",
        ),
        ("--password=hun.ter2&x", "--password=[hidden]&x"),
        ("--password='hun ter,2'", "--password='[hidden]'"),
        (
            "\"SecretAccessKey\": \"short!\", x",
            "\"SecretAccessKey\": \"[hidden]\", x",
        ),
        ("password: hunter2", "password: [hidden]"),
        (
            "aGVsbG8gd29ybGQgaGVsbG8=\naGVs\nbG8=\nfailed: no",
            "[hidden] | failed: no",
        ),
    ] {
        assert_eq!(said(text.as_bytes(), &[]), expected, "{text}");
    }
}

#[test]
fn arguments_that_the_command_repeats_are_hidden() {
    let hidden = [
        "--profile",
        "deploy",
        "--pin=9x8y7z!",
        "hunter2.",
        "/opt/helper/script",
        "12345",
    ];
    assert_eq!(
        said(
            b"no profile deploy; pin 9x8y7z! and hunter2. are wrong in /opt/helper/script line 12345",
            &hidden
        ),
        "no profile deploy; pin [hidden] and [hidden] are wrong in /opt/helper/script line 12345"
    );
}

#[test]
fn an_argument_inside_a_secret_does_not_break_it_in_two() {
    assert_eq!(
        said(b"bad wJalrXUtabc123FEMIK7M end", &["abc123"]),
        "bad [hidden] end"
    );
}

#[test]
fn escape_sequences_neither_show_nor_split_a_secret() {
    let secret = canary("escapes");
    let (head, tail) = secret.split_at(9);
    for between in [
        "\u{1b}[31;1m",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;x\u{1b}\\",
        "\u{1b}(B",
        "\u{1b}c",
        "\u{9b}0m",
        "\u{0}",
        "\u{8}",
        "\u{200b}",
        "\u{202e}",
    ] {
        let shown = said(format!("bad {head}{between}{tail} end").as_bytes(), &[]);
        assert_eq!(shown, "bad [hidden] end", "{between:?}");
    }
}

#[test]
fn only_the_end_is_kept_and_never_the_rest_of_a_word() {
    let secret = canary("cut");
    let text = format!("{}{secret} the end", "x".repeat(5000));
    for kept in (0..secret.len()).map(|cut| &text.as_bytes()[..text.len() - cut]) {
        assert!(!leaks(&said(kept, &[])));
    }
    let long = format!("{secret} {}", "ab ".repeat(1364));
    let shown = said(long.as_bytes(), &[]);
    assert!(shown.starts_with("ab ab"), "{shown}");
    assert_eq!(said(&[b'x'; 9000], &[]), HIDDEN);
    assert_eq!(said(b"", &[]), "");
}

#[test]
fn a_tail_in_pieces_is_the_tail_of_the_whole() {
    let mut tail = Tail::default();
    for piece in 0..3000 {
        tail.push(format!("{piece} ").as_bytes());
    }
    let shown = Said::of(&tail, &[]).text().to_owned();
    assert!(
        shown.ends_with("2998 2999") && shown.len() <= Tail::KEPT,
        "{shown}"
    );
}

proptest! {
    #[test]
    fn nothing_panics_and_no_long_run_gets_through(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        word in "\\PC{0,12}",
        run in "[A-Z0-9+/]{20,60}",
    ) {
        said(&bytes, &[&word]);
        let text = [bytes.as_slice(), b" ", run.as_bytes(), b" ", &bytes].concat();
        let shown = said(&text, &[]);
        prop_assert!(!shown.contains(&run));
    }
}
