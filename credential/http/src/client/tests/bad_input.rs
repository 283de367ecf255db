//! What servers should not do. Each gives its documented error, within its limit, and shows no secret.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::scripted::{Server, ok, read_request};

/// What the server does once it has read the request.
enum Does {
    /// Says this, then closes.
    Says(Vec<u8>),
    /// Says this, then holds the connection open in silence.
    Stalls(Vec<u8>),
    /// Says the first once and the second for ever.
    Floods(&'static str, &'static str),
}

use Does::{Floods, Says, Stalls};

impl Does {
    async fn run(&self, mut stream: TcpStream) {
        read_request(&mut stream).await;
        // The client may hang up once it has seen enough.
        match self {
            Says(text) => {
                let _ = stream.write_all(text).await;
            }
            Stalls(text) => {
                let _ = stream.write_all(text).await;
                let _ = stream.read(&mut [0]).await;
            }
            Floods(first, again) => {
                let mut sent = stream.write_all(first.as_bytes()).await;
                while sent.is_ok() {
                    sent = stream.write_all(again.as_bytes()).await;
                }
            }
        }
    }
}

fn says(text: &str) -> Does {
    Says(text.as_bytes().to_vec())
}

fn stalls(text: &str) -> Does {
    Stalls(text.as_bytes().to_vec())
}

fn head_of(bytes: usize) -> Does {
    says(&format!(
        "HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n",
        "x".repeat(bytes - 10)
    ))
}

fn length(length: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n")
}

fn chunks(rest: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{rest}")
}

fn name_of(error: &Error) -> &'static str {
    match error {
        Error::ReadTimeout { .. } => "read timeout",
        Error::Closed { .. } => "closed",
        Error::Malformed { .. } => "malformed",
        Error::HeadTooLarge { .. } => "head",
        Error::BodyTooLarge { .. } => "body",
        _ => "something else",
    }
}

