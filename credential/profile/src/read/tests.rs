use tests_support::{canary, leaks};

use super::*;

fn decoded(bytes: &[u8]) -> Result<String, String> {
    match decode(Path::new("/f"), bytes.to_vec()) {
        Ok(file) => Ok(file.text.expose().to_owned()),
        Err(error) => {
            let shown = format!("{error:?}");
            assert!(!leaks(&shown), "{shown}");
            Err(error.to_string())
        }
    }
}

#[test]
fn a_byte_order_mark_is_taken_off_once() {
    assert_eq!(decoded("\u{feff}[default]".as_bytes()).unwrap(), "[default]");
    assert_eq!(decoded("\u{feff}\u{feff}".as_bytes()).unwrap(), "\u{feff}");
    assert_eq!(decoded(b"").unwrap(), "");
    assert_eq!(decoded("a\u{feff}".as_bytes()).unwrap(), "a\u{feff}");
}

#[test]
fn utf_16_is_called_by_its_name() {
    for bytes in [&b"\xff\xfe[\0d\0"[..], b"\xfe\xff\0[\0d", b"\xff\xfe"] {
        assert_eq!(decoded(bytes).unwrap_err(), "/f is UTF-16; save it as UTF-8");
    }
}

#[test]
fn what_is_not_utf_8_is_told_with_line_and_offset() {
    let secret = canary("utf");
    for (bytes, message) in [
        (b"\xff".to_vec(), "/f:1: the file is not UTF-8 from byte 0 on"),
        (
            b"# caf\xe9\n[default]".to_vec(),
            "/f:1: the file is not UTF-8 from byte 5 on",
        ),
        (
            b"\xef\xbb\xbf\r\n\n\x80".to_vec(),
            "/f:3: the file is not UTF-8 from byte 6 on",
        ),
        (
            b"a\n\xe2\x82".to_vec(),
            "/f:2: the file is not UTF-8 from byte 2 on",
        ),
        (
            [secret.as_bytes(), b"\n\xc0\x80"].concat(),
            &format!("/f:2: the file is not UTF-8 from byte {} on", secret.len() + 1),
        ),
    ] {
        assert_eq!(decoded(&bytes).unwrap_err(), message);
    }
}

/// Why there is nothing to read at a path is one thing; that reading went wrong this time says nothing of what the file
/// holds, and must not be taken for an empty one.
#[test]
fn only_what_says_that_nothing_can_be_read_there_counts_as_empty() {
    use io::ErrorKind as Kind;
    let custom = |kind| io::Error::new(kind, "it is what it is");
    for (error, counts_as_empty) in [
        (io::Error::from(Kind::NotFound), true),
        (Kind::NotADirectory.into(), true),
        (Kind::IsADirectory.into(), true),
        (Kind::PermissionDenied.into(), true),
        // no regular file
        (custom(Kind::InvalidInput), true),
        (Kind::InvalidInput.into(), false),
        (Kind::Interrupted.into(), false),
        (Kind::OutOfMemory.into(), false),
        (Kind::StaleNetworkFileHandle.into(), false),
        (Kind::TimedOut.into(), false),
        (Kind::WouldBlock.into(), false),
        (Kind::InvalidFilename.into(), true),
        (Kind::UnexpectedEof.into(), false),
        (Kind::Other.into(), false),
        // the work panicked, or the runtime is shutting down
        (custom(Kind::Other), false),
    ] {
        assert_eq!(says_that_nothing_is_there(&error), counts_as_empty, "{error:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_numbers_of_the_operating_system_are_told_apart() {
    // These are the same on Linux and macOS.
    let (no_entry, interrupted, input_output, denied, invalid, too_many_in_all, too_many) =
        (2, 4, 5, 13, 22, 23, 24);
    for (number, counts_as_empty) in [
        (no_entry, true),
        (denied, true),
        (interrupted, false),
        (input_output, false),
        (invalid, false),
        (too_many_in_all, false),
        (too_many, false),
        #[cfg(target_os = "linux")]
        (LINK_LOOP, true),
    ] {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(says_that_nothing_is_there(&error), counts_as_empty, "{error:?}");
    }
}
