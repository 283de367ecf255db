//! A refresh token for a renewed session: one question, asked again where that may help.

use std::pin::Pin;
use std::time::Duration;

use credential_core::{Clock, Random, Report};
use credential_http::{Es256Key, HttpClient, Request, Response, RetryPolicy, Url, retry_after};
use credential_runtime::within;
use snafu::ResultExt;

use crate::dpop;
use crate::error::{AnswerSnafu, Error, ProofSnafu, RefusedSnafu, TimedOutSnafu, TransportSnafu};
use crate::refusal::Said;
use crate::session::{Answer, Session};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MOST_PAUSE: Duration = Duration::from_secs(20);

pub(crate) struct Exchange<'a> {
    pub(crate) url: &'a Url,
    pub(crate) session: &'a Session,
    pub(crate) key: &'a Es256Key,
    pub(crate) http: &'a HttpClient,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) random: &'a dyn Random,
    pub(crate) attempts: u32,
    pub(crate) timeout: Duration,
    pub(crate) command: &'a str,
}

/// Whether a further attempt would be in vain.
pub(crate) type InVain<'a> = &'a (dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> + Send + Sync);

impl Exchange<'_> {
    /// Before each further attempt it asks whether that would be in vain, as when somebody else has used the refresh
    /// token.
    pub(crate) async fn run_unless(&self, in_vain: InVain<'_>) -> Result<Session, Error> {
        let limit = self.timeout;
        within(self.clock.sleep(limit), self.ask(in_vain))
            .await
            .unwrap_or_else(|| TimedOutSnafu { limit }.fail())
    }

    async fn ask(&self, in_vain: InVain<'_>) -> Result<Session, Error> {
        let started = self.clock.monotonic();
        let policy = RetryPolicy::new(self.attempts, FIRST_PAUSE, MOST_PAUSE);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = self.http.send(&self.request()?).await;
            let asked = outcome
                .as_ref()
                .ok()
                .and_then(|response| retry_after(response, MOST_PAUSE));
            let error = match self.judge(outcome, attempts) {
                Ok(renewed) => return Ok(renewed),
                Err(error) => error,
            };
            let pause = asked.unwrap_or_else(|| policy.pause(attempts - 1, self.random.fraction()));
            let spent = self.clock.monotonic().saturating_sub(started);
            if !error.is_transient() || attempts >= policy.attempts() || spent + pause >= self.timeout {
                return Err(error);
            }
            tracing::debug!(attempts, ?pause, error = %Report::of(&error), "AWS Sign-In is asked again");
            self.clock.sleep(pause).await;
            if in_vain().await {
                return Err(error);
            }
        }
    }

    /// Made anew for each attempt: AWS takes no proof twice.
    fn request(&self) -> Result<Request, Error> {
        let url = self.url.to_string();
        let proof = dpop::proof(self.key, &url, self.clock.now()).context(ProofSnafu)?;
        Ok(Request::post(self.url.clone())
            .with_header("content-type", "application/json")
            .with_header("accept", "application/json")
            .with_secret_header("DPoP", proof)
            .with_body(self.session.question().expose().as_bytes().to_vec())
            .not_repeatable())
    }

    fn judge(
        &self,
        outcome: Result<Response, credential_http::Error>,
        attempts: u32,
    ) -> Result<Session, Error> {
        let url = self.url.to_string();
        let response = outcome.with_context(|_| TransportSnafu {
            url: url.clone(),
            attempts,
        })?;
        if response.status() == 200 {
            return Answer::read(response.body())
                .and_then(|answer| self.session.renewed(answer, self.clock.now()))
                .context(AnswerSnafu { url, attempts });
        }
        RefusedSnafu {
            url,
            attempts,
            status: response.status(),
            said: Said::of(&response, self.session),
            command: self.command,
        }
        .fail()
    }
}
