use std::io;

use credential_core::Secret;
use tokio::net::TcpStream;

/// The longest head of a request. Browsers send all cookies of 127.0.0.1, whichever port they are of.
const MOST_BYTES: usize = 64 * 1024;

/// The beginning of a request. It holds the code, and is wiped.
pub(super) struct Head {
    bytes: Vec<u8>,
    length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    All,
    TooMuch,
    /// The browser has gone, or will say no more.
    Cut,
}

impl Head {
    pub(super) fn new() -> Self {
        // Room for all of it at once: a vector that grows leaves copies behind.
        Self {
            bytes: vec![0; MOST_BYTES],
            length: 0,
        }
    }

    /// Reads until there is what `ends` looks for, which is no longer than four bytes.
    pub(super) async fn read_until(&mut self, stream: &TcpStream, ends: impl Fn(&[u8]) -> bool) -> Came {
        let mut searched = 0_usize;
        loop {
            let fresh = self.bytes.get(searched.saturating_sub(3)..self.length);
            if ends(fresh.unwrap_or_default()) {
                return Came::All;
            }
            searched = self.length;
            match self.read(stream).await {
                None => return Came::TooMuch,
                Some(0) => return Came::Cut,
                Some(length) => self.length += length,
            }
        }
    }

    /// Some bytes more; `None` when there is no room for them.
    async fn read(&mut self, stream: &TcpStream) -> Option<usize> {
        let room = self
            .bytes
            .get_mut(self.length..)
            .filter(|room| !room.is_empty())?;
        loop {
            if stream.readable().await.is_err() {
                return Some(0);
            }
            match stream.try_read(room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return Some(read.unwrap_or(0)),
            }
        }
    }

    pub(super) async fn read_to_the_end(&mut self, stream: &TcpStream) {
        self.length = 0;
        while self.read(stream).await.is_some_and(|length| length > 0) {}
    }

    pub(super) fn first_line(&self) -> Secret {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Secret::new(String::from_utf8_lossy(line).trim_end_matches('\r').to_owned())
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        self.bytes.fill(0);
        std::hint::black_box(&self.bytes);
    }
}

pub(super) async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
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
