mod head;

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use credential_core::{Clock, Secret};
use credential_runtime::within;
use tokio::io::AsyncWrite;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::call::Said;
use head::{Came, Head, write};

/// The path that the browser comes back to.
pub(super) const PATH: &str = "/oauth/callback";

/// How long one connection may take to ask, and how long to get its answer. Browsers open some that they do not use.
const LONGEST_CONNECTION: Duration = Duration::from_secs(10);

/// How long a login that has come back may be held up by its own answer.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// How many connections may be open at once. Whoever comes next takes the place of the oldest.
const MOST_CONNECTIONS: usize = 32;

/// What the browser brings.
#[derive(Debug)]
pub(super) enum Callback {
    Code(Secret),
    Refused(Said),
}

/// Answers browsers until one brings what belongs to this state.
///
/// Others get an answer too, and end nothing: any page can send a browser here, and any program can come. What a refusal
/// without any state said is left in `stray`, for some servers leave the state out.
pub(super) async fn wait(
    listener: &TcpListener,
    state: &Secret,
    clock: &Arc<dyn Clock>,
    stray: &mut Option<Said>,
) -> io::Result<Callback> {
    let mut connections = Connections::default();
    loop {
        let asked = poll_fn(|context| connections.poll_asked(context, listener, clock)).await?;
        match asked.judge(state) {
            (answer, Verdict::Ours(callback)) => {
                // What it brought counts even if the browser does not stay for the answer.
                asked.answer(answer, clock, LONGEST_GOODBYE).await;
                return Ok(callback);
            }
            (answer, verdict) => {
                if let Verdict::Stray(said) = verdict {
                    *stray = Some(said);
                }
                let clock = Arc::clone(clock);
                connections.add(async move {
                    asked.answer(answer, &clock, LONGEST_CONNECTION).await;
                    None
                });
            }
        }
    }
}

/// The connections that are open. Dropped with us, and so are their tasks.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<Option<Asked>>,
    handles: VecDeque<AbortHandle>,
}

