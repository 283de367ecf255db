use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, VariableError, format_timestamp};
use credential_http::{Es256Error, UrlError};
use snafu::Snafu;
use time::OffsetDateTime;

use crate::provider::NAME;
use crate::refusal::{Meaning, Said, meaning_of};

/// Why a session of `aws login` gave no credentials.
///
/// Where signing in again helps, the error says with which command. No error holds a token, a key or a part of the
/// session's file.
///
/// ```
/// use credential_core::{Variables, ErrorKind, CredentialsError};
/// use credential_login::LoginProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let provider = LoginProvider::new("arn:aws:iam::123456789012:user/jo")
///     .with_variables(Variables::from([("HOME", "/nobody")]))
///     .with_profile("dev");
/// let error = CredentialsError::from(provider.load().await.unwrap_err());
/// assert_eq!(error.kind(), ErrorKind::LoginRequired);
/// assert!(error.report().to_string().ends_with("run `aws login --profile dev`"));
/// # }
/// ```
#[derive(Clone, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// The session is an empty text. *Invalid configuration*, as are the next ones.
    #[snafu(display("login_session is blank: it must be the ARN that `aws login` has put there"))]
    NoSession,
    /// A variable is not Unicode.
    #[snafu(display("the cache of `aws login` cannot be found"))]
    Variable {
        /// Which variable.
        source: VariableError,
    },
    /// There is no home directory, below which the cache would be.
    #[snafu(display(
        "the cache of `aws login` cannot be found without a home: set HOME or AWS_LOGIN_CACHE_DIRECTORY"
    ))]
    NoHome,
    /// No region was given, and each has an AWS Sign-In of its own.
    #[snafu(display(
        "renewing the session of `aws login` needs a region: set AWS_REGION, or `region` in the profile"
    ))]
    NoRegion,
    /// The region cannot be part of a host name, or is a pseudo region.
    #[snafu(display("{region:?} is not the name of a region with an AWS Sign-In"))]
    Region {
        /// What was given.
        region: String,
    },
    /// An endpoint of one's own is used as it is, so FIPS and dual-stack cannot be asked for beside it.
    #[snafu(display(
        "the AWS Sign-In endpoint {endpoint} was set, so FIPS and dual-stack cannot be chosen as well"
    ))]
    EndpointConflict {
        /// The endpoint that was set.
        endpoint: String,
    },
    /// The endpoint is no address.
    #[snafu(display("the AWS Sign-In endpoint cannot be used"))]
    Endpoint {
        /// What is wrong with it.
        source: UrlError,
    },
    /// The endpoint has a query, which no request could keep.
    #[snafu(display("the AWS Sign-In endpoint {endpoint} has a query; only host, port and path can be set"))]
    EndpointQuery {
        /// The endpoint, without its query.
        endpoint: String,
    },
    /// Nobody has signed in, or has signed out since. *Login required*, as are the next two.
    #[snafu(display("no session of `aws login` in {}: run `{command}`", path.display()))]
    NotSignedIn {
        /// The file that is not there.
        path: PathBuf,
        /// What to run.
        command: String,
    },
    /// The session's file is damaged.
    #[snafu(display("the session of `aws login` in {} cannot be used: run `{command}`", path.display()))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What to run.
        command: String,
        /// What is wrong with it.
        source: Fault,
    },
    /// The session's private key cannot be used.
    #[snafu(display("the dpopKey in {} cannot sign: run `{command}`", path.display()))]
    Key {
        /// The file.
        path: PathBuf,
        /// What to run.
        command: String,
        /// What is wrong with it.
        source: Es256Error,
    },
    /// The session's file cannot be read. *Failed*, as are the next ones.
    #[snafu(display("the session of `aws login` in {} cannot be read", path.display()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// Renewing was asked for outside a tokio runtime.
    #[snafu(display("the session of `aws login` can only be renewed inside a tokio runtime"))]
    NoRuntime,
    /// The tokio runtime that renewed the session was shut down.
    #[snafu(display("renewing the session of `aws login` was cut off, as by the end of its tokio runtime"))]
    CutOff,
    /// The proof that goes with the request could not be made.
    #[snafu(display("no proof could be made for renewing the session of `aws login`"))]
    Proof {
        /// Why not.
        source: Es256Error,
    },
    /// AWS Sign-In did not answer, or not as a whole. *Failed*, or *timed out*.
    #[snafu(display("no whole answer from AWS Sign-In at {url} in {attempts} attempt{}", plural(*attempts)))]
    Transport {
        /// The address.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// Why not.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// AWS Sign-In refused. *Login required* when the session is over, else *failed*.
    #[snafu(display(
        "AWS Sign-In at {url} did not renew the session (status {status}, {attempts} attempt{}){said}{}",
        plural(*attempts),
        advice(&meaning_of(*status, said.error()), command)
    ))]
    Refused {
        /// The address.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// The last status.
        status: u16,
        /// What it said about it.
        said: Said,
        /// What to run where signing in again helps.
        command: String,
    },
    /// AWS Sign-In answered with something else than credentials. *Failed*.
    #[snafu(display("AWS Sign-In at {url} sent no usable credentials in {attempts} attempt{}", plural(*attempts)))]
    Answer {
        /// The address.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// What is wrong with the answer.
        source: Fault,
    },
    /// The credentials have expired, and they were renewed less than 30 seconds ago. *Failed*.
    #[snafu(display(
        "the credentials in {} expired at {}, and were renewed less than 30 s ago: check this machine's clock",
        path.display(),
        format_timestamp(*expiration)
    ))]
    TooSoon {
        /// The session's file.
        path: PathBuf,
        /// When they expired.
        expiration: OffsetDateTime,
    },
    /// It took longer than its limit. *Timed out.*
    #[snafu(display("renewing the session of `aws login` took over {limit:?}"))]
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

