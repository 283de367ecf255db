//! Files as they may be written, and as they may not.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn bad_files_are_invalid_configuration_with_file_and_line() {
    let secret = canary("bad");
    let half_line = format!("[default]\naws_secret_access_key {secret}");
    let cases: &[(&[u8], &str)] = &[
        (b"[default", ":1: a section line must end with a bracket"),
        (half_line.as_bytes(), ":2: a property line needs an equals sign"),
        (
            b"[default]\raws_access_key_id = A\r",
            ":1: a section line must end with a bracket",
        ),
        (
            b"\0\0\0\0",
            ":1: a section line such as [default] must come first",
        ),
        (
            b"[default]\naws_access_key_id = A\n# caf\xe9",
            ":3: the file is not UTF-8 from byte 37 on",
        ),
        (b"\xff\xfe[\0", " is UTF-16; save it as UTF-8"),
        (
            &b"# a comment\n".repeat(10 << 20 >> 3),
            " has more than 1048576 bytes",
        ),
        (
            b"<!DOCTYPE html>",
            ":1: a section line such as [default] must come first",
        ),
        (
            b"{\"AccessKeyId\": \"A\"}",
            ":1: a section line such as [default] must come first",
        ),
    ];
    for (bytes, tail) in cases {
        for file in [CONFIG, CREDENTIALS] {
            let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("other")))]);
            home.write(file, bytes);
            let error = failure(&home.provider(&[])).await;
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
            assert_eq!(home.told(error.cause()), format!("~/{file}{tail}"));
        }
    }
}

#[tokio::test]
async fn a_nul_or_another_control_character_in_a_key_is_invalid_configuration() {
    for sign in ['\0', '\r', '\u{1b}', '\u{7f}'] {
        let home = Home::new(&[(
            CREDENTIALS,
            &format!(
                "[default]\naws_access_key_id = A{sign}B\naws_secret_access_key = {}\n",
                canary("nul")
            ),
        )]);
        let error = failure(&home.provider(&[])).await;
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{sign:?}");
    }
}

#[tokio::test]
async fn a_file_with_a_byte_order_mark_and_windows_line_ends_is_read() {
    let text = format!("\u{feff}[default]\r\n{}", keys("windows").replace('\n', "\r\n"));
    let home = Home::new(&[(CREDENTIALS, &text)]);
    assert_eq!(
        home.provider(&[]).load().await.unwrap().access_key_id(),
        "windows"
    );
}

#[tokio::test]
async fn a_file_of_the_largest_size_is_read() {
    let mut text = format!("[default]\n{}", keys("large"));
    text.push_str(&"#".repeat((1 << 20) - text.len()));
    let home = Home::new(&[(CREDENTIALS, &text)]);
    assert_eq!(home.provider(&[]).load().await.unwrap().access_key_id(), "large");
    home.write(CREDENTIALS, format!("{text}#").as_bytes());
    assert_eq!(
        failure(&home.provider(&[])).await.kind(),
        ErrorKind::InvalidConfiguration
    );
}
