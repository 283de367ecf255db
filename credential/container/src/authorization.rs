use std::fmt;
use std::io;
use std::path::PathBuf;

use credential_core::{Secret, Variables};
use snafu::{OptionExt, ResultExt};

use crate::error::{Error, TokenFileSnafu, TokenSnafu, VariableSnafu};

const FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const VALUE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// The longest token that is sent.
const MOST_BYTES: u64 = 16 * 1024;

/// What the header `Authorization` says, word for word: AWS adds no scheme such as `Bearer`.
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) token: Secret,
    /// Whether it stands in a file, where others renew it.
    pub(crate) from_file: bool,
}

/// Reads the token as it is now: of the file, else of the variable; `None` when neither is set.
///
/// Once a file is named it has to be readable: without the token, or with another, the endpoint would refuse or, worse,
/// take us for somebody else.
pub(crate) async fn read(variables: &Variables) -> Result<Option<Authorization>, Error> {
    if let Some(path) = variables.get_path(FILE).context(VariableSnafu)? {
        let path = PathBuf::from(path);
        let read = credential_runtime::read_file(path.clone(), MOST_BYTES).await;
        let place = Place::File(path.clone());
        if matches!(&read, Err(error) if error.kind() == io::ErrorKind::FileTooLarge) {
            return TokenSnafu {
                place,
                fault: Fault::TooLong,
            }
            .fail();
        }
        let bytes = read.context(TokenFileSnafu { path })?;
        let text = String::from_utf8(bytes).ok().context(TokenSnafu {
            place: place.clone(),
            fault: Fault::NotText,
        })?;
        return checked(text, place, true).map(Some);
    }
    match variables.get_raw(VALUE).context(VariableSnafu)? {
        Some(text) if !text.trim().is_empty() => checked(text, Place::Variable, false).map(Some),
        _ => Ok(None),
    }
}

fn checked(text: String, place: Place, from_file: bool) -> Result<Authorization, Error> {
    let fault = fault_in(&text);
    let token = Secret::new(text);
    match fault {
        None => {
            tracing::debug!(%place, length = token.expose().len(), "an authorization token is sent");
            Ok(Authorization { token, from_file })
        }
        Some(fault) => TokenSnafu { place, fault }.fail(),
    }
}

/// Nothing is trimmed: a file that works here and not with AWS's SDKs would be a trap, and a line end is how headers are
/// forged.
fn fault_in(text: &str) -> Option<Fault> {
    let inner = text
        .strip_suffix('\n')
        .map(|text| text.strip_suffix('\r').unwrap_or(text));
    if text.trim().is_empty() {
        Some(Fault::Empty)
    } else if text.len() as u64 > MOST_BYTES {
        Some(Fault::TooLong)
    } else if inner.is_some_and(|inner| fault_in(inner).is_none()) {
        Some(Fault::EndsWithNewline)
    } else if text.contains(['\r', '\n']) {
        Some(Fault::LineEnd)
    } else if text.bytes().any(|byte| !matches!(byte, b'\t' | b' '..=b'~')) {
        Some(Fault::Illegal)
    } else {
        None
    }
}

/// Where a token stands.
///
/// ```
/// use credential_container::{ContainerProvider, Error, Fault, Place};
/// use credential_core::Variables;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let variables = Variables::from([
///     ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:8080/credentials"),
///     ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "one\ntwo"),
/// ]);
/// let error = ContainerProvider::new().with_variables(variables).load().await.unwrap_err();
/// assert!(matches!(error, Error::Token { place: Place::Variable, fault: Fault::LineEnd }));
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the variable `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    Variable,
    /// In the file that `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names.
    File(PathBuf),
}

/// Why a token cannot be sent: see the example of [`Place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing in it.
    Empty,
    /// Its last character ends a line.
    EndsWithNewline,
    /// A line ends within it.
    LineEnd,
    /// It is not UTF-8.
    NotText,
    /// It holds a character that cannot stand in a header.
    Illegal,
    /// It has more than 16 KiB.
    TooLong,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable => f.write_str(VALUE),
            Self::File(path) => write!(f, "the token file {}", path.display()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::EndsWithNewline => "ends with a newline: write it without, as with `printf %s`",
            Self::LineEnd => "has more than one line",
            Self::NotText => "is not UTF-8",
            Self::Illegal => "holds a character that cannot stand in a header",
            Self::TooLong => "is longer than 16 KiB",
        })
    }
}

#[cfg(test)]
mod tests;
