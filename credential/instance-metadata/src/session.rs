use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credential_core::{Clock, Random};
use credential_http::{HttpClient, Request, Response, RetryPolicy, retry_after};

use crate::endpoint::{Endpoint, Origin};
use crate::error::{
    Attempted, Error, NoTlsSnafu, NothingThereSnafu, TimedOutSnafu, TransportSnafu, UnreachableSnafu,
};
use crate::settings::Limits;
use crate::token::Tokens;
use credential_runtime::within;
use snafu::IntoError;

/// For this long "nothing there" is believed without asking again, so that a burst of calls off EC2 waits once.
const NOTHING_THERE_FOR: Duration = Duration::from_secs(60);

/// What has been learned from one endpoint, and the connection to it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) endpoint: Endpoint,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tokens: Tokens,
    random: Arc<dyn Random>,
    http: HttpClient,
    answered: AtomicBool,
    nothing_there_since: Mutex<Option<Duration>>,
}

/// A whole answer of any status, and the request it answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) request: Attempted,
}

impl Session {
    pub(crate) fn new(
        endpoint: Endpoint,
        limits: Limits,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        // No proxy, whatever the environment says: it would see the credentials, and EC2 refuses forwarded requests.
        let http = HttpClient::new()
            .with_connect_timeout(limits.connect)
            .with_read_timeout(limits.read)
            .with_timeout(limits.request)
            .with_max_body_bytes(64 * 1024)
            .with_max_connections(2)
            .with_user_agent(concat!(
                "credential-instance-metadata/",
                env!("CARGO_PKG_VERSION")
            ));
        Self {
            endpoint,
            limits,
            clock,
            tokens: Tokens::default(),
            random,
            http,
            answered: AtomicBool::new(false),
            nothing_there_since: Mutex::new(None),
        }
    }

    /// An error while "nothing there" is still believed.
    pub(crate) fn check_something_is_there(&self) -> Result<(), Error> {
        let Some(since) = *self.nothing_there_since() else {
            return Ok(());
        };
        let ago = self.clock.monotonic().saturating_sub(since);
        if ago >= NOTHING_THERE_FOR {
            return Ok(());
        }
        NothingThereSnafu {
            endpoint: self.address(),
            ago,
            again_after: NOTHING_THERE_FOR,
        }
        .fail()
    }

    pub(crate) fn believe_nothing_is_there(&self) {
        *self.nothing_there_since() = Some(self.clock.monotonic());
    }

    pub(crate) fn address(&self) -> String {
        self.endpoint.url.to_string().trim_end_matches('/').to_owned()
    }

    /// Whether an answer can only come from EC2, or from what somebody put in its place on purpose.
    pub(crate) fn is_trusted(&self, response: &Response) -> bool {
        let server = response.header("server").unwrap_or_default();
        self.endpoint.origin == Origin::Configured || server.trim().eq_ignore_ascii_case("EC2ws")
    }

    /// Sends a request until it is answered with a status that repeating would not change, within the limits.
    pub(crate) async fn exchange(&self, request: &Request) -> Result<Answer, Error> {
        let started = self.clock.monotonic();
        let mut attempts = 0;
        let outcome = within(
            self.clock.sleep(self.limits.request),
            self.attempt(request, started, &mut attempts),
        )
        .await;
        let elapsed = self.clock.monotonic().saturating_sub(started);
        let request = Attempted::new(request, attempts, elapsed);
        match outcome {
            None => TimedOutSnafu {
                what: request.to_string(),
                limit: self.limits.request,
            }
            .fail(),
            Some(Ok(response)) => Ok(Answer { response, request }),
            Some(Err(credential_http::Error::NoTls { .. })) => NoTlsSnafu {
                endpoint: self.address(),
            }
            .fail(),
            Some(Err(error)) if error.is_connect() && !self.has_answered() => {
                self.believe_nothing_is_there();
                Err(UnreachableSnafu { request }.into_error(error))
            }
            Some(Err(error)) => Err(TransportSnafu { request }.into_error(error)),
        }
    }

    async fn attempt(
        &self,
        request: &Request,
        started: Duration,
        attempts: &mut u32,
    ) -> Result<Response, credential_http::Error> {
        // Full jitter up to 50 ms, then up to 100 ms.
        let policy = RetryPolicy::new(
            self.limits.attempts,
            Duration::from_millis(50),
            Duration::from_secs(1),
        );
        loop {
            *attempts += 1;
            let outcome = self.http.send(request).await;
            if outcome.is_ok() {
                self.answered.store(true, Ordering::Relaxed);
            }
            let again = match &outcome {
                Ok(response) => matches!(response.status(), 429 | 500 | 502 | 503 | 504),
                // Off EC2 a second look costs as long as the first, and finds as little.
                Err(error) if error.is_connect() => self.has_answered(),
                // A token request that is not answered the first time looks like the hop limit, which patience does
                // not mend.
                Err(error) if error.is_timeout() => request.method() == "GET" || self.tokens.had_one(),
                Err(error) => error.is_transient(),
            };
            if !again || *attempts >= self.limits.attempts {
                return outcome;
            }
            let pause = outcome
                .as_ref()
                .ok()
                .and_then(|response| retry_after(response, Duration::from_secs(1)))
                .unwrap_or_else(|| policy.pause(*attempts - 1, self.random.fraction()));
            let spent = self.clock.monotonic().saturating_sub(started);
            if spent + pause >= self.limits.request {
                return outcome;
            }
            tracing::debug!(attempts, ?pause, "instance metadata is asked again");
            self.clock.sleep(pause).await;
        }
    }

    fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    fn nothing_there_since(&self) -> MutexGuard<'_, Option<Duration>> {
        self.nothing_there_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
