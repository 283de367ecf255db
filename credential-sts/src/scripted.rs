//! A server on loopback that answers by a script, and a clock whose pauses take no time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use credential_core::{Clock, Secret, Sleep};
use credential_sigv4::{Authorization, Refusal, SignableRequest, Verifier};
use tests_support::{ManualClock, canary};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers and closes the connection.
    Answer {
        status: u16,
        headers: String,
        body: String,
    },
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Holds the connection and says nothing.
    Silence,
    /// Sends a body without end.
    Endless,
    /// Waits for the bell before this reply.
    Held(Arc<Notify>, Box<Reply>),
}

impl Reply {
    pub(crate) fn with(status: u16, body: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: String::new(),
            body: body.into(),
        }
    }

    /// A refusal of STS.
    pub(crate) fn refusal(status: u16, code: &str) -> Self {
        Self::with(
            status,
            format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>as the script says</Message></Error>\
                 <RequestId>c6104cbe</RequestId></ErrorResponse>"
            ),
        )
    }

    /// The usual answer to AssumeRole, good until one o'clock on the manual clock's day, which begins at noon.
    pub(crate) fn role() -> Self {
        Self::session("AssumeRole", "2030-01-01T13:00:00Z")
    }

    pub(crate) fn session(operation: &str, expiration: &str) -> Self {
        let (secret, token) = (canary("new secret"), canary("new token"));
        Self::with(
            200,
            format!(
                "<{operation}Response><{operation}Result><AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:n</AssumedRoleId>\
                 <Arn>arn:aws:sts::123456789012:assumed-role/deploy/n</Arn></AssumedRoleUser><Credentials>\
                 <AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
                 <SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
                 </{operation}Result></{operation}Response>"
            ),
        )
    }

    pub(crate) fn identity() -> Self {
        Self::with(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn>\
             <UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>",
        )
    }

    /// This reply, once the bell is rung.
    pub(crate) fn held(self, bell: &Arc<Notify>) -> Self {
        Self::Held(Arc::clone(bell), Box::new(self))
    }

    /// Adds a header, as `Date: …`.
    pub(crate) fn header(mut self, header: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push_str(header);
            headers.push_str("\r\n");
        }
        self
    }
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The authorization that it carries.
    pub(crate) fn authorization(&self) -> Authorization {
        let headers = self.pairs();
        Authorization::of(&self.signable(&headers)).unwrap().unwrap()
    }

    /// Whether this secret access key signed it, for this region and about this time.
    pub(crate) fn verify(&self, secret: &str, region: &str, now: OffsetDateTime) -> Result<(), Refusal> {
        let headers = self.pairs();
        let request = self.signable(&headers);
        Verifier::new("sts", region)
            .with_clock_skew(Duration::from_secs(300))
            .verify(&request, &self.authorization(), &Secret::from(secret), now)
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    fn signable<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> SignableRequest<'a> {
        SignableRequest {
            method: &self.method,
            path: &self.path,
            query: "",
            headers,
            body: self.body.as_bytes(),
        }
    }

    /// The value of a parameter of the form, as it was sent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.body
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The server: one connection for each request, one reply of the script for each; the last one repeats.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    arrived: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn answering(script: impl Into<Vec<Reply>>) -> Self {
        let script = script.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let arrived = Arc::new(Notify::new());
        let (theirs, bell) = (Arc::clone(&received), Arc::clone(&arrived));
        let task = tokio::spawn(async move {
            let mut connections = Vec::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let (script, theirs, bell) = (script.clone(), Arc::clone(&theirs), Arc::clone(&bell));
                connections.push(Aborting(tokio::spawn(async move {
                    serve(stream, &script, &theirs, &bell).await;
                })));
            }
        });
        Self {
            url,
            received,
            arrived,
            task,
        }
    }

    /// All requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for one more request.
    pub(crate) async fn arrival(&self) {
        self.arrived.notified().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Aborting(tokio::task::JoinHandle<()>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn serve(mut stream: TcpStream, script: &[Reply], received: &Mutex<Vec<Received>>, arrived: &Notify) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let mut reply = {
        let mut received = received.lock().unwrap();
        let turn = received.len().min(script.len() - 1);
        received.push(request);
        script[turn].clone()
    };
    arrived.notify_one();
    while let Reply::Held(bell, then) = reply {
        bell.notified().await;
        reply = *then;
    }
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Silence | Reply::Held(..) => std::future::pending().await,
        Reply::Endless => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
        }
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut request = Received {
        method: first.next().unwrap().to_owned(),
        path: first.next().unwrap().to_owned(),
        headers,
        body: String::new(),
    };
    let length: usize = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let body_start = head_end + 4;
    while bytes.len() < body_start + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = String::from_utf8(bytes[body_start..].to_vec()).unwrap();
    Some(request)
}

/// A manual clock on which pauses, which are all shorter than 5 s, pass at once and are noted; limits of time, which are
/// all longer, pass when a test winds the clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct PausingClock {
    pub(crate) manual: ManualClock,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl PausingClock {
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }
}

impl Clock for PausingClock {
    fn now(&self) -> OffsetDateTime {
        self.manual.now()
    }

    fn monotonic(&self) -> Duration {
        self.manual.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        if duration >= Duration::from_secs(5) {
            return self.manual.sleep(duration);
        }
        self.pauses.lock().unwrap().push(duration);
        self.manual.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
