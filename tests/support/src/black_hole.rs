use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// An address where connecting hangs: the listener's queue is full, and nobody takes from it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let nowhere = tests_support::BlackHole::new().await;
/// assert!(nowhere.url.starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[derive(Debug)]
pub struct BlackHole {
    /// `http://` and the address.
    pub url: String,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl BlackHole {
    /// One of its own.
    ///
    /// # Panics
    /// When loopback cannot be listened at.
    #[expect(clippy::expect_used, reason = "there is no test without it")]
    #[expect(
        clippy::disallowed_methods,
        reason = "the system's own queue is full in real time"
    )]
    pub async fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(any_port).expect("a port on loopback");
        let listener = socket.listen(1).expect("a listener");
        let address = listener.local_addr().expect("its address");
        let mut queued = Vec::new();
        // The queue takes one or two; whoever comes after that waits.
        while let Ok(stream) =
            tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(address)).await
        {
            queued.push(stream.expect("a connection"));
        }
        Self {
            url: format!("http://{address}"),
            _listener: listener,
            _queued: queued,
        }
    }
}
