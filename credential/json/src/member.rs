//! What stands at a member, as far as anybody here wants to know.

use std::fmt;

use credential_core::Secret;

/// A JSON value, of which only a text, a whole number and the members that are known are kept.
#[derive(Clone)]
pub(crate) enum Value {
    Null,
    // Not every text is a secret, but a document that was damaged on its way may have another member's text in any place.
    Text(Secret),
    Number(u64),
    Object(Members),
    /// Told by its kind: "a list", ….
    Other(&'static str),
}

impl Value {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.expose()),
            _ => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "a string",
            Self::Number(_) => "a whole number",
            Self::Object(_) => "an object",
            Self::Other(kind) => kind,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// The members of an object that are known, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(Written, Value)>);

impl Members {
    pub(crate) fn push(&mut self, name: Written, value: Value) {
        self.0.push((name, value));
    }

    /// The same, with the names that are written in their own letters in front.
    pub(crate) fn exact_first(self) -> Self {
        let (mut exact, others): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|(name, _)| name.exact);
        exact.extend(others);
        Self(exact)
    }

    /// All that stand under a name; null counts as absent.
    pub(crate) fn all(&self, name: Name) -> impl Iterator<Item = &Value> {
        self.0
            .iter()
            .filter(move |(other, value)| other.name == name && !matches!(value, Value::Null))
            .map(|(_, value)| value)
    }

    /// The one that counts.
    pub(crate) fn first(&self, name: Name) -> Option<&Value> {
        self.all(name).next()
    }
}

/// A name that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Version,
    Code,
    Message,
    AccessKeyId,
    SecretAccessKey,
    Token,
    Expiration,
    AccountId,
}

/// A name as a document has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) name: Name,
    /// As a credential process writes it: in its own letters, and not another source's word.
    exact: bool,
}

impl Written {
    /// The name that is written so, in any case.
    pub(crate) fn of(text: &str) -> Option<Self> {
        const NAMES: &[(&str, Name)] = &[
            ("Version", Name::Version),
            ("Code", Name::Code),
            ("Message", Name::Message),
            ("AccessKeyId", Name::AccessKeyId),
            ("SecretAccessKey", Name::SecretAccessKey),
            ("Token", Name::Token),
            ("SessionToken", Name::Token),
            ("Expiration", Name::Expiration),
            ("ExpiresAt", Name::Expiration),
            ("AccountId", Name::AccountId),
        ];
        let found = NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        found.map(|(own, name)| Self {
            name: *name,
            exact: text == *own && !matches!(*own, "Token" | "ExpiresAt"),
        })
    }
}

/// The `Version` of the document that a credential process prints: only the number 1 is known.
///
/// ```
/// use credential_json::{Document, Version};
///
/// let document = Document::parse(br#"{"Version": "1"}"#)?;
/// assert_ne!(document.version(), Version::Number(1));
/// assert_eq!(document.version().to_string(), "a string");
/// # Ok::<(), credential_json::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// There is no such member, or it is null.
    #[default]
    Absent,
    /// A whole number from 0.
    Number(u64),
    /// Anything else, told by its kind: "a string", "a list", ….
    Other(&'static str),
}

impl Version {
    pub(crate) fn of(members: &Members) -> Self {
        match members.first(Name::Version) {
            None => Self::Absent,
            Some(Value::Number(number)) => Self::Number(*number),
            Some(other) => Self::Other(other.kind()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nothing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}
