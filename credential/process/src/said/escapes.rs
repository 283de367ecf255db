use credential_core::is_invisible;

/// Leaves out what a terminal would act on, and what cannot be seen; line ends and tabs stay.
pub(super) fn without_escapes(text: &str) -> String {
    let mut clean = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => match letters.next() {
                Some('[') => skip_until(&mut letters, |letter| ('@'..='~').contains(&letter)),
                Some(']' | 'P' | 'X' | '^' | '_') => {
                    skip_until(&mut letters, |letter| matches!(letter, '\u{7}' | '\u{9c}' | '\\'));
                }
                Some(' '..='/') => skip_until(&mut letters, |letter| !(' '..='/').contains(&letter)),
                _ => {}
            },
            '\u{9b}' => skip_until(&mut letters, |letter| ('@'..='~').contains(&letter)),
            // A carriage return alone draws over the line.
            '\r' => clean.push('\n'),
            '\n' | '\t' => clean.push(letter),
            // The last one stands for bytes that are no text.
            letter if is_invisible(letter) || matches!(letter, '\u{fffc}' | '\u{fffd}') => {}
            letter => clean.push(letter),
        }
    }
    clean
}

/// Goes past the end of an escape sequence; one that never ends takes at most its line with it.
fn skip_until(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, end: fn(char) -> bool) {
    while let Some(letter) = letters.next_if(|letter| *letter != '\n') {
        if end(letter) {
            break;
        }
    }
}
