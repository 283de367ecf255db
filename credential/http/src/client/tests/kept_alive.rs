//! Connections that are used more than once, or must not be.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::Poll;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, mpsc};

use super::*;
use crate::scripted::{Server, echo, ok, read_request};

async fn body_of(client: &HttpClient, url: Url) -> String {
    let response = client.send(&get(url)).await.unwrap();
    String::from_utf8(response.into_body()).unwrap()
}

#[tokio::test]
async fn a_connection_is_used_again_by_the_client_and_its_clones() {
    let server = Server::start(|_, stream| echo(stream)).await;
    let client = HttpClient::new();
    for path in ["/1", "/2", "/3"] {
        assert_eq!(body_of(&client.clone(), server.url(path)).await, path);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_client_with_other_connection_settings_shares_none() {
    let server = Server::start(|_, stream| echo(stream)).await;
    let client = HttpClient::new();
    body_of(&client, server.url("/")).await;
    for other in [
        client.clone().with_max_connections(1),
        client.clone().with_proxies(Proxies::none()),
        client.clone().with_ca_bundle("/none"),
        client.clone().with_system_roots_from("/none"),
    ] {
        body_of(&other, server.url("/")).await;
    }
    assert_eq!(server.connections(), 5);
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_not_used_again() {
    for answer in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        let server = Server::answering(answer).await;
        let client = HttpClient::new();
        for _ in 0..2 {
            assert_eq!(body_of(&client, server.url("/")).await, "", "{answer}");
        }
        assert_eq!(server.connections(), 2, "{answer}");
    }
}

#[tokio::test]
async fn a_second_response_that_nobody_asked_for_is_never_taken_for_one() {
    let server = Server::start(|number, mut stream| async move {
        read_request(&mut stream).await;
        let answers = ok(&format!("good {number}")) + &ok("evil");
        stream.write_all(answers.as_bytes()).await.unwrap();
        read_request(&mut stream).await;
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/")).await, "good 0");
    assert_eq!(body_of(&client, server.url("/")).await, "good 1");
}

#[tokio::test]
async fn a_second_response_that_comes_later_is_never_taken_for_one_either() {
    let (go, may_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (going, gone) = (Arc::clone(&go), Arc::clone(&may_go));
    let server = Server::start(move |number, mut stream| {
        let (going, gone) = (Arc::clone(&going), Arc::clone(&gone));
        async move {
            read_request(&mut stream).await;
            let answer = ok(&format!("good {number}"));
            stream.write_all(answer.as_bytes()).await.unwrap();
            going.notified().await;
            stream.write_all(ok("evil").as_bytes()).await.unwrap();
            gone.notify_one();
            read_request(&mut stream).await;
        }
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/")).await, "good 0");
    go.notify_one();
    may_go.notified().await;
    assert_eq!(body_of(&client, server.url("/")).await, "good 1");
}

/// Answers the first request of the first connection, then does `then` with it; all other connections are as they
/// should be.
async fn stale<F>(then: impl Fn(TcpStream) -> F + Clone + Send + Sync + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    Server::start(move |number, mut stream| {
        let then = then.clone();
        async move {
            if number > 0 {
                return echo(stream).await;
            }
            read_request(&mut stream).await;
            stream.write_all(ok("first").as_bytes()).await.unwrap();
            then(stream).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_connection_closed_while_it_was_unused_is_replaced() {
    let closed = Arc::new(Notify::new());
    let told = Arc::clone(&closed);
    let server = stale(move |stream| {
        drop(stream);
        told.notify_one();
        async {}
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/1")).await, "first");
    closed.notified().await;
    assert_eq!(body_of(&client, server.url("/2")).await, "/2");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_closed_before_the_first_byte_is_replaced_at_once() {
    let server = stale(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/1")).await, "first");
    let request = Request::post(server.url("/2")).with_body(b"the same body".to_vec());
    let response = client.send(&request).await.unwrap();
    assert_eq!(response.body(), b"/2");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_request_that_must_not_be_repeated_is_sent_once() {
    for reads in [true, false] {
        let server = stale(move |mut stream| async move {
            if reads {
                read_request(&mut stream).await;
            } else {
                stream.readable().await.unwrap();
            }
        })
        .await;
        let client = HttpClient::new();
        assert_eq!(body_of(&client, server.url("/1")).await, "first");
        let request = Request::post(server.url("/2"))
            .with_body(b"a token for one use".to_vec())
            .not_repeatable();
        let error = client.send(&request).await.unwrap_err();
        assert!(matches!(error, Error::Closed { .. }), "{error:?}");
        assert_eq!(server.connections(), 1);
        // It goes out on a connection of its own the next time.
        assert_eq!(client.send(&request).await.unwrap().body(), b"/2");
    }
}

#[tokio::test]
async fn a_request_that_must_not_be_repeated_leaves_a_connection_that_is_closed_already() {
    let closed = Arc::new(Notify::new());
    let told = Arc::clone(&closed);
    let server = stale(move |stream| {
        drop(stream);
        told.notify_one();
        async {}
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/1")).await, "first");
    closed.notified().await;
    let request = Request::post(server.url("/2")).not_repeatable();
    assert_eq!(client.send(&request).await.unwrap().body(), b"/2");
}

#[tokio::test]
async fn a_connection_reset_before_the_first_byte_is_replaced_at_once() {
    let server = stale(|stream| async move {
        // Closing with the request unread makes the system reset the connection.
        stream.readable().await.unwrap();
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/1")).await, "first");
    assert_eq!(body_of(&client, server.url("/2")).await, "/2");
}

#[tokio::test]
async fn a_request_that_was_answered_in_part_is_not_repeated() {
    let server = stale(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 2").await.unwrap();
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/1")).await, "first");
    let error = client.send(&get(server.url("/2"))).await.unwrap_err();
    assert!(matches!(error, Error::Closed { .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_request_on_a_silent_kept_connection_is_not_repeated() {
    let server = stale(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    let client = HttpClient::new();
    assert_eq!(body_of(&client, server.url("/1")).await, "first");
    let client = client.with_read_timeout(SHORT);
    let error = client.send(&get(server.url("/2"))).await.unwrap_err();
    assert!(matches!(error, Error::ReadTimeout { .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn there_are_never_more_connections_than_allowed() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = Server::start(move |_, stream| {
        let (open, most) = (Arc::clone(&open), Arc::clone(&seen));
        async move {
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            echo(stream).await;
            open.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let client = HttpClient::new().with_max_connections(2);
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (client, url) = (client.clone(), server.url(&format!("/{number}")));
            tokio::spawn(async move { body_of(&client, url).await })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), format!("/{number}"));
    }
    assert!(most.load(Ordering::SeqCst) <= 2);
    assert_eq!(server.connections(), 2);
}

/// A server that tells the number of each connection that the client closes.
async fn telling_ends() -> (Server, mpsc::UnboundedReceiver<usize>) {
    let (sent, ends) = mpsc::unbounded_channel();
    let server = Server::start(move |number, stream| {
        let sent = sent.clone();
        async move {
            echo(stream).await;
            sent.send(number).unwrap();
        }
    })
    .await;
    (server, ends)
}

#[tokio::test]
async fn an_unused_connection_makes_room_for_one_of_another_kind() {
    let (server, mut ends) = telling_ends().await;
    let client = HttpClient::new().with_max_connections(1);
    client.send(&get(server.url("/"))).await.unwrap();
    let pinned = get(server.url("/")).with_addresses(vec![server.ip()]);
    client.send(&pinned).await.unwrap();
    assert_eq!(ends.recv().await, Some(0));
    client.send(&pinned).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_was_unused_for_long_is_closed() {
    let (server, mut ends) = telling_ends().await;
    let client = HttpClient::new();
    body_of(&client, server.url("/")).await;
    client.settings.shared.pool.age();
    body_of(&client, server.url("/")).await;
    assert_eq!(ends.recv().await, Some(0));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn dropping_the_client_closes_its_connections() {
    let (server, mut ends) = telling_ends().await;
    let client = HttpClient::new();
    body_of(&client, server.url("/")).await;
    drop(client);
    assert_eq!(ends.recv().await, Some(0));
}

/// A server that accepts, reads, and never answers, with one request waiting for it.
async fn held(client: &HttpClient) -> (Server, tokio::task::JoinHandle<Result<Response, Error>>) {
    let server = Server::start(|_, mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let (client, url) = (client.clone(), server.url("/held"));
    let holding = tokio::spawn(async move { client.send(&get(url)).await });
    while server.connections() == 0 {
        tokio::task::yield_now().await;
    }
    (server, holding)
}

#[tokio::test]
async fn waiting_for_a_connection_counts_in_the_whole_limit() {
    let client = HttpClient::new().with_max_connections(1);
    let (server, holding) = held(&client).await;
    let client = client.with_timeout(SHORT);
    let error = client.send(&get(server.url("/"))).await.unwrap_err();
    let waiting = Phase::Waiting;
    assert!(
        matches!(error, Error::Timeout { phase, .. } if phase == waiting),
        "{error:?}"
    );
    assert!(error.is_timeout() && !error.is_connect());
    holding.abort();
}

#[tokio::test]
async fn hosts_do_not_wait_for_each_other() {
    let client = HttpClient::new().with_max_connections(1);
    let (_silent, holding) = held(&client).await;
    let server = Server::start(|_, stream| echo(stream)).await;
    assert_eq!(body_of(&client, server.url("/x")).await, "/x");
    holding.abort();
}

/// Polls a future this many times, then drops it; says whether it ended before.
async fn polled<F: Future>(times: usize, future: F) -> bool {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn a_request_dropped_at_any_await_harms_nobody() {
    // Answers in pieces, with a breath in between, so that there are many awaits to be dropped at.
    let server = Server::start(|_, mut stream| async move {
        #[expect(clippy::disallowed_methods, reason = "a server on a socket takes real time")]
        let mut pace = tokio::time::interval(Duration::from_millis(1));
        loop {
            let request = read_request(&mut stream).await;
            let answer = ok(request.split(' ').nth(1).unwrap_or_default());
            for piece in answer.as_bytes().chunks(answer.len() / 3 + 1) {
                pace.tick().await;
                if request.is_empty() || stream.write_all(piece).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let client = HttpClient::new().with_max_connections(1);
    for times in 0..100 {
        let ended = polled(times, client.send(&get(server.url("/dropped")))).await;
        // Neither a half-read connection nor a lost permit is in its way.
        assert_eq!(
            body_of(&client, server.url("/next")).await,
            "/next",
            "after {times}"
        );
        if ended {
            assert!(times > 3, "there were hardly any awaits");
            return;
        }
    }
    panic!("100 polls did not do");
}

#[tokio::test]
async fn a_dropped_request_closes_its_connection() {
    let (sent, mut ends) = mpsc::unbounded_channel();
    let server = Server::start(move |_, mut stream| {
        let sent = sent.clone();
        async move {
            read_request(&mut stream).await;
            sent.send(None).unwrap();
            sent.send(Some(stream.read(&mut [0]).await.unwrap())).unwrap();
        }
    })
    .await;
    let (client, url) = (HttpClient::new(), server.url("/"));
    let sending = tokio::spawn(async move { client.send(&get(url)).await });
    assert_eq!(ends.recv().await.unwrap(), None);
    sending.abort();
    assert_eq!(ends.recv().await.unwrap(), Some(0));
}

fn short_lived() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn long_lived() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn each_short_lived_runtime_opens_its_own_connection() {
    let servers = long_lived();
    let server = servers.block_on(Server::start(|_, stream| echo(stream)));
    let client = HttpClient::new().with_max_connections(2);
    for round in 1..=20 {
        let runtime = short_lived();
        for path in ["/a", "/b"] {
            assert_eq!(runtime.block_on(body_of(&client, server.url(path))), path);
        }
        assert_eq!(server.connections(), round);
    }
}

#[test]
fn living_runtimes_keep_their_own_connections() {
    let servers = long_lived();
    let server = servers.block_on(Server::start(|_, stream| echo(stream)));
    let client = HttpClient::new();
    let runtimes = [short_lived(), short_lived()];
    for path in ["/a", "/b", "/c"] {
        for runtime in &runtimes {
            assert_eq!(runtime.block_on(body_of(&client, server.url(path))), path);
        }
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn many_hosts_are_not_all_remembered() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let server = Server::answering(answer).await;
    let client = HttpClient::new();
    for number in 0..100 {
        let url = server.url_of(&format!("host{number}.example"), "/");
        let request = get(url).with_addresses(vec![server.ip()]);
        client.send(&request).await.unwrap();
    }
    let remembered = client.settings.shared.pool.hosts();
    assert!(remembered <= 32, "{remembered}");
}
