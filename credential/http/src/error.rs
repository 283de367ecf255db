use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use snafu::Snafu;

use crate::UrlError;

/// Why a request got no response. URLs show without their query, and nothing here holds a secret.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use credential_http::{HttpClient, Request, Url};
///
/// let request = Request::get(Url::parse("http://127.0.0.1:1/?secret").unwrap());
/// let error = HttpClient::new().send(&request).await.unwrap_err();
/// assert!(error.is_connect() && error.is_transient() && !error.is_timeout());
/// assert_eq!(error.to_string(), "connecting to 127.0.0.1:1 for http://127.0.0.1:1/ failed");
/// # });
/// ```
#[derive(Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// The request was sent outside a tokio runtime.
    #[snafu(display("asking {url} needs a tokio runtime, and there is none here"))]
    NoRuntime {
        /// Whom to ask.
        url: String,
    },
    /// The tokio runtime lacks a part that the network needs.
    #[snafu(display("asking {url} needs a tokio runtime with its {driver}: build it with `enable_all()`"))]
    NoDriver {
        /// Whom to ask.
        url: String,
        /// `timer` or `I/O driver`.
        driver: &'static str,
    },
    /// A header cannot be sent: its name or value holds what may not stand there, or the client alone may set it.
    #[snafu(display("the header {name:?} cannot be sent to {url}: {reason}"))]
    Header {
        /// Whom to ask.
        url: String,
        /// The header's name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An `https` URL in a build without TLS.
    #[snafu(display("asking {url} needs the cargo feature `tls` of credential-http"))]
    NoTls {
        /// Whom to ask.
        url: String,
    },
    /// A proxy variable that holds no address of a proxy.
    #[snafu(display("{variable} is not the address of a proxy"))]
    ProxyAddress {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        source: UrlError,
    },
    /// A proxy variable that asks for a kind of proxy other than `http`.
    #[snafu(display("{variable} asks for a kind of proxy that is not served: only http:// is"))]
    ProxyKind {
        /// The variable.
        variable: &'static str,
    },
    /// The proxy refused.
    #[snafu(display("the proxy {proxy} refused to ask {url}: status {status}{}", proxy_hint(*status)))]
    ProxyRefused {
        /// Host and port of the proxy.
        proxy: String,
        /// Whom to ask.
        url: String,
        /// The proxy's answer.
        status: u16,
    },
    /// The name service does not know the host, or does not answer.
    #[snafu(display("looking up {name} failed"))]
    Lookup {
        /// The host's name.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The name service took too long.
    #[snafu(display("looking up {name} took over {limit:?}"))]
    LookupTimeout {
        /// The host's name.
        name: String,
        /// The limit for connecting.
        limit: Duration,
    },
    /// There is no address to connect to.
    #[snafu(display("{name} has no address"))]
    NoAddress {
        /// The host's name.
        name: String,
    },
    /// No connection came about.
    #[snafu(display("connecting to {address} for {url} failed"))]
    Connect {
        /// Whom to ask.
        url: String,
        /// Address and port that were tried last.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// Connecting, with looking up the name and greeting over TLS, took too long.
    #[snafu(display("connecting for {url} took over {limit:?}"))]
    ConnectTimeout {
        /// Whom to ask.
        url: String,
        /// The limit for connecting.
        limit: Duration,
    },
    /// A CA bundle cannot be read.
    #[snafu(display("reading the CA bundle {} failed", path.display()))]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A CA bundle holds no certificate.
    #[snafu(display("the CA bundle {} holds no certificate: it must be a PEM file", path.display()))]
    CaBundleEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The system has no CA certificates.
    #[snafu(display(
        "no CA certificates found on this system: install them (often the package ca-certificates) or name a CA bundle"
    ))]
    NoRoots,
    /// TLS cannot be set up.
    #[snafu(display("TLS cannot be set up"))]
    TlsSetup {
        /// What the TLS library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The server's certificate is not trusted, is for another name, or has expired.
    #[snafu(display("the certificate of {url} is not accepted"))]
    Certificate {
        /// Whom to ask.
        url: String,
        /// What the TLS library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The server speaks no TLS, or none that we speak.
    #[snafu(display("TLS with {url} failed"))]
    Tls {
        /// Whom to ask.
        url: String,
        /// What the TLS library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The response took too long.
    #[snafu(display("the response of {url} took over {limit:?}"))]
    ReadTimeout {
        /// Whom to ask.
        url: String,
        /// The limit for reading.
        limit: Duration,
    },
    /// Everything together took too long.
    #[snafu(display("asking {url} took over {limit:?}, ending while {phase}"))]
    Timeout {
        /// Whom to ask.
        url: String,
        /// The limit for the whole exchange.
        limit: Duration,
        /// What was being done when the time was over.
        phase: Phase,
    },
    /// The connection ended before the response did.
    #[snafu(display("the connection to {url} ended before its response did"))]
    Closed {
        /// Whom to ask.
        url: String,
        /// What the HTTP library or the system said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The response is not HTTP/1.
    #[snafu(display("the response of {url} is not HTTP/1.1"))]
    Malformed {
        /// Whom to ask.
        url: String,
        /// What the HTTP library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The headers of the response are too long.
    #[snafu(display("the response of {url} has more headers than 100, or than fit in {limit} bytes"))]
    HeadTooLarge {
        /// Whom to ask.
        url: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The body of the response is too long.
    #[snafu(display("the response of {url} with status {status} is longer than {limit} bytes"))]
    BodyTooLarge {
        /// Whom to ask.
        url: String,
        /// The status of the response.
        status: u16,
        /// The limit in bytes.
        limit: usize,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut next = self.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

/// What was being done when the time was over.
///
/// ```
/// use credential_http::{Error, Phase};
///
/// /// Whether the time was over while the service could have had the request already.
/// fn ended_in_the_exchange(error: &Error) -> bool {
///     matches!(error, Error::Timeout { phase: Phase::Exchanging, .. })
/// }
/// # let _ = ended_in_the_exchange;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Waiting for one of the connections to that host to become free.
    Waiting,
    /// Connecting.
    Connecting,
    /// Sending the request and reading the response.
    Exchanging,
}

impl Error {
    /// Whether a limit of time was reached.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self,
            Self::LookupTimeout { .. }
                | Self::ConnectTimeout { .. }
                | Self::ReadTimeout { .. }
                | Self::Timeout { .. }
        )
    }

    /// Whether no connection came about: unknown, unreachable, refused, or not in time.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.is_connect_timeout()
            || matches!(
                self,
                Self::Lookup { .. } | Self::NoAddress { .. } | Self::Connect { .. }
            )
    }

    /// Whether no connection came about in time.
    #[must_use]
    pub fn is_connect_timeout(&self) -> bool {
        match self {
            Self::LookupTimeout { .. } | Self::ConnectTimeout { .. } => true,
            Self::Timeout { phase, .. } => *phase == Phase::Connecting,
            _ => false,
        }
    }

    /// Whether proxy, CA bundle or build are to blame, which a person has to mend.
    #[must_use]
    pub fn is_a_setting(&self) -> bool {
        matches!(
            self,
            Self::NoTls { .. }
                | Self::ProxyAddress { .. }
                | Self::ProxyKind { .. }
                | Self::CaBundle { .. }
                | Self::CaBundleEmpty { .. }
                | Self::NoRoots
        )
    }

    /// Whether another attempt may fare better, with nobody doing anything: the network's failures are, mistakes in
    /// settings, certificates and answers that break a limit of size or the protocol are not, unless their status is 429
    /// or from 500 on.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lookup { .. }
            | Self::LookupTimeout { .. }
            | Self::NoAddress { .. }
            | Self::Connect { .. }
            | Self::ConnectTimeout { .. }
            | Self::ReadTimeout { .. }
            | Self::Timeout { .. }
            | Self::Closed { .. } => true,
            Self::ProxyRefused { status, .. } => *status >= 500,
            // A long page about an outage is an outage.
            Self::BodyTooLarge { status, .. } => *status == 429 || *status >= 500,
            Self::NoRuntime { .. }
            | Self::NoDriver { .. }
            | Self::Header { .. }
            | Self::NoTls { .. }
            | Self::ProxyAddress { .. }
            | Self::ProxyKind { .. }
            | Self::CaBundle { .. }
            | Self::CaBundleEmpty { .. }
            | Self::NoRoots
            | Self::TlsSetup { .. }
            | Self::Certificate { .. }
            | Self::Tls { .. }
            | Self::Malformed { .. }
            | Self::HeadTooLarge { .. } => false,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting for a free connection",
            Self::Connecting => "connecting",
            Self::Exchanging => "waiting for the response",
        })
    }
}

fn proxy_hint(status: u16) -> &'static str {
    match status {
        407 => " (it asks for a user and a password: put them into its URL)",
        _ => "",
    }
}
