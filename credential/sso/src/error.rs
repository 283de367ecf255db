use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use credential_cache::Fault;
use credential_core::{CredentialsError, ErrorKind, Report, format_timestamp};
use credential_http::UrlError;
use snafu::Snafu;
use time::OffsetDateTime;

use crate::call::{Operation, Said};
use crate::provider::NAME;
use crate::token_file::NotRenewable;

/// Why IAM Identity Center gave no credentials, or why nobody could log in to it.
///
/// It names files, addresses, account and role; never a token, a code or the secret of a client. Where a person has to
/// log in, it names the command.
///
/// ```
/// use credential_core::{CredentialsError, ErrorKind};
/// use credential_sso::Error;
///
/// assert_eq!(CredentialsError::from(Error::NoHome).kind(), ErrorKind::InvalidConfiguration);
/// ```
#[derive(Clone, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// There is no home directory, and no other folder was given. *Invalid configuration*, as are the next ones.
    #[snafu(display(
        "the tokens of IAM Identity Center are below the home directory, and there is none: set HOME"
    ))]
    NoHome,
    /// A setting is blank.
    #[snafu(display("{setting} is blank"))]
    Blank {
        /// Its name in the config file.
        setting: &'static str,
    },
    /// The region cannot be part of a host name.
    #[snafu(display("sso_region {region:?} is not the name of a region"))]
    Region {
        /// What was given.
        region: String,
    },
    /// The endpoint is no address.
    #[snafu(display("the SSO {service} endpoint cannot be used"))]
    Endpoint {
        /// Which of the two: portal or OIDC.
        service: &'static str,
        /// What is wrong with it.
        source: UrlError,
    },
    /// The endpoint has a query, which no call could keep.
    #[snafu(display(
        "the SSO {service} endpoint {endpoint} has a query; only host, port and path can be set"
    ))]
    EndpointQuery {
        /// Which of the two: portal or OIDC.
        service: &'static str,
        /// The endpoint, without its query.
        endpoint: String,
    },
    /// An endpoint of one's own is used as it is, so FIPS and dual-stack cannot be asked for beside it.
    #[snafu(display(
        "the SSO {service} endpoint {endpoint} was set, so FIPS and dual-stack cannot be chosen as well"
    ))]
    EndpointConflict {
        /// Which of the two: portal or OIDC.
        service: &'static str,
        /// The endpoint that was set.
        endpoint: String,
    },
    /// A legacy session knows the login by device code alone.
    #[snafu(display(
        "a login in the browser needs an [sso-session] section: add one, or log in with a device code"
    ))]
    LegacyInBrowser,

    /// Nobody has logged in. *Login required*, as are the next ones.
    #[snafu(display(
        "nobody is logged in to IAM Identity Center: there is no token file {}; {remedy}",
        path.display()
    ))]
    NotLoggedIn {
        /// The file that a login writes.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// What stands in the token file is no token.
    #[snafu(display("the token file {} cannot be used: {fault}; {remedy}", path.display()))]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Fault,
        /// What to do.
        remedy: String,
    },
    /// The token is of another organisation than the one that it would be sent to.
    #[snafu(display(
        "the token file {} is of another login: its startUrl is {found}, in the configuration it is {expected}; {remedy}",
        path.display()
    ))]
    AnotherLogin {
        /// The file.
        path: PathBuf,
        /// The file's start URL.
        found: String,
        /// The configuration's.
        expected: String,
        /// What to do.
        remedy: String,
    },
    /// The token has expired and cannot be renewed.
    #[snafu(display(
        "the login to IAM Identity Center expired at {}, by the token file {}, and cannot be renewed: {reason}; {remedy}",
        format_timestamp(*expiration), path.display()
    ))]
    Expired {
        /// The file.
        path: PathBuf,
        /// Since when.
        expiration: OffsetDateTime,
        /// Why it cannot be renewed.
        reason: NotRenewable,
        /// What to do.
        remedy: String,
    },
    /// The token has expired, and IAM Identity Center refused to renew it.
    #[snafu(display(
        "the login to IAM Identity Center is over, it is not renewed (token file {}){said}; {remedy}",
        path.display()
    ))]
    RenewalRefused {
        /// The file.
        path: PathBuf,
        /// What it said.
        said: Said,
        /// What to do.
        remedy: String,
    },
    /// The portal refused the token: it was signed out, or revoked.
    #[snafu(display("{url} does not accept the token of {}{said}; {remedy}", path.display()))]
    TokenRefused {
        /// The portal, without the query.
        url: String,
        /// The file.
        path: PathBuf,
        /// What it said.
        said: Said,
        /// What to do.
        remedy: String,
    },

    /// Called outside a tokio runtime. *Failed*, as are the next ones.
    #[snafu(display("IAM Identity Center can only be asked inside a tokio runtime"))]
    NoRuntime,
    /// The token file cannot be read.
    #[snafu(display("the token file {} cannot be read", path.display()))]
    ReadToken {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// The new token cannot be written.
    #[snafu(display("the token file {} cannot be written", path.display()))]
    WriteToken {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// A logout cannot remove a file.
    #[snafu(display(
        "the file {} cannot be removed{}",
        path.display(),
        if *ended { "; the session itself is ended" } else { "" }
    ))]
    RemoveFile {
        /// The file.
        path: PathBuf,
        /// Whether IAM Identity Center has ended the session all the same.
        ended: bool,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// There was no answer, or not a whole one. *Failed*, *timed out*, or for a mistake in the settings of proxy and
    /// certificates *invalid configuration*.
    #[snafu(display("no whole answer to {operation} from {url} in {attempts} attempt{}", plural(*attempts)))]
    Transport {
        /// The call.
        operation: Operation,
        /// Who was asked, without the query.
        url: String,
        /// How often.
        attempts: u32,
        /// Why not.
        #[snafu(source(from(credential_http::Error, Arc::new)))]
        source: Arc<credential_http::Error>,
    },
    /// The answer was a redirect, which would carry the token elsewhere.
    #[snafu(display("{url} answered {operation} with a redirect (status {status}), which is not followed"))]
    Redirect {
        /// The call.
        operation: Operation,
        /// Who was asked, without the query.
        url: String,
        /// The status.
        status: u16,
    },
    /// The service refused.
    #[snafu(display("{url} refused {operation} with status {status} in {attempts} attempt{}{said}", plural(*attempts)))]
    Refused {
        /// The call.
        operation: Operation,
        /// Who was asked, without the query.
        url: String,
        /// How often.
        attempts: u32,
        /// The last status.
        status: u16,
        /// What it said.
        said: Said,
    },
    /// Whoever logged in has no such role.
    #[snafu(display(
        "no access to role {role_name} in account {account_id} (status {status}){said}: check sso_account_id and \
         sso_role_name, or have the role assigned"
    ))]
    NoAccess {
        /// The account.
        account_id: String,
        /// The role, as the permission set is called.
        role_name: String,
        /// 403 or 404.
        status: u16,
        /// What it said.
        said: Said,
    },
    /// The answer cannot be used.
    #[snafu(display("the answer of {url} to {operation} cannot be used: {fault}"))]
    Answer {
        /// The call.
        operation: Operation,
        /// Who was asked, without the query.
        url: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The renewal of the token ended without a result: its runtime is gone.
    #[snafu(display("the renewal of the token was cut off"))]
    CutOff,
    /// It took longer than its limit. *Timed out.*
    #[snafu(display("asking IAM Identity Center took over {limit:?}"))]
    TimedOut {
        /// The limit.
        limit: Duration,
    },

    /// The browser cannot come back to us: no port on 127.0.0.1. *Failed*, as are the next ones.
    #[snafu(display("no port on 127.0.0.1 for the browser to come back to; log in with a device code"))]
    Listen {
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// The system gives no randomness, without which a login could be hijacked.
    #[snafu(display("the system gives no randomness for a login"))]
    Randomness,
    /// The person refused, or may not log in.
    #[snafu(display("the login was not approved{said}"))]
    NotApproved {
        /// What the service said.
        said: Said,
    },
    /// Nobody logged in while the code was good. *Timed out.*
    #[snafu(display("nobody logged in in time: the code has expired; start again"))]
    CodeExpired,
    /// Nobody logged in within the limit. *Timed out.*
    #[snafu(display("nobody logged in within {limit:?}; start again{}", of_a_stray(said)))]
    NobodyCame {
        /// The limit.
        limit: Duration,
        /// What was said, meanwhile, in the browser without a sign that it belongs to this login: a code at most.
        said: Said,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
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
            Self::NoHome
            | Self::Blank { .. }
            | Self::Region { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::EndpointConflict { .. }
            | Self::LegacyInBrowser => ErrorKind::InvalidConfiguration,
            Self::NotLoggedIn { .. }
            | Self::TokenFile { .. }
            | Self::AnotherLogin { .. }
            | Self::Expired { .. }
            | Self::RenewalRefused { .. }
            | Self::TokenRefused { .. } => ErrorKind::LoginRequired,
            Self::Transport { source, .. } if source.is_timeout() => ErrorKind::TimedOut,
            Self::Transport { source, .. } if source.is_a_setting() => ErrorKind::InvalidConfiguration,
            Self::TimedOut { .. } | Self::CodeExpired | Self::NobodyCame { .. } => ErrorKind::TimedOut,
            Self::NoRuntime
            | Self::ReadToken { .. }
            | Self::WriteToken { .. }
            | Self::RemoveFile { .. }
            | Self::Transport { .. }
            | Self::Redirect { .. }
            | Self::Refused { .. }
            | Self::NoAccess { .. }
            | Self::Answer { .. }
            | Self::CutOff
            | Self::Listen { .. }
            | Self::Randomness
            | Self::NotApproved { .. } => ErrorKind::Failed,
        }
    }

    pub(crate) fn is_not_logged_in(&self) -> bool {
        matches!(self, Self::NotLoggedIn { .. })
    }

    /// One of its own for somebody who shares it.
    pub(crate) fn from_shared(shared: Arc<Self>) -> Self {
        Arc::unwrap_or_clone(shared)
    }

    /// Whether it may pass with nobody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport { source, .. } => source.is_transient(),
            Self::Refused { status, said, .. } => said.asks_for_patience(*status),
            Self::Answer { .. } | Self::TimedOut { .. } | Self::CutOff => true,
            Self::NoHome
            | Self::Blank { .. }
            | Self::Region { .. }
            | Self::Endpoint { .. }
            | Self::EndpointQuery { .. }
            | Self::EndpointConflict { .. }
            | Self::LegacyInBrowser
            | Self::NotLoggedIn { .. }
            | Self::TokenFile { .. }
            | Self::AnotherLogin { .. }
            | Self::Expired { .. }
            | Self::RenewalRefused { .. }
            | Self::TokenRefused { .. }
            | Self::NoRuntime
            | Self::ReadToken { .. }
            | Self::WriteToken { .. }
            | Self::RemoveFile { .. }
            | Self::Redirect { .. }
            | Self::NoAccess { .. }
            | Self::Listen { .. }
            | Self::Randomness
            | Self::NotApproved { .. }
            | Self::CodeExpired
            | Self::NobodyCame { .. } => false,
        }
    }

    /// Whether a person has to log in before asking again can help.
    #[must_use]
    pub fn needs_login(&self) -> bool {
        self.kind() == ErrorKind::LoginRequired
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        let (kind, transient) = (error.kind(), error.is_transient());
        Self::new(kind, NAME, error).with_transient(transient)
    }
}

fn of_a_stray(said: &Said) -> String {
    match said.code() {
        Some(code) => format!(" (something came back that may be of another login, and said {code})"),
        None => String::new(),
    }
}
