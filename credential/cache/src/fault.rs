use std::fmt;

/// What is wrong with a document. It repeats no value of it.
///
/// ```
/// use credential_cache::{Fault, Object};
///
/// let object = Object::parse(r#"{"accessToken": 7}"#)?;
/// assert_eq!(object.text("accessToken").unwrap_err().to_string(), "accessToken is no text");
/// assert_eq!(object.text("expiresAt").unwrap_err(), Fault::Missing { key: "expiresAt" });
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is no UTF-8.
    NotUtf8,
    /// It is no JSON.
    NotJson {
        /// Whether it stops in the middle, as a file cut short does.
        ends_early: bool,
        /// The line, counted from 1.
        line: usize,
        /// The column in bytes, counted from 1; 0 when the line is empty.
        column: usize,
    },
    /// It is JSON, but no object.
    NotAnObject,
    /// A member is missing or empty.
    Missing {
        /// Its name.
        key: &'static str,
    },
    /// A member is of another type.
    WrongType {
        /// Its name.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A member is no instant in time.
    Time {
        /// Its name.
        key: &'static str,
    },
    /// A member is a number that makes no sense.
    Range {
        /// Its name.
        key: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("it is no UTF-8"),
            Self::NotJson {
                ends_early: true,
                line,
                column,
            } => write!(
                f,
                "it is JSON that ends too early, in line {line}, column {column}"
            ),
            Self::NotJson { line, column, .. } => {
                write!(f, "it is no JSON, seen in line {line}, column {column}")
            }
            Self::NotAnObject => f.write_str("it is no JSON object"),
            Self::Missing { key } => write!(f, "{key} is missing or empty"),
            Self::WrongType { key, expected } => write!(f, "{key} is no {expected}"),
            Self::Time { key } => write!(f, "{key} is no time such as 2030-01-01T12:00:00Z"),
            Self::Range { key } => write!(f, "{key} is out of range"),
        }
    }
}

impl std::error::Error for Fault {}
