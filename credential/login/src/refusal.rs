//! What AWS Sign-In says when it refuses, and what that means.

use std::fmt;

use credential_cache::{Object, Value};
use credential_core::{ErrorKind, is_invisible};
use credential_http::Response;

use crate::session::Session;

/// Of a message no more than this many characters are kept.
const MOST_LETTERS: usize = 200;

/// What AWS Sign-In said about a refusal, as far as it did. A message that repeats a secret, or looks like a document,
/// is left out.
///
/// ```
/// use credential_login::{Error, Said};
///
/// /// What to tell AWS's support.
/// fn request_id(error: &Error) -> Option<&str> {
///     match error {
///         Error::Refused { said, .. } => said.request_id(),
///         _ => None,
///     }
/// }
///
/// let silence = Said::default();
/// assert_eq!((silence.error(), silence.message(), silence.request_id()), (None, None, None));
/// assert_eq!(request_id(&Error::NoHome), None);
/// ```
///
/// AWS: <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    error: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

impl Said {
    pub(crate) fn of(response: &Response, session: &Session) -> Self {
        let document = std::str::from_utf8(response.body())
            .ok()
            .and_then(|text| Object::parse(text).ok());
        let member = |name: &str| match document.as_ref()?.get(name)? {
            Value::Text(text) => Some(text.expose().to_owned()),
            _ => None,
        };
        let harmless = |text: &String| !session.is_repeated_in(text) && !text.contains(['{', '}']);
        Self {
            error: member("error")
                .or_else(|| error_type(response.header("x-amzn-errortype")?))
                .filter(|code| is_code(code)),
            message: member("message")
                .filter(harmless)
                // Letters that cannot be seen may stand inside a secret.
                .map(|text| visible(&text))
                .filter(harmless)
                .filter(|text| !text.is_empty())
                .map(|text| text.chars().take(MOST_LETTERS).collect()),
            request_id: response
                .header("x-amzn-requestid")
                .filter(|id| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
                .map(str::to_owned),
        }
    }

    /// The error's code, such as `TOKEN_EXPIRED`; where the answer has none, the error's type.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// The message, at most 200 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What AWS's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.error, &self.message].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) kind: ErrorKind,
    /// The same again after a pause may fare better.
    pub(crate) transient: bool,
    pub(crate) advice: Option<&'static str>,
    /// The advice ends with the command.
    pub(crate) sign_in_again: bool,
}

pub(crate) fn meaning_of(status: u16, error: Option<&str>) -> Meaning {
    let over = |advice| Meaning {
        kind: ErrorKind::LoginRequired,
        transient: false,
        advice: Some(advice),
        sign_in_again: true,
    };
    let failed = |transient, advice, sign_in_again| Meaning {
        kind: ErrorKind::Failed,
        transient,
        advice,
        sign_in_again,
    };
    match (status, error) {
        (429 | 500..=599, _) => failed(true, None, false),
        (300..=399, _) => failed(
            false,
            Some("a redirect is not followed: check the endpoint"),
            false,
        ),
        (_, Some("TOKEN_EXPIRED")) => over("the session has ended"),
        (_, Some("USER_CREDENTIALS_CHANGED")) => over("the password has changed since the sign-in"),
        (_, Some("INSUFFICIENT_PERMISSIONS")) => failed(
            false,
            Some("the identity lacks a permission: allow it signin:CreateOAuth2Token"),
            false,
        ),
        _ => failed(false, Some("if it stays so, sign in again"), true),
    }
}

/// `AccessDeniedException` of `AccessDeniedException:http://…`
fn error_type(header: &str) -> Option<String> {
    header.split(':').next().map(|text| text.trim().to_owned())
}

/// Letters without digits: a stretch of a secret has some of either.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b"._-".contains(&b))
}

/// One line of what can be seen.
fn visible(text: &str) -> String {
    let mut visible = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut is_apart = !visible.is_empty();
        for letter in word.chars().filter(|c| !is_invisible(*c)) {
            if std::mem::take(&mut is_apart) {
                visible.push(' ');
            }
            visible.push(letter);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_meaning() {
        for (status, error, kind, transient, sign_in_again) in [
            (401, Some("TOKEN_EXPIRED"), ErrorKind::LoginRequired, false, true),
            (
                403,
                Some("USER_CREDENTIALS_CHANGED"),
                ErrorKind::LoginRequired,
                false,
                true,
            ),
            (
                403,
                Some("INSUFFICIENT_PERMISSIONS"),
                ErrorKind::Failed,
                false,
                false,
            ),
            (401, Some("AUTHCODE_EXPIRED"), ErrorKind::Failed, false, true),
            (400, Some("INVALID_REQUEST"), ErrorKind::Failed, false, true),
            (400, None, ErrorKind::Failed, false, true),
            (404, None, ErrorKind::Failed, false, true),
            (302, None, ErrorKind::Failed, false, false),
            (429, Some("INVALID_REQUEST"), ErrorKind::Failed, true, false),
            (500, Some("server_error"), ErrorKind::Failed, true, false),
            (503, None, ErrorKind::Failed, true, false),
        ] {
            let meaning = meaning_of(status, error);
            assert_eq!(meaning.kind, kind, "{status} {error:?}");
            assert_eq!(meaning.transient, transient, "{status} {error:?}");
            assert_eq!(meaning.sign_in_again, sign_in_again, "{status} {error:?}");
        }
    }

    #[test]
    fn a_message_becomes_one_line_of_what_can_be_seen() {
        assert_eq!(visible(" a\n\tb\u{7}c  "), "a b c");
        assert_eq!(visible("a \u{202e}b\u{202c} \u{200b} c\u{feff}!"), "a b c!");
    }

    #[test]
    fn a_code_looks_like_one() {
        for (text, expected) in [
            ("TOKEN_EXPIRED", true),
            ("AccessDeniedException", true),
            ("", false),
            ("ASIA1234", false),
            ("two words", false),
            (&"X".repeat(65), false),
        ] {
            assert_eq!(is_code(text), expected, "{text:?}");
        }
        let header = "AccessDeniedException:http://internal.amazon.com/";
        assert_eq!(error_type(header).as_deref(), Some("AccessDeniedException"));
    }
}
