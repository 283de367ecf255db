use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use credential_core::{Clock, Secret};
use credential_runtime::within;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::call::Said;

/// The path that the browser comes back to.
pub(super) const PATH: &str = "/oauth/callback";

/// How long one connection may take. Browsers open some that they do not use.
const LONGEST_CONNECTION: Duration = Duration::from_secs(10);

/// How many connections may be open at once.
const MOST_CONNECTIONS: usize = 32;

/// The longest head of a request.
const MOST_BYTES: usize = 16 * 1024;

/// What the browser brings.
#[derive(Debug)]
pub(super) enum Callback {
    Code(Secret),
    Refused(Said),
}

/// Answers browsers until one brings what belongs to this state.
///
/// Others get an answer too, and change nothing: any page can send a browser here.
pub(super) async fn wait(
    listener: &TcpListener,
    state: &Secret,
    clock: &Arc<dyn Clock>,
) -> io::Result<Callback> {
    // Dropped with us, and so are its tasks.
    let mut connections = JoinSet::new();
    poll_fn(|context| {
        loop {
            match connections.poll_join_next(context) {
                Poll::Ready(Some(Ok(Some(callback)))) => return Poll::Ready(Ok(callback)),
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        loop {
            match listener.poll_accept(context) {
                Poll::Ready(Ok((stream, _))) if connections.len() < MOST_CONNECTIONS => {
                    let (state, clock) = (state.clone(), Arc::clone(clock));
                    connections.spawn(async move {
                        let limit = clock.sleep(LONGEST_CONNECTION);
                        within(limit, serve(&stream, &state)).await.flatten()
                    });
                    // The new task has to be looked at once, to be woken by it.
                    context.waker().wake_by_ref();
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) if is_of_one_connection(&error) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// One request, its answer, and what it brought for us.
async fn serve(stream: &TcpStream, state: &Secret) -> Option<Callback> {
    let head = read(stream).await?;
    let (answer, callback) = judge(head.expose(), state);
    // What it brought counts even if the browser does not stay for the answer.
    let _ = write(stream, answer.to_http().as_bytes()).await;
    callback
}

async fn read(stream: &TcpStream) -> Option<Secret> {
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(MOST_BYTES + 2048);
    let mut part = [0; 2048];
    let ends = |bytes: &[u8]| bytes.windows(4).any(|end| end == b"\r\n\r\n");
    while !ends(&bytes) {
        stream.readable().await.ok()?;
        match stream.try_read(&mut part) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend(part.iter().take(length)),
        }
        if bytes.len() > MOST_BYTES {
            return None;
        }
    }
    part.fill(0);
    std::hint::black_box(&part);
    String::from_utf8(bytes).ok().map(Secret::new)
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    NotApproved,
    NotOurs,
    NothingHere,
    NotGet,
}

impl Answer {
    fn to_http(self) -> String {
        let (status, title, text) = match self {
            Self::Done => (
                "200 OK",
                "Logged in",
                "You can close this tab and go back to the program that opened it.",
            ),
            Self::NotApproved => (
                "200 OK",
                "Not logged in",
                "The login was not approved. You can close this tab and go back to the program that opened it.",
            ),
            Self::NotOurs => (
                "400 Bad Request",
                "Not this login",
                "This page does not belong to the login that is waiting. Close this tab and use the one that it opened.",
            ),
            Self::NothingHere => ("404 Not Found", "Nothing here", "Close this tab."),
            Self::NotGet => ("405 Method Not Allowed", "Nothing here", "Close this tab."),
        };
        let page = include_str!("page.html")
            .replace("{title}", title)
            .replace("{text}", text);
        // The address has the code in it: nobody may keep or learn it.
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
             X-Content-Type-Options: nosniff\r\n\r\n{page}",
            page.len()
        )
    }
}

fn judge(head: &str, state: &Secret) -> (Answer, Option<Callback>) {
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != PATH {
        return (Answer::NothingHere, None);
    }
    if method != "GET" {
        return (Answer::NotGet, None);
    }
    let parameter = |name| parameter(query, name);
    let is_ours = parameter("state").map(|found| found == *state);
    if let Some(error) = parameter("error") {
        // Some servers leave the state out when they refuse.
        if is_ours == Some(false) {
            return (Answer::NotOurs, None);
        }
        let description = parameter("error_description");
        let said = Said::of_browser(error.expose(), description.as_ref().map(Secret::expose));
        return (Answer::NotApproved, Some(Callback::Refused(said)));
    }
    match parameter("code") {
        Some(code) if is_ours == Some(true) && !code.is_empty() => (Answer::Done, Some(Callback::Code(code))),
        _ => (Answer::NotOurs, None),
    }
}

/// The first parameter of this name.
fn parameter(query: &str, name: &str) -> Option<Secret> {
    query.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        (found == name).then(|| percent_decoded(value)).flatten()
    })
}

/// `None` for what is no UTF-8 behind its percent signs.
fn percent_decoded(text: &str) -> Option<Secret> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok().map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tests_support::{canary, leaks};

    proptest! {
        #[test]
        fn no_request_makes_it_panic_or_ends_the_wait(head in ".{0,80}", query in "[a-z%0-9=&+]{0,40}") {
            let state = Secret::from("a state that nobody guesses");
            prop_assert!(judge(&head, &state).1.is_none());
            let head = format!("GET {PATH}?code={query} HTTP/1.1\r\n\r\n");
            prop_assert!(!matches!(judge(&head, &state).1, Some(Callback::Code(_))));
        }
    }

    #[test]
    fn only_what_brings_code_and_state_ends_the_wait() {
        let state = Secret::from("our state");
        let table = [
            (
                "GET /oauth/callback?code=c&state=our+state HTTP/1.1",
                Answer::Done,
            ),
            (
                "GET /oauth/callback?state=our%20state&code=c HTTP/1.1",
                Answer::Done,
            ),
            ("GET /oauth/callback?code=c&state=other HTTP/1.1", Answer::NotOurs),
            (
                "GET /oauth/callback?code=c&state=other&state=our+state HTTP/1.1",
                Answer::NotOurs,
            ),
            ("GET /oauth/callback?code=c HTTP/1.1", Answer::NotOurs),
            (
                "GET /oauth/callback?code=&state=our+state HTTP/1.1",
                Answer::NotOurs,
            ),
            (
                "GET /oauth/callback?code=%ff&state=our+state HTTP/1.1",
                Answer::NotOurs,
            ),
            (
                "GET /oauth/callback?code=%2&state=our+state HTTP/1.1",
                Answer::NotOurs,
            ),
            ("GET /oauth/callback?state=our+state HTTP/1.1", Answer::NotOurs),
            ("GET /oauth/callback HTTP/1.1", Answer::NotOurs),
            (
                "GET /oauth/callback?error=access_denied&state=our+state HTTP/1.1",
                Answer::NotApproved,
            ),
            (
                "GET /oauth/callback?error=access_denied HTTP/1.1",
                Answer::NotApproved,
            ),
            (
                "GET /oauth/callback?error=access_denied&state=other HTTP/1.1",
                Answer::NotOurs,
            ),
            (
                "POST /oauth/callback?code=c&state=our+state HTTP/1.1",
                Answer::NotGet,
            ),
            ("GET /favicon.ico HTTP/1.1", Answer::NothingHere),
            (
                "GET /oauth/callback/?code=c&state=our+state HTTP/1.1",
                Answer::NothingHere,
            ),
            ("GET", Answer::NothingHere),
            ("", Answer::NothingHere),
        ];
        for (line, expected) in table {
            let (answer, callback) = judge(&format!("{line}\r\nHost: 127.0.0.1\r\n\r\n"), &state);
            assert_eq!(answer, expected, "{line}");
            assert_eq!(
                callback.is_some(),
                matches!(expected, Answer::Done | Answer::NotApproved),
                "{line}"
            );
        }
    }

    #[test]
    fn a_code_is_never_printed_and_no_page_repeats_anything() {
        let code = canary("code");
        let head = format!("GET /oauth/callback?code={code}&state=s HTTP/1.1\r\n\r\n").replace('+', "%2B");
        let (answer, callback) = judge(&head, &Secret::from("s"));
        assert!(matches!(&callback, Some(Callback::Code(found)) if found.expose() == code));
        assert!(!leaks(&format!("{callback:?} {}", answer.to_http())));
    }

    #[test]
    fn what_the_browser_says_of_a_refusal_is_told() {
        let head =
            "GET /oauth/callback?error=access_denied&error_description=No+way%21&state=s HTTP/1.1\r\n\r\n";
        let (_, callback) = judge(head, &Secret::from("s"));
        let Some(Callback::Refused(said)) = callback else {
            panic!("{callback:?}");
        };
        assert_eq!(said.to_string(), ": AccessDenied: No way!");
    }
}
