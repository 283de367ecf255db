//! Plain requests through a proxy; tunnels are among the tests of TLS.

use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::*;
use crate::scripted::{Server, ok, read_request};

fn client(proxy: &str) -> HttpClient {
    let lookup = |name: &str| (name == "http_proxy").then(|| proxy.to_owned());
    HttpClient::new().with_proxies(Proxies::from_lookup(lookup))
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_url() {
    let secret = tests_support::canary("proxy");
    let (seen, mut requests) = mpsc::unbounded_channel();
    let proxy = Server::start(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            loop {
                let request = read_request(&mut stream).await;
                if request.is_empty() {
                    return;
                }
                seen.send(request).unwrap();
                stream.write_all(ok("hi").as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let password = secret.replace('/', "%2F");
    let client = client(&format!("http://me:{password}@{}", proxy.address));

    // The name is the proxy's to look up.
    for _ in 0..2 {
        let request = get(Url::parse("http://a.example:8080/x?y").unwrap());
        assert_eq!(client.send(&request).await.unwrap().body(), b"hi");
        let request = requests.recv().await.unwrap();
        assert!(
            request.starts_with("GET http://a.example:8080/x?y HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(request.contains("\r\nhost: a.example:8080\r\n"), "{request}");
        assert!(
            request.contains("\r\nproxy-authorization: Basic bWU6"),
            "{request}"
        );
    }
    assert_eq!(proxy.connections(), 1);
    assert!(!tests_support::leaks(&format!("{client:?} {client:#?}")));
}

#[tokio::test]
async fn this_machine_is_asked_directly() {
    let server = Server::answering(ok("direct")).await;
    let client = client("127.0.0.1:1");
    for host in ["127.0.0.1", "localhost"] {
        let response = client.send(&get(server.url_of(host, "/"))).await.unwrap();
        assert_eq!(response.body(), b"direct");
    }
}

#[tokio::test]
async fn a_pinned_request_is_sent_directly() {
    let server = Server::answering(ok("direct")).await;
    let request = get(server.url_of("a.example", "/")).with_addresses(vec![server.ip()]);
    let response = client("127.0.0.1:1").send(&request).await.unwrap();
    assert_eq!(response.body(), b"direct");
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_told_with_what_to_do() {
    let proxy = Server::answering("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
    let address = proxy.address;
    let request = get(Url::parse("http://a.example/").unwrap());
    let error = client(&address.to_string()).send(&request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the proxy {address} refused to ask http://a.example/: status 407 \
             (it asks for a user and a password: put them into its URL)"
        )
    );
}

#[tokio::test]
async fn a_proxy_that_is_down_is_no_connection() {
    let request = get(Url::parse("http://a.example/").unwrap());
    let error = client("127.0.0.1:1").send(&request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "connecting to 127.0.0.1:1 for http://a.example/ failed"
    );
    assert!(error.is_connect() && error.is_transient());
}
