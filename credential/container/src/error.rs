use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, VariableError};
use credential_http::UrlError;
use snafu::Snafu;

use crate::authorization::{Fault, Place};
use crate::provider::NAME;

/// Why the container endpoint gave no credentials.
///
/// Only [`NotSet`](Self::NotSet) is *not configured*: where a variable names an endpoint, its container has a role of its
/// own, and a chain must not slide on to the machine's. No error holds the authorization token or a good answer.
///
/// ```
/// use credential_container::Error;
/// use credential_core::CredentialsError;
///
/// assert!(CredentialsError::from(Error::NotSet).is_not_configured());
/// ```
#[derive(Clone, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// No variable names an endpoint. *Not configured.*
    #[snafu(display(
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
    ))]
    NotSet,
    /// A variable is not Unicode. *Invalid configuration*, as are the next ones.
    #[snafu(display("a variable of the container endpoint cannot be read"))]
    Variable {
        /// Which variable.
        source: VariableError,
    },
    /// A URI is no absolute http or https address.
    #[snafu(display("{setting} holds no usable address"))]
    Uri {
        /// The variable or the call that set it.
        setting: &'static str,
        /// What is wrong with it.
        source: UrlError,
    },
    /// The endpoint is an https address, and this build speaks no TLS.
    #[snafu(display("asking {url} needs the cargo feature `tls` of credential-container"))]
    NoTls {
        /// The endpoint, without the query.
        url: String,
    },
    /// The relative URI is no path.
    #[snafu(display("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that starts with one slash"))]
    RelativeUri,
    /// The address may not be asked over http.
    #[snafu(display(
        "over http no container credentials are asked from {address}, only from loopback, 169.254.170.2, \
         169.254.170.23 and fd00:ec2::23: use https"
    ))]
    ForbiddenAddress {
        /// The address.
        address: IpAddr,
    },
    /// The name leads to an address that may not be asked over http.
    #[snafu(display(
        "over http no container credentials are asked from host {name}: it leads to {address}, and not to loopback, \
         169.254.170.2, 169.254.170.23 or fd00:ec2::23 alone"
    ))]
    ForbiddenName {
        /// The host's name.
        name: String,
        /// The first address that is not allowed.
        address: IpAddr,
    },
    /// The token cannot be sent.
    #[snafu(display("the authorization token cannot be sent: {place} {fault}"))]
    Token {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Called outside a tokio runtime. *Failed.*
    #[snafu(display("the container endpoint can only be asked inside a tokio runtime"))]
    NoRuntime,
    /// The token's file cannot be read. *Failed.*
    #[snafu(display("the authorization token file {} cannot be read", path.display()))]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// The host's name cannot be looked up. *Failed*, or *timed out*.
    #[snafu(display("the host {name} of the container endpoint cannot be found"))]
    Lookup {
        /// The host's name.
        name: String,
        /// What the name service says.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// The host's name leads nowhere. *Failed.*
    #[snafu(display("the host {name} of the container endpoint has no address"))]
    NoAddress {
        /// The host's name.
        name: String,
    },
    /// The endpoint did not answer, or not as a whole. *Failed*, or *timed out*.
    #[snafu(display("no whole answer from the container endpoint {url} in {attempts} attempt{}", plural(*attempts)))]
    Transport {
        /// The endpoint, without the query.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// Why not.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// The endpoint refused. *Failed.*
    #[snafu(display(
        "the container endpoint {url} answered with status {status} in {attempts} attempt{}{said}",
        plural(*attempts)
    ))]
    Status {
        /// The endpoint, without the query.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// The last status.
        status: u16,
        /// What it said about it.
        said: Said,
    },
    /// The endpoint answered with a redirect, which would carry the token elsewhere. *Failed.*
    #[snafu(display(
        "the container endpoint {url} answered with a redirect (status {status}), which is not followed"
    ))]
    Redirect {
        /// The endpoint, without the query.
        url: String,
        /// The status.
        status: u16,
    },
    /// The answer has no usable credentials. *Failed.*
    #[snafu(display("the container endpoint {url} sent no usable credentials in {attempts} attempt{}", plural(*attempts)))]
    Document {
        /// The endpoint, without the query.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// What is wrong with the answer.
        source: credential_json::Error,
    },
    /// It took longer than its limit. *Timed out.*
    #[snafu(display("asking the container endpoint took over {limit:?}"))]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

/// What an endpoint said about a refusal: a code and a message, as far as it gave them.
///
/// Where it repeated the authorization token, there is a placeholder.
///
/// ```
/// use credential_container::{Error, Said};
///
/// /// Whether the container runs, and its role is not there yet.
/// fn comes_too_early(error: &Error) -> bool {
///     matches!(error, Error::Status { said, .. } if said.code() == Some("CredentialsUninitialized"))
/// }
///
/// let silence = Said::default();
/// assert_eq!((silence.code(), silence.message()), (None, None));
/// assert!(!comes_too_early(&Error::NotSet));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl Said {
    /// The error's code, such as `CredentialsUninitialized`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The message, at most 200 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.code, &self.message].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        Ok(())
    }
}

/// The end of the word that follows the number.
fn plural(number: u32) -> &'static str {
    if number == 1 { "" } else { "s" }
}

impl Error {
    /// What a chain makes of it. No `_` arm: whoever adds a variant decides.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotSet => ErrorKind::NotConfigured,
            Self::Variable { .. }
            | Self::Uri { .. }
            | Self::NoTls { .. }
            | Self::RelativeUri
            | Self::ForbiddenAddress { .. }
            | Self::ForbiddenName { .. }
            | Self::Token { .. } => ErrorKind::InvalidConfiguration,
            Self::Lookup { source, .. } | Self::Transport { source, .. } if source.is_timeout() => {
                ErrorKind::TimedOut
            }
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::NoRuntime
            | Self::TokenFile { .. }
            | Self::Lookup { .. }
            | Self::NoAddress { .. }
            | Self::Transport { .. }
            | Self::Status { .. }
            | Self::Redirect { .. }
            | Self::Document { .. } => ErrorKind::Failed,
        }
    }

    /// Whether it may pass with nobody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lookup { source, .. } | Self::Transport { source, .. } => source.is_transient(),
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            Self::Document { source, .. } => is_no_document(source),
            Self::TimedOut { .. } | Self::NoAddress { .. } => true,
            Self::NotSet
            | Self::Variable { .. }
            | Self::Uri { .. }
            | Self::NoTls { .. }
            | Self::RelativeUri
            | Self::ForbiddenAddress { .. }
            | Self::ForbiddenName { .. }
            | Self::Token { .. }
            | Self::NoRuntime
            | Self::TokenFile { .. }
            | Self::Redirect { .. } => false,
        }
    }
}

/// Whether an answer was no document at all, cut short for example, rather than one that says something else.
pub(crate) fn is_no_document(error: &credential_json::Error) -> bool {
    matches!(
        error,
        credential_json::Error::NotUtf8
            | credential_json::Error::NotJson { .. }
            | credential_json::Error::NotAnObject
            | credential_json::Error::TooDeep
    )
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        let (kind, transient) = (error.kind(), error.is_transient());
        Self::new(kind, NAME, error).with_transient(transient)
    }
}
