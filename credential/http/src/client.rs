use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use snafu::{IntoError, OptionExt, ResultExt, ensure};
use tokio::runtime;

use crate::connect;
use crate::connection::{Connection, Failure, Payload};
use crate::draft;
#[cfg(not(feature = "_tls"))]
use crate::error::NoTlsSnafu;
use crate::error::{
    ClosedSnafu, ConnectSnafu, ConnectTimeoutSnafu, Error, NoDriverSnafu, NoRuntimeSnafu, Phase,
    ProxyRefusedSnafu, ReadTimeoutSnafu, TimeoutSnafu,
};
use crate::pool::{Need, Pool, Slot};
use crate::proxies::{Proxies, Proxy};
use crate::request::Request;
use crate::response::Response;
use crate::roots::Roots;
use crate::stream::Stream;
use crate::timer::timeout;
#[cfg(feature = "_tls")]
use crate::tunnel;
use crate::url::{Scheme, Url};

#[cfg(test)]
mod tests;

/// A small HTTP/1.1 client: every wait and every size has a limit, nothing is followed, nothing is decoded.
///
/// A clone shares the connections. They belong to the tokio runtime that opened them: in another runtime the client
/// opens its own.
///
/// ```
/// use credential_http::HttpClient;
/// use std::time::Duration;
///
/// let client = HttpClient::new()
///     .with_connect_timeout(Duration::from_secs(1))
///     .with_max_body_bytes(64 * 1024);
/// # drop(client);
/// ```
#[derive(Clone)]
pub struct HttpClient {
    settings: Arc<Settings>,
}

/// What clones share until one of them is told something else.
#[derive(Clone)]
struct Settings {
    connect_timeout: Duration,
    read_timeout: Duration,
    timeout: Duration,
    max_body_bytes: usize,
    user_agent: String,
    proxies: Proxies,
    roots: Roots,
    shared: Arc<Shared>,
}

/// What clones share until one of them is told to forget its connections.
struct Shared {
    pool: Pool,
    #[cfg(feature = "_tls")]
    tls: crate::tls::Tls,
}

impl HttpClient {
    /// A client with the default limits: 3.1 seconds to connect, 10 seconds from the request to the end of its response,
    /// 30 seconds for everything, 256 KiB of body, 10 connections to a host.
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings {
            connect_timeout: Duration::from_millis(3100),
            read_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            max_body_bytes: 256 * 1024,
            user_agent: concat!("credential-http/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: Proxies::none(),
            roots: Roots::default(),
            shared: Shared::new(10),
        };
        Self {
            settings: Arc::new(settings),
        }
    }

