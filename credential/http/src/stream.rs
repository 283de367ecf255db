use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much is read at once.
const CHUNK: usize = 8 * 1024;

/// What hyper reads from and writes to.
pub(crate) enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "_tls")]
    Tls(Box<dyn Encrypted>),
}

/// A stream over TLS, whose type stays in [`tls`](crate::tls): wherever a connection may end, all of the TLS library's
/// state would be dropped in line otherwise.
#[cfg(feature = "_tls")]
pub(crate) trait Encrypted: Read + Write + Send + Unpin {}

#[cfg(feature = "_tls")]
impl<T: Read + Write + Send + Unpin> Encrypted for T {}

/// Whether anything was sent or received since it was last forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    sent: AtomicBool,
    received: AtomicBool,
}

impl Traffic {
    /// Forgets what came and went so far.
    pub(crate) fn reset(&self) {
        self.0.sent.store(false, Ordering::Relaxed);
        self.0.received.store(false, Ordering::Relaxed);
    }

    /// Whether a byte went out, at least as far as the system or TLS.
    pub(crate) fn sent(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn received(&self) -> bool {
        self.0.received.load(Ordering::Relaxed)
    }
}

/// A stream that notes whether it sent or received anything: a request on a kept-alive connection may be repeated only
/// while it did not.
pub(crate) struct Watched {
    pub(crate) stream: Stream,
    pub(crate) traffic: Traffic,
}

impl Read for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // tokio fills buffers of its own kind, hyper hands out its own, and only unsafe code could lend one to the other.
        let mut chunk = [0; CHUNK];
        let length = cursor.remaining().min(CHUNK);
        let chunk = chunk.get_mut(..length).unwrap_or_default();
        let filled = ready!(this.stream.poll_fill(context, chunk))?;
        if !filled.is_empty() {
            this.traffic.0.received.store(true, Ordering::Relaxed);
        }
        cursor.put_slice(filled);
        Poll::Ready(Ok(()))
    }
}

impl Stream {
    /// Reads some bytes, and gives those that were read.
    fn poll_fill<'a>(
        &mut self,
        context: &mut Context<'_>,
        chunk: &'a mut [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        let length = match self {
            Self::Plain(tcp) => {
                let mut buffer = ReadBuf::new(chunk);
                ready!(Pin::new(tcp).poll_read(context, &mut buffer))?;
                buffer.filled().len()
            }
            #[cfg(feature = "_tls")]
            Self::Tls(tls) => {
                let mut buffer = hyper::rt::ReadBuf::new(chunk);
                ready!(Pin::new(tls).poll_read(context, buffer.unfilled()))?;
                buffer.filled().len()
            }
        };
        Poll::Ready(Ok(chunk.get(..length).unwrap_or_default()))
    }
}

impl Write for Watched {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match &mut this.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            #[cfg(feature = "_tls")]
            Stream::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        };
        if matches!(written, Poll::Ready(Ok(length)) if length > 0) {
            this.traffic.0.sent.store(true, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            #[cfg(feature = "_tls")]
            Stream::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            #[cfg(feature = "_tls")]
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}
