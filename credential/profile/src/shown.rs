use std::fmt::{self, Write};

use credential_core::is_invisible;

/// A name as somebody wrote it, with the letters that nobody sees written out.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| {
            if is_invisible(letter) {
                write!(f, "{}", letter.escape_default())
            } else {
                f.write_char(letter)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_that_nobody_sees_are_written_out() {
        for (name, shown) in [
            ("o'neil", "o'neil"),
            ("\"a b\\c\" ä日", "\"a b\\c\" ä日"),
            ("a\nb\u{1b}[8m\u{202e}", "a\\nb\\u{1b}[8m\\u{202e}"),
        ] {
            assert_eq!(Shown(name).to_string(), shown);
        }
    }
}