/// What is wrong with a session's file, or with what AWS Sign-In answered. It names members, never what they hold.
///
/// ```
/// use credential_login::{Error, Fault};
///
/// fn advice(error: &Error) -> &'static str {
///     match error {
///         Error::Damaged { source: Fault::Truncated { .. }, .. } => "is the disk full?",
///         Error::Damaged { .. } => "sign in again",
///         Error::Answer { source: Fault::Syntax { .. }, .. } => "is there a proxy that answers for AWS?",
///         _ => "read the message",
///     }
/// }
///
/// let source = Fault::Truncated { line: 1, column: 512 };
/// let error = Error::Damaged { path: "dev.json".into(), command: "aws login".into(), source };
/// assert_eq!(advice(&error), "is the disk full?");
/// assert_eq!(source.to_string(), "it ends too early, at line 1 column 512");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Fault {
    /// It is no text.
    #[snafu(display("it is not UTF-8"))]
    NotUtf8,
    /// It is half a document.
    #[snafu(display("it ends too early, at line {line} column {column}"))]
    Truncated {
        /// The line, counted from 1.
        line: usize,
        /// The column in bytes, counted from 1; 0 when the line is empty.
        column: usize,
    },
    /// It is no JSON.
    #[snafu(display("it is not JSON, from line {line} column {column} on"))]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// The column in bytes, counted from 1; 0 when the line is empty.
        column: usize,
    },
    /// It is JSON, but no object.
    #[snafu(display("it is not a JSON object"))]
    NoDocument,
    /// A member is absent or null.
    #[snafu(display("{member} is missing"))]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// A member is no string.
    #[snafu(display("{member} is not a string"))]
    NotText {
        /// The member.
        member: &'static str,
    },
    /// A member is no object.
    #[snafu(display("{member} is not an object"))]
    NotAnObject {
        /// The member.
        member: &'static str,
    },
    /// A member is no number.
    #[snafu(display("{member} is not a number"))]
    WrongType {
        /// The member.
        member: &'static str,
    },
    /// A member is zero or less.
    #[snafu(display("{member} is not above zero"))]
    NotPositive {
        /// The member.
        member: &'static str,
    },
    /// A member is empty or blank.
    #[snafu(display("{member} is blank"))]
    Blank {
        /// The member.
        member: &'static str,
    },
    /// A member holds a blank or a control character.
    #[snafu(display("{member} holds a character that cannot be part of it"))]
    Illegal {
        /// The member.
        member: &'static str,
    },
    /// A member gives no date and time.
    #[snafu(display("{member} gives no date and time as 2030-01-31T12:00:00Z"))]
    NotATime {
        /// The member.
        member: &'static str,
    },
}

/// What people read.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
            Self::NoSession
            | Self::Variable { .. }
            | Self::NoHome
            | Self::NoRegion
            | Self::Region { .. }
            | Self::EndpointConflict { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. } => ErrorKind::InvalidConfiguration,
            Self::NotSignedIn { .. } | Self::Damaged { .. } | Self::Key { .. } => ErrorKind::LoginRequired,
            Self::Refused { status, said, .. } => meaning_of(*status, said.error()).kind,
            Self::Transport { source, .. } if source.is_timeout() => ErrorKind::TimedOut,
            Self::Transport { source, .. } if source.is_a_setting() => ErrorKind::InvalidConfiguration,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::Unreadable { .. }
            | Self::NoRuntime
            | Self::CutOff
            | Self::Proof { .. }
            | Self::Transport { .. }
            | Self::Answer { .. }
            | Self::TooSoon { .. } => ErrorKind::Failed,
        }
    }

    /// Whether it may pass with nobody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport { source, .. } => source.is_transient(),
            Self::Refused { status, said, .. } => meaning_of(*status, said.error()).transient,
            Self::Answer { source, .. } => source.is_no_document(),
            Self::CutOff | Self::TooSoon { .. } | Self::TimedOut { .. } => true,
            Self::NoSession
            | Self::Variable { .. }
            | Self::NoHome
            | Self::NoRegion
            | Self::Region { .. }
            | Self::EndpointConflict { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::NotSignedIn { .. }
            | Self::Damaged { .. }
            | Self::Key { .. }
            | Self::Unreadable { .. }
            | Self::NoRuntime
            | Self::Proof { .. } => false,
        }
    }
}

impl Fault {
    /// Whether it was no document at all, cut short for example, rather than one that says something else.
    fn is_no_document(self) -> bool {
        matches!(
            self,
            Self::NotUtf8 | Self::Truncated { .. } | Self::Syntax { .. } | Self::NoDocument
        )
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        let (kind, transient) = (error.kind(), error.is_transient());
        Self::new(kind, NAME, error).with_transient(transient)
    }
}

/// `; the session has ended: run …`
fn advice(meaning: &Meaning, command: &str) -> String {
    let Some(advice) = meaning.advice else {
        return String::new();
    };
    if meaning.sign_in_again {
        format!("; {advice}: run `{command}`")
    } else {
        format!("; {advice}")
    }
}