impl Connections {
    fn poll_asked(
        &mut self,
        context: &mut Context<'_>,
        listener: &TcpListener,
        clock: &Arc<dyn Clock>,
    ) -> Poll<io::Result<Asked>> {
        loop {
            match self.tasks.poll_join_next(context) {
                Poll::Ready(Some(Ok(Some(asked)))) => return Poll::Ready(Ok(asked)),
                Poll::Ready(Some(_)) => continue,
                Poll::Ready(None) | Poll::Pending => {}
            }
            match listener.poll_accept(context) {
                Poll::Ready(Ok((stream, _))) => {
                    let limit = clock.sleep(LONGEST_CONNECTION);
                    self.add(async move { within(limit, Asked::read(stream)).await.flatten() });
                }
                Poll::Ready(Err(error)) if is_of_one_connection(&error) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Silent connections would keep the right one out if the newest had to go.
    fn add(&mut self, task: impl Future<Output = Option<Asked>> + Send + 'static) {
        self.handles.retain(|handle| !handle.is_finished());
        while self.handles.len() >= MOST_CONNECTIONS {
            let oldest = self.handles.pop_front();
            oldest.inspect(AbortHandle::abort);
        }
        self.handles.push_back(self.tasks.spawn(task));
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// A connection whose request has come, at least its first line.
struct Asked {
    stream: TcpStream,
    head: Head,
    came: Came,
}

impl Asked {
    async fn read(stream: TcpStream) -> Option<Self> {
        let mut head = Head::new();
        let came = head.read_until(&stream, |bytes| bytes.contains(&b'\n')).await;
        (came != Came::Cut).then_some(Self { stream, head, came })
    }

    fn judge(&self, state: &Secret) -> (Answer, Verdict) {
        match self.came {
            Came::TooMuch => (Answer::TooLong, Verdict::Nothing),
            _ => judge(self.head.first_line().expose(), state),
        }
    }

    /// Reads what the browser still has to say, which does not matter any more, and answers.
    async fn answer(mut self, mut answer: Answer, clock: &Arc<dyn Clock>, limit: Duration) {
        let answering = async {
            let ends = |bytes: &[u8]| {
                bytes.windows(4).any(|end| end == b"\r\n\r\n") || bytes.windows(2).any(|end| end == b"\n\n")
            };
            let came = self.head.read_until(&self.stream, ends).await;
            if came == Came::TooMuch && !answer.ends_the_wait() {
                answer = Answer::TooLong;
            }
            write(&self.stream, answer.to_http().as_bytes()).await?;
            if came == Came::TooMuch {
                // To close on bytes that nobody has read would take the answer away.
                poll_fn(|context| Pin::new(&mut self.stream).poll_shutdown(context)).await?;
                self.head.read_to_the_end(&self.stream).await;
            }
            io::Result::Ok(())
        };
        let _ = within(clock.sleep(limit), answering).await;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    NotApproved,
    NoState,
    NotOurs,
    NothingHere,
    NotGet,
    TooLong,
}

/// What a request means for the login that is waiting.
#[derive(Debug)]
enum Verdict {
    Ours(Callback),
    /// A refusal that may be ours or anybody's.
    Stray(Said),
    Nothing,
}

impl Answer {
    fn ends_the_wait(self) -> bool {
        matches!(self, Self::Done | Self::NotApproved)
    }

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
            Self::NoState => (
                "400 Bad Request",
                "Not logged in",
                "What came back does not say to which login it belongs, so the program that opened this page waits on. \
                 Log in there, or end the program and start again.",
            ),
            Self::NotOurs => (
                "400 Bad Request",
                "Not this login",
                "This page does not belong to the login that is waiting. Close this tab and use the one that it opened.",
            ),
            Self::NothingHere => ("404 Not Found", "Nothing here", "Close this tab."),
            Self::NotGet => ("405 Method Not Allowed", "Nothing here", "Close this tab."),
            Self::TooLong => (
                "431 Request Header Fields Too Large",
                "Too many cookies",
                "The browser sends more than can be read. Remove the cookies of 127.0.0.1, or log in in a private window.",
            ),
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

fn judge(line: &str, state: &Secret) -> (Answer, Verdict) {
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != PATH {
        return (Answer::NothingHere, Verdict::Nothing);
    }
    if method != "GET" {
        return (Answer::NotGet, Verdict::Nothing);
    }
    let parameter = |name| parameter(query, name);
    let is_ours = parameter("state").is_some_and(|found| found == *state);
    let error = parameter("error");
    if !is_ours {
        let has_state = query
            .split('&')
            .any(|pair| pair.split('=').next() == Some("state"));
        return match error {
            // Anybody may have written it: its code has to do.
            Some(error) if !has_state => (
                Answer::NoState,
                Verdict::Stray(Said::of_browser(error.expose(), None)),
            ),
            _ => (Answer::NotOurs, Verdict::Nothing),
        };
    }
    if let Some(error) = error {
        let description = parameter("error_description");
        let said = Said::of_browser(error.expose(), description.as_ref().map(Secret::expose));
        return (Answer::NotApproved, Verdict::Ours(Callback::Refused(said)));
    }
    match parameter("code") {
        Some(code) if !code.is_empty() => (Answer::Done, Verdict::Ours(Callback::Code(code))),
        _ => (Answer::NotOurs, Verdict::Nothing),
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
            prop_assert!(!matches!(judge(&head, &state).1, Verdict::Ours(_)));
            let line = format!("GET {PATH}?code={query} HTTP/1.1");
            prop_assert!(!matches!(judge(&line, &state).1, Verdict::Ours(_)));
        }
    }

    #[test]
    fn only_what_brings_the_state_ends_the_wait() {
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
                Answer::NoState,
            ),
            (
                "GET /oauth/callback?error=access_denied&state HTTP/1.1",
                Answer::NotOurs,
            ),
            (
                "GET /oauth/callback?error=access_denied&state= HTTP/1.1",
                Answer::NotOurs,
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
            let (answer, verdict) = judge(line, &state);
            assert_eq!(answer, expected, "{line}");
            let ends = matches!(verdict, Verdict::Ours(_));
            assert_eq!(ends, expected.ends_the_wait(), "{line}");
        }
    }

    #[test]
    fn a_code_is_never_printed_and_no_page_repeats_anything() {
        let code = canary("code");
        let line = format!("GET /oauth/callback?code={code}&state=s HTTP/1.1").replace('+', "%2B");
        let (answer, verdict) = judge(&line, &Secret::from("s"));
        assert!(matches!(&verdict, Verdict::Ours(Callback::Code(found)) if found.expose() == code));
        assert!(!leaks(&format!("{verdict:?} {}", answer.to_http())));
    }

    #[test]
    fn what_the_browser_says_of_a_refusal_is_told() {
        let line = "GET /oauth/callback?error=access_denied&error_description=No+way%21&state=s HTTP/1.1";
        let (_, verdict) = judge(line, &Secret::from("s"));
        let Verdict::Ours(Callback::Refused(said)) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(said.to_string(), ": AccessDenied: No way!");
    }

    #[test]
    fn of_a_refusal_without_a_state_the_code_alone_is_kept() {
        let line = "GET /oauth/callback?error=access_denied&error_description=Call+0900 HTTP/1.1";
        let (_, verdict) = judge(line, &Secret::from("s"));
        let Verdict::Stray(said) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(said.to_string(), ": AccessDenied");
    }
}
