use std::fmt::{self, Write as _};

/// A provider's name as people read it, from the one that programs compare.
///
/// ```
/// use credential_core::Words;
///
/// assert_eq!(Words("InstanceMetadata").to_string(), "instance metadata");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<'a>(
    /// The name, as [`name`](crate::ProvideAwsCredentials::name) gives it.
    pub &'a str,
);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous_is_lower = false;
        for letter in self.0.chars() {
            if letter.is_uppercase() && previous_is_lower {
                f.write_char(' ')?;
            }
            previous_is_lower = letter.is_lowercase();
            for lower in letter.to_lowercase() {
                f.write_char(lower)?;
            }
        }
        Ok(())
    }
}
