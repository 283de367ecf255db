use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A string that never prints itself and is wiped from memory when dropped.
///
/// It has no `Display`; its `Debug` shows neither the text nor its length.
///
/// ```
/// use credential_core::Secret;
///
/// let secret = Secret::from("do not print me");
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "do not print me");
/// ```
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(text.into())
    }

    fn of(text: String) -> Self {
        // `into_boxed_str` may leave a copy behind when it shrinks the allocation, so the bytes are copied into
        // a box of the right size and the original is wiped.
        let text = Zeroizing::new(text);
        Self(Box::from(text.as_str()))
    }

    /// The text itself, for the one place that must send or store it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    /// Compares without stopping at the first difference, so that the time taken tells nothing but the length.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_text_nor_length() {
        assert_eq!(
            format!("{:?}", Secret::from("abc")),
            format!("{:?}", Secret::from(""))
        );
    }

    #[test]
    fn equal_texts_are_equal_secrets() {
        assert_eq!(Secret::from("abc"), Secret::from("abc"));
        assert_ne!(Secret::from("abc"), Secret::from("abd"));
        assert_ne!(Secret::from("abc"), Secret::from("ab"));
    }
}
