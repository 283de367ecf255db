use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Reads an instant as AWS writes them, RFC 3339: with or without a fraction of any length, `Z` or a numeric offset. The
/// answer is in UTC.
///
/// `None` for anything else, also for an instant that in UTC lies outside the years that `time` knows.
///
/// ```
/// use credential_core::parse_timestamp;
///
/// assert_eq!(parse_timestamp("2030-01-01T12:00:00Z"), parse_timestamp("2030-01-01T14:30:00.000+02:30"));
/// assert_eq!(parse_timestamp("next tuesday"), None);
/// ```
///
/// RFC 3339, <https://www.rfc-editor.org/rfc/rfc3339>
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    // RFC 3339 names `T` and lets people use a blank; `time` takes any character here.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()?
        .checked_to_offset(UtcOffset::UTC)
}

/// Reads an instant in the form of HTTP's `Date` header, `Thu, 31 Jan 2030 12:00:00 GMT`. The day of the week is not
/// looked at.
///
/// ```
/// use credential_core::{parse_http_date, parse_timestamp};
///
/// let date = parse_http_date("Thu, 31 Jan 2030 12:00:00 GMT");
/// assert_eq!(date, parse_timestamp("2030-01-31T12:00:00Z"));
/// ```
///
/// RFC 9110, <https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats>
#[must_use]
pub fn parse_http_date(text: &str) -> Option<OffsetDateTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if words.next() != Some("GMT") || words.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    parse_timestamp(&format!("{year}-{month:02}-{day:0>2}T{time}Z"))
}

/// An instant as AWS writes them: in whole seconds of UTC, rounded down.
///
/// ```
/// use credential_core::format_timestamp;
/// use time::OffsetDateTime;
///
/// assert_eq!(format_timestamp(OffsetDateTime::UNIX_EPOCH), "1970-01-01T00:00:00Z");
/// ```
#[must_use]
pub fn format_timestamp(instant: OffsetDateTime) -> String {
    let utc = instant.checked_to_offset(UtcOffset::UTC).unwrap_or(instant);
    let (date, clock) = (utc.date(), utc.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(text: &str) -> Option<i128> {
        parse_timestamp(text).map(OffsetDateTime::unix_timestamp_nanos)
    }

    #[test]
    fn fractions_and_offsets_are_understood() {
        let second = 1_893_499_200_000_000_000_i128;
        for (text, expected) in [
            ("2030-01-01T12:00:00Z", second),
            ("2030-01-01t12:00:00z", second),
            ("2030-01-01 12:00:00Z", second),
            ("2030-01-01T12:00:00.5Z", second + 500_000_000),
            ("2030-01-01T12:00:00.123456Z", second + 123_456_000),
            ("2030-01-01T12:00:00.123456789Z", second + 123_456_789),
            (
                "2030-01-01T12:00:00.1234567899999999999999Z",
                second + 123_456_789,
            ),
            ("2030-01-01T12:00:00+00:00", second),
            ("2030-01-01T14:30:00+02:30", second),
            ("2030-01-01T04:00:00.000-08:00", second),
        ] {
            assert_eq!(nanos(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused_without_a_panic() {
        for text in [
            "",
            "next tuesday",
            "1893499200",
            "2030-01-01",
            "2030-01-01T12:00:00",
            "2030-01-01X12:00:00Z",
            "2030-01-01T12:00Z",
            "2030-01-01T12:00:00.Z",
            "2030-01-01T12:00:00UTC",
            "2030-01-01T12:00:00+0000",
            "2030-01-01T12:00:00+24:00",
            "2030-01-01T24:00:00Z",
            "2030-02-30T12:00:00Z",
            "2030-13-01T12:00:00Z",
            "2030-00-00T12:00:00Z",
            "10000-01-01T00:00:00Z",
            "99999999-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "2030-01-01T12:00:00Z ",
            "2030-01-01\u{e9}12:00:00Z",
        ] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_and_the_first_instants_are_understood() {
        for text in [
            "9999-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "0000-01-01T00:00:00+23:59",
        ] {
            assert!(parse_timestamp(text).is_some(), "{text}");
        }
    }

    #[test]
    fn an_instant_is_written_in_whole_seconds_of_utc() {
        for (text, expected) in [
            ("2030-01-01T00:30:00.999+02:00", "2029-12-31T22:30:00Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ] {
            let instant = parse_timestamp(text).unwrap();
            let elsewhere = instant.to_offset(UtcOffset::from_hms(5, 0, 0).unwrap());
            assert_eq!(format_timestamp(instant), expected);
            assert_eq!(format_timestamp(elsewhere), expected);
            assert_eq!(parse_timestamp(expected), instant.replace_nanosecond(0).ok());
        }
        let beyond = OffsetDateTime::parse("9999-12-31T23:59:59-23:59", &Rfc3339).unwrap();
        assert_eq!(format_timestamp(beyond), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn a_leap_second_is_understood_where_one_can_be() {
        let before = parse_timestamp("2016-12-31T23:59:59.999999999Z");
        assert_eq!(parse_timestamp("2016-12-31T23:59:60Z"), before);
        assert_eq!(parse_timestamp("2017-01-01T00:59:60.5+01:00"), before);
        for text in [
            "2016-12-30T23:59:60Z",
            "2016-12-31T23:58:60Z",
            "2016-12-31T23:59:60+01:00",
            "2016-12-31T23:59:61Z",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn http_dates_are_read() {
        let noon = parse_timestamp("2030-01-01T12:00:00Z");
        assert_eq!(parse_http_date("Tue, 01 Jan 2030 12:00:00 GMT"), noon);
        assert_eq!(parse_http_date("Tue, 1 Jan 2030 12:00:00 GMT"), noon);
        for text in [
            "",
            "Tue, 01 Jan 2030",
            "Tue, 01 Jan 2030 12:00:00 CET",
            "Tue, 01 Jan 30 12:00:00 GMT",
            "Tue, 01 Foo 2030 12:00:00 GMT",
            "Tue, 32 Jan 2030 12:00:00 GMT",
            "Tue, 01 Jan 2030 12:00:00:00 GMT",
            "Tue, 01 Jan 2030 12:00:00 GMT x",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = (parse_timestamp(&text), parse_http_date(&text));
        }
    }
}
