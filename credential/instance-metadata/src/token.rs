use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credential_core::Secret;
use credential_http::Request;

use crate::error::{Error, NotEc2Snafu, StatusSnafu, TimedOutSnafu, TokenSnafu, Version1ForbiddenSnafu};
use crate::session::{Answer, Session};
use credential_runtime::Flight;

/// The longest life that EC2 grants a token: six hours.
const LONGEST: Duration = Duration::from_secs(21_600);
const TTL_HEADER: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// The token of version 2 of instance metadata, and when it had better be renewed.
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>
#[derive(Debug)]
pub(crate) struct Token {
    text: Secret,
    /// On the monotonic clock: a correction of the time of day must not bring a dead token back.
    stale_from: Duration,
}

impl Token {
    pub(crate) fn expose(&self) -> &str {
        self.text.expose()
    }
}

/// How a request is made acceptable to the service.
#[derive(Clone, Debug)]
pub(crate) enum Pass {
    Token(Arc<Token>),
    /// Version 1 asks for nothing.
    Version1,
}

/// Whether version 1 may stand in when no token is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Version1 {
    Never,
    Allowed,
    ForbiddenBy(String),
}

/// The token of one endpoint: got once, kept, renewed.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    kept: Mutex<Option<Arc<Token>>>,
    flight: Flight<Result<Pass, Error>>,
    had_one: AtomicBool,
    version1: AtomicBool,
    warned: AtomicBool,
}

impl Tokens {
    pub(crate) fn had_one(&self) -> bool {
        self.had_one.load(Ordering::Relaxed)
    }

    /// Drops a token that was refused, unless another one has taken its place already.
    pub(crate) fn forget(&self, refused: &Pass) {
        match refused {
            Pass::Version1 => self.version1.store(false, Ordering::Relaxed),
            Pass::Token(refused) => {
                let mut kept = self.kept();
                if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, refused)) {
                    *kept = None;
                }
            }
        }
    }

    fn ready(&self, now: Duration, version1: &Version1) -> Option<Pass> {
        if *version1 == Version1::Allowed && self.version1.load(Ordering::Relaxed) {
            return Some(Pass::Version1);
        }
        let kept = self.kept();
        let token = kept.as_ref().filter(|token| now < token.stale_from)?;
        Some(Pass::Token(Arc::clone(token)))
    }

    fn kept(&self) -> MutexGuard<'_, Option<Arc<Token>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// A pass for the next request: the one at hand while it is fresh, else a new one that all callers share.
    pub(crate) async fn pass(&self, version1: &Version1) -> Result<Pass, Error> {
        if let Some(pass) = self.tokens.ready(self.clock.monotonic(), version1) {
            return Ok(pass);
        }
        let limit = self.limits.whole;
        let shared = self
            .tokens
            .flight
            .share(self.clock.sleep(limit), || self.new_pass(version1))
            .await;
        shared.unwrap_or_else(|| {
            TimedOutSnafu {
                what: "waiting for a token",
                limit,
            }
            .fail()
        })
    }

    async fn new_pass(&self, version1: &Version1) -> Result<Pass, Error> {
        let asked_at = self.clock.monotonic();
        if let Some(pass) = self.tokens.ready(asked_at, version1) {
            return Ok(pass);
        }
        let url = self.path("/latest/api/token")?;
        let request = Request::put(url).with_header(TTL_HEADER, LONGEST.as_secs().to_string());
        let answer = match self.exchange(&request).await {
            Err(Error::Transport { request, source }) if is_silence(&source) && !self.tokens.had_one() => {
                return Err(Error::SilentToken { request, source });
            }
            other => other?,
        };
        match answer.response.status() {
            200 => match read_token(&answer) {
                Ok(text) => Ok(Pass::Token(self.keep(text, lifetime(&answer), asked_at))),
                Err(problem) => Err(self.refusal(&answer, |answer| {
                    let request = answer.request.clone();
                    TokenSnafu { request, problem }.build()
                })),
            },
            403..=405 if *version1 == Version1::Allowed => {
                if !self.tokens.warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        endpoint = self.address(),
                        "instance metadata gives no token: falling back to version 1, which any forged request can use"
                    );
                }
                self.tokens.version1.store(true, Ordering::Relaxed);
                Ok(Pass::Version1)
            }
            status => Err(self.refusal(&answer, |answer| {
                let request = answer.request.clone();
                match version1 {
                    Version1::ForbiddenBy(setting) if matches!(status, 403..=405) => Version1ForbiddenSnafu {
                        status,
                        request,
                        setting,
                    }
                    .build(),
                    _ => StatusSnafu { status, request }.build(),
                }
            })),
        }
    }

    /// Other clouds answer at the same address: only EC2's own refusal, or that of an endpoint somebody set, means
    /// that there is something here that does not work.
    fn refusal(&self, answer: &Answer, of_ec2: impl FnOnce(&Answer) -> Error) -> Error {
        if self.is_trusted(&answer.response) {
            return of_ec2(answer);
        }
        self.believe_nothing_is_there();
        let server = answer
            .response
            .header("server")
            .unwrap_or("a server without a name");
        NotEc2Snafu {
            endpoint: self.address(),
            server: server.chars().take(60).collect::<String>(),
            status: answer.response.status(),
            request: answer.request.clone(),
        }
        .build()
    }

    fn keep(&self, text: Secret, lifetime: Duration, asked_at: Duration) -> Arc<Token> {
        let margin = Duration::from_secs(120).min(lifetime / 4);
        let token = Arc::new(Token {
            text,
            stale_from: asked_at + lifetime - margin,
        });
        *self.tokens.kept() = Some(Arc::clone(&token));
        self.tokens.had_one.store(true, Ordering::Relaxed);
        token
    }
}

/// Whether the connection stood and nothing came back.
fn is_silence(error: &credential_http::Error) -> bool {
    use credential_http::{Error, Phase};
    matches!(
        error,
        Error::ReadTimeout { .. }
            | Error::Timeout {
                phase: Phase::Exchanging,
                ..
            }
    )
}

/// The token in an answer, or what is wrong with it: never its text.
fn read_token(answer: &Answer) -> Result<Secret, &'static str> {
    let Ok(text) = std::str::from_utf8(answer.response.body()) else {
        return Err("it is not text");
    };
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
    match text {
        "" => Err("it is empty"),
        _ if text.len() > 1024 => Err("it is longer than 1024 bytes"),
        _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err("it holds a byte that cannot stand in a header")
        }
        _ => Ok(Secret::from(text)),
    }
}

/// How long the token lives: what the answer says, else what was asked for, as some stand-ins leave it out.
fn lifetime(answer: &Answer) -> Duration {
    let granted = answer.response.header(TTL_HEADER);
    granted
        .and_then(|text| text.trim().parse::<u64>().ok())
        .filter(|seconds| *seconds > 0)
        .map_or(LONGEST, Duration::from_secs)
        .min(LONGEST)
}
