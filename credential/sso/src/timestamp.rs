use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Reads what AWS's tools write into their files: RFC 3339, also with `UTC` for `Z` as older ones did, and with an
/// offset that lacks its colon.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if !text.is_ascii() || !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
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
    OffsetDateTime::parse(&normal, &Rfc3339)
        .ok()?
        .checked_to_offset(UtcOffset::UTC)
}

/// As AWS's tools write it: `2030-01-01T12:00:00Z`.
pub(crate) fn format(instant: OffsetDateTime) -> String {
    let utc = instant.checked_to_offset(UtcOffset::UTC).unwrap_or(instant);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        utc.year(),
        u8::from(utc.month()),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
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
            prop_assert_eq!(parse(&format(instant)), Some(instant));
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
            assert_eq!(format(instant), "2030-01-01T12:00:00Z", "{text}");
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

    #[test]
    fn an_instant_in_another_offset_is_written_in_utc() {
        let instant = parse("2030-01-01T00:30:00+02:00").unwrap();
        let there = instant.to_offset(UtcOffset::from_hms(5, 0, 0).unwrap());
        assert_eq!(format(there), "2029-12-31T22:30:00Z");
    }
}
