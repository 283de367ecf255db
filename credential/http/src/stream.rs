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
}

/// Whether anything was received since it was last asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received(Arc<AtomicBool>);

impl Received {
    /// Forgets what came so far.
    pub(crate) fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(crate) fn anything(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream that notes whether it received anything: a request on a kept-alive connection may be repeated only while it
/// did not.
pub(crate) struct Watched {
    pub(crate) stream: Stream,
    pub(crate) received: Received,
}

impl Read for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = cursor.remaining();
        ready!(this.stream.poll_read_some(context, &mut cursor))?;
        if cursor.remaining() < before {
            this.received.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl Stream {
    fn poll_read_some(
        &mut self,
        context: &mut Context<'_>,
        cursor: &mut ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(tcp) => {
                // tokio fills buffers of its own kind, hyper hands out its own, and only unsafe code could lend one to the other.
                let mut chunk = [0; CHUNK];
                let length = cursor.remaining().min(CHUNK);
                let mut buffer = ReadBuf::new(chunk.get_mut(..length).unwrap_or_default());
                ready!(Pin::new(tcp).poll_read(context, &mut buffer))?;
                cursor.put_slice(buffer.filled());
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl Write for Watched {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
        }
    }
}
