/// Whether a letter of foreign text could deceive whoever reads it: a terminal obeys it, or it changes how the text around
/// it is shown, or it cannot be seen. Texts of servers and commands are shown without such letters.
///
/// These are control characters, separators of lines and paragraphs, marks of annotations, and what Unicode calls
/// `Default_Ignorable_Code_Point`, with all that turns the direction of text.
///
/// ```
/// use credential_core::is_invisible;
///
/// let shown: String = "code\u{1b}[8m \u{202e}4321\u{200b}".chars().filter(|c| !is_invisible(*c)).collect();
/// assert_eq!(shown, "code[8m 4321");
/// ```
///
/// Unicode, <https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_and_what_cannot() {
        for letter in "aZ09 -_ä日😀\u{2027}\u{202f}\u{fffd}".chars() {
            assert!(!is_invisible(letter), "{letter:?}");
        }
        for letter in
            "\0\t\n\u{1b}\u{7f}\u{9b}\u{ad}\u{61c}\u{200b}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}"
                .chars()
        {
            assert!(is_invisible(letter), "{letter:?}");
        }
    }
}