    /// Limits the way to a connection: looking up the name, connecting, a proxy's tunnel, greeting over TLS. Default:
    /// 3.1 seconds. Several addresses share it.
    #[must_use]
    pub fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.settings_mut().connect_timeout = limit;
        self
    }

    /// Limits the time from the moment there is a connection to the last byte of the response. Default: 10 seconds.
    #[must_use]
    pub fn with_read_timeout(mut self, limit: Duration) -> Self {
        self.settings_mut().read_timeout = limit;
        self
    }

    /// Limits everything, with waiting for a free connection. Default: 30 seconds.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.settings_mut().timeout = limit;
        self
    }

    /// Limits the body of a response. Default: 256 KiB. A longer one is an error, found while reading.
    #[must_use]
    pub fn with_max_body_bytes(mut self, limit: usize) -> Self {
        self.settings_mut().max_body_bytes = limit;
        self
    }

    /// Limits the connections to one host, used and kept ones together. Default: 10; 0 counts as 1.
    ///
    /// The client forgets its connections and shares none with those it was cloned from.
    #[must_use]
    pub fn with_max_connections(mut self, most: usize) -> Self {
        self.settings_mut().shared = Shared::new(most);
        self
    }

    /// Sets the proxies. Default: none.
    ///
    /// The client forgets its connections and shares none with those it was cloned from.
    #[must_use]
    pub fn with_proxies(mut self, proxies: Proxies) -> Self {
        self.settings_mut().proxies = proxies;
        self.forget_connections()
    }

    /// Checks servers' certificates against those of this PEM file instead of the system's, as `AWS_CA_BUNDLE` asks for.
    /// Default: the system's.
    ///
    /// It is read at the first `https` request. The client forgets its connections and shares none with those it was
    /// cloned from.
    ///
    /// AWS: `ca_bundle`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>
    #[must_use]
    pub fn with_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings_mut().roots.bundle = Some(path.into());
        self.forget_connections()
    }

    /// Takes this PEM file, or the PEM files in this folder, for the system's certificates, as `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` ask for. A CA bundle beats it. Default: where the system has them.
    ///
    /// It is read at the first `https` request. The client forgets its connections and shares none with those it was
    /// cloned from.
    #[must_use]
    pub fn with_system_roots_from(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings_mut().roots.system = Some(path.into());
        self.forget_connections()
    }

    /// Sets the header `User-Agent`. Default: `credential-http/` and the version.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.settings_mut().user_agent = user_agent.into();
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    fn forget_connections(mut self) -> Self {
        let settings = self.settings_mut();
        settings.shared = Shared::new(settings.shared.pool.most());
        self
    }

    /// Sends a request and reads the whole response, whatever its status.
    ///
    /// A kept-alive connection that the server closes before the first byte of the response is replaced by a new one at
    /// once, unless the request is [not repeatable](Request::not_repeatable) and a part of it may have arrived; nothing
    /// else is repeated. Dropping the future closes its connection.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn send<'a>(&'a self, request: &'a Request) -> Sending<'a> {
        // Boxed here, so that the whole of hyper and rustls is compiled into this crate alone: a bare future's code would
        // be made again in each crate that awaits it.
        Box::pin(self.send_within_limits(request))
    }

    async fn send_within_limits(&self, request: &Request) -> Result<Response, Error> {
        let url = request.url().to_string();
        let runtime = runtime_for(&url)?;
        let phase = Progress::default();
        let all = self.send_unlimited(request, &url, runtime, &phase);
        let answer = timeout(self.settings.timeout, all).await.unwrap_or_else(|_| {
            TimeoutSnafu {
                url: url.as_str(),
                limit: self.settings.timeout,
                phase: phase.now(),
            }
            .fail()
        });
        match &answer {
            Ok(response) => {
                tracing::debug!(method = request.method(), %url, status = response.status(), "answered");
            }
            Err(error) => tracing::debug!(method = request.method(), %url, %error, "no answer"),
        }
        answer
    }

    /// Looks up the addresses of a name, within the limit for connecting. `localhost` and the names below it are ::1 and
    /// 127.0.0.1 without asking; the answer is never empty.
    ///
    /// # Errors
    /// [`Error::Lookup`], [`Error::LookupTimeout`], [`Error::NoAddress`], [`Error::NoRuntime`] and [`Error::NoDriver`].
    pub async fn lookup(&self, name: &str) -> Result<Vec<IpAddr>, Error> {
        runtime_for(name)?;
        connect::lookup(name, self.settings.connect_timeout).await
    }

    async fn send_unlimited(
        &self,
        request: &Request,
        url: &str,
        runtime: runtime::Id,
        phase: &Progress,
    ) -> Result<Response, Error> {
        let proxy = match request.addresses() {
            Some(_) => None,
            None => self.settings.proxies.of(request.url())?,
        };
        // A tunnel's proxy sees nothing of the request: it is for the server alone.
        let asked = proxy.filter(|_| request.url().scheme() == Scheme::Http);
        let draft = || draft::message(request, url, asked.map(Arc::as_ref), &self.settings.user_agent);
        let mut message = draft()?;
        let need = Need {
            runtime,
            addresses: request.addresses(),
            proxy,
        };
        let slot = self.settings.shared.pool.slot(request.url()).await;
        let slot = slot.context(NoRuntimeSnafu { url })?;
        let mut kept = slot.reuse(&need).await;
        loop {
            let is_kept = kept.is_some();
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => {
                    phase.set(Phase::Connecting);
                    slot.make_room();
                    self.connect(request.url(), url, &need).await?
                }
            };
            phase.set(Phase::Exchanging);
            match self.exchange(&mut connection, message, url).await {
                Ok(response) => return finish(response, asked, url, connection, slot).await,
                Err(failure)
                    if is_kept && failure.is_stale && (request.is_repeatable() || !failure.was_sent) =>
                {
                    tracing::debug!(url, "a kept-alive connection was closed: opening another");
                    message = draft()?;
                }
                Err(failure) => return Err(failure.error),
            }
        }
    }

    async fn connect(&self, url: &Url, shown: &str, need: &Need<'_>) -> Result<Connection, Error> {
        #[cfg(feature = "_tls")]
        let config = match url.scheme() {
            Scheme::Http => None,
            Scheme::Https => Some(self.settings.shared.tls.config(&self.settings.roots).await?),
        };
        #[cfg(not(feature = "_tls"))]
        ensure!(url.scheme() == Scheme::Http, NoTlsSnafu { url: shown });

        let limit = self.settings.connect_timeout;
        let connecting = async {
            let tcp = connect::to_first_hop(url, shown, need, limit).await?;
            let peer = tcp.peer_addr().context(ConnectSnafu {
                url: shown,
                address: url.authority(),
            })?;
            #[cfg(feature = "_tls")]
            let stream = match config {
                None => Stream::Plain(tcp),
                Some(config) => {
                    let tcp = match need.proxy {
                        Some(proxy) => {
                            tunnel::through(tcp, proxy, url, shown, &self.settings.user_agent).await?
                        }
                        None => tcp,
                    };
                    Stream::Tls(crate::tls::greet(config, tcp, url, shown).await?)
                }
            };
            #[cfg(not(feature = "_tls"))]
            let stream = Stream::Plain(tcp);
            Connection::open(stream, need.purpose(peer.ip()))
                .await
                .map_err(|error| ClosedSnafu { url: shown }.into_error(error.into()))
        };
        timeout(limit, connecting)
            .await
            .unwrap_or_else(|_| ConnectTimeoutSnafu { url: shown, limit }.fail())
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        message: hyper::Request<Payload>,
        url: &str,
    ) -> Result<Response, Failure> {
        let limit = self.settings.read_timeout;
        let exchange = connection.exchange(message, url, self.settings.max_body_bytes);
        timeout(limit, exchange).await.unwrap_or_else(|_| {
            Err(Failure {
                error: ReadTimeoutSnafu { url, limit }.build(),
                is_stale: false,
                was_sent: true,
            })
        })
    }
}

