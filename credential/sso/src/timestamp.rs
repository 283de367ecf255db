use credential_core::parse_timestamp;
use time::OffsetDateTime;

/// Reads what AWS's tools write into their files: RFC 3339, also with `UTC` for `Z` as older ones did, and with an
/// offset that lacks its colon.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if !text.is_ascii() {
        return None;
    }
    let normal = if let Some(instant) = text.strip_suffix("UTC") {
        format!("{}Z", instant.trim_end())
    } else {
        match text.len().checked_sub(5).and_then(|at| text.split_at_checked(at)) {
            Some((instant, offset))
                if offset.starts_with(['+', '-']) && offset.bytes().skip(1).all(|b| b.is_ascii_digit()) =>
            {
                let (hours, minutes) = offset.split_at(3);
                format!("{instant}{hours}:{minutes}")
            }
            _ => text.to_owned(),
        }
    };
    parse_timestamp(&normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use credential_core::format_timestamp;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", like in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{0,12}[-+UTCZ0-9: ]{0,7}") {
            let _ = parse(&text);
            let _ = parse(&like);
        }

        #[test]
        fn what_is_written_is_read(seconds in 0_i64..253_402_300_799) {
            let instant = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            prop_assert_eq!(parse(&format_timestamp(instant)), Some(instant));
        }
    }

    #[test]
    fn every_spelling_of_an_instant_is_understood() {
        for text in [
            "2030-01-01T12:00:00Z",
            "2030-01-01T12:00:00UTC",
            "2030-01-01T12:00:00 UTC",
            "2030-01-01T12:00:00z",
            "2030-01-01 12:00:00Z",
            "2030-01-01T12:00:00.000Z",
            "2030-01-01T12:00:00+00:00",
            "2030-01-01T14:30:00+02:30",
            "2030-01-01T14:30:00+0230",
            "2030-01-01T04:00:00-0800",
            " 2030-01-01T12:00:00Z\n",
        ] {
            let instant = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(instant.unix_timestamp(), 1_893_499_200, "{text}");
            assert_eq!(format_timestamp(instant), "2030-01-01T12:00:00Z", "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused_without_a_panic() {
        for text in [
            "",
            "UTC",
            "Z",
            "+0000",
            "1893499200",
            "2030-01-01",
            "2030-01-01T12:00:00",
            "2030-01-01T12:00:00 CET",
            "2030-13-01T12:00:00Z",
            "2030-01-01T12:00:00+99:99",
            "2030-01-01T12:00:00ÜTC",
            "ü030-01-01T12:00:00Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
