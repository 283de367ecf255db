mod drip;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::head::end_of;
use drip::Drip;

/// What is to be done to the bytes of the next answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) cut: Option<Cut>,
    /// Says `HTTP/1.0` in the status line, as old hosts do.
    pub(crate) http_1_0: bool,
}

/// Where an answer breaks off, and how, or what becomes of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before its first byte, with a reset.
    Reset,
    /// Before its first byte, in good order.
    Close,
    /// After this many bytes of the body, in good order.
    Body(usize),
    /// After this many bytes of the body, but the connection stays.
    Stall(usize),
    /// Nowhere, but after the head this many bytes come at a time, with this pause before them.
    Drip(usize, Duration),
    /// These bytes come in place of the answer, then the end in good order.
    Raw(Vec<u8>),
}

/// How the one who answers tells the wire what to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans(Arc<Mutex<Option<Plan>>>);

impl Plans {
    pub(crate) fn set(&self, plan: Plan) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan);
    }

    fn take(&self) -> Option<Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The byte stream under hyper. Faults act here, where an answer is already bytes; and so does the spelling of header
/// names, which hyper would write with its own capitals.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    /// Read from the stream before hyper had it.
    read_ahead: Vec<u8>,
    plans: Plans,
    phase: Phase,
    head: Vec<u8>,
    out: Vec<u8>,
    drip: Option<Drip>,
    ending: Option<Ending>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Head,
    /// How much of it is still to pass, and what comes then.
    Body {
        left: Option<(usize, Ending)>,
    },
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Reset,
    Close,
    Stall,
}

/// Past this much unsent, hyper has to wait.
const UNSENT: usize = 64 * 1024;

impl Wire {
    pub(crate) fn new(stream: TcpStream, read_ahead: Vec<u8>, plans: Plans) -> Self {
        Self {
            stream,
            read_ahead,
            plans,
            phase: Phase::Head,
            head: Vec::new(),
            out: Vec::new(),
            drip: None,
            ending: None,
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        if self.ending.is_some() {
            return;
        }
        if let Phase::Body { .. } = self.phase
            && let Some(plan) = self.plans.take()
        {
            // The next answer on a connection that is kept.
            self.plans.set(plan);
            self.phase = Phase::Head;
        }
        match self.phase {
            Phase::Head => self.take_in_head(bytes),
            Phase::Body { left } => self.take_in_body(bytes, left),
        }
    }

    fn take_in_head(&mut self, bytes: &[u8]) {
        self.head.extend_from_slice(bytes);
        let Some(end) = end_of(&self.head) else { return };
        let body = self.head.split_off(end);
        let mut head = std::mem::take(&mut self.head);
        if head.starts_with(b"HTTP/1.1 1") {
            self.out.append(&mut head);
            if !body.is_empty() {
                self.take_in_head(&body);
            }
            return;
        }
        let plan = self.plans.take().unwrap_or_default();
        match plan.cut {
            Some(Cut::Reset) => self.ending = Some(Ending::Reset),
            Some(Cut::Close) => self.ending = Some(Ending::Close),
            Some(Cut::Raw(bytes)) => {
                self.out.extend(bytes);
                self.ending = Some(Ending::Close);
            }
            cut => {
                spell(&mut head, plan.http_1_0);
                self.out.append(&mut head);
                let left = match cut {
                    Some(Cut::Body(bytes)) => Some((bytes, Ending::Close)),
                    Some(Cut::Stall(bytes)) => Some((bytes, Ending::Stall)),
                    _ => None,
                };
                self.drip = match cut {
                    Some(Cut::Drip(bytes, every)) => Some(Drip::new(bytes, every, self.out.len())),
                    _ => None,
                };
                self.phase = Phase::Body { left };
                self.take_in_body(&body, left);
            }
        }
    }

    fn take_in_body(&mut self, bytes: &[u8], left: Option<(usize, Ending)>) {
        let Some((left, ending)) = left else {
            self.out.extend_from_slice(bytes);
            return;
        };
        let passed = bytes.get(..left).unwrap_or(bytes);
        self.out.extend_from_slice(passed);
        let left = left - passed.len();
        self.phase = Phase::Body {
            left: Some((left, ending)),
        };
        if left == 0 {
            self.ending = Some(ending);
        }
    }

    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let at_most = match &mut self.drip {
                Some(drip) => ready!(drip.allowance(context)),
                None => self.out.len(),
            };
            let bytes = self.out.get(..at_most).unwrap_or(&self.out);
            let sent = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.drain(..sent);
            if let Some(drip) = &mut self.drip {
                drip.sent(sent);
            }
        }
        match self.ending {
            None => Poll::Ready(Ok(())),
            Some(Ending::Reset) => {
                // Closing with linger zero is what makes the kernel send a reset.
                let _ = self.stream.set_zero_linger();
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            Some(Ending::Close) => {
                let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(context));
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            Some(Ending::Stall) => {
                ready!(self.poll_gone(context));
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
        }
    }

    /// Waits for the client to go: until then a stalled connection takes up its place.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut bytes = [0; 1024];
            let mut read = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut read)) {
                Ok(()) if !read.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.read_ahead.is_empty() {
            let count = self.read_ahead.len().min(buffer.remaining());
            let rest = self.read_ahead.split_off(count);
            buffer.put_slice(&self.read_ahead);
            self.read_ahead = rest;
            return Poll::Ready(Ok(()));
        }
        let mut bytes = [0; 8192];
        let room = buffer.remaining().min(bytes.len());
        let mut read = ReadBuf::new(bytes.get_mut(..room).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
        buffer.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.out.len() > UNSENT || self.ending.is_some() {
            ready!(self.send(context))?;
        }
        self.take_in(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.send(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.send(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Header names that the services do not write in title case.
const SPELLINGS: [&str; 2] = ["X-aws-ec2-metadata-token-ttl-seconds", "x-amzn-RequestId"];

fn spell(head: &mut [u8], http_1_0: bool) {
    for line in head.split_mut(|byte| *byte == b'\n') {
        for spelling in SPELLINGS {
            if let Some(name) = line.get_mut(..spelling.len())
                && name.eq_ignore_ascii_case(spelling.as_bytes())
            {
                name.copy_from_slice(spelling.as_bytes());
            }
        }
    }
    if http_1_0 && let Some(version) = head.get_mut(..b"HTTP/1.0".len()) {
        version.copy_from_slice(b"HTTP/1.0");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_spelled_as_the_service_spells_them() {
        let mut head =
            b"HTTP/1.1 200 OK\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\nX-Amzn-Requestid: 1\r\n\r\n"
                .to_vec();
        spell(&mut head, true);
        assert_eq!(
            String::from_utf8(head).unwrap(),
            "HTTP/1.0 200 OK\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nx-amzn-RequestId: 1\r\n\r\n"
        );
    }
}
