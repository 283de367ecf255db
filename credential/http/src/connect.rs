use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use snafu::{IntoError, ResultExt, ensure};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::error::{
    ConnectSnafu, ConnectTimeoutSnafu, Error, LookupSnafu, LookupTimeoutSnafu, NoAddressSnafu, NoDriverSnafu,
};
use crate::pool::Need;
use crate::timer::{Step, now, timeout};
use crate::url::{Host, Url, is_localhost};

/// A connection to the proxy, or else to the server itself.
pub(crate) async fn to_first_hop(
    url: &Url,
    shown: &str,
    need: &Need<'_>,
    limit: Duration,
) -> Result<TcpStream, Error> {
    let start = now();
    let (host, port) = match need.proxy {
        Some(proxy) => (&proxy.host, proxy.port),
        None => (url.host(), url.port()),
    };
    if let Some(addresses) = need.addresses {
        let name = url.host().to_string();
        ensure!(!addresses.is_empty(), NoAddressSnafu { name });
        return tcp(addresses, port, shown, start, limit).await;
    }
    let addresses = addresses_of(host, limit).await?;
    tcp(&addresses, port, shown, start, limit).await
}

/// The addresses of a host, each once, in the system's order.
async fn addresses_of(host: &Host, limit: Duration) -> Result<Vec<IpAddr>, Error> {
    match host {
        Host::Ip(address) => Ok(vec![*address]),
        Host::Name(name) => lookup(name, limit).await,
    }
}

/// Asks the name service; `localhost` is this machine without asking. Boxed, so that it is compiled into this crate alone.
pub(crate) fn lookup(name: &str, limit: Duration) -> Step<'_, Result<Vec<IpAddr>, Error>> {
    Box::pin(ask(name, limit))
}

async fn ask(name: &str, limit: Duration) -> Result<Vec<IpAddr>, Error> {
    if is_localhost(name) {
        return Ok(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]);
    }
    let found = timeout(limit, tokio::net::lookup_host((name, 0)))
        .await
        .map_err(|_| LookupTimeoutSnafu { name, limit }.build())?
        .context(LookupSnafu { name })?;
    let mut addresses = Vec::new();
    for address in found.map(|address| address.ip()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    ensure!(!addresses.is_empty(), NoAddressSnafu { name });
    Ok(addresses)
}

/// Connects to the first address that answers. Those still to come get a fair share of the time that is left, so that a
/// silent one does not take it all.
async fn tcp(
    addresses: &[IpAddr],
    port: u16,
    url: &str,
    start: Instant,
    limit: Duration,
) -> Result<TcpStream, Error> {
    let mut last = None;
    for (tried, ip) in addresses.iter().enumerate() {
        let address = SocketAddr::new(*ip, port);
        let others = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX).max(1);
        let share = limit.saturating_sub(start.elapsed()) / others;
        match timeout(share, one(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(Some(error))) => {
                last = Some(
                    ConnectSnafu {
                        url,
                        address: address.to_string(),
                    }
                    .into_error(error),
                );
            }
            Ok(Err(None)) => {
                return NoDriverSnafu {
                    url,
                    driver: "I/O driver",
                }
                .fail();
            }
            Err(_) => last = Some(ConnectTimeoutSnafu { url, limit }.build()),
        }
    }
    Err(last.unwrap_or_else(|| NoAddressSnafu { name: url }.build()))
}

/// `None` for an error: the runtime has no I/O driver, which tokio tells by a panic alone.
async fn one(address: SocketAddr) -> Result<TcpStream, Option<io::Error>> {
    let mut connecting = pin!(TcpStream::connect(address));
    let stream =
        poll_fn(
            |context| match catch_unwind(AssertUnwindSafe(|| connecting.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(answer)) => Poll::Ready(answer.map_err(Some)),
                Err(_) => Poll::Ready(Err(None)),
            },
        )
        .await?;
    stream.set_nodelay(true).map_err(Some)?;
    Ok(stream)
}

/// Whether the runtime has a timer, which tokio tells by a panic alone.
pub(crate) fn has_timer() -> bool {
    catch_unwind(|| drop(timeout(Duration::ZERO, std::future::ready(())))).is_ok()
}
