use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::answer::{Answer, reason};
use crate::body::{self, BodyError, Full};
use crate::clock::http_date;
use crate::head::{self, HeadError};
use crate::request::Request;
use crate::routes;
use crate::state::Shared;
use crate::timer;
use crate::wire::{Cut, Plan, Plans, Wire};

/// The longest body of a request.
const BODY: usize = 1024 * 1024;

/// Who a request came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) connection: u64,
    pub(crate) peer: SocketAddr,
}

/// How a request ends.
pub(crate) enum Outcome {
    Answer(Answer),
    Cut(Cut, Answer),
}

/// Serves one connection to its end.
pub(crate) async fn serve(shared: Arc<Shared>, mut stream: TcpStream, caller: Caller) {
    let _ = stream.set_nodelay(true);
    let read_ahead = match head::read(&mut stream).await {
        Ok(read_ahead) => read_ahead,
        Err(HeadError::Status(status)) => return refuse(&shared, stream, status).await,
        Err(HeadError::Gone) => return,
    };
    let plans = Plans::default();
    let wire = Wire::new(stream, read_ahead, plans.clone());
    let keep_alive = shared.settings.keep_alive;
    let service = service_fn(move |request| {
        let (shared, plans) = (Arc::clone(&shared), plans.clone());
        async move { Ok::<_, Infallible>(respond(shared, caller, plans, request).await) }
    });
    // What goes wrong here is the client's going away, or a fault of ours: neither is news.
    let _ = http1::Builder::new()
        .keep_alive(keep_alive)
        .title_case_headers(true)
        .auto_date_header(false)
        .serve_connection(wire, service)
        .await;
}

async fn respond(
    shared: Arc<Shared>,
    caller: Caller,
    plans: Plans,
    request: hyper::Request<Incoming>,
) -> hyper::Response<Full> {
    let (head, incoming) = request.into_parts();
    let read = timer::timeout(head::TIME, body::read(incoming, BODY)).await;
    let outcome = match read {
        Ok(Ok(body)) => routes::answer(&shared, caller, Request::new(&head, body)).await,
        Ok(Err(BodyError::TooLarge)) => Outcome::Answer(Answer::metadata_error(413)),
        Ok(Err(BodyError::Broken)) => Outcome::Answer(Answer::metadata_error(400)),
        Err(_) => Outcome::Answer(Answer::metadata_error(408)),
    };
    let (cut, answer) = match outcome {
        Outcome::Answer(answer) => (None, answer),
        Outcome::Cut(cut, answer) => (Some(cut), answer),
    };
    plans.set(Plan {
        cut,
        http_1_0: shared.settings.http_1_0,
    });
    answer.into_response(shared.clock.now(), shared.settings.keep_alive)
}

/// Answers what is no request, then waits a little for the client to stop sending: closing with bytes unread would make
/// the kernel reset the connection, and the answer would be lost.
async fn refuse(shared: &Shared, mut stream: TcpStream, status: u16) {
    let body = Answer::metadata_error(status).body;
    let mut answer = format!(
        "HTTP/1.1 {status} {}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nDate: {}\r\nServer: EC2ws\r\n\
         Connection: close\r\n\r\n",
        reason(status),
        body.len(),
        http_date(shared.clock.now())
    )
    .into_bytes();
    answer.extend(body);
    let sent = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        let mut rest = (&mut stream).take(BODY as u64);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    let _ = timer::timeout(std::time::Duration::from_secs(1), sent).await;
}
