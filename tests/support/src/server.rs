use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::{Received, Reply};

/// A server on loopback that answers by a script: one connection for each request.
///
/// ```
/// use tests_support::{Reply, Server};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = Server::answering([Reply::with(200, "hello")]).await;
///
/// let mut stream = tokio::net::TcpStream::connect(server.address).await?;
/// stream.write_all(b"GET /greeting?loud=no HTTP/1.1\r\nHost: here\r\n\r\n").await?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
///
/// assert!(answer.ends_with("\r\n\r\nhello"));
/// assert_eq!(server.received()[0].path(), "/greeting");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// `http://` and the address.
    pub url: String,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    received: Mutex<Vec<Received>>,
    arrived: Notify,
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

type Script = Mutex<dyn FnMut(usize, &Received) -> Reply + Send>;

impl Server {
    /// One reply for each request; the last one repeats.
    ///
    /// # Panics
    /// When there is no reply at all, and when loopback cannot be listened at.
    pub async fn answering(script: impl Into<Vec<Reply>>) -> Self {
        let mut script = script.into();
        script.reverse();
        assert!(!script.is_empty(), "a script has a reply");
        Self::deciding(move |_, _| match &script[..] {
            [last] => last.clone(),
            _ => script.pop().unwrap_or(Reply::Close),
        })
        .await
    }

    /// The reply is a function of the request and of how many came before it.
    ///
    /// # Panics
    /// When loopback cannot be listened at.
    #[expect(clippy::expect_used, reason = "there is no test without its server")]
    pub async fn deciding(script: impl FnMut(usize, &Received) -> Reply + Send + 'static) -> Self {
        let script: Arc<Script> = Arc::new(Mutex::new(script));
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let seen = Arc::<Seen>::default();
        let theirs = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, open) = (Arc::clone(&script), Open::one_more(&theirs));
                connections.spawn(async move { serve(stream, open, &script).await });
            }
        });
        Self {
            address,
            url: format!("http://{address}"),
            seen,
            task,
        }
    }

    /// All requests so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.seen.received().clone()
    }

    /// Waits for one more request.
    pub async fn arrival(&self) {
        self.seen.arrived.notified().await;
    }

    /// How many connections came in so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many connections there were at the same time. One that gets its answer counts no more.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.seen.most_open.load(Ordering::SeqCst)
    }

    /// Nobody listens any more.
    pub async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is open.
struct Open(Arc<Seen>);

impl Open {
    fn one_more(seen: &Arc<Seen>) -> Self {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let open = seen.open.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_open.fetch_max(open, Ordering::SeqCst);
        Self(Arc::clone(seen))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, open: Open, script: &Script) {
    let Some(request) = Received::read(&mut stream).await else {
        return;
    };
    let seen = Arc::clone(&open.0);
    let mut reply = {
        let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.received().len();
        let reply = script(before, &request);
        seen.received().push(request);
        reply
    };
    seen.arrived.notify_one();
    while let Reply::Held(bell, then) = reply {
        bell.notified().await;
        reply = *then;
    }
    let bytes = match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
            );
            [head.into_bytes(), body].concat()
        }
        Reply::Raw(bytes) => bytes,
        Reply::Close => Vec::new(),
        Reply::Silence | Reply::Held(..) => {
            // Until the client goes.
            let _ = stream.read(&mut [0]).await;
            return;
        }
        Reply::Endless => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = stream.write_all(head).await;
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            return;
        }
    };
    // The client may open another connection as soon as it has its answer; those that are open by now count together.
    tokio::task::yield_now().await;
    drop(open);
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}