#[rustfmt::skip]
fn cases() -> Vec<(&'static str, Does, &'static str)> {
    let many = "x: y\r\n".repeat(101);
    let chunk_of_2_to_60 = format!("1000000000000000\r\n{}", "x".repeat(2000));
    vec![
        ("silence", stalls(""), "read timeout"),
        ("close before a byte", says(""), "closed"),
        ("half a status line, then close", says("HTTP/1.1 2"), "closed"),
        ("half a header, then close", says("HTTP/1.1 200 OK\r\ncontent-le"), "closed"),
        ("half a header, then silence", stalls("HTTP/1.1 200 OK\r\ncontent-le"), "read timeout"),
        ("headers of 20 KiB", head_of(20 * 1024), "head"),
        ("headers of 1 MiB", head_of(1024 * 1024), "head"),
        ("headers without end", Floods("HTTP/1.1 200 OK\r\n", "x: y\r\n"), "head"),
        ("a header line without end", Floods("HTTP/1.1 200 OK\r\nx: ", "yyyyyyyyyyyyyyyy"), "head"),
        ("101 headers", says(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")), "head"),
        ("a body too long by its length", stalls(&length("1025")), "body"),
        ("a body of 2^64 - 3 bytes", stalls(&length("18446744073709551613")), "body"),
        ("a body without end or length", Floods("HTTP/1.1 200 OK\r\n\r\n", "xxxxxxxxxxxxxxxx"), "body"),
        ("a body without end in chunks", Floods("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "4\r\nxxxx\r\n"), "body"),
        ("a chunk of 2^60 bytes", stalls(&chunks(&chunk_of_2_to_60)), "body"),
        ("a body cut short", says(&(length("3") + "hi")), "closed"),
        ("a body that stalls", stalls(&(length("3") + "hi")), "read timeout"),
        ("chunks cut short", says(&chunks("5\r\nhi")), "closed"),
        ("chunks without the last", says(&chunks("2\r\nhi\r\n")), "closed"),
        ("a chunk's length that is no number", stalls(&chunks("hello\r\nhi\r\n")), "malformed"),
        ("a chunk's length that is too long", stalls(&chunks("11111111111111111\r\nhi\r\n")), "malformed"),
        ("a length that is no number", stalls(&length("two")), "malformed"),
        ("a negative length", stalls(&length("-1")), "malformed"),
        ("two lengths", stalls(&length("1\r\ncontent-length: 2")), "malformed"),
        ("garbage", stalls("hello, this is not HTTP\r\n\r\n"), "malformed"),
        ("bytes that are no text", Stalls(vec![0xff; 100]), "malformed"),
        ("an alert of TLS", Stalls(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()), "malformed"),
        ("HTTP/0.9", says("<html>hi</html>"), "malformed"),
        ("HTTP/2", stalls("HTTP/2 200 OK\r\n\r\n"), "malformed"),
        ("a status that is no number", stalls("HTTP/1.1 abc OK\r\n\r\n"), "malformed"),
        ("a header without colon", stalls("HTTP/1.1 200 OK\r\nhello\r\n\r\n"), "malformed"),
        ("a NUL in a header", stalls("HTTP/1.1 200 OK\r\na: \0\r\n\r\n"), "malformed"),
        ("interim responses without end", Floods("", "HTTP/1.1 100 Continue\r\n\r\n"), "read timeout"),
        ("an interim response and silence", stalls("HTTP/1.1 100 Continue\r\n\r\n"), "read timeout"),
    ]
}

#[tokio::test]
async fn each_bad_answer_has_its_error() {
    for (what, does, expected) in cases() {
        let does = Arc::new(does);
        let server = Server::start(move |_, stream| {
            let does = Arc::clone(&does);
            async move { does.run(stream).await }
        })
        .await;
        let secret = tests_support::canary(what);
        let request = Request::post(server.url(&format!("/path?{secret}")))
            .with_secret_header("authorization", secret.clone())
            .with_body(secret.into_bytes());
        let client = HttpClient::new()
            .with_max_body_bytes(1024)
            .with_read_timeout(SHORT * 4);

        let error = client.send(&request).await.expect_err(what);

        assert_eq!(name_of(&error), expected, "{what}: {error:?}");
        assert_eq!(error.is_timeout(), expected == "read timeout", "{what}");
        let transient = ["read timeout", "closed"].contains(&expected);
        assert_eq!(error.is_transient(), transient, "{what}");
        assert!(!error.is_connect(), "{what}");
        let told = told(&error);
        assert!(
            told.contains("/path") && !tests_support::leaks(&told),
            "{what}: {told}"
        );
        assert_eq!(server.connections(), 1, "{what}: repeated");
    }
}

#[tokio::test]
async fn what_just_fits_is_read() {
    let head = format!("x: {}\r\ncontent-length: 4\r\n\r\n", "x".repeat(16_000));
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\n{head}1234")).await;
    let client = HttpClient::new().with_max_body_bytes(4);
    let response = client.send(&get(server.url("/"))).await.unwrap();
    assert_eq!(response.body(), b"1234");

    let client = client.with_max_body_bytes(3);
    let error = client.send(&get(server.url("/"))).await.unwrap_err();
    let url = server.url("/");
    assert_eq!(
        error.to_string(),
        format!("the response of {url} with status 200 is longer than 3 bytes")
    );
}

#[tokio::test]
async fn a_long_page_about_an_outage_is_transient_and_another_long_page_is_not() {
    for (status, transient) in [(200, false), (404, false), (429, true), (500, true), (503, true)] {
        let page = "x".repeat(2000);
        let server = Server::answering(format!(
            "HTTP/1.1 {status} X\r\ncontent-length: 2000\r\n\r\n{page}"
        ))
        .await;
        let client = HttpClient::new().with_max_body_bytes(1024);
        let error = client.send(&get(server.url("/"))).await.unwrap_err();
        assert!(
            matches!(&error, Error::BodyTooLarge { status: seen, .. } if *seen == status),
            "{error:?}"
        );
        assert_eq!(error.is_transient(), transient, "{status}");
    }
}

#[tokio::test]
async fn a_long_body_is_read_whole() {
    let body = "0123456789abcdef".repeat(16 * 1024);
    let server = Server::answering(ok(&body)).await;
    let response = HttpClient::new().send(&get(server.url("/"))).await.unwrap();
    assert!(response.body() == body.as_bytes());
}

#[tokio::test]
async fn a_reset_is_transient() {
    let server = Server::start(|_, stream| async move {
        // Closing with the request unread makes the system reset the connection.
        stream.readable().await.unwrap();
    })
    .await;
    let error = HttpClient::new().send(&get(server.url("/"))).await.unwrap_err();
    assert!(
        matches!(error, Error::Closed { .. }) && error.is_transient(),
        "{error:?}"
    );
}

#[tokio::test]
async fn slow_bytes_do_not_outlast_the_limit() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        #[expect(clippy::disallowed_methods, reason = "a server on a socket takes real time")]
        let mut pace = tokio::time::interval(SHORT / 10);
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
        while sent.is_ok() {
            pace.tick().await;
            sent = stream.write_all(b"y").await;
        }
    })
    .await;
    let client = HttpClient::new().with_read_timeout(SHORT);
    let error = client.send(&get(server.url("/"))).await.unwrap_err();
    assert!(
        matches!(error, Error::ReadTimeout { limit: SHORT, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_whole_limit_tells_what_was_being_done() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    let client = HttpClient::new().with_timeout(SHORT);
    let error = client.send(&get(server.url("/x?q"))).await.unwrap_err();
    let address = server.address;
    assert_eq!(
        error.to_string(),
        format!("asking http://{address}/x took over 50ms, ending while waiting for the response")
    );
    assert!(error.is_timeout() && error.is_transient() && !error.is_connect());
}
