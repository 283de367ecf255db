use proptest::prelude::*;
use tests_support::{canary, leaks};

use super::*;

fn said(bytes: &[u8], arguments: &[&str]) -> String {
    let mut tail = Tail::default();
    tail.push(bytes);
    let mut hidden = Hidden::default();
    hidden.add_words(arguments.iter().copied());
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
        "status code 403, exit code 2",
        "line 12345, account 123456789012, process 0x123456, took 123456ms at 2026-11-28 12:34:56",
        "error code: AccessDenied",
        "see https://example.com/help and jo@example.com",
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
fn who_logs_in_at_an_address_is_hidden() {
    for (text, expected) in [
        (
            "proxy http://bob:hunter2@proxy:3128 refuses",
            "proxy http://[hidden]@proxy:3128 refuses",
        ),
        ("proxy=http://b:h'/2@p:1/x", "proxy=http://[hidden]@p:1/x"),
        ("(https://ghp@git/x)", "(https://[hidden]@git/x)"),
        ("socks5://a:b@c@d:1", "socks5://[hidden]@d:1"),
        (
            "http://b:h2@one 'http://b:h2@two'",
            "http://[hidden]@one 'http://[hidden]@two'",
        ),
        ("http://one:80 jo@two", "http://one:80 jo@two"),
    ] {
        assert_eq!(said(text.as_bytes(), &[]), expected, "{text}");
    }
}

#[test]
fn one_time_codes_are_hidden() {
    for (text, expected) in [
        ("bad PIN 1234", "bad PIN [hidden]"),
        (
            "the code that was typed (12345) is wrong",
            "the code that was typed ([hidden]) is wrong",
        ),
        (
            "MFA_CODE=123456 mfaCode: 1234",
            "MFA_CODE=[hidden] mfaCode: [hidden]",
        ),
        ("--otp=12345678", "--otp=[hidden]"),
        (
            "passcode '4711'? pwd \"4711\"?",
            "passcode '[hidden]'? pwd \"[hidden]\"?",
        ),
        ("password 4711", "password [hidden]"),
        ("PIN: hunter2, pin=x", "PIN: [hidden], pin=[hidden]"),
        ("pin-4711 code/4711", "pin-[hidden] code/[hidden]"),
        ("code 123456\nAccessDenied", "code [hidden] | AccessDenied"),
        ("code 123, 123456789", "code 123, 123456789"),
        ("123456 is wrong", "[hidden] is wrong"),
        ("typed:1234567;12345678", "typed:[hidden];[hidden]"),
        (
            "12345 123456789 a123456 123456b",
            "12345 123456789 a123456 123456b",
        ),
    ] {
        assert_eq!(said(text.as_bytes(), &[]), expected, "{text}");
    }
}

#[test]
fn what_a_secret_option_is_given_is_hidden_at_any_length() {
    for arguments in [
        &["--password", "deploy"][..],
        &["--password=deploy"],
        &["-password", "deploy"],
        &["--db-password", "deploy"],
        &["--dbPassword", "deploy"],
        &["--DB_PASSWORD", "deploy"],
        &["--token", "deploy"],
        &["--client-secret", "deploy"],
        &["--pin", "deploy"],
        &["--otp", "deploy"],
        &["--mfa-code", "deploy"],
        &["--api-key", "deploy"],
        &["-p", "deploy"],
        &["-p=deploy"],
        &["-pdeploy"],
        &["--password", "--pin", "deploy"],
        &["PASSWORD=deploy"],
        &["/password:deploy"],
        &["--proxy", "http://bob:deploy@proxy:3128"],
    ] {
        assert_eq!(
            said(b"cannot deploy: no /opt/deploy/x", arguments),
            "cannot [hidden]: no [hidden]",
            "{arguments:?}"
        );
    }
    for arguments in [
        &["--profile", "deploy"][..],
        &["--token-file", "deploy"],
        &["-profile", "deploy"],
        &["--port", "deploy"],
    ] {
        assert_eq!(
            said(b"cannot deploy", arguments),
            "cannot deploy",
            "{arguments:?}"
        );
    }
}

#[test]
fn a_secret_of_few_letters_is_hidden_where_it_stands_alone() {
    assert_eq!(
        said(b"pass \"ab\", not ab, ab_c, grab or about", &["--pass", "ab"]),
        "pass \"[hidden]\", not [hidden], [hidden], grab or about"
    );
    assert_eq!(said(b"x1 1", &["--pin", "1"]), "x1 [hidden]");
    assert_eq!(said(b"nothing", &["--pin", ""]), "nothing");
}

#[test]
fn of_two_secrets_the_longer_one_is_hidden_first() {
    assert_eq!(
        said(b"not hun.ter.2!", &["--pin", "hun.", "--password", "hun.ter.2"]),
        "not [hidden]!"
    );
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
            b"no profile deploy; key 9x8y7z! and hunter2. are wrong in /opt/helper/script line 12345",
            &hidden
        ),
        "no profile deploy; key [hidden] and [hidden] are wrong in /opt/helper/script line 12345"
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
    let shown = Said::of(&tail, &Hidden::default()).text().to_owned();
    assert!(
        shown.ends_with("2998 2999") && shown.len() <= Tail::KEPT,
        "{shown}"
    );
}

#[test]
fn a_command_line_of_many_words_takes_no_longer_than_it_is_long() {
    // More words than a system takes: anything quadratic would take most of a minute.
    let words: Vec<String> = (0..400_000).map(|n| format!("word{n:06}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(said(b"no word123456 here", &words), "no [hidden] here");
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

    #[test]
    fn no_code_and_no_login_of_an_address_gets_through(
        before in "[a-z .,:'(]{0,20}[ .,:'(]",
        after in "[ .,;)'][a-z .,;)']{0,20}",
        code in "[0-9]{6,8}",
        pin in "[0-9]{4,5}",
        word in prop::sample::select(vec!["pin", "Code", "OTP", "mfa", "passcode", "pwd", "password"]),
        between in "[ :='\"]([a-z :='\"]{0,10}[ :='\"])?",
        login in "[!-~]{0,9}:[!-~]{4,12}",
    ) {
        let shown = said(format!("{before}{code}{after}").as_bytes(), &[]);
        prop_assert!(!shown.contains(&code), "{}", shown);
        let shown = said(format!("{word}{between}{pin}{after}").as_bytes(), &[]);
        prop_assert!(!shown.contains(&pin), "{}", shown);
        let shown = said(format!("{before}http://{login}@proxy:1{after}").as_bytes(), &[]);
        prop_assert!(!shown.contains(&login), "{}", shown);
    }

    #[test]
    fn what_a_secret_option_is_given_never_gets_through(
        before in "[a-z0-9 .]{0,10}",
        after in "[a-z0-9 .]{0,10}",
        option in prop::sample::select(vec!["--password", "--token", "-p", "--secret", "--pin"]),
        secret in "[!-~]{4,12}",
    ) {
        for arguments in [&[option, secret.as_str()][..], &[&format!("{option}={secret}")]] {
            // A piece of what stands for a secret is none.
            prop_assume!(!HIDDEN.repeat(2).contains(&secret));
            let shown = said(format!("{before}{secret}{after}").as_bytes(), arguments);
            prop_assert!(!shown.contains(&secret), "{:?} {}", arguments, shown);
        }
    }
}
