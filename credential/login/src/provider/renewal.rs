//! Renewing a session: everybody in turn, and nothing that was spent is lost.

use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{AwsCredentials, Report};
use credential_http::Es256Key;
use snafu::ResultExt;

use super::{LoginProvider, MARGIN};
use crate::error::{Error, KeySnafu, TooSoonSnafu};
use crate::exchange::Exchange;
use crate::session::Session;

impl LoginProvider {
    /// Renews it unless somebody has done so, and serves what is still valid where that fails.
    pub(super) async fn renew(&self, file: &CacheFile) -> Result<AwsCredentials, Error> {
        // Without a lock it goes on all the same: the file is read again either way.
        let lock = file.lock(&*self.clock).await;
        let session = self.session(file).await?;
        let outcome = self.renew_unless_done(file, &session).await;
        drop(lock);
        match outcome {
            Err(error) if session.outlives(Duration::ZERO, self.clock.now()) => {
                tracing::warn!(
                    error = %Report::of(&error),
                    expiration = %session.expiration(),
                    "the session of `aws login` was not renewed"
                );
                Ok(session.credentials())
            }
            outcome => outcome,
        }
    }

    async fn renew_unless_done(&self, file: &CacheFile, session: &Session) -> Result<AwsCredentials, Error> {
        let now = self.clock.now();
        if session.outlives(MARGIN, now) {
            return Ok(session.credentials());
        }
        let path = file.path();
        let alive = session.outlives(Duration::ZERO, now);
        match self.state.recent(self.clock.monotonic(), session.refresh_token()) {
            Some(_) if alive => return Ok(session.credentials()),
            Some(Some(error)) => return Err(error),
            Some(None) => {
                let expiration = session.expiration();
                return TooSoonSnafu { path, expiration }.fail();
            }
            None => {}
        }
        let refused = match self.exchange(file, session).await {
            Err(error @ Error::Refused { .. }) => error,
            outcome => return outcome,
        };
        // Somebody without a lock, as the AWS CLI, may have spent the refresh token just before.
        match self.session(file).await {
            Ok(newer) if newer.refresh_token() != session.refresh_token() => {
                if newer.outlives(MARGIN, self.clock.now()) {
                    return Ok(newer.credentials());
                }
                self.exchange(file, &newer).await
            }
            _ => Err(refused),
        }
    }

    /// Asks AWS Sign-In for a new session and puts it into the file.
    async fn exchange(&self, file: &CacheFile, session: &Session) -> Result<AwsCredentials, Error> {
        let (path, command) = (file.path(), self.command());
        let url = self.endpoint.token_url()?;
        let key = Es256Key::from_pem(session.dpop_key().expose()).context(KeySnafu {
            path,
            command: &command,
        })?;
        let at = self.clock.monotonic();
        let exchange = Exchange {
            url: &url,
            session,
            key: &key,
            http: &self.http,
            clock: &*self.clock,
            random: &*self.random,
            attempts: self.attempts,
            timeout: self.timeout,
            command: &command,
        };
        match exchange.run().await {
            Ok(renewed) => {
                self.state.note(at, renewed.refresh_token(), None);
                let credentials = renewed.credentials();
                tracing::debug!(expiration = %renewed.expiration(), "renewed the session of `aws login`");
                self.save(file, session, renewed).await;
                Ok(credentials)
            }
            Err(error) => {
                self.state.note(at, session.refresh_token(), Some(error.clone()));
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
