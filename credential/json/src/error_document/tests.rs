use super::*;
use tests_support::{canary, leaks};

#[test]
fn code_and_message_are_read_in_any_case() {
    for (body, expected) in [
        (
            r#"{"code":"NoIdInRequest","message":"no ID","HTTPErrorCode":400}"#,
            "NoIdInRequest: no ID",
        ),
        (r#"{"Code":"AccessDenied","Message":"no"}"#, "AccessDenied: no"),
        (r#"{"Message":"invalid token"}"#, "invalid token"),
        (r#"{"CODE":"Gone"}"#, "Gone"),
        (
            r#"{"message":null,"Message":"second","x":{"message":"inner"}}"#,
            "second",
        ),
        (r#"{"message":"first","Message":"second"}"#, "first"),
        (r#"{"message":7,"code":["x"]}"#, "no reason given"),
        (r#"{"code":"  ","message":"\n"}"#, "no reason given"),
        (
            r#"{"message":"two\nlines\u0000 and\u202e more"}"#,
            "two lines and more",
        ),
        ("{}", "no reason given"),
        ("", "no reason given"),
        (" \n ", "no reason given"),
    ] {
        let said = ErrorDocument::parse(body.as_bytes());
        assert_eq!(said.to_string(), expected, "{body}");
        assert_eq!(said.is_empty(), expected == "no reason given", "{body}");
    }
}

#[test]
fn plain_text_is_its_own_message() {
    for (body, expected) in [
        (
            &b"[4f1c]: (ResourceNotFoundException) no association\n"[..],
            "[4f1c]: (ResourceNotFoundException) no association",
        ),
        (b"  two\r\n\tlines ", "two lines"),
        (b"caf\xc3\xa9 \xff!", "caf\u{e9} !"),
        (b"\xef\xbb\xbfmarked", "marked"),
        (b"\"a text\"", "\"a text\""),
    ] {
        assert_eq!(ErrorDocument::parse(body).message(), Some(expected));
    }
}

#[test]
fn a_page_is_reduced_to_what_a_person_reads() {
    for (body, expected) in [
        (
            "<html><head><TITLE lang=en>404 -\n Not Found</TITLE></head><body>x</body>",
            "404 - Not Found",
        ),
        ("<!doctype html><p>Please <b>log in</b></p>", "Please log in"),
        (
            "<html><style>p {}</style><script>var a = 1 < 2;</script><h1>Blocked</h1>",
            "Blocked",
        ),
        ("<title> </title><p>text</p>", "text"),
        ("<Error><Code>AccessDenied</Code></Error>", "AccessDenied"),
        ("<script>never closed", "no reason given"),
        ("<", "no reason given"),
        ("<p", "no reason given"),
        ("<p>a<", "a"),
        ("<\u{130}><title>\u{130}</title>", "\u{130}"),
    ] {
        assert_eq!(
            ErrorDocument::parse(body.as_bytes()).to_string(),
            expected,
            "{body}"
        );
    }
}

#[test]
fn at_most_two_hundred_letters_of_eight_kibibytes_are_kept() {
    let long = "\u{e9}x ".repeat(1_000_000);
    let said = ErrorDocument::parse(long.as_bytes());
    assert_eq!(said.message().map(|text| text.chars().count()), Some(200));
    let message = format!("{{\"message\":\"{}\"}}", "m".repeat(8000));
    let said = ErrorDocument::parse(message.as_bytes());
    assert_eq!(said.message().map(str::len), Some(200));
    let behind = format!("{}late", " ".repeat(8 * 1024));
    assert!(ErrorDocument::parse(behind.as_bytes()).is_empty());
    let too_long = format!("{{\"message\":\"m\",\"x\":\"{}\"}}", "x".repeat(8 * 1024));
    assert!(ErrorDocument::parse(too_long.as_bytes()).is_empty());
}

#[test]
fn what_looks_like_credentials_is_not_repeated() {
    let secret = canary("error document");
    for body in [
        format!(r#"{{"AccessKeyId":"A","SecretAccessKey":"{secret}""#),
        format!(r#""SecretAccessKey" : "{secret}""#),
        format!(r#"x{{ SecretAccessKey = {secret} }}"#),
        format!(r#"{{"Code":"{secret}"}}"#),
        format!(r#"{{"Message":"got {{\"Token\":\"{secret}\"}}"}}"#),
        format!(r#"<p>{{"Token":"{secret}"}}</p>"#),
        format!(r#"[{{"Token":"{secret}"}}]"#),
    ] {
        let said = ErrorDocument::parse(body.as_bytes());
        assert!(!leaks(&format!("{said} {said:?}")), "{said}");
        assert!(said.is_empty(), "{said}");
    }
}
