//! IAM Identity Center on loopback, as far as the tests need it: refresh tokens are good for one use.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use credential_cache::Object;
use credential_core::{Clock, format_timestamp};
use tests_support::{FixedRandom, ManualClock, canary};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::login::SsoLogin;
use crate::provider::SsoProvider;
use crate::session::SsoSession;

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// A text of the body.
    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        let body = Object::parse(&self.body).unwrap();
        body.optional_text(key)
            .unwrap()
            .map(|text| text.expose().to_owned())
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: String,
        body: String,
    },
    /// Closes the connection without a word.
    Close,
    /// Holds the connection without a word.
    Silence,
}

impl Reply {
    pub(crate) fn with(status: u16, body: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: String::new(),
            body: body.into(),
        }
    }

    /// As the OIDC service refuses.
    pub(crate) fn refusal(status: u16, error: &str) -> Self {
        Self::with(
            status,
            format!("{{\"error\":\"{error}\",\"error_description\":\"as the script says\"}}"),
        )
    }

    pub(crate) fn header(mut self, header: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push_str(header);
            headers.push_str("\r\n");
        }
        self
    }
}

/// What IAM Identity Center knows.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    /// Access tokens that the portal accepts.
    pub(crate) accepted: BTreeSet<String>,
    /// Refresh tokens that were not used yet.
    pub(crate) refresh_tokens: BTreeSet<String>,
    /// Answers for a path that come before the usual ones.
    pub(crate) script: VecDeque<(&'static str, Reply)>,
    pub(crate) received: Vec<Received>,
    /// Tokens that were given so far.
    pub(crate) given: u32,
    pub(crate) keeps_refresh_tokens: bool,
    pub(crate) registered: u32,
    /// The challenge, state and code of a login in the browser.
    pub(crate) challenge: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Center {
    pub(crate) url: String,
    knowledge: Arc<Mutex<Knowledge>>,
    task: tokio::task::JoinHandle<()>,
}

impl Center {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let knowledge = Arc::new(Mutex::new(Knowledge::default()));
        let theirs = Arc::clone(&knowledge);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&theirs)));
            }
        });
        Self { url, knowledge, task }
    }

    pub(crate) fn knows(&self) -> MutexGuard<'_, Knowledge> {
        self.knowledge.lock().unwrap()
    }

    pub(crate) fn answer_next(&self, path: &'static str, reply: Reply) {
        self.knows().script.push_back((path, reply));
    }

    /// The requests for a path so far.
    pub(crate) fn asked(&self, path: &str) -> Vec<Received> {
        let knows = self.knows();
        let asked = knows.received.iter().filter(|request| request.path() == path);
        asked.cloned().collect()
    }
}

impl Drop for Center {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Knowledge {
    fn reply(&mut self, request: &Received) -> Reply {
        self.received.push(request.clone());
        let scripted = self.script.iter().position(|(path, _)| *path == request.path());
        if let Some((_, reply)) = scripted.and_then(|place| self.script.remove(place)) {
            return reply;
        }
        match request.path() {
            "/federation/credentials" => match request.header("x-amz-sso_bearer_token") {
                Some(token) if self.accepted.contains(token) => Reply::with(200, role_credentials()),
                _ => Reply::with(401, "{\"message\":\"Session token not found or invalid\"}")
                    .header("x-amzn-ErrorType: UnauthorizedException:http://internal.amazon.com/"),
            },
            "/logout" => Reply::with(200, ""),
            "/token" => self.token(request),
            "/client/register" => {
                self.registered += 1;
                let (number, secret) = (self.registered, canary("client secret"));
                Reply::with(
                    200,
                    format!(
                        "{{\"clientId\":\"client-{number}\",\"clientSecret\":\"{secret}\",\
                         \"clientIdIssuedAt\":1893499200,\"clientSecretExpiresAt\":1901275200}}"
                    ),
                )
            }
            "/device_authorization" => Reply::with(
                200,
                format!(
                    "{{\"deviceCode\":\"{}\",\"userCode\":\"ABCD-EFGH\",\"interval\":1,\"expiresIn\":600,\
                     \"verificationUri\":\"https://device.sso.example\",\
                     \"verificationUriComplete\":\"https://device.sso.example/?user_code=ABCD-EFGH\"}}",
                    canary("device code")
                ),
            ),
            other => Reply::with(404, format!("{{\"message\":\"nothing at {other}\"}}")),
        }
    }

