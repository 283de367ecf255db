use std::time::Duration;

use crate::Response;

/// How often to try, and how long to pause in between: full jitter, so that many clients do not come back together.
///
/// A value only: whoever calls decides what is worth another attempt, brings the randomness and does the sleeping.
///
/// ```
/// use credential_http::RetryPolicy;
/// use std::time::Duration;
///
/// let policy = RetryPolicy::new(3, Duration::from_millis(50), Duration::from_secs(1));
/// assert_eq!(policy.pause(0, 0.5), Duration::from_millis(25));
/// assert_eq!(policy.pause(9, 0.5), Duration::from_millis(500));
/// ```
///
/// AWS: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
}

impl RetryPolicy {
    /// At most this many attempts (0 counts as 1), the first pause up to `base`, doubling up to `cap`.
    #[must_use]
    pub fn new(attempts: u32, base: Duration, cap: Duration) -> Self {
        Self {
            attempts: attempts.max(1),
            base,
            cap,
        }
    }

    /// How many attempts in all, at least 1.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The longest pause before the first retry.
    #[must_use]
    pub fn base(&self) -> Duration {
        self.base
    }

    /// The longest pause before any retry.
    #[must_use]
    pub fn cap(&self) -> Duration {
        self.cap
    }

    /// The pause before retry number `retry`, counted from 0: `fraction` × min(cap, base × 2^retry).
    ///
    /// The fraction is a random number from 0 up to 1; what lies outside counts as the nearer of the two.
    #[must_use]
    pub fn pause(&self, retry: u32, fraction: f64) -> Duration {
        let doubled = self
            .base
            .saturating_mul(1_u32.checked_shl(retry).unwrap_or(u32::MAX));
        let longest = doubled.min(self.cap);
        // A fraction that is not a number pauses not at all.
        let fraction = if fraction > 0.0 { fraction.min(1.0) } else { 0.0 };
        Duration::try_from_secs_f64(longest.as_secs_f64() * fraction)
            .unwrap_or(longest)
            .min(longest)
    }
}

/// How long the server asks to wait, by a header `Retry-After` in whole seconds.
///
/// `None` when there is no such header, when it is a date, and when it asks for more than `at_most`: then the caller's
/// own pause serves.
#[must_use]
pub fn retry_after(response: &Response, at_most: Duration) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let asked = Duration::from_secs(text.parse().ok()?);
    (asked <= at_most).then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;
    use hyper::header::{HeaderValue, RETRY_AFTER};
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);
    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn a_pause_doubles_up_to_its_cap() {
        let policy = RetryPolicy::new(3, 100 * MILLISECOND, 2 * SECOND);
        for (retry, fraction, pause) in [
            (0, 0.0, Duration::ZERO),
            (0, 1.0, 100 * MILLISECOND),
            (1, 1.0, 200 * MILLISECOND),
            (3, 0.5, 400 * MILLISECOND),
            (5, 1.0, 2 * SECOND),
            (31, 1.0, 2 * SECOND),
            (32, 1.0, 2 * SECOND),
            (u32::MAX, 1.0, 2 * SECOND),
            (0, 7.0, 100 * MILLISECOND),
            (0, -1.0, Duration::ZERO),
            (0, f64::NAN, Duration::ZERO),
        ] {
            assert_eq!(policy.pause(retry, fraction), pause, "{retry} {fraction}");
        }
    }

    #[test]
    fn no_attempt_at_all_counts_as_one() {
        assert_eq!(RetryPolicy::new(0, SECOND, SECOND).attempts(), 1);
    }

    proptest! {
        #[test]
        fn a_pause_is_never_longer_than_its_cap(retry: u32, base: u64, cap: u64, fraction: f64) {
            let cap = Duration::from_secs(cap);
            prop_assert!(RetryPolicy::new(3, Duration::from_secs(base), cap).pause(retry, fraction) <= cap);
        }
    }

    #[test]
    fn retry_after_is_honoured_in_seconds_up_to_a_limit() {
        for (text, expected) in [
            ("1", Some(SECOND)),
            (" 2 ", Some(2 * SECOND)),
            ("0", Some(Duration::ZERO)),
            ("3", None),
            ("99999999999999999999999", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            let response = Response::new(503, headers, Vec::new());
            assert_eq!(retry_after(&response, 2 * SECOND), expected, "{text:?}");
        }
        assert_eq!(
            retry_after(&Response::new(503, HeaderMap::new(), Vec::new()), SECOND),
            None
        );
    }
}
