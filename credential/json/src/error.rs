use std::fmt;

use credential_core::Report;
use snafu::Snafu;

/// Why a document gave no credentials.
///
/// It names members and places, never a value: the text at that place may be a secret.
///
/// ```
/// use credential_json::{Document, Error, Member, Required};
///
/// let document = Document::parse(br#"{"AccessKeyId": "AKIDEXAMPLE"}"#)?;
/// let error = document.into_credentials(Required::KEYS).unwrap_err();
/// assert!(matches!(error, Error::Missing { member: Member::SecretAccessKey }));
/// assert_eq!(error.to_string(), "SecretAccessKey is missing");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no UTF-8 text.
    #[snafu(display("the document is not UTF-8"))]
    NotUtf8,
    /// The text is not one JSON value: cut short, badly written, or with something behind its end.
    #[snafu(display("the document is not JSON: {category} at line {line} column {column}"))]
    NotJson {
        /// What kind of fault it is.
        category: Category,
        /// The line of the fault, counted from 1.
        line: usize,
        /// The column of the fault in bytes, counted from 1; 0 when the line is empty.
        column: usize,
    },
    /// The text is JSON, but a list, a string or another value that is no object.
    #[snafu(display("the document is not a JSON object"))]
    NotAnObject,
    /// Values stand inside values more than 16 deep.
    #[snafu(display("the document is nested more than 16 deep"))]
    TooDeep,
    /// A member that has to be there is absent or null.
    #[snafu(display("{member} is missing"))]
    Missing {
        /// The member.
        member: Member,
    },
    /// A member is not a string.
    #[snafu(display("{member} is not a string"))]
    WrongType {
        /// The member.
        member: Member,
    },
    /// A member that has to be there is empty or blank.
    #[snafu(display("{member} is blank"))]
    Blank {
        /// The member.
        member: Member,
    },
    /// A member holds a character that cannot stand in it: a control character, or a blank in a key ID or a token.
    #[snafu(display("{member} holds a character that cannot be part of it"))]
    Illegal {
        /// The member.
        member: Member,
    },
    /// The expiration is there but is no date and time as in RFC 3339.
    #[snafu(display("Expiration is not a date and time as 2030-01-31T12:00:00Z"))]
    Expiration,
    /// The document says itself that there are no credentials: its `Code` is not `Success`.
    #[snafu(display("the source refused with {code}{}", after_colon(message.as_deref())))]
    Refused {
        /// The `Code`, such as `AssumeRoleUnauthorizedAccess`.
        code: String,
        /// The `Message` beside it: its first 200 printable characters.
        message: Option<String>,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

/// A member of the document, under the first of its names: see the example of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Member {
    /// `Code`
    Code,
    /// `AccessKeyId`
    AccessKeyId,
    /// `SecretAccessKey`
    SecretAccessKey,
    /// `Token`, also written `SessionToken`.
    Token,
    /// `Expiration`, also written `ExpiresAt`.
    Expiration,
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "Code",
            Self::AccessKeyId => "AccessKeyId",
            Self::SecretAccessKey => "SecretAccessKey",
            Self::Token => "Token",
            Self::Expiration => "Expiration",
        })
    }
}

/// What kind of fault made a text no JSON.
///
/// ```
/// use credential_json::{Category, Document, Error};
///
/// let error = Document::parse(br#"{"AccessKeyId": "AK"#).unwrap_err();
/// let cut_short = matches!(error, Error::NotJson { category: Category::Truncated, .. });
/// assert!(cut_short, "another attempt may bring the whole document");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// A character that cannot stand where it stands.
    Syntax,
    /// The text ends too early, as when an answer is cut short.
    Truncated,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "unexpected character",
            Self::Truncated => "unexpected end",
        })
    }
}

fn after_colon(message: Option<&str>) -> String {
    message.map(|message| format!(": {message}")).unwrap_or_default()
}
