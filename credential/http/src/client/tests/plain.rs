//! Plain stories of request and response.

use httpmock::MockServer;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::*;
use crate::scripted::{Server, ok, read_request};

fn url(server: &MockServer, path: &str) -> Url {
    Url::parse(&server.url(path)).unwrap()
}

#[tokio::test]
async fn a_get_brings_status_headers_and_body() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("GET")
                .path("/latest/meta-data/")
                .query_param("a", "b c")
                .header("accept", "text/plain");
            then.status(200).header("X-Some", "thing").body("ami-id\n");
        })
        .await;

    let request = get(url(&server, "/latest/meta-data/?a=b%20c")).with_header("Accept", "text/plain");
    let response = HttpClient::new().send(&request).await.unwrap();

    mock.assert_async().await;
    assert_eq!((response.status(), response.is_success()), (200, true));
    assert_eq!(response.header("x-SOME"), Some("thing"));
    assert_eq!(response.header("other"), None);
    assert_eq!(response.into_body(), b"ami-id\n");
}

#[tokio::test]
async fn a_put_without_body_says_so() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("PUT")
                .path("/latest/api/token")
                .header("content-length", "0")
                .header_missing("transfer-encoding")
                .header_missing("expect")
                .header("x-aws-ec2-metadata-token-ttl-seconds", "21600");
            then.status(200).body("token");
        })
        .await;

    let request = Request::put(url(&server, "/latest/api/token"))
        .with_header("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    let response = HttpClient::new().send(&request).await.unwrap();

    mock.assert_async().await;
    assert_eq!(response.body(), b"token");
}

#[tokio::test]
async fn a_post_sends_its_body() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("POST")
                .header("content-length", "24")
                .header("content-type", "application/x-www-form-urlencoded")
                .body("Action=GetCallerIdentity");
            then.status(403).body("<Error/>");
        })
        .await;

    let request = Request::post(url(&server, "/"))
        .with_header("content-type", "application/x-www-form-urlencoded")
        .with_body(b"Action=GetCallerIdentity".to_vec());
    let response = HttpClient::new().send(&request).await.unwrap();

    mock.assert_async().await;
    assert_eq!((response.status(), response.body()), (403, &b"<Error/>"[..]));
}

#[tokio::test]
async fn a_redirect_is_a_response_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = MockServer::start_async().await;
        let elsewhere = server
            .mock_async(|when, then| {
                when.path("/elsewhere");
                then.status(200);
            })
            .await;
        let target = server.url("/elsewhere");
        server
            .mock_async(|when, then| {
                when.path("/here");
                then.status(status).header("Location", target);
            })
            .await;

        let request = get(url(&server, "/here"));
        let response = HttpClient::new().send(&request).await.unwrap();

        assert_eq!(response.status(), status);
        elsewhere.assert_calls_async(0).await;
    }
}

/// Sends one request and gives its bytes as the server got them.
async fn on_the_wire(client: HttpClient, request: impl Fn(&Server) -> Request) -> String {
    let (seen, mut requests) = mpsc::unbounded_channel();
    let server = Server::start(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            seen.send(read_request(&mut stream).await).unwrap();
            stream.write_all(ok("").as_bytes()).await.unwrap();
        }
    })
    .await;
    client.send(&request(&server)).await.unwrap();
    let port = format!(":{}", server.address.port());
    requests.recv().await.unwrap().replace(&port, ":PORT")
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_asked_for() {
    let wire = on_the_wire(HttpClient::new(), |server| get(server.url("/a?b"))).await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        wire,
        format!("GET /a?b HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\nuser-agent: credential-http/{version}\r\n\r\n")
    );
}

#[tokio::test]
async fn a_get_has_no_body() {
    let wire = on_the_wire(HttpClient::new(), |server| {
        get(server.url("/")).with_body(b"x".to_vec())
    })
    .await;
    assert!(
        wire.ends_with("\r\n\r\n") && !wire.contains("content-length"),
        "{wire}"
    );
}

