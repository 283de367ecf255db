//! The AWS CLI's session cache: a role that either of us has assumed is not assumed again, nor its MFA code asked for
//! again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use credential_chain::cache::CacheFile;
use credential_chain::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, RoleHop, SystemClock,
    Variables,
};

mod endpoint;
mod entry;
mod key;
mod removal;

pub(crate) use endpoint::StsEndpoint;
pub(crate) use removal::remove;

/// With less time left than this a session counts as over, as it does for the AWS CLI.
const LEAST_LEFT: Duration = Duration::from_secs(15 * 60);

/// Where the AWS CLI keeps the sessions of roles; `None` without a home directory.
pub(crate) fn folder(variables: &Variables) -> Option<PathBuf> {
    Some(variables.home()?.join(".aws").join("cli").join("cache"))
}

/// A role whose sessions are kept on disk.
#[derive(Debug)]
pub(crate) struct CachedRole {
    file: CacheFile,
    provider: Arc<dyn ProvideAwsCredentials>,
    clock: Arc<dyn Clock>,
    endpoint: Arc<StsEndpoint>,
    /// The access key ID of a session that AWS refused.
    refused: Mutex<Option<String>>,
}

impl CachedRole {
    pub(crate) fn of(
        folder: &Path,
        endpoint: &Arc<StsEndpoint>,
        hop: &RoleHop,
        provider: Arc<dyn ProvideAwsCredentials>,
    ) -> Self {
        Self {
            file: CacheFile::new(folder.join(format!("{}.json", key::of(hop)))),
            provider,
            clock: Arc::new(SystemClock),
            endpoint: Arc::clone(endpoint),
            refused: Mutex::default(),
        }
    }

    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        if let Some(credentials) = self.kept().await {
            return Ok(credentials);
        }
        let credentials = self.provider.credentials().await?;
        self.keep(&credentials).await;
        Ok(credentials)
    }

    /// A file that cannot be used is as good as none: the AWS CLI replaces it, and so do we.
    async fn kept(&self) -> Option<AwsCredentials> {
        let path = self.file.path().display();
        let text = match self.file.read().await {
            Ok(text) => text?,
            Err(error) => {
                tracing::debug!(%path, %error, "the kept session cannot be read");
                return None;
            }
        };
        let Some(entry) = entry::read(&text) else {
            tracing::debug!(%path, "the kept session cannot be understood");
            return None;
        };
        if !entry.is_of(self.endpoint.get().await) {
            tracing::debug!(%path, "the kept session is of another endpoint of STS");
            return None;
        }
        let credentials = entry.credentials;
        let is_good = credentials
            .expiration()
            .is_some_and(|expiration| expiration - self.clock.now() >= LEAST_LEFT);
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_good || refused.as_deref() == Some(credentials.access_key_id()) {
            tracing::debug!(%path, "the kept session is over");
            return None;
        }
        tracing::debug!(%path, "a kept session is used");
        Some(credentials)
    }

    /// What cannot be written is asked for again next time.
    async fn keep(&self, credentials: &AwsCredentials) {
        let Some(text) = entry::write(credentials, self.endpoint.get().await) else {
            return;
        };
        if let Err(error) = self.file.replace(&text).await {
            let path = self.file.path().display();
            tracing::warn!(%path, %error, "the session cannot be kept");
        }
    }
}

impl ProvideAwsCredentials for CachedRole {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(credentials.access_key_id().to_owned());
        self.provider.invalidate(credentials);
    }

    fn name(&self) -> &str {
        self.provider.name()
    }
}

#[cfg(test)]
mod tests;
