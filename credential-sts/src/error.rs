use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, Seconds, format_timestamp};
use snafu::Snafu;
use time::OffsetDateTime;

use crate::call::Operation;
use crate::refusal::meaning_of;
use crate::response::AnswerError;
use crate::web_identity::{TokenFault, TokenPlace};

/// Why STS gave no answer, or not the one that was asked for.
///
/// It names the call, and the role where there is one. It may show ARNs, access key IDs and what STS itself says;
/// never a secret access key, a token, an MFA code or an external ID.
///
/// ```
/// use credential_sts::{AssumeRoleProvider, Error, StsClient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sts = StsClient::unsigned("eu-central-1");
/// let role = AssumeRoleProvider::new(sts, "arn:aws:iam::123456789012:role/deploy");
/// match role.load().await {
///     Err(Error::Refused { .. }) => println!("does the role trust whoever asks?"),
///     Err(Error::Unsigned { operation }) => assert_eq!(operation.name(), "AssumeRole"),
///     Err(other) => println!("{other:?}"),
///     Ok(credentials) => println!("{}", credentials.access_key_id()),
/// }
/// # }
/// ```
#[derive(Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// No region was given, and AWS has no region that would be right for everyone.
    #[snafu(display(
        "STS needs a region: set AWS_REGION, or `region` in the profile, or give one to StsClient::new"
    ))]
    NoRegion,

    /// The region cannot be part of a host name.
    #[snafu(display("{region:?} is not the name of a region"))]
    Region {
        /// What was given.
        region: String,
    },

    /// There is no such endpoint for the region.
    #[snafu(display("STS has no {wanted} endpoint in {region}; name a region"))]
    Unsupported {
        /// The region.
        region: String,
        /// FIPS or dual-stack.
        wanted: &'static str,
    },

    /// An endpoint of one's own is used as it is, so FIPS and dual-stack cannot be asked for beside it.
    #[snafu(display("the STS endpoint {endpoint} was set, so FIPS and dual-stack cannot be chosen as well"))]
    EndpointConflict {
        /// The endpoint that was set.
        endpoint: String,
    },

    /// The endpoint is no address.
    #[snafu(display("the STS endpoint cannot be used"))]
    Endpoint {
        /// What is wrong with it.
        source: credential_http::UrlError,
    },

    /// The endpoint has a query, which no call could keep.
    #[snafu(display("the STS endpoint {endpoint} has a query; only host, port and path can be set"))]
    EndpointQuery {
        /// The endpoint, without its query.
        endpoint: String,
    },

    /// A parameter that STS would refuse for certain.
    #[snafu(display("{operation}: {parameter} {rule}"))]
    Parameter {
        /// The call.
        operation: Operation,
        /// AWS's name of the parameter.
        parameter: &'static str,
        /// What it must be.
        rule: &'static str,
    },

    /// An MFA device is set, but nobody to ask for its code.
    #[snafu(display("mfa_serial {serial} is set, but there is nobody to ask for the code of the device"))]
    NoMfaPrompt {
        /// The device.
        serial: String,
    },

    /// The one who was asked for the MFA code gave none.
    #[snafu(display("no code for the MFA device {serial}"))]
    MfaPrompt {
        /// The device.
        serial: String,
        /// What the prompt said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Nobody gave the MFA code in time.
    #[snafu(display("no code for the MFA device {serial} within {}", Seconds(*limit)))]
    MfaTimedOut {
        /// The device.
        serial: String,
        /// How long the answer was waited for.
        limit: Duration,
    },

    /// What was given as MFA code is none.
    #[snafu(display("a code of the MFA device {serial} has six digits"))]
    MfaCode {
        /// The device.
        serial: String,
    },

    /// The client was made without credentials, and the call has to be signed.
    #[snafu(display(
        "{operation} has to be signed, and this client has no credentials: make it with StsClient::new"
    ))]
    Unsigned {
        /// The call.
        operation: Operation,
    },

    /// The file with the web identity token cannot be read.
    #[snafu(display("the web identity token file {} cannot be read", path.display()))]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },

    /// What should be a web identity token is none.
    #[snafu(display("{place} {fault}"))]
    Token {
        /// Where the token comes from.
        place: TokenPlace,
        /// What is wrong with it.
        fault: TokenFault,
    },

    /// The program's own function gave no web identity token.
    #[snafu(display("no web identity token for {operation}"))]
    TokenSource {
        /// The call.
        operation: Operation,
        /// What the function said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The web identity token did not come in time.
    #[snafu(display("waiting for {place} took over {}", Seconds(*limit)))]
    TokenTimedOut {
        /// Where the token comes from.
        place: TokenPlace,
        /// How long it was waited for.
        limit: Duration,
    },

    /// There are no credentials to make the call with.
    #[snafu(display("no credentials to sign {operation}"))]
    Source {
        /// The call.
        operation: Operation,
        /// What the source said.
        source: CredentialsError,
    },

    /// Connections need a tokio runtime.
    #[snafu(display("{operation} was called outside a tokio runtime"))]
    NoRuntime {
        /// The call.
        operation: Operation,
    },

    /// The request could not be signed.
    #[snafu(display("{operation} could not be signed"))]
    Sign {
        /// The call.
        operation: Operation,
        /// Why.
        source: credential_sigv4::Error,
    },

    /// No exchange with the endpoint came about.
    #[snafu(display("{operation} got no answer from {endpoint}"))]
    Http {
        /// The call.
        operation: Operation,
        /// The endpoint.
        endpoint: String,
        /// Why.
        source: credential_http::Error,
    },

    /// The endpoint was silent for too long.
    #[snafu(display("{operation} got no answer from {endpoint} within {}", Seconds(*limit)))]
    Silent {
        /// The call.
        operation: Operation,
        /// The endpoint.
        endpoint: String,
        /// How long it was waited for.
        limit: Duration,
    },

    /// All attempts together took too long.
    #[snafu(display("{operation} did not succeed within {}", Seconds(*limit)))]
    TimedOut {
        /// The call.
        operation: Operation,
        /// The limit of the whole call.
        limit: Duration,
        /// How the last attempt ended.
        #[snafu(source(from(Error, Box::new)))]
        source: Box<Error>,
    },

    /// STS said no.
    #[snafu(display("STS refused {operation}: {}", Said { status: *status, code, message, request_id, hint: *hint }))]
    Refused {
        /// The call.
        operation: Operation,
        /// The HTTP status.
        status: u16,
        /// AWS's code, as `AccessDenied`, when the answer has one.
        code: Option<String>,
        /// AWS's sentence.
        message: Option<String>,
        /// What AWS's support asks for.
        request_id: Option<String>,
        /// What to look at.
        hint: Option<&'static str>,
    },

    /// The answer cannot be read.
    #[snafu(display("{endpoint} gave no readable answer to {operation}"))]
    Answer {
        /// The call.
        operation: Operation,
        /// The endpoint.
        endpoint: String,
        /// Why.
        source: AnswerError,
    },

    /// The credentials in the answer were dead on arrival.
    #[snafu(display(
        "{operation} gave credentials that expired at {}, and here it is {}; check this machine's clock",
        format_timestamp(*expiration),
        format_timestamp(*now)
    ))]
    Expired {
        /// The call.
        operation: Operation,
        /// The expiration in the answer.
        expiration: OffsetDateTime,
        /// The time here.
        now: OffsetDateTime,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

impl Error {
    /// Whether a person has to change something before asking again can help.
    ///
    /// A refresher keeps using credentials that are still valid either way.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !self.is_transient()
    }

    fn is_transient(&self) -> bool {
        match self {
            Self::NoRegion
            | Self::Region { .. }
            | Self::Unsupported { .. }
            | Self::EndpointConflict { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::Parameter { .. }
            | Self::NoMfaPrompt { .. }
            | Self::MfaPrompt { .. }
            | Self::MfaTimedOut { .. }
            | Self::MfaCode { .. }
            | Self::Unsigned { .. }
            | Self::Token { .. }
            | Self::NoRuntime { .. }
            | Self::Sign { .. }
            | Self::Expired { .. } => false,
            Self::TokenFile { source, .. } => may_pass(source),
            Self::Source { source, .. } => source.is_transient(),
            Self::Http { source, .. } => source.is_transient(),
            // What keeps a function from giving a token nobody knows; asking again is worth a try.
            Self::TokenSource { .. }
            | Self::TokenTimedOut { .. }
            | Self::Silent { .. }
            | Self::TimedOut { .. }
            | Self::Answer { .. } => true,
            Self::Refused {
                operation,
                status,
                code,
                ..
            } => !meaning_of(operation, *status, code.as_deref()).permanent,
        }
    }

    /// The error as the provider of this name reports it.
    pub(crate) fn of_provider(self, name: &'static str) -> CredentialsError {
        let kind = match &self {
            Self::NoRegion
            | Self::Region { .. }
            | Self::Unsupported { .. }
            | Self::EndpointConflict { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::Parameter { .. }
            | Self::NoMfaPrompt { .. }
            | Self::Unsigned { .. }
            | Self::TokenFile { .. }
            | Self::Token { .. } => ErrorKind::InvalidConfiguration,
            // A call was set up, so a source that has nothing is a failure: nobody may go on to another identity.
            Self::Source { source, .. } if source.is_not_configured() => ErrorKind::Failed,
            Self::Source { source, .. } => source.kind(),
            Self::Http { source, .. } if source.is_timeout() => ErrorKind::TimedOut,
            Self::Http { source, .. } if source.is_a_setting() => ErrorKind::InvalidConfiguration,
            Self::MfaTimedOut { .. }
            | Self::TokenTimedOut { .. }
            | Self::Silent { .. }
            | Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::Refused {
                operation,
                status,
                code,
                ..
            } => meaning_of(operation, *status, code.as_deref()).kind,
            Self::MfaPrompt { .. }
            | Self::MfaCode { .. }
            | Self::TokenSource { .. }
            | Self::NoRuntime { .. }
            | Self::Sign { .. }
            | Self::Http { .. }
            | Self::Answer { .. }
            | Self::Expired { .. } => ErrorKind::Failed,
        };
        let transient = self.is_transient();
        CredentialsError::new(kind, name, self).with_transient(transient)
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        error.of_provider(crate::assume_role::NAME)
    }
}

/// Whether a file that cannot be read now may be read later with nobody doing anything.
fn may_pass(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    !matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::FileTooLarge
            | ErrorKind::InvalidInput
    )
}

/// `AccessDenied: User … is not authorized (status 403, request c6104cbe); check …`
struct Said<'a> {
    status: u16,
    code: &'a Option<String>,
    message: &'a Option<String>,
    request_id: &'a Option<String>,
    hint: Option<&'static str>,
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.message) {
            (Some(code), Some(message)) => write!(f, "{code}: {message} (status {}", self.status)?,
            (Some(only), None) | (None, Some(only)) => write!(f, "{only} (status {}", self.status)?,
            (None, None) => write!(f, "it gave no reason (status {}", self.status)?,
        }
        if let Some(id) = self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")?;
        match self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}
