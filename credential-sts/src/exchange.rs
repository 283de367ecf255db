use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, ProvideAwsCredentials, Random, parse_http_date};
use credential_http::{HttpClient, Request, Response, RetryPolicy, Url};
use credential_runtime::within;
use credential_sigv4::{SignableRequest, Signer};
use snafu::{IntoError, ResultExt};
use time::OffsetDateTime;

use crate::call::Operation;
use crate::endpoint::Endpoint;
use crate::error::{AnswerSnafu, Error, HttpSnafu, RefusedSnafu, SignSnafu, SilentSnafu, TimedOutSnafu};
use crate::refusal::{Cure, hint_of, meaning_of};
use crate::response::{self, AnswerError};
use crate::sent::Sent;

/// How far AWS's clock is ahead of ours, once an answer has told. A clone is the same knowledge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offset(Arc<AtomicI64>);

impl Offset {
    /// AWS's time when ours is `now`.
    pub(crate) fn correct(&self, now: OffsetDateTime) -> OffsetDateTime {
        let offset = time::Duration::milliseconds(self.0.load(Ordering::Relaxed));
        now.checked_add(offset).unwrap_or(now)
    }

    fn set(&self, ours: OffsetDateTime, theirs: OffsetDateTime) {
        let milliseconds = (theirs - ours).whole_milliseconds();
        self.0
            .store(i64::try_from(milliseconds).unwrap_or(0), Ordering::Relaxed);
    }
}

/// One call with all its attempts.
pub(crate) struct Exchange<'a, T> {
    pub(crate) operation: &'a Operation,
    pub(crate) endpoint: Endpoint,
    pub(crate) url: Url,
    pub(crate) body: Vec<u8>,
    pub(crate) read: fn(&[u8]) -> Result<T, AnswerError>,
    pub(crate) credentials: Option<&'a dyn ProvideAwsCredentials>,
    /// What the body holds and no refusal may repeat.
    pub(crate) sent: Sent,
    pub(crate) http: &'a HttpClient,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) random: &'a dyn Random,
    pub(crate) retries: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) offset: &'a Offset,
}

/// How an attempt failed, and what the answer says of the time.
struct Failure {
    error: Error,
    /// Our time when the answer came, and the answer's.
    date: Option<(OffsetDateTime, OffsetDateTime)>,
}

/// A call under way: the future of [`Exchange::run`].
pub(crate) type Running<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// Time stamps that are less far off are not the reason for a refusal.
const FAR_OFF: time::Duration = time::Duration::minutes(4);