/// A request under way: the future of [`HttpClient::send`], see the example of [`HttpClient`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send + 'a>>;

impl Shared {
    fn new(most_connections: usize) -> Arc<Self> {
        Arc::new(Self {
            pool: Pool::new(most_connections),
            #[cfg(feature = "_tls")]
            tls: crate::tls::Tls::default(),
        })
    }
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the settings alone.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &*self.settings;
        f.debug_struct("HttpClient")
            .field("connect_timeout", &settings.connect_timeout)
            .field("read_timeout", &settings.read_timeout)
            .field("timeout", &settings.timeout)
            .field("max_body_bytes", &settings.max_body_bytes)
            .field("max_connections", &settings.shared.pool.most())
            .field("user_agent", &settings.user_agent)
            .field("proxies", &settings.proxies)
            .field("roots", &settings.roots)
            .finish_non_exhaustive()
    }
}

/// Hands out the response; the connection is kept if the server keeps it too.
async fn finish(
    response: Response,
    proxy: Option<&Arc<Proxy>>,
    url: &str,
    mut connection: Connection,
    slot: Slot,
) -> Result<Response, Error> {
    if connection.is_usable().await {
        slot.keep(connection);
    }
    match proxy {
        Some(proxy) if response.status() == 407 => ProxyRefusedSnafu {
            proxy: proxy.authority(),
            url,
            status: response.status(),
        }
        .fail(),
        _ => Ok(response),
    }
}

fn runtime_for(url: &str) -> Result<runtime::Id, Error> {
    let handle = runtime::Handle::try_current()
        .ok()
        .context(NoRuntimeSnafu { url })?;
    ensure!(connect::has_timer(), NoDriverSnafu { url, driver: "timer" });
    Ok(handle.id())
}

/// What is being done, to tell when the time is over.
#[derive(Default)]
struct Progress(AtomicU8);

impl Progress {
    fn set(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Relaxed);
    }

    fn now(&self) -> Phase {
        match self.0.load(Ordering::Relaxed) {
            0 => Phase::Waiting,
            1 => Phase::Connecting,
            _ => Phase::Exchanging,
        }
    }
}
