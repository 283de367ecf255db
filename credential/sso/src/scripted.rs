//! IAM Identity Center on loopback, as far as the tests need it: refresh tokens are good for one use.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use credential_cache::Object;
use credential_core::{Clock, format_timestamp};
use tests_support::{FixedRandom, ManualClock, PausingClock, Received, Reply, Server, canary};

use crate::login::SsoLogin;
use crate::provider::SsoProvider;
use crate::session::SsoSession;

/// A call of the OIDC service.
pub(crate) trait OfOidc {
    /// A text of the body.
    fn text(&self, key: &'static str) -> Option<String>;
}

impl OfOidc for Received {
    fn text(&self, key: &'static str) -> Option<String> {
        let body = Object::parse(&self.body).unwrap();
        body.optional_text(key)
            .unwrap()
            .map(|text| text.expose().to_owned())
    }
}

/// The replies of the OIDC service.
pub(crate) trait Refusing {
    fn refusal(status: u16, error: &str) -> Reply {
        Reply::with(
            status,
            format!("{{\"error\":\"{error}\",\"error_description\":\"as the script says\"}}"),
        )
    }
}

impl Refusing for Reply {}

/// What IAM Identity Center knows.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    /// Access tokens that the portal accepts.
    pub(crate) accepted: BTreeSet<String>,
    /// Refresh tokens that were not used yet.
    pub(crate) refresh_tokens: BTreeSet<String>,
    /// Answers for a path that come before the usual ones.
    pub(crate) script: VecDeque<(&'static str, Reply)>,
    /// Tokens that were given so far.
    pub(crate) given: u32,
    pub(crate) keeps_refresh_tokens: bool,
    pub(crate) registered: u32,
    /// The challenge, state and code of a login in the browser.
    pub(crate) challenge: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Center {
    pub(crate) server: Server,
    knowledge: Arc<Mutex<Knowledge>>,
}

impl Center {
    pub(crate) async fn start() -> Self {
        let knowledge = Arc::new(Mutex::new(Knowledge::default()));
        let theirs = Arc::clone(&knowledge);
        let server = Server::deciding(move |_, request| theirs.lock().unwrap().reply(request)).await;
        Self { server, knowledge }
    }

    pub(crate) fn knows(&self) -> MutexGuard<'_, Knowledge> {
        self.knowledge.lock().unwrap()
    }

    pub(crate) fn answer_next(&self, path: &'static str, reply: Reply) {
        self.knows().script.push_back((path, reply));
    }

    /// The requests for a path so far.
    pub(crate) fn asked(&self, path: &str) -> Vec<Received> {
        let mut asked = self.server.received();
        asked.retain(|request| request.path() == path);
        asked
    }
}

impl Knowledge {
    fn reply(&mut self, request: &Received) -> Reply {
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
            .with_portal_endpoint(&self.center.server.url)
            .with_oidc_endpoint(&self.center.server.url)
            .with_profile("deploy")
            .with_clock(self.clock.clone())
            .with_random(FixedRandom(0.0))
    }

    pub(crate) fn login(&self, session: SsoSession) -> SsoLogin {
        SsoLogin::new(session)
            .with_cache_directory(self.folder.path())
            .with_portal_endpoint(&self.center.server.url)
            .with_oidc_endpoint(&self.center.server.url)
            .with_clock(self.clock.clone())
            .with_random(FixedRandom(0.0))
    }

    /// The clock on which pauses pass at once: in these tests they are all shorter than 15 s, and the limits of calls are
    /// longer.
    pub(crate) fn quick_clock(&self) -> PausingClock {
        PausingClock::of(&self.clock, Duration::from_secs(15))
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
