use std::fmt;
use std::time::Duration;

/// A length of time as messages tell it: in seconds, with as many decimals as it has.
///
/// ```
/// use credential_core::Seconds;
/// use std::time::Duration;
///
/// assert_eq!(Seconds(Duration::from_secs(20)).to_string(), "20 s");
/// assert_eq!(Seconds(Duration::from_millis(1500)).to_string(), "1.5 s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(
    /// The length.
    pub Duration,
);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_secs())?;
        // By whole numbers: a program that prints no fraction else need not bring what prints floats.
        let (mut decimals, mut width) = (self.0.subsec_nanos(), 9);
        if decimals > 0 {
            while decimals % 10 == 0 {
                decimals /= 10;
                width -= 1;
            }
            write!(f, ".{decimals:0width$}")?;
        }
        f.write_str(" s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_told_as_far_as_they_go() {
        for (length, expected) in [
            (Duration::ZERO, "0 s"),
            (Duration::from_secs(100), "100 s"),
            (Duration::from_millis(500), "0.5 s"),
            (Duration::from_millis(20_050), "20.05 s"),
            (Duration::from_nanos(1), "0.000000001 s"),
            (Duration::from_nanos(1_123_456_789), "1.123456789 s"),
            (Duration::MAX, "18446744073709551615.999999999 s"),
        ] {
            assert_eq!(Seconds(length).to_string(), expected);
        }
    }
}
