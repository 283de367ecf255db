use std::future::{Future, poll_fn};
use std::pin::pin;

use snafu::{IntoError, ensure};
use tokio::net::TcpStream;

use crate::connection::{builder, failure};
use crate::draft;
use crate::error::{ClosedSnafu, Error, MalformedSnafu, ProxyRefusedSnafu};
use crate::proxies::Proxy;
use crate::stream::{Stream, Traffic, Watched};
use crate::url::Url;

/// Asks a proxy for a tunnel to the URL's host. What comes back speaks to the server itself.
///
/// RFC 9110, <https://www.rfc-editor.org/rfc/rfc9110#name-connect>
pub(crate) async fn through(
    tcp: TcpStream,
    proxy: &Proxy,
    url: &Url,
    shown: &str,
    user_agent: &str,
) -> Result<TcpStream, Error> {
    let request = draft::connect(url, shown, proxy, user_agent)?;
    let watched = Watched {
        stream: Stream::Plain(tcp),
        traffic: Traffic::default(),
    };
    let (mut sender, mut connection) = builder()
        .handshake(watched)
        .await
        .map_err(|error| failure(error, shown))?;
    let mut answer = pin!(sender.send_request(request));
    let mut done = false;
    let answer = poll_fn(|context| {
        done = done || connection.poll_without_shutdown(context).is_ready();
        answer.as_mut().poll(context)
    })
    .await
    .map_err(|error| failure(error, shown))?;
    ensure!(
        answer.status().is_success(),
        ProxyRefusedSnafu {
            proxy: proxy.authority(),
            url: shown,
            status: answer.status(),
        }
    );
    let parts = connection.into_parts();
    if !parts.read_buf.is_empty() {
        let source = "the proxy sent more than its answer".into();
        return Err(MalformedSnafu { url: shown }.into_error(source));
    }
    match parts.io.stream {
        Stream::Plain(tcp) => Ok(tcp),
        Stream::Tls(_) => Err(ClosedSnafu { url: shown }.into_error("the tunnel is lost".into())),
    }
}
