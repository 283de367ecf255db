//! A scripted server on loopback, and what the tests of this crate share.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use credential_core::{Clock, Sleep, Variables};
use tests_support::{FixedRandom, ManualClock, canary, leaks};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::InstanceMetadataProvider;

pub(crate) const LIST: &str = "/latest/meta-data/iam/security-credentials/";
pub(crate) const EXTENDED_LIST: &str = "/latest/meta-data/iam/security-credentials-extended/";
pub(crate) const ROLE: &str = "/latest/meta-data/iam/security-credentials/web";
pub(crate) const TOKEN: &str = "/latest/api/token";

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    head: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// What the server does about a request.
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    Silence,
    HangUp,
    EndlessBody,
    /// The answer once the gate is open.
    Behind(Arc<tokio::sync::Semaphore>, Vec<u8>),
}

/// A whole answer, after which the server closes the connection, as EC2 does.
pub(crate) fn reply(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Reply::Bytes(bytes)
}

pub(crate) fn ok(body: impl AsRef<[u8]>) -> Reply {
    reply(200, "", body)
}

pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    at_once: Arc<AtMost>,
    accepting: tokio::task::JoinHandle<()>,
}

/// How many connections there are, and how many there were at the most.
#[derive(Default)]
struct AtMost {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtMost {
    fn one_more(self: &Arc<Self>) -> OneLess {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        OneLess(Arc::clone(self))
    }
}

struct OneLess(Arc<AtMost>);

impl Drop for OneLess {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Server {
    pub(crate) async fn start(answer: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let at_once = Arc::new(AtMost::default());
        let answer = Arc::new(Mutex::new(answer));
        let (all_seen, count, most) = (Arc::clone(&seen), Arc::clone(&connections), Arc::clone(&at_once));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (seen, answer) = (Arc::clone(&all_seen), Arc::clone(&answer));
                let open = most.one_more();
                tokio::spawn(async move {
                    serve(stream, open, |request| {
                        seen.lock().unwrap().push(request.clone());
                        (answer.lock().unwrap())(request)
                    })
                    .await;
                });
            }
        });
        Self {
            address,
            seen,
            connections,
            at_once,
            accepting,
        }
    }

    /// Nobody listens any more.
    pub(crate) async fn stop(self) {
        self.accepting.abort();
        let _ = self.accepting.await;
    }

    /// Instance metadata with one role, `web`, whose n-th token ends in n. What `special` answers comes first; it hears
    /// how often this very request came, from 1.
    pub(crate) async fn imds(
        mut special: impl FnMut(&Seen, usize) -> Option<Reply> + Send + 'static,
    ) -> Self {
        let mut counts = std::collections::HashMap::new();
        Self::start(move |request| {
            let count = counts
                .entry(format!("{} {}", request.method, request.path))
                .and_modify(|count| *count += 1)
                .or_insert(1);
            let normal = || match (request.method.as_str(), request.path.as_str()) {
                ("PUT", TOKEN) => reply(
                    200,
                    "Server: EC2ws\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n",
                    token(*count),
                ),
                ("GET", LIST) => ok("web"),
                ("GET", ROLE) => ok(document("web")),
                _ => reply(404, "", "<html>404</html>"),
            };
            special(request, *count).unwrap_or_else(normal)
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Methods and paths, in order.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |seen: &Seen| format!("{} {}", seen.method, seen.path);
        self.seen().iter().map(line).collect()
    }

    /// How often this was asked for.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|seen| *seen == line).count()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many connections there were at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.at_once.most.load(Ordering::SeqCst)
    }

    /// A provider that asks this server, with its clock wound by hand and no pauses.
    pub(crate) fn provider(&self) -> InstanceMetadataProvider {
        provider().with_endpoint(self.url())
    }
}

async fn serve(mut stream: TcpStream, open: OneLess, answer: impl FnOnce(&Seen) -> Reply) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let mut words = head.split(' ').map(str::to_owned);
    let seen = Seen {
        method: words.next().unwrap(),
        path: words.next().unwrap(),
        head,
    };
    let reply = answer(&seen);
    // The client may open another connection as soon as it has its answer.
    if matches!(reply, Reply::Bytes(_)) {
        tokio::task::yield_now().await;
        drop(open);
    }
    match reply {
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

/// The n-th token.
pub(crate) fn token(n: usize) -> String {
    format!("{}{n}", canary("imds token"))
}

/// A good document for a role.
pub(crate) fn document(role: &str) -> String {
    format!(
        r#"{{"Code": "Success", "LastUpdated": "2030-01-01T11:00:00Z", "Type": "AWS-HMAC",
  "AccessKeyId": "ASIA{role}", "SecretAccessKey": "{}", "Token": "{}", "Expiration": "2030-01-01T18:00:00Z"}}"#,
        canary("secret"),
        canary("session token"),
    )
}

pub(crate) fn provider() -> InstanceMetadataProvider {
    InstanceMetadataProvider::new()
        .with_variables(no_variables())
        .with_clock(ManualClock::new())
        .with_random(FixedRandom(0.0))
}

pub(crate) fn no_variables() -> Variables {
    Variables::none()
}

/// A port at which nothing listens.
pub(crate) async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// An address where connecting hangs: the listener's queue is full, and nobody takes from it.
pub(crate) struct BlackHole {
    listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl BlackHole {
    pub(crate) async fn new() -> Self {
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

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }
}

/// A clock wound by hand but for pauses between attempts: they are over at once, and noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct PauseClock {
    pub(crate) manual: ManualClock,
    pub(crate) pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Clock for PauseClock {
    fn now(&self) -> OffsetDateTime {
        self.manual.now()
    }

    fn monotonic(&self) -> Duration {
        self.manual.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        // No limit is as short as the longest pause.
        if duration <= Duration::from_secs(1) {
            self.pauses.lock().unwrap().push(duration);
            self.manual.advance(duration);
            return Box::pin(std::future::ready(()));
        }
        self.manual.sleep(duration)
    }
}

/// Everything an error prints, its causes too, with a check that no secret is in it.
pub(crate) fn printed(error: &(dyn StdError + 'static)) -> String {
    let mut text = format!("{error:?} {error:#?}");
    let mut next = Some(error);
    while let Some(error) = next {
        text.push_str(&format!("\n{error}"));
        next = error.source();
    }
    assert!(!leaks(&text), "a secret shows in {text}");
    text
}
