use std::fmt;

use credential_core::is_invisible;

use crate::member::{Members, Name, Value};
use crate::read::read_object;

/// Of a body no more than this is looked at.
const MOST_BYTES: usize = 8 * 1024;
/// Of a text no more than this many characters are kept.
const MOST_LETTERS: usize = 200;

/// What the body of a refusal says: an error's code and message, from JSON, plain text or an HTML page.
///
/// Of the body at most 8 KiB are looked at and at most 200 printable characters are kept. A text that looks like a
/// part of a credentials document is never repeated. There is no error: a body that says nothing is an empty value.
///
/// ```
/// use credential_json::ErrorDocument;
///
/// let said = ErrorDocument::parse(br#"{"code": "NoSuchTask", "message": "task is gone", "HTTPErrorCode": 404}"#);
/// assert_eq!(said.code(), Some("NoSuchTask"));
/// assert_eq!(said.to_string(), "NoSuchTask: task is gone");
/// assert_eq!(ErrorDocument::parse(b"no such\n  association ").message(), Some("no such association"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDocument {
    code: Option<String>,
    message: Option<String>,
}

impl ErrorDocument {
    /// Reads what a body says.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let whole = body.len() <= MOST_BYTES;
        let body = body.get(..MOST_BYTES).unwrap_or(body);
        let text = String::from_utf8_lossy(body);
        if whole && let Ok(Some(members)) = read_object(&text) {
            return Self::of(&members);
        }
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let message = if text.starts_with('<') {
            shown(&words_of_page(text))
        } else {
            shown(text)
        };
        Self { code: None, message }
    }

    fn of(members: &Members) -> Self {
        let first = |name| members.all(name).filter_map(Value::text).find_map(shown);
        Self {
            code: first(Name::Code).filter(|code| readable_code(code)),
            message: first(Name::Message),
        }
    }

    /// The error's code, such as `AccessDenied`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The error's message, at most 200 printable characters on one line.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether the body said nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.code.is_none() && self.message.is_none()
    }
}

impl fmt::Display for ErrorDocument {
    /// `code: message`, one of them, or `no reason given`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(one),
            (None, None) => f.write_str("no reason given"),
        }
    }
}

/// Whether this looks like the code of an error. Letters without digits: a stretch of a secret has some of either.
pub(crate) fn readable_code(code: &str) -> bool {
    code.len() <= 64
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b"._-".contains(&byte))
}

/// A text as it may be shown; `None` when nothing is left of it.
///
/// What looks like a part of a credentials document is not shown, not even in parts: a brace, or a name before a colon.
fn shown(text: &str) -> Option<String> {
    let is_name = |behind_quote: &str| behind_quote.trim_start().starts_with(':');
    let looks_like_json = text.contains(['{', '}'])
        || text
            .split_once('"')
            .is_some_and(|(_, rest)| rest.split('"').any(is_name));
    let text = printable(text);
    (!looks_like_json && !text.is_empty()).then_some(text)
}

/// At most 200 characters on one line: white space folded to one blank, what cannot be seen left out.
pub(crate) fn printable(text: &str) -> String {
    let mut line = String::new();
    let mut blank = false;
    let mut letters = 0;
    for letter in text.chars() {
        if letter.is_whitespace() {
            blank = letters > 0;
        } else if !is_invisible(letter) && letter != char::REPLACEMENT_CHARACTER {
            if letters + usize::from(blank) >= MOST_LETTERS {
                break;
            }
            if std::mem::take(&mut blank) {
                line.push(' ');
                letters += 1;
            }
            line.push(letter);
            letters += 1;
        }
    }
    line
}

/// What a person would read on a page: its title, or else its text without tags, scripts and styles.
fn words_of_page(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = between(page, &lower, "<title", "</title").and_then(|rest| rest.split_once('>'));
    if let Some((_, title)) = title
        && !title.trim().is_empty()
    {
        return title.to_owned();
    }
    let mut words = String::new();
    let mut at = 0;
    while let (Some(rest), Some(rest_lower)) = (page.get(at..), lower.get(at..)) {
        let Some(tag) = rest.find('<') else {
            words.push_str(rest);
            break;
        };
        words.push_str(rest.get(..tag).unwrap_or_default());
        words.push(' ');
        let from_tag = rest_lower.get(tag..).unwrap_or_default();
        let end = [("<script", "</script"), ("<style", "</style")]
            .iter()
            .find(|(open, _)| from_tag.starts_with(open))
            .map_or_else(|| Some(0), |(_, close)| from_tag.find(close))
            .and_then(|end| Some(end + from_tag.get(end..)?.find('>')? + 1));
        let Some(end) = end else { break };
        at += tag + end;
    }
    words
}

fn between<'a>(page: &'a str, lower: &str, open: &str, close: &str) -> Option<&'a str> {
    let start = lower.find(open)? + open.len();
    let end = start + lower.get(start..)?.find(close)?;
    page.get(start..end)
}

#[cfg(test)]
mod tests;
