use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

use crate::connection::{self, Caller};
use crate::state::Shared;
use crate::timer;

/// How many connections are served at once; the rest waits in the backlog.
const AT_ONCE: usize = 256;
const BACKLOG: u32 = 4096;

/// A thread with a runtime of its own, so that the server answers whatever its owner does: block, wait in another
/// runtime, or run without any. Dropping it ends every connection, the stalled ones too.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens before it returns: whoever has the address can connect.
    pub(crate) fn start(
        address: SocketAddr,
        shared: impl FnOnce(SocketAddr) -> Arc<Shared> + Send + 'static,
    ) -> io::Result<(Self, Arc<Shared>)> {
        let (tell, told) = mpsc::sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("mock-imds".into())
            .spawn(move || run(address, shared, &tell, stopped))?;
        let server = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        let shared = told
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the server's thread has ended")))?;
        Ok((server, shared))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn run(
    address: SocketAddr,
    shared: impl FnOnce(SocketAddr) -> Arc<Shared>,
    tell: &mpsc::SyncSender<io::Result<Arc<Shared>>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = tell.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        match listen(address).and_then(|listener| Ok((listener.local_addr()?, listener))) {
            Ok((address, listener)) => {
                let shared = shared(address);
                let _ = tell.send(Ok(Arc::clone(&shared)));
                tokio::select! {
                    biased;
                    _ = stopped => {}
                    () = accept(&listener, &shared) => {}
                }
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        }
    });
}

/// As tokio's own `bind`, but with room for those who wait: with its 128 places a burst of clients would be turned away
/// by the kernel, to try again a second later.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // On Windows this would let another program take the port over.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Counted before a byte is read: "nobody ever connected" can be shown.
                let connection = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
                let shared = Arc::clone(shared);
                connections.spawn(async move {
                    connection::serve(shared, stream, Caller { connection, peer }).await;
                    drop(place);
                });
            }
            Err(_) => {
                // Out of file descriptors, most likely: a pause, so that some come free.
                timer::sleep(Duration::from_millis(20)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}
