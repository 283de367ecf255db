use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, VariableError};
use credential_http::{Request, UrlError};
use snafu::Snafu;

use crate::provider::NAME;

/// Why instance metadata gave no credentials, or not what was asked for.
///
/// It never holds a token, a secret or the body of a good answer.
///
/// ```
/// use credential_core::{CredentialsError, ErrorKind};
/// use credential_instance_metadata::Error;
///
/// let error = Error::Disabled { setting: "AWS_EC2_METADATA_DISABLED".into() };
/// assert_eq!(error.to_string(), "AWS_EC2_METADATA_DISABLED switches instance metadata off");
/// assert_eq!(CredentialsError::from(error).kind(), ErrorKind::NotConfigured);
/// ```
#[derive(Clone, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// Somebody switched instance metadata off. *Not configured.*
    #[snafu(display("{setting} switches instance metadata off"))]
    Disabled {
        /// The variable or the profile's line.
        setting: String,
    },
    /// A variable is not Unicode. *Invalid configuration*, as are the next ones.
    #[snafu(display("a variable of instance metadata cannot be read"))]
    Variable {
        /// Which variable.
        source: VariableError,
    },
    /// The endpoint is no absolute http or https address.
    #[snafu(display("{setting} is no address of an endpoint, such as http://169.254.169.254"))]
    Endpoint {
        /// The variable, the profile's line or the call that set it.
        setting: String,
        /// What is wrong with it.
        source: UrlError,
    },
    /// The endpoint has a query or a fragment, which nothing could come behind.
    #[snafu(display("{setting} must end before any `?` or `#`"))]
    EndpointQuery {
        /// The variable, the profile's line or the call that set it.
        setting: String,
    },
    /// The endpoint is an https address, and this build speaks no TLS.
    #[snafu(display("asking {endpoint} needs the cargo feature `tls` of credential-instance-metadata"))]
    NoTls {
        /// The endpoint.
        endpoint: String,
    },
    /// The endpoint mode is a word that AWS does not define.
    #[snafu(display("{setting} says {value:?}, but an endpoint mode is IPv4 or IPv6"))]
    EndpointMode {
        /// The variable or the profile's line.
        setting: String,
        /// The word.
        value: String,
    },
    /// A limit is no whole number, or zero.
    #[snafu(display("{setting} says {value:?}, but must be a whole number from 1"))]
    Number {
        /// The variable or the profile's line.
        setting: String,
        /// What it says.
        value: String,
    },
    /// The name of the role is set, but is blank or no name that a role can have.
    #[snafu(display("{setting} holds no name of a role: {problem}"))]
    RoleName {
        /// The variable, the profile's line or the call that set it.
        setting: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The role has been set in a setting, and instance metadata has no credentials for it.
    #[snafu(display(
        "instance metadata has no credentials for role {role}, which {setting} names ({request})"
    ))]
    NoSuchRole {
        /// The role.
        role: String,
        /// The variable, the profile's line or the call that names it.
        setting: String,
        /// The request.
        request: Attempted,
    },
    /// EC2 may not assume the role that is attached to the instance.
    #[snafu(display(
        "EC2 may not assume role {role}: its trust policy must allow ec2.amazonaws.com to call sts:AssumeRole"
    ))]
    TrustPolicy {
        /// The role.
        role: String,
        /// The answer in the service's words.
        source: credential_json::Error,
    },
    /// A path for [`get`](crate::InstanceMetadataClient::get) with something in it that cannot stand in a path.
    #[snafu(display("{path:?} is no path under /latest"))]
    Path {
        /// The path.
        path: String,
    },
    /// Called outside a tokio runtime. *Failed.*
    #[snafu(display("instance metadata can only be asked inside a tokio runtime"))]
    NoRuntime,
    /// Nothing listens there, and never did. *Not configured.*
    #[snafu(display("no answer from instance metadata to {request}"))]
    Unreachable {
        /// The request.
        request: Attempted,
        /// Why no connection came about.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// Nothing listened there a moment ago, so it was not asked again. *Not configured.*
    #[snafu(display(
        "there was no answer from instance metadata at {endpoint} {} s ago; it is asked again after {} s",
        ago.as_secs(),
        again_after.as_secs()
    ))]
    NothingThere {
        /// The endpoint.
        endpoint: String,
        /// How long ago it was asked.
        ago: Duration,
        /// How long the answer counts.
        again_after: Duration,
    },
    /// Something else than EC2 answers at the well-known address, as in other clouds. *Not configured.*
    #[snafu(display("what answers at {endpoint} is not EC2: {server} gave status {status} to {request}"))]
    NotEc2 {
        /// The endpoint.
        endpoint: String,
        /// What the server calls itself.
        server: String,
        /// The status of its answer.
        status: u16,
        /// The request.
        request: Attempted,
    },
    /// The instance has no role. *Not configured.*
    #[snafu(display("no role is attached to this instance ({request})"))]
    NoRole {
        /// The request for the list of roles.
        request: Attempted,
    },
    /// The token request was not answered, though the connection stood. *Timed out.*
    #[snafu(display(
        "the token request got no answer ({request}): in a container, set the instance's metadata response hop limit \
         to 2 or use the host's network"
    ))]
    SilentToken {
        /// The request.
        request: Attempted,
        /// How long was waited.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// The answer to the token request is no token. *Failed.*
    #[snafu(display("instance metadata sent no usable token for {request}: {problem}"))]
    Token {
        /// The request.
        request: Attempted,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token was refused, and the fallback to version 1 is forbidden. *Failed.*
    #[snafu(display(
        "the token was refused with status {status} ({request}), and {setting} forbids version 1"
    ))]
    Version1Forbidden {
        /// The status.
        status: u16,
        /// The request.
        request: Attempted,
        /// The variable or the profile's line.
        setting: String,
    },
    /// A request did not go through. *Failed*, or *timed out*.
    #[snafu(display("no whole answer from instance metadata to {request}"))]
    Transport {
        /// The request.
        request: Attempted,
        /// Why not.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// A request was answered with a status that is no success. *Failed.*
    #[snafu(display("instance metadata answered {request} with status {status}{}", meaning(*status)))]
    Status {
        /// The status.
        status: u16,
        /// The request.
        request: Attempted,
    },
    /// There is nothing at the path. *Failed.*
    #[snafu(display("instance metadata has nothing there ({request})"))]
    NotFound {
        /// The request.
        request: Attempted,
    },
    /// The answer is not what stands at this path. *Failed.*
    #[snafu(display("instance metadata sent no {what} for {request}"))]
    Unexpected {
        /// What was asked for.
        what: &'static str,
        /// The request.
        request: Attempted,
    },
    /// The list of roles came with changing names, none of which has credentials. *Failed.*
    #[snafu(display(
        "instance metadata lists role {role}, but had no credentials for it {rounds} times ({request})"
    ))]
    RoleGone {
        /// The role listed last.
        role: String,
        /// How often the list was read.
        rounds: u32,
        /// The last request.
        request: Attempted,
    },
    /// The answer is not JSON. *Failed.*
    #[snafu(display("instance metadata sent no JSON for role {role} ({request}): {answer}"))]
    NotJson {
        /// The role.
        role: String,
        /// The request.
        request: Attempted,
        /// What it looks like instead: of its text, only the start of a web page.
        answer: String,
        /// Where it stops being JSON.
        source: credential_json::Error,
    },
    /// The document has no usable credentials. *Failed.*
    #[snafu(display("instance metadata sent no usable credentials for role {role} ({request})"))]
    Document {
        /// The role.
        role: String,
        /// The request.
        request: Attempted,
        /// What is missing, or what the service says.
        source: credential_json::Error,
    },
    /// It took longer than its limit. *Timed out.*
    #[snafu(display("{what} took over {limit:?}"))]
    TimedOut {
        /// What took so long.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// There were credentials before, and now there is nothing. *Failed*: a chain must not take another identity.
    #[snafu(display("instance metadata gave credentials before, and does not any more"))]
    Lost {
        /// Why not any more.
        #[snafu(source(from(Error, Box::new)))]
        source: Box<Error>,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

/// A request as a person looks for it in a log: method, address, how often it was tried and how long that took.
///
/// ```no_run
/// use credential_instance_metadata::{Error, InstanceMetadataClient};
///
/// # async fn example() {
/// if let Err(Error::NotFound { request }) = InstanceMetadataClient::new().get("meta-data/nothing").await {
///     println!("{request} in {} attempts", request.attempts());
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted(Arc<Attempts>);

#[derive(Debug, PartialEq, Eq)]
struct Attempts {
    method: &'static str,
    url: String,
    count: u32,
    elapsed: Duration,
}

impl Attempted {
    pub(crate) fn new(request: &Request, count: u32, elapsed: Duration) -> Self {
        Self(Arc::new(Attempts {
            method: request.method(),
            url: request.url().to_string(),
            count,
            elapsed,
        }))
    }

    /// `GET` or `PUT`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.0.method
    }

    /// The address, without its query.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// How often it was sent, from 1.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.count
    }

    /// The time from the first attempt to the last answer, with the pauses in between.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }
}

