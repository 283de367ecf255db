//! A scripted container agent on loopback.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;

/// A request as it came in: its first line and its headers.
#[derive(Clone, Debug)]
pub(super) struct Seen(String);

impl Seen {
    /// Method and target, as `GET /get`.
    pub(super) fn line(&self) -> &str {
        let line = self.0.lines().next().unwrap();
        line.strip_suffix(" HTTP/1.1").unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.0.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            // One blank belongs to the line, others to the value.
            key.eq_ignore_ascii_case(name)
                .then_some(value.strip_prefix(' ').unwrap_or(value))
        })
    }
}

/// What the agent does about a request.
pub(super) enum Reply {
    Bytes(Vec<u8>),
    Silence,
    HangUp,
    EndlessBody,
    /// The answer once the gate is open.
    Behind(Arc<Semaphore>, Vec<u8>),
}

/// A whole answer, after which the connection is closed.
pub(super) fn reply(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Reply::Bytes(bytes)
}

pub(super) struct Agent {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Agent {
    /// An agent whose answer is a function of the request and its number, counted from 1.
    pub(super) async fn start(answer: impl FnMut(&Seen, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let agent = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
        };
        let seen = Arc::clone(&agent.seen);
        let answer = Arc::new(Mutex::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                tokio::spawn(async move {
                    serve(stream, |request| {
                        let number = {
                            let mut seen = seen.lock().unwrap();
                            seen.push(request.clone());
                            seen.len()
                        };
                        (answer.lock().unwrap())(request, number)
                    })
                    .await;
                });
            }
        });
        agent
    }

    /// An agent that says these in turn, and the last one for ever.
    pub(super) async fn saying(answers: impl IntoIterator<Item = (u16, String)>) -> Self {
        let answers: Vec<_> = answers.into_iter().collect();
        Self::start(move |_, number| {
            let (status, body) = answers.get(number - 1).or(answers.last()).unwrap();
            reply(*status, "", body)
        })
        .await
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(super) fn tokens(&self) -> Vec<Option<String>> {
        let seen = self.seen();
        seen.iter()
            .map(|seen| seen.header("authorization").map(str::to_owned))
            .collect()
    }
}

/// An address where connecting hangs: the listener's queue is full, and nobody takes from it.
pub(super) struct BlackHole {
    listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl BlackHole {
    pub(super) async fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        // The queue takes one or two; whoever comes after that waits.
        while let Ok(stream) =
            tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(address)).await
        {
            queued.push(stream.unwrap());
        }
        Self {
            listener,
            _queued: queued,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }
}

async fn serve(mut stream: TcpStream, answer: impl FnOnce(&Seen) -> Reply) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    match answer(&Seen(String::from_utf8(head).unwrap())) {
        Reply::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Reply::HangUp => {}
        Reply::Silence => drop(stream.read(&mut [0]).await),
        Reply::EndlessBody => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                .await;
            while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
        }
        Reply::Behind(gate, bytes) => {
            drop(gate.acquire().await);
            drop(stream.write_all(&bytes).await);
        }
    }
}