impl<T> Exchange<'_, T> {
    /// Signed with the credentials; without them, not at all.
    ///
    /// Boxed, so that it is compiled once and not within each future that awaits it.
    pub(crate) fn run(&self, credentials: Option<AwsCredentials>) -> Running<'_, T> {
        Box::pin(self.attempts(credentials))
    }

    async fn attempts(&self, mut credentials: Option<AwsCredentials>) -> Result<T, Error> {
        let start = self.clock.monotonic();
        let mut paid_by_the_source = Duration::ZERO;
        let mut retries = 0;
        let mut clock_is_set = false;
        let mut source_was_asked = false;
        let left = |paid_by_the_source| {
            let used = self.clock.monotonic().saturating_sub(start);
            self.timeout
                .saturating_sub(used.saturating_sub(paid_by_the_source))
        };
        loop {
            let failure = match self.attempt(credentials.as_ref(), left(paid_by_the_source)).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let left = left(paid_by_the_source);
            let cure = cure_of(&failure.error);
            if left.is_zero() && !matches!(cure, Cure::None | Cure::Token) {
                return Err(TimedOutSnafu {
                    operation: self.operation.clone(),
                    limit: self.timeout,
                }
                .into_error(failure.error));
            }
            match cure {
                Cure::Clock | Cure::ClockIfFar
                    if credentials.is_some() && !clock_is_set && self.set_clock(&failure) =>
                {
                    clock_is_set = true;
                }
                Cure::Source if !source_was_asked => {
                    source_was_asked = true;
                    let before = self.clock.monotonic();
                    let others = self.other_credentials(credentials.as_ref()).await;
                    paid_by_the_source += self.clock.monotonic().saturating_sub(before);
                    match others {
                        Some(others) => credentials = Some(others),
                        None => return Err(failure.error),
                    }
                }
                Cure::Retry if retries + 1 < self.retries.attempts() => {
                    let pause = self.retries.pause(retries, self.random.fraction());
                    if pause >= left {
                        return Err(failure.error);
                    }
                    tracing::debug!(operation = %self.operation, error = %failure.error, ?pause, "trying STS again");
                    self.clock.sleep(pause).await;
                    retries += 1;
                }
                _ => return Err(failure.error),
            }
        }
    }

    /// One request, signed now, and its answer.
    async fn attempt(&self, credentials: Option<&AwsCredentials>, left: Duration) -> Result<T, Failure> {
        let mut request = Request::post(self.url.clone())
            .with_header("content-type", CONTENT_TYPE)
            .with_body(self.body.clone());
        if let Some(credentials) = credentials {
            request = self.sign(request, credentials).map_err(Failure::from)?;
        }
        let limit = self.attempt_timeout.min(left);
        let response = match within(self.clock.sleep(limit), self.http.send(&request)).await {
            Some(response) => response
                .with_context(|_| HttpSnafu {
                    operation: self.operation.clone(),
                    endpoint: self.endpoint.url(),
                })
                .map_err(Failure::from)?,
            None => {
                let silent = SilentSnafu {
                    operation: self.operation.clone(),
                    endpoint: self.endpoint.url(),
                    limit,
                };
                return Err(Failure::from(silent.build()));
            }
        };
        tracing::debug!(operation = %self.operation, status = response.status(), "STS answered");
        self.take(&response, credentials).map_err(|error| Failure {
            error,
            date: date_of(&response).map(|theirs| (self.clock.now(), theirs)),
        })
    }

    fn sign(&self, mut request: Request, credentials: &AwsCredentials) -> Result<Request, Error> {
        let host = self.url.authority();
        let headers = [("host", host.as_str()), ("content-type", CONTENT_TYPE)];
        let signable = SignableRequest {
            method: "POST",
            path: self.url.path(),
            query: "",
            headers: &headers,
            body: &self.body,
        };
        let now = self.offset.correct(self.clock.now());
        let signed = Signer::new("sts", self.endpoint.signing_region())
            .sign(&signable, credentials, now)
            .context(SignSnafu {
                operation: self.operation.clone(),
            })?;
        for header in signed.headers() {
            request = request.with_secret_header(header.name(), header.value());
        }
        Ok(request)
    }

    fn take(&self, response: &Response, credentials: Option<&AwsCredentials>) -> Result<T, Error> {
        let mut sent = self.sent.clone();
        // A signature that does not match is answered with the headers that it should have been made of.
        if let Some(token) = credentials.and_then(AwsCredentials::session_token) {
            sent.add("session token", token);
        }
        let refusal = response::refusal(response.body(), &sent);
        if response.is_success() && refusal.is_none() {
            return (self.read)(response.body()).with_context(|_| AnswerSnafu {
                operation: self.operation.clone(),
                endpoint: self.endpoint.url(),
            });
        }
        let refusal = refusal.unwrap_or_default();
        RefusedSnafu {
            operation: self.operation.clone(),
            status: response.status(),
            hint: hint_of(
                self.operation,
                response.status(),
                refusal.code.as_deref(),
                refusal.message.as_deref(),
            ),
            code: refusal.code,
            message: refusal.message,
            request_id: refusal.request_id.or_else(|| {
                response
                    .header("x-amzn-requestid")
                    .map(|id| response::presentable(&sent.hide(id), 128))
            }),
        }
        .fail()
    }

    /// Takes over the time of an answer that found ours wrong; `false` when it tells no time, or one that is near ours.
    fn set_clock(&self, failure: &Failure) -> bool {
        let Some((ours, theirs)) = failure.date else {
            return false;
        };
        let difference = theirs - self.offset.correct(ours);
        if cure_of(&failure.error) == Cure::ClockIfFar && difference.abs() <= FAR_OFF {
            return false;
        }
        tracing::warn!(
            seconds = difference.whole_seconds(),
            "AWS finds this machine's clock wrong; signing with its time"
        );
        self.offset.set(ours, theirs);
        true
    }

    /// Tells the source that its credentials were refused, and asks it for others.
    async fn other_credentials(&self, refused: Option<&AwsCredentials>) -> Option<AwsCredentials> {
        let (source, refused) = (self.credentials?, refused?);
        source.invalidate(refused);
        match source.credentials().await {
            Ok(fresh) => (fresh.access_key_id() != refused.access_key_id()).then_some(fresh),
            Err(error) => {
                tracing::debug!(operation = %self.operation, error = %error.report(), "no other credentials to sign with");
                None
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, date: None }
    }
}

fn cure_of(error: &Error) -> Cure {
    match error {
        Error::Refused {
            operation,
            status,
            code,
            ..
        } => meaning_of(operation, *status, code.as_deref()).cure,
        Error::Http { source, .. } if source.is_transient() => Cure::Retry,
        Error::Silent { .. } | Error::Answer { .. } => Cure::Retry,
        _ => Cure::None,
    }
}

fn date_of(response: &Response) -> Option<OffsetDateTime> {
    parse_http_date(response.header("date")?)
}
