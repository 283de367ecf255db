use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::Request;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use snafu::IntoError;
use tokio::runtime;
use tokio::time::Instant;

use crate::error::{BodyTooLargeSnafu, ClosedSnafu, Error, HeadTooLargeSnafu, MalformedSnafu};
use crate::proxies::Proxy;
use crate::response::Response;
use crate::stream::{Stream, Traffic, Watched};
use crate::timer::now;

/// The longest header block that is read, in bytes.
pub(crate) const HEAD_LIMIT: usize = 16 * 1024;

/// One open connection. It is driven by whoever uses it, in the same task: there is no task of its own to leak, and
/// dropping it closes it.
pub(crate) struct Connection {
    sender: http1::SendRequest<Payload>,
    driver: Driver,
    traffic: Traffic,
    pub(crate) opened_for: Purpose,
    pub(crate) idle_since: Instant,
}

/// What a connection was opened for; it serves nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Purpose {
    pub(crate) runtime: runtime::Id,
    /// The address at the other end, and whether the caller pinned it.
    pub(crate) peer: IpAddr,
    pub(crate) pinned: bool,
    pub(crate) proxy: Option<Arc<Proxy>>,
}

/// hyper's half of a connection, which moves the bytes. Boxed, so that all of hyper's state is dropped in one place.
struct Driver {
    connection: Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>,
    done: bool,
}

/// Why an exchange failed.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// The connection ended before the first byte of the response, as a kept-alive one may at any time.
    pub(crate) is_stale: bool,
    /// A part of the request may have arrived.
    pub(crate) was_sent: bool,
}

impl Connection {
    pub(crate) async fn open(stream: Stream, opened_for: Purpose) -> hyper::Result<Self> {
        let traffic = Traffic::default();
        let watched = Watched {
            stream,
            traffic: traffic.clone(),
        };
        let (sender, connection) = builder().handshake(watched).await?;
        Ok(Self {
            sender,
            driver: Driver {
                connection: Box::pin(connection),
                done: false,
            },
            traffic,
            opened_for,
            idle_since: now(),
        })
    }

    /// Whether a further request can be sent. Looks once whether the server has closed meanwhile.
    pub(crate) async fn is_usable(&mut self) -> bool {
        poll_fn(|context| {
            self.driver.advance(context);
            Poll::Ready(!self.driver.done && self.sender.is_ready())
        })
        .await
    }

    /// Sends one request and reads its response, of at most `limit` bytes.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Payload>,
        url: &str,
        limit: usize,
    ) -> Result<Response, Failure> {
        self.traffic.reset();
        let head = self.sender.send_request(request);
        let response = match self.driver.run(head).await {
            Ok(response) => response,
            Err(error) => {
                return Err(Failure {
                    is_stale: !self.traffic.received() && !error.is_parse(),
                    was_sent: self.traffic.sent(),
                    error: failure(error, url),
                });
            }
        };
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        let too_large = BodyTooLargeSnafu { url, status, limit };
        let body = self
            .read_body(body, url, too_large)
            .await
            .map_err(|error| Failure {
                error,
                is_stale: false,
                was_sent: true,
            })?;
        Ok(Response::new(status, head.headers, body))
    }

    async fn read_body(
        &mut self,
        mut body: Incoming,
        url: &str,
        too_large: BodyTooLargeSnafu<&str, u16, usize>,
    ) -> Result<Vec<u8>, Error> {
        let limit = too_large.limit;
        if body.size_hint().lower() > limit as u64 {
            return too_large.fail();
        }
        let mut bytes = Vec::new();
        loop {
            let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
            match self.driver.run(frame).await {
                None => return Ok(bytes),
                Some(Err(error)) => return Err(failure(error, url)),
                Some(Ok(frame)) => {
                    let data = frame.data_ref().map_or(&[][..], |data| data);
                    if data.len() > limit.saturating_sub(bytes.len()) {
                        return too_large.fail();
                    }
                    bytes.extend_from_slice(data);
                }
            }
        }
    }
}

impl Driver {
    fn advance(&mut self, context: &mut Context<'_>) {
        // Its errors reach the request or the body that waits; without either, the end is all there is to know.
        self.done = self.done || self.connection.as_mut().poll(context).is_ready();
    }

    /// Moves the connection's bytes until the future has what it waits for.
    async fn run<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            self.advance(context);
            future.as_mut().poll(context)
        })
        .await
    }
}

pub(crate) fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_LIMIT).max_header_size(HEAD_LIMIT);
    builder
}

pub(crate) fn failure(error: hyper::Error, url: &str) -> Error {
    if is_too_large(&error) {
        HeadTooLargeSnafu {
            url,
            limit: HEAD_LIMIT,
        }
        .build()
    } else if error.is_parse() || is_broken_framing(&error) {
        MalformedSnafu { url }.into_error(error.into())
    } else {
        ClosedSnafu { url }.into_error(error.into())
    }
}

/// hyper tells servers alone by a method; its words are all that a client gets. Should they change, the error is
/// [`Error::Malformed`].
fn is_too_large(error: &hyper::Error) -> bool {
    error.is_parse() && error.to_string() == "message head is too large"
}

/// A chunk's length that is no number, and the like; hyper says so by the kind of its cause.
fn is_broken_framing(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| {
        matches!(
            cause.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    })
}

/// The body of a request: some bytes, all there.
pub(crate) struct Payload(Option<Bytes>);

impl Payload {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self((!bytes.is_empty()).then_some(bytes))
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;
    use crate::scripted::{Server, ok, read_request};

    async fn exchange(connection: &mut Connection) -> Result<Response, Failure> {
        let request = Request::get("/").header("host", "h");
        let request = request.body(Payload::new(Bytes::new())).unwrap();
        connection.exchange(request, "http://h/", 100).await
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_before_a_request_takes_no_byte_of_it() {
        let closed = Arc::new(Notify::new());
        let told = Arc::clone(&closed);
        let server = Server::start(move |_, mut stream| {
            let told = Arc::clone(&told);
            async move {
                read_request(&mut stream).await;
                tokio::io::AsyncWriteExt::write_all(&mut stream, ok("first").as_bytes())
                    .await
                    .unwrap();
                drop(stream);
                told.notify_one();
            }
        })
        .await;
        let tcp = TcpStream::connect(server.address).await.unwrap();
        let opened_for = Purpose {
            runtime: runtime::Handle::current().id(),
            peer: server.ip(),
            pinned: false,
            proxy: None,
        };
        let mut connection = Connection::open(Stream::Plain(tcp), opened_for).await.unwrap();
        assert!(exchange(&mut connection).await.is_ok());
        closed.notified().await;
        let failure = exchange(&mut connection).await.err().unwrap();
        assert!(
            failure.is_stale && !failure.was_sent,
            "{:?} {}",
            failure.error,
            failure.was_sent
        );
    }
}
