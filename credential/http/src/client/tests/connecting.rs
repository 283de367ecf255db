//! The way to a connection: names, addresses, limits, runtimes.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;

use super::*;
use crate::scripted::{Server, echo, ok, read_request};

/// A listener that accepts nobody, with its queue full: connecting to it neither succeeds nor fails.
struct Deaf {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Deaf {
    async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(stream) = timeout(SHORT, TcpStream::connect(address)).await {
            queue.push(stream.unwrap());
        }
        Self {
            address,
            _listener: listener,
            _queue: queue,
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_told_by_address_and_url() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = Url::parse(&format!("http://{address}/x?secret")).unwrap();
    let error = HttpClient::new().send(&get(url)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("connecting to {address} for http://{address}/x failed")
    );
    assert!(error.is_connect() && error.is_transient() && !error.is_timeout());
}

#[tokio::test]
async fn connecting_has_its_limit() {
    let deaf = Deaf::start().await;
    let request = get(Url::parse(&format!("http://{}", deaf.address)).unwrap());

    let client = HttpClient::new().with_connect_timeout(SHORT);
    let error = client.send(&request).await.unwrap_err();
    assert!(
        matches!(error, Error::ConnectTimeout { limit: SHORT, .. }),
        "{error:?}"
    );
    assert!(error.is_connect() && error.is_connect_timeout() && error.is_timeout() && error.is_transient());

    let client = HttpClient::new().with_timeout(SHORT);
    let error = client.send(&request).await.unwrap_err();
    assert!(
        matches!(error, Error::Timeout { phase, .. } if phase == Phase::Connecting),
        "{error:?}"
    );
    assert!(error.is_connect() && error.is_connect_timeout() && error.is_timeout());
}

#[tokio::test]
async fn a_silent_address_leaves_time_for_the_next() {
    let deaf = Deaf::start().await;
    let other = Ipv4Addr::new(127, 0, 0, 2);
    let address = SocketAddr::from((other, deaf.address.port()));
    let server = Server::start_at(address, |_, stream| echo(stream)).await;
    let request =
        get(server.url_of("two.example", "/x")).with_addresses(vec![deaf.address.ip(), other.into()]);
    let client = HttpClient::new().with_connect_timeout(SHORT * 4);
    assert_eq!(client.send(&request).await.unwrap().body(), b"/x");
}

#[tokio::test]
async fn pinned_addresses_are_tried_in_order_and_nothing_is_looked_up() {
    let server = Server::start(|_, mut stream| async move {
        let request = read_request(&mut stream).await;
        let host = request.lines().find(|line| line.starts_with("host: "));
        let answer = ok(host.unwrap_or_default());
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let refusing = Ipv4Addr::new(127, 0, 0, 3).into();
    let request = get(server.url_of("pinned.example", "/")).with_addresses(vec![refusing, server.ip()]);
    let response = HttpClient::new().send(&request).await.unwrap();
    let expected = format!("host: pinned.example:{}", server.address.port());
    assert_eq!(response.body(), expected.as_bytes());
}

#[tokio::test]
async fn a_pinned_connection_serves_only_requests_pinned_to_its_address() {
    let server = Server::start(|_, stream| echo(stream)).await;
    let client = HttpClient::new();
    let (here, elsewhere) = (server.ip(), Ipv4Addr::new(127, 0, 0, 4).into());
    let pinned = |addresses| get(server.url("/")).with_addresses(addresses);

    client.send(&pinned(vec![here])).await.unwrap();
    client.send(&pinned(vec![elsewhere, here])).await.unwrap();
    assert_eq!(server.connections(), 1);
    client.send(&get(server.url("/"))).await.unwrap();
    assert_eq!(server.connections(), 2);
    let error = client.send(&pinned(vec![elsewhere])).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn pinned_to_no_address_there_is_none() {
    let request = get(Url::parse("http://a.example").unwrap()).with_addresses(Vec::new());
    let error = HttpClient::new().send(&request).await.unwrap_err();
    assert_eq!(error.to_string(), "a.example has no address");
    assert!(error.is_connect());
}

#[tokio::test]
async fn localhost_is_this_machine_over_both_protocols() {
    let both: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
    for address in both {
        let server = Server::start_at(SocketAddr::from((address, 0)), |_, stream| echo(stream)).await;
        for host in ["localhost", "LocalHost.", "a.localhost"] {
            let response = HttpClient::new().send(&get(server.url_of(host, "/x"))).await;
            assert_eq!(response.unwrap().body(), b"/x", "{host} on {address}");
        }
    }
    assert_eq!(HttpClient::new().lookup("localhost").await.unwrap(), both);
}

#[tokio::test]
async fn an_address_is_looked_up_as_itself() {
    let found = HttpClient::new().lookup("127.0.0.9").await.unwrap();
    assert_eq!(found, [IpAddr::from(Ipv4Addr::new(127, 0, 0, 9))]);
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up_is_told() {
    // A label of 64 letters is refused before any name server is asked.
    let name = "x".repeat(64);
    let error = HttpClient::new().lookup(&name).await.unwrap_err();
    assert_eq!(error.to_string(), format!("looking up {name} failed"));
    assert!(error.is_connect() && error.is_transient() && !error.is_timeout());
}

#[test]
fn outside_a_runtime_there_is_an_error() {
    let client = HttpClient::new();
    let request = get(Url::parse("http://127.0.0.1:1/").unwrap());
    let mut context = Context::from_waker(Waker::noop());
    let answer = pin!(client.send(&request)).poll(&mut context);
    assert!(
        matches!(answer, Poll::Ready(Err(Error::NoRuntime { .. }))),
        "{answer:?}"
    );
    let answer = pin!(client.lookup("localhost")).poll(&mut context);
    assert!(
        matches!(answer, Poll::Ready(Err(Error::NoRuntime { .. }))),
        "{answer:?}"
    );
}

#[test]
fn a_runtime_without_its_parts_is_an_error_that_tells_how_to_build_one() {
    let client = HttpClient::new();
    let request = get(Url::parse("http://127.0.0.1:1/").unwrap());
    for (runtime, driver) in [
        (Builder::new_current_thread().build(), "timer"),
        (Builder::new_current_thread().enable_io().build(), "timer"),
        (Builder::new_current_thread().enable_time().build(), "I/O driver"),
    ] {
        let error = runtime.unwrap().block_on(client.send(&request)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "asking http://127.0.0.1:1/ needs a tokio runtime with its {driver}: build it with `enable_all()`"
            )
        );
        assert!(!error.is_transient());
    }
}

#[cfg(not(feature = "_tls"))]
#[tokio::test]
async fn https_without_the_feature_is_an_error_that_names_it() {
    let url = Url::parse("https://127.0.0.1:1/x?secret").unwrap();
    let error = HttpClient::new().send(&get(url)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "asking https://127.0.0.1:1/x needs the cargo feature `tls` of credential-http"
    );
    assert!(!error.is_transient() && !error.is_connect());
}
