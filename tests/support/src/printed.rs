use std::error::Error;
use std::fmt::Write as _;

use crate::leaks;

/// Everything that an error prints, its causes too.
///
/// ```
/// let error = "x".parse::<u8>().unwrap_err();
/// assert!(tests_support::printed(&error).contains("invalid digit found in string"));
/// ```
///
/// # Panics
/// When a canary is in it.
pub fn printed(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error:?} {error:#?}");
    let mut next = Some(error);
    while let Some(error) = next {
        let _ = write!(text, "\n{error}");
        next = error.source();
    }
    assert!(!leaks(&text), "a secret shows in {text}");
    text
}