impl fmt::Display for Attempted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attempts { method, url, .. } = &*self.0;
        let milliseconds = self.0.elapsed.as_millis();
        match self.0.count {
            0 | 1 => write!(f, "{method} {url} after {milliseconds} ms"),
            attempts => write!(
                f,
                "{method} {url} after {attempts} attempts and {milliseconds} ms"
            ),
        }
    }
}

/// The few statuses that instance metadata gives a meaning of its own.
fn meaning(status: u16) -> &'static str {
    match status {
        300..=399 => ": redirects are not followed",
        401 => ": it refused a new token as well",
        403 => ": it is switched off for this instance, or the request came through a proxy",
        429 => ": too many requests",
        _ => "",
    }
}

impl Error {
    /// What a chain makes of it. No `_` arm: whoever adds a variant decides.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Disabled { .. }
            | Self::Unreachable { .. }
            | Self::NothingThere { .. }
            | Self::NotEc2 { .. }
            | Self::NoRole { .. } => ErrorKind::NotConfigured,
            Self::Variable { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::NoTls { .. }
            | Self::EndpointMode { .. }
            | Self::Number { .. }
            | Self::RoleName { .. }
            | Self::NoSuchRole { .. }
            | Self::TrustPolicy { .. }
            | Self::Path { .. } => ErrorKind::InvalidConfiguration,
            Self::Transport { source, .. } if source.is_timeout() => ErrorKind::TimedOut,
            Self::SilentToken { .. } | Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::Transport { .. }
            | Self::NoRuntime
            | Self::Token { .. }
            | Self::Version1Forbidden { .. }
            | Self::Status { .. }
            | Self::NotFound { .. }
            | Self::Unexpected { .. }
            | Self::RoleGone { .. }
            | Self::NotJson { .. }
            | Self::Document { .. }
            | Self::Lost { .. } => ErrorKind::Failed,
        }
    }

    /// Whether it may pass with nobody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } | Self::Transport { source, .. } => source.is_transient(),
            Self::Status { status, .. } | Self::NotEc2 { status, .. } => *status == 429 || *status >= 500,
            Self::NothingThere { .. }
            | Self::SilentToken { .. }
            | Self::TimedOut { .. }
            | Self::RoleGone { .. }
            | Self::NotJson { .. } => true,
            Self::Lost { source } => source.is_transient(),
            Self::Disabled { .. }
            | Self::Variable { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::NoTls { .. }
            | Self::EndpointMode { .. }
            | Self::Number { .. }
            | Self::RoleName { .. }
            | Self::NoSuchRole { .. }
            | Self::TrustPolicy { .. }
            | Self::Path { .. }
            | Self::NoRuntime
            | Self::NoRole { .. }
            | Self::Token { .. }
            | Self::Version1Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Unexpected { .. }
            | Self::Document { .. } => false,
        }
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        let (kind, transient) = (error.kind(), error.is_transient());
        Self::new(kind, NAME, error).with_transient(transient)
    }
}
