//! What a command said on standard error: the end of it, with all taken out that may be a secret.

use std::fmt;

use credential_core::Secret;

/// The end of what the command wrote to standard error, on one line, as far as it may be shown.
///
/// It is the last 4 KiB. Escape sequences and what cannot be seen are left out. `[hidden]` stands for whatever may be a
/// secret: a run of 16 or more letters, digits and `+/=_-%` that is not made of plain words; what follows a name such as
/// `password=`; and arguments of the command that it repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// The text; empty when the command said nothing.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn of(tail: &Tail, hidden: &[Secret]) -> Self {
        let text = String::from_utf8_lossy(&tail.bytes).into_owned();
        let text = without_escapes(&text);
        // The first word may be the rest of a longer one.
        let text = match tail.cut {
            true => text
                .find(char::is_whitespace)
                .and_then(|at| text.get(at..))
                .unwrap_or(HIDDEN),
            false => &text,
        };
        let mut text = text.to_owned();
        for word in hidden {
            hide_word(&mut text, word.expose());
        }
        Self(mask(&text))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("; it said nothing on standard error")
        } else {
            write!(f, "; it said: {}", self.0)
        }
    }
}

/// The last bytes of a stream that may be endless.
#[derive(Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    const KEPT: usize = 4096;

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if let Some(surplus) = self
            .bytes
            .len()
            .checked_sub(Self::KEPT)
            .filter(|surplus| *surplus > 0)
        {
            self.bytes.drain(..surplus);
            self.cut = true;
        }
    }
}

const HIDDEN: &str = "[hidden]";
/// Stands for a hidden argument until all is masked: a run with it is hidden as a whole, so that it breaks none in two.
const MARK: char = '\u{e000}';
const SHORTEST_SECRET: usize = 16;
const SHORTEST_WORD: usize = 6;

/// Takes out an argument, and what stands behind its `=`, unless it is plain words that tell nothing, as `--profile`.
fn hide_word(text: &mut String, word: &str) {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    for secret in [word, value] {
        let secret = without_escapes(secret);
        if secret.chars().count() >= SHORTEST_WORD && !is_words(&secret) && text.contains(&secret) {
            *text = text.replace(&secret, &MARK.to_string());
        }
    }
}

/// One line: whatever may be a secret is hidden, line ends become bars.
fn mask(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // Base64 is often broken into lines, and the last one may be short.
        if goes_on && line.chars().all(is_of_secret) {
            continue;
        }
        let masked = mask_line(line);
        goes_on = masked.ends_with(HIDDEN);
        lines.push(masked);
    }
    lines.join(" | ")
}

fn mask_line(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let length = rest.find(|letter| !is_of_secret(letter)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if run.is_empty() {
            masked.push(letter);
            rest = behind.get(letter.len_utf8()..).unwrap_or_default();
            continue;
        }
        rest = behind;
        match run.split_once('=').filter(|(name, _)| names_a_secret(name)) {
            // `password=hunter2`
            Some((name, value)) if !value.is_empty() => {
                masked.push_str(&format!("{name}={HIDDEN}"));
                rest = behind_value(rest, None);
            }
            // `password='hunter2'`, `"password": "hunter2"`, `password: hunter2`
            _ if names_a_secret(run) => {
                masked.push_str(run);
                if let Some((between, value)) = value_behind(run, rest) {
                    masked.push_str(between);
                    masked.push_str(HIDDEN);
                    let quote = between
                        .chars()
                        .next_back()
                        .filter(|letter| "\"'".contains(*letter));
                    rest = behind_value(value, quote);
                }
            }
            _ if run.contains(MARK) => masked.push_str(HIDDEN),
            _ if run.len() >= SHORTEST_SECRET && !is_words(run) && !is_constant(run) => {
                masked.push_str(HIDDEN);
            }
            _ => masked.push_str(run),
        }
    }
    masked
}

/// Letters of base64, of its form for URLs, and of percent-encoding.
fn is_of_secret(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+/=_-%".contains(letter) || letter == MARK
}

/// What stands behind a value: from its closing quote on, or from what ends a value without quotes.
fn behind_value(text: &str, quote: Option<char>) -> &str {
    let ends = |letter: char| match quote {
        Some(quote) => letter == quote,
        None => letter.is_whitespace() || "\"',;&)}]".contains(letter),
    };
    text.find(ends)
        .and_then(|end| text.get(end..))
        .unwrap_or_default()
}

fn names_a_secret(name: &str) -> bool {
    let name = name.trim_end_matches('=');
    let plain = name.replace(['_', '-'], "").to_ascii_lowercase();
    (is_words(name) || is_constant(name))
        && [
            "password",
            "passwd",
            "passphrase",
            "secret",
            "token",
            "accesskey",
            "secretaccesskey",
            "apikey",
        ]
        .iter()
        .any(|end| plain.ends_with(end))
}

/// What stands between a name and its value, and the rest from the value on; `None` when no value follows.
fn value_behind<'a>(name: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let is_between = |letter: char| letter.is_whitespace() || "\"':=".contains(letter);
    let length = rest.find(|letter| !is_between(letter))?;
    let (between, value) = rest.split_at_checked(length)?;
    (name.ends_with('=') || between.contains([':', '='])).then_some((between, value))
}

/// Whether a run is made of plain words, as `/usr/local/bin` or `ExpiredTokenException` are and no random text is:
/// letters alone, in humps of 3 to 15 that each start with the one capital letter.
fn is_words(run: &str) -> bool {
    run.split(['/', '-', '_']).all(|piece| {
        let piece = piece.strip_suffix("Id").unwrap_or(piece);
        let mut hump = 0;
        let mut capital = false;
        for letter in piece.chars() {
            if !letter.is_ascii_alphabetic() || hump > 15 {
                return false;
            }
            if letter.is_ascii_uppercase() {
                if hump > 0 && hump < 3 {
                    return false;
                }
                hump = 0;
                capital = true;
            }
            hump += 1;
        }
        // A piece in small letters may be of any shortness, as `bin` and `a` are.
        hump <= 15 && (hump == 0 || hump >= 3 || !capital)
    })
}

/// Whether a run is a name as `AWS_SECRET_ACCESS_KEY`: capital letters alone, at most 11 between bars.
fn is_constant(run: &str) -> bool {
    run.split('_')
        .all(|piece| piece.len() <= 11 && piece.bytes().all(|letter| letter.is_ascii_uppercase()))
}

/// Leaves out what a terminal would act on, and what cannot be seen; line ends and tabs stay.
fn without_escapes(text: &str) -> String {
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
            letter if is_invisible(letter) => {}
            letter => clean.push(letter),
        }
    }
    clean
}

/// Goes past the end of an escape sequence; one that never ends takes at most its line with it.
fn skip_until(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, end: impl Fn(char) -> bool) {
    while let Some(letter) = letters.next_if(|letter| *letter != '\n') {
        if end(letter) {
            break;
        }
    }
}

/// Control characters, and those that change how the text around them is shown.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
