//! Renewing a session: everybody in turn, and nothing that was spent is lost.

use std::sync::Arc;
use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{AwsCredentials, Report, format_timestamp};
use credential_http::Es256Key;
use snafu::ResultExt;

use super::{LoginProvider, MARGIN};
use crate::error::{Error, KeySnafu, TooSoonSnafu};
use crate::exchange::{Exchange, InVain};
use crate::session::Session;

/// After which pauses the file is read again for what somebody else may be about to write.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(300),
    Duration::from_millis(400),
];

impl LoginProvider {
    /// Renews it unless somebody has done so, and serves what is still valid where that fails.
    pub(super) async fn renew(&self, file: &CacheFile) -> Result<AwsCredentials, Arc<Error>> {
        // Without a lock it goes on all the same: the file is read again either way.
        let lock = file.lock(&*self.settings.clock).await;
        let session = self.session(file).await?;
        let outcome = self.renew_unless_done(file, &session).await;
        drop(lock);
        match outcome {
            Err(error) if session.outlives(Duration::ZERO, self.settings.clock.now()) => {
                tracing::warn!(
                    error = %Report::of(&*error),
                    expiration = %format_timestamp(session.expiration()),
                    "the session of `aws login` was not renewed"
                );
                Ok(session.credentials())
            }
            outcome => outcome,
        }
    }

    async fn renew_unless_done(
        &self,
        file: &CacheFile,
        session: &Session,
    ) -> Result<AwsCredentials, Arc<Error>> {
        let now = self.settings.clock.now();
        if session.outlives(MARGIN, now) {
            return Ok(session.credentials());
        }
        let path = file.path();
        let alive = session.outlives(Duration::ZERO, now);
        match self
            .state
            .recent(self.settings.clock.monotonic(), session.refresh_token())
        {
            Some(_) if alive => return Ok(session.credentials()),
            Some(Some(error)) => return Err(error),
            Some(None) => {
                let expiration = session.expiration();
                return Err(TooSoonSnafu { path, expiration }.build().into());
            }
            None => {}
        }
        let began = self.settings.clock.monotonic();
        let failed = match self.exchange(file, session, self.settings.timeout).await {
            Err(error) => error,
            outcome => return outcome,
        };
        // Somebody without a lock, as the AWS CLI, may have spent the refresh token just before.
        let mut newer = self.newer(file, session).await;
        let refused = matches!(*failed, Error::Refused { .. });
        if refused && !failed.is_transient() && !alive {
            // And may still have to write what came for it. Credentials that are valid need no such patience.
            for pause in PATIENCE {
                if newer.is_some() {
                    break;
                }
                self.settings.clock.sleep(pause).await;
                newer = self.newer(file, session).await;
            }
        }
        let Some(newer) = newer else {
            return Err(failed);
        };
        let spent = self.settings.clock.monotonic().saturating_sub(began);
        let left = self.settings.timeout.saturating_sub(spent);
        let once_more = refused && !left.is_zero();
        let margin = if once_more { MARGIN } else { Duration::ZERO };
        if newer.outlives(margin, self.settings.clock.now()) {
            return Ok(newer.credentials());
        }
        if !once_more {
            return Err(failed);
        }
        self.exchange(file, &newer, left).await
    }

    /// The session in the file, if its refresh token is another. A file that cannot be used may be half written.
    async fn newer(&self, file: &CacheFile, session: &Session) -> Option<Session> {
        let now = self.session(file).await.ok()?;
        (now.refresh_token() != session.refresh_token()).then_some(now)
    }

    /// Asks AWS Sign-In for a new session and puts it into the file.
    async fn exchange(
        &self,
        file: &CacheFile,
        session: &Session,
        limit: Duration,
    ) -> Result<AwsCredentials, Arc<Error>> {
        let (path, command) = (file.path(), self.command());
        let url = self.settings.endpoint.token_url()?;
        let key = Es256Key::from_pem(session.dpop_key().expose()).context(KeySnafu {
            path,
            command: &command,
        })?;
        let at = self.settings.clock.monotonic();
        let exchange = Exchange {
            url: &url,
            session,
            key: &key,
            http: &self.settings.http,
            clock: &*self.settings.clock,
            random: &*self.settings.random,
            attempts: self.settings.attempts,
            timeout: limit,
            command: &command,
        };
        let in_vain: InVain<'_> = &|| Box::pin(async { self.newer(file, session).await.is_some() });
        match exchange.run_unless(in_vain).await {
            Ok(renewed) => {
                self.state.note(at, renewed.refresh_token(), None);
                let credentials = renewed.credentials();
                tracing::debug!(
                    expiration = %format_timestamp(renewed.expiration()),
                    "renewed the session of `aws login`"
                );
                self.save(file, session, renewed).await;
                Ok(credentials)
            }
            Err(error) => {
                let error = Arc::new(error);
                self.state
                    .note(at, session.refresh_token(), Some(Arc::clone(&error)));
                Err(error)
            }
        }
    }

    /// A session that cannot be written serves all the same, in this process.
    async fn save(&self, file: &CacheFile, before: &Session, renewed: Session) {
        // First into memory: whoever reads while the file is being written shall not spend the old refresh token.
        let text = renewed.to_text();
        self.state.keep(before, renewed);
        match file.replace(&text).await {
            Ok(()) => self.state.forget(),
            Err(error) => tracing::warn!(
                path = %file.path().display(),
                %error,
                "the renewed session of `aws login` cannot be written: other processes will need a new sign-in"
            ),
        }
    }
}