#[tokio::test]
async fn the_user_agent_can_be_set() {
    let client = HttpClient::new().with_user_agent("mine/1");
    let wire = on_the_wire(client.clone(), |server| get(server.url("/"))).await;
    assert!(wire.contains("\r\nuser-agent: mine/1\r\n"), "{wire}");

    let wire = on_the_wire(client, |server| {
        get(server.url("/")).with_header("User-Agent", "theirs/2")
    })
    .await;
    assert!(
        wire.contains("\r\nuser-agent: theirs/2\r\n") && !wire.contains("mine"),
        "{wire}"
    );
}

#[tokio::test]
async fn interim_responses_are_passed_over() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    let server = Server::answering(format!("{interim}{}", ok("hi"))).await;
    let response = HttpClient::new().send(&get(server.url("/"))).await.unwrap();
    assert_eq!((response.status(), response.body()), (200, &b"hi"[..]));
}

#[tokio::test]
async fn bodies_end_by_length_by_chunks_or_by_the_end_of_the_connection() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (answer, status, body) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", 200, "hi"),
        (
            &format!("{chunked}1\r\nh\r\n1;x=y\r\ni\r\n0\r\ntrailer: t\r\n\r\n"),
            200,
            "hi",
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhi", 200, "hi"),
        ("HTTP/1.0 200 OK\r\n\r\nhi", 200, "hi"),
        ("HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n", 404, ""),
        ("HTTP/1.1 204 No Content\r\n\r\nhi", 204, ""),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", 304, ""),
    ] {
        let server = Server::answering(answer).await;
        let response = HttpClient::new().send(&get(server.url("/"))).await.unwrap();
        assert_eq!(
            (response.status(), response.body()),
            (status, body.as_bytes()),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_an_error_that_hides_its_value() {
    let secret = tests_support::canary("header");
    let broken = format!("{secret}\r\nx: y");
    let url = Url::parse("http://127.0.0.1:1/").unwrap();
    for (name, value) in [
        ("authorization", broken.as_str()),
        ("authorization", "\u{7f}"),
        ("bad name", &secret),
        ("", &secret),
        ("x\r\ny", &secret),
        ("Host", &secret),
        ("content-length", &secret),
        ("Transfer-Encoding", &secret),
        ("connection", &secret),
        ("expect", &secret),
        ("proxy-authorization", &secret),
    ] {
        let request = Request::get(url.clone()).with_secret_header(name, value);
        let error = HttpClient::new().send(&request).await.unwrap_err();
        assert!(
            matches!(&error, Error::Header { name: found, .. } if found == name),
            "{error:?}"
        );
        let told = told(&error);
        assert!(!error.is_transient() && !tests_support::leaks(&told), "{told}");
    }
}

#[tokio::test]
async fn a_user_agent_that_cannot_be_sent_is_an_error() {
    let client = HttpClient::new().with_user_agent("a\nb");
    let request = get(Url::parse("http://127.0.0.1:1/").unwrap());
    let error = client.send(&request).await.unwrap_err();
    assert!(
        matches!(&error, Error::Header { name, .. } if name == "user-agent"),
        "{error:?}"
    );
}

#[tokio::test]
async fn neither_client_nor_response_print_secrets() {
    let secret = tests_support::canary("response");
    let length = secret.len();
    let server = Server::answering(format!(
        "HTTP/1.1 200 OK\r\nset-cookie: {secret}\r\ncontent-length: {length}\r\n\r\n{secret}"
    ))
    .await;
    let client = HttpClient::new();
    let response = client.send(&get(server.url("/"))).await.unwrap();
    let shown = format!("{client:?} {response:?} {response:#?}");
    assert!(shown.contains("200") && shown.contains("set-cookie"), "{shown}");
    assert!(!tests_support::leaks(&shown), "{shown}");
}

#[tokio::test]
async fn a_request_can_be_sent_from_any_task() {
    let server = Server::answering(ok("")).await;
    let request = get(server.url("/"));
    let client = HttpClient::default();
    let sent = tokio::spawn(async move { client.send(&request).await });
    assert_eq!(sent.await.unwrap().unwrap().status(), 200);
}
