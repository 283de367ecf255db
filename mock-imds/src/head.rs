use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::timer;

const LINE: usize = 8 * 1024;
const HEAD: usize = 16 * 1024;
/// How long a client may take to send its head.
pub(crate) const TIME: Duration = Duration::from_secs(10);

/// Why a request never got as far as a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    /// An answer with this status is due.
    Status(u16),
    /// The other end has gone.
    Gone,
}

/// Reads from a fresh connection up to the end of the first head. What is read goes on to hyper, which parses it: this
/// only keeps the limits, for which hyper has other answers or none.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, HeadError> {
    timer::timeout(TIME, read_to_end(stream))
        .await
        .unwrap_or(Err(HeadError::Status(408)))
}

async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, HeadError> {
    let mut head = Vec::with_capacity(1024);
    loop {
        let count = stream.read_buf(&mut head).await.map_err(|_| HeadError::Gone)?;
        if count == 0 {
            return Err(HeadError::Gone);
        }
        if check(&head)? {
            return Ok(head);
        }
    }
}

/// Whether the head is there as a whole.
fn check(head: &[u8]) -> Result<bool, HeadError> {
    let start = head
        .iter()
        .position(|byte| !b"\r\n".contains(byte))
        .unwrap_or(head.len());
    let head = head.get(start..).unwrap_or_default();
    match head.iter().position(|byte| *byte == b'\n') {
        Some(end) if end > LINE => return Err(HeadError::Status(414)),
        None if head.len() > LINE => return Err(HeadError::Status(414)),
        Some(end) if !is_request_line(head.get(..end).unwrap_or_default()) => {
            return Err(HeadError::Status(400));
        }
        None if start > HEAD => return Err(HeadError::Status(400)),
        Some(_) | None => {}
    }
    match end_of(head) {
        Some(end) if end > HEAD => Err(HeadError::Status(431)),
        None if head.len() > HEAD => Err(HeadError::Status(431)),
        end => Ok(end.is_some()),
    }
}

/// Where the blank line behind a head ends.
pub(crate) fn end_of(bytes: &[u8]) -> Option<usize> {
    let crlf = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let lf = bytes.windows(2).position(|two| two == b"\n\n");
    match (crlf.map(|at| at + 4), lf.map(|at| at + 2)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn is_request_line(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let is_method = method.is_some_and(|word| {
        !word.is_empty()
            && word
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
    });
    let is_target =
        target.is_some_and(|word| word.starts_with(b"/") || word == b"*" || word.starts_with(b"http"));
    let is_version = version.is_some_and(|word| word == b"HTTP/1.1" || word == b"HTTP/1.0");
    is_method && is_target && is_version && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_complete_at_its_blank_line() {
        for (head, answer) in [
            ("", Ok(false)),
            ("GET / HTTP/1.1\r\n", Ok(false)),
            ("GET / HTTP/1.1\r\n\r\n", Ok(true)),
            ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nbody", Ok(true)),
            ("GET / HTTP/1.0\n\n", Ok(true)),
            ("GET / HTTP/2.0\r\n\r\n", Err(HeadError::Status(400))),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Err(HeadError::Status(400))),
            ("nonsense\n", Err(HeadError::Status(400))),
            ("GET  / HTTP/1.1\r\n", Err(HeadError::Status(400))),
            ("\u{16}\u{3}\u{1}\n", Err(HeadError::Status(400))),
        ] {
            assert_eq!(check(head.as_bytes()), answer, "{head:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_its_time() {
        let (mut client, mut server) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut client, b"GET / HT")
            .await
            .unwrap();
        assert_eq!(read(&mut server).await, Err(HeadError::Status(408)));
        drop(client);
        assert_eq!(read(&mut server).await, Err(HeadError::Gone));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_upset_the_check(bytes: Vec<u8>) {
            let _ = check(&bytes);
        }
    }

    #[test]
    fn a_head_has_its_limits() {
        let line = format!("GET /{} HTTP/1.1\r\n", "a".repeat(LINE));
        assert_eq!(check(line.as_bytes()), Err(HeadError::Status(414)));
        assert_eq!(check(&line.as_bytes()[..LINE + 1]), Err(HeadError::Status(414)));
        let headers = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(HEAD));
        assert_eq!(check(headers.as_bytes()), Err(HeadError::Status(431)));
        assert_eq!(
            check(&headers.as_bytes()[..HEAD + 1]),
            Err(HeadError::Status(431))
        );
    }
}
