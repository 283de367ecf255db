//! Times as the signature writes and reads them, by hand: no formatting machinery for two fixed forms.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// `20300131T120000Z`; `None` outside the years 0 to 9999.
pub(crate) fn format(instant: OffsetDateTime) -> Option<String> {
    let utc = instant.checked_to_offset(UtcOffset::UTC)?;
    if !(0..=9999).contains(&utc.year()) {
        return None;
    }
    let (hour, minute, second) = utc.to_hms();
    Some(format!(
        "{:04}{:02}{:02}T{hour:02}{minute:02}{second:02}Z",
        utc.year(),
        u8::from(utc.month()),
        utc.day()
    ))
}

/// Reads `20300131T120000Z` and nothing else.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes.get(8) != Some(&b'T') || bytes.get(15) != Some(&b'Z') {
        return None;
    }
    let number = |from, to| digits(text.get(from..to)?);
    let two = |from| u8::try_from(number(from, from + 2)?).ok();
    at(
        i32::try_from(number(0, 4)?).ok()?,
        Month::try_from(two(4)?).ok()?,
        two(6)?,
        (two(9)?, two(11)?, two(13)?),
    )
}

/// Reads the form of HTTP's `Date` header, `Thu, 31 Jan 2030 12:00:00 GMT`. The day of the week is not looked at.
pub(crate) fn parse_http(text: &str) -> Option<OffsetDateTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day = u8::try_from(digits(words.next()?)?).ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let year = words.next().filter(|year| year.len() == 4)?;
    let year = i32::try_from(digits(year)?).ok()?;
    let mut time = words.next()?.split(':');
    let mut part = || u8::try_from(digits(time.next()?)?).ok();
    let time_of_day = (part()?, part()?, part()?);
    if time.next().is_some() || words.next() != Some("GMT") || words.next().is_some() {
        return None;
    }
    at(year, Month::try_from(month).ok()?, day, time_of_day)
}

fn at(year: i32, month: Month, day: u8, (hour, minute, second): (u8, u8, u8)) -> Option<OffsetDateTime> {
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

fn digits(text: &str) -> Option<u32> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn noon() -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200)
    }

    #[test]
    fn a_time_is_written_in_utc() {
        assert_eq!(format(noon()).as_deref(), Some("20300101T120000Z"));
        let elsewhere = noon().to_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
        assert_eq!(format(elsewhere).as_deref(), Some("20300101T120000Z"));
        assert_eq!(
            format(noon() + Duration::from_millis(999)).as_deref(),
            Some("20300101T120000Z")
        );
    }

    #[test]
    fn years_of_more_or_less_than_four_digits_have_no_form() {
        let day = Date::from_calendar_date(-1, Month::December, 31).unwrap();
        assert_eq!(format(day.midnight().assume_utc()), None);
        let last = Date::from_calendar_date(9999, Month::December, 31)
            .unwrap()
            .with_hms(23, 59, 59)
            .unwrap();
        assert_eq!(format(last.assume_utc()).as_deref(), Some("99991231T235959Z"));
        let behind = last.assume_offset(UtcOffset::from_hms(-1, 0, 0).unwrap());
        assert_eq!(format(behind), None);
    }

    #[test]
    fn http_dates_are_read() {
        assert_eq!(parse_http("Tue, 01 Jan 2030 12:00:00 GMT"), Some(noon()));
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
            assert_eq!(parse_http(text), None, "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "20300101T120000",
            "20300101 120000Z",
            "20301301T120000Z",
            "20300230T120000Z",
            "20300101T240000Z",
            "+0300101T120000Z",
            "2030-01-01T12:00:00Z",
            "\u{e9}\u{e9}\u{e9}\u{e9}T120000Z",
            "20300101T1200 0Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0_u64..253_402_300_800) {
            let instant = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(seconds);
            prop_assert_eq!(parse(&format(instant).unwrap()), Some(instant));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*", digits in "[0-9TZ]{16}") {
            let _ = (parse(&text), parse_http(&text), parse(&digits));
        }
    }
}
