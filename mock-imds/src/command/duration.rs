use std::time::Duration;

/// `90s`, `15m`, `6h`, or plain seconds.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let (digits, factor) = match text.as_bytes().last()? {
        b's' => (text.strip_suffix('s')?, 1),
        b'm' => (text.strip_suffix('m')?, 60),
        b'h' => (text.strip_suffix('h')?, 3600),
        _ => (text, 1),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Thirty years are plenty, and no sum with a date leaves the calendar.
    let seconds = digits.parse::<u64>().ok()?.checked_mul(factor)?;
    (seconds <= 30 * 366 * 86_400).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, seconds) in [("0", 0), ("90", 90), ("90s", 90), ("15m", 900), ("6h", 21_600)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "h", "-1s", "1.5h", "6 h", "1d", "99999999999h", "s1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