    fn token(&mut self, request: &Received) -> Reply {
        let granted = match request.text("grantType").as_deref() {
            Some("refresh_token") => {
                let token = request.text("refreshToken").unwrap();
                if self.keeps_refresh_tokens {
                    self.refresh_tokens.contains(&token)
                } else {
                    self.refresh_tokens.remove(&token)
                }
            }
            Some("urn:ietf:params:oauth:grant-type:device_code") => {
                request.text("deviceCode") == Some(canary("device code"))
            }
            Some("authorization_code") => {
                let verifier = request.text("codeVerifier").unwrap();
                let challenge = crate::scripted::challenge_of(&verifier);
                request.text("code") == Some(canary("authorization code"))
                    && self.challenge == Some(challenge)
            }
            _ => false,
        };
        if !granted {
            return Reply::refusal(400, "invalid_grant");
        }
        self.given += 1;
        let access = canary(&format!("access {}", self.given));
        let mut answer =
            format!("{{\"tokenType\":\"Bearer\",\"expiresIn\":28800,\"accessToken\":\"{access}\"");
        self.accepted.insert(access);
        if !self.keeps_refresh_tokens {
            let refresh = canary(&format!("refresh {}", self.given));
            answer.push_str(&format!(",\"refreshToken\":\"{refresh}\""));
            self.refresh_tokens.insert(refresh);
        }
        answer.push('}');
        Reply::with(200, answer)
    }
}

/// The challenge that belongs to a verifier, worked out apart from the code under test.
pub(crate) fn challenge_of(verifier: &str) -> String {
    use sha2::{Digest, Sha256};
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = String::new();
    for byte in Sha256::digest(verifier.as_bytes()) {
        bits.push_str(&format!("{byte:08b}"));
    }
    while !bits.len().is_multiple_of(6) {
        bits.push('0');
    }
    let letter = |at: usize| LETTERS[usize::from_str_radix(&bits[at..at + 6], 2).unwrap()] as char;
    (0..bits.len()).step_by(6).map(letter).collect()
}

fn role_credentials() -> String {
    format!(
        "{{\"roleCredentials\":{{\"accessKeyId\":\"ASIAROLE\",\"secretAccessKey\":\"{}\",\
         \"sessionToken\":\"{}\",\"expiration\":1893502800123}}}}",
        canary("secret access key"),
        canary("session token")
    )
}

async fn serve(mut stream: TcpStream, knowledge: Arc<Mutex<Knowledge>>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let reply = knowledge.lock().unwrap().reply(&request);
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let answer = format!(
                "HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Reply::Close => {}
        Reply::Silence => std::future::pending().await,
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
    let headers: BTreeMap<String, String> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received {
        method: first.next().unwrap().to_owned(),
        target: first.next().unwrap().to_owned(),
        headers,
        body: String::from_utf8(bytes[head_end + 4..].to_vec()).unwrap(),
    })
}

/// A folder for token files, IAM Identity Center, and a clock that stands still at noon.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) center: Center,
    pub(crate) clock: ManualClock,
}

pub(crate) const START_URL: &str = "https://corp.awsapps.com/start";

