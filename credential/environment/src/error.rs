use credential_core::{CredentialsError, Report, VariableError, format_timestamp};
use snafu::Snafu;
use std::fmt;
use time::OffsetDateTime;

use crate::provider::NAME;

/// Why the environment gave no credentials. It names variables, never a value.
///
/// ```
/// use credential_core::Variables;
/// use credential_environment::{EnvironmentProvider, Error};
///
/// let variables = Variables::from([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")]);
/// let error = EnvironmentProvider::new().with_variables(variables).load().unwrap_err();
///
/// assert!(matches!(error, Error::HalfPair { .. }));
/// assert_eq!(error.to_string(), "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
/// ```
#[derive(Clone, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// Neither half of the pair is set. *Not configured.*
    #[snafu(display("{access_key_id} is not set"))]
    NoKeys {
        /// The variable of the access key ID.
        access_key_id: String,
    },
    /// One half of the pair is set. *Not configured*, or *invalid configuration* for a provider
    /// [with a strict pair](crate::EnvironmentProvider::with_strict_pair).
    #[snafu(display("{present} is set, but {missing} is not"))]
    HalfPair {
        /// The variable that is set.
        present: String,
        /// The variable that is missing.
        missing: String,
        /// Whether the provider was told to be strict about it.
        strict: bool,
    },
    /// A value is not Unicode. *Invalid configuration.*
    #[snafu(transparent)]
    Variable {
        /// Which variable.
        source: VariableError,
    },
    /// A value holds a control character, or white space inside, and could not be sent to AWS. *Invalid configuration.*
    #[snafu(display("{variable} holds a control character or white space inside; set it again"))]
    IllegalCharacter {
        /// The variable.
        variable: String,
    },
    /// The expiration is no RFC 3339 time. *Invalid configuration.*
    #[snafu(display("{variable} is not a time as 2030-01-01T12:00:00Z"))]
    Expiration {
        /// The variable.
        variable: String,
    },
    /// The credentials are dead, so no request could work. *Invalid configuration.*
    #[snafu(display("the credentials expired at {}, says {variable}; set new ones", format_timestamp(*expiration)))]
    Expired {
        /// The variable that says so.
        variable: String,
        /// When they died.
        expiration: OffsetDateTime,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoKeys { .. } | Error::HalfPair { strict: false, .. } => Self::not_configured(NAME, error),
            Error::HalfPair { strict: true, .. }
            | Error::Variable { .. }
            | Error::IllegalCharacter { .. }
            | Error::Expiration { .. }
            | Error::Expired { .. } => Self::invalid_configuration(NAME, error),
        }
    }
}
