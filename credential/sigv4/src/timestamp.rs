//! Times as the signature writes and reads them, by hand: no formatting machinery for one fixed form.

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
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(two(4)?).ok()?, two(6)?).ok()?;
    let time = Time::from_hms(two(9)?, two(11)?, two(13)?).ok()?;
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
            let _ = (parse(&text), parse(&digits));
        }
    }
}