impl World {
    pub(crate) async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            center: Center::start().await,
            clock: ManualClock::new(),
        }
    }

    pub(crate) fn named() -> SsoSession {
        SsoSession::named("corp", START_URL, "eu-central-1")
    }

    pub(crate) fn provider(&self, session: SsoSession) -> SsoProvider {
        SsoProvider::new(session, "012345678901", "Read Only&more")
            .with_cache_directory(self.folder.path())
            .with_portal_endpoint(&self.center.url)
            .with_oidc_endpoint(&self.center.url)
            .with_profile("deploy")
            .with_clock(self.clock.clone())
            .with_random(FixedRandom(0.0))
    }

    pub(crate) fn login(&self, session: SsoSession) -> SsoLogin {
        SsoLogin::new(session)
            .with_cache_directory(self.folder.path())
            .with_portal_endpoint(&self.center.url)
            .with_oidc_endpoint(&self.center.url)
            .with_clock(self.clock.clone())
            .with_random(FixedRandom(0.0))
    }

    /// The names in the folder, without those of locks.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".lock"))
            .collect();
        names.sort();
        names
    }

    pub(crate) fn token_file(&self, session: &SsoSession) -> PathBuf {
        self.folder.path().join(session.token_file_name())
    }

    pub(crate) fn write(&self, session: &SsoSession, text: &str) {
        std::fs::write(self.token_file(session), text).unwrap();
    }

    /// The token file's text.
    pub(crate) fn text(&self, session: &SsoSession) -> String {
        std::fs::read_to_string(self.token_file(session)).unwrap()
    }

    /// What a login left that ends so long from now; IAM Identity Center knows its tokens.
    pub(crate) fn log_in(&self, session: &SsoSession, lifetime: time::Duration) {
        let mut knows = self.center.knows();
        knows.accepted.insert(canary("access 0"));
        knows.refresh_tokens.insert(canary("refresh 0"));
        drop(knows);
        self.write(session, &login(self.clock.now() + lifetime));
    }
}

/// A token file as the AWS CLI writes it, with a member of the future.
pub(crate) fn login(expiration: time::OffsetDateTime) -> String {
    format!(
        "{{\"startUrl\": \"{START_URL}\", \"region\": \"eu-central-1\", \"accessToken\": \"{}\", \
         \"expiresAt\": \"{}\", \"clientId\": \"client-0\", \"clientSecret\": \"{}\", \
         \"registrationExpiresAt\": \"2030-03-01T00:00:00Z\", \"refreshToken\": \"{}\", \
         \"future\": {{\"list\": [1, \"two\", null]}}}}",
        canary("access 0"),
        format_timestamp(expiration),
        canary("client secret"),
        canary("refresh 0"),
    )
}

/// The system's clock, set to the hour of the manual one: for tests in which real files have to be waited for.
#[derive(Clone, Debug)]
pub(crate) struct RunningClock(pub(crate) ManualClock);

impl Clock for RunningClock {
    fn now(&self) -> time::OffsetDateTime {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        credential_runtime::TokioClock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> credential_core::Sleep {
        credential_runtime::TokioClock.sleep(duration)
    }
}

/// A clock on which pauses, which are all shorter than 15 s in these tests, pass at once and are noted; the limits of
/// calls, which are longer, pass when a test winds the clock.
#[derive(Clone, Debug)]
pub(crate) struct QuickClock {
    pub(crate) manual: ManualClock,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl QuickClock {
    pub(crate) fn of(manual: &ManualClock) -> Self {
        Self {
            manual: manual.clone(),
            pauses: Arc::default(),
        }
    }

    pub(crate) fn pauses(&self) -> Vec<u64> {
        self.pauses
            .lock()
            .unwrap()
            .iter()
            .map(Duration::as_secs)
            .collect()
    }
}

impl Clock for QuickClock {
    fn now(&self) -> time::OffsetDateTime {
        self.manual.now()
    }

    fn monotonic(&self) -> Duration {
        self.manual.monotonic()
    }

    fn sleep(&self, duration: Duration) -> credential_core::Sleep {
        if duration >= Duration::from_secs(15) {
            return self.manual.sleep(duration);
        }
        self.pauses.lock().unwrap().push(duration);
        self.manual.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
