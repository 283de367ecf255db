use credential_core::{AwsCredentials, Renewal, Secret};

use super::keys::{incomplete, optional, printable, sendable};
use super::place::Place;
use crate::provider::{NAME, REREAD_AFTER};
use crate::{Error, Position, Profile};

/// An access key ID, a secret access key and what belongs to them, from one of the files.
///
/// ```
/// use credential_profile::{Profiles, Source};
///
/// let text = "[ops]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s";
/// let profiles = Profiles::of_texts("", text)?;
/// let Source::StaticKeys(keys) = Source::of(&profiles, profiles.get("ops").unwrap())? else {
///     unreachable!()
/// };
/// assert_eq!(keys.access_key_id(), "AKIDEXAMPLE");
/// assert_eq!(keys.position().to_string(), "credentials:2");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticKeys {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    account_id: Option<String>,
    position: Place,
}

impl StaticKeys {
    pub(super) fn of(profile: &Profile) -> Result<Option<Self>, Error> {
        // The older name of the token counts where the documented one is missing.
        let session_token = ["aws_session_token", "aws_security_token"]
            .into_iter()
            .find_map(|key| Some((key, profile.value(key)?)));
        let (id, secret) = match (
            profile.value("aws_access_key_id"),
            profile.value("aws_secret_access_key"),
        ) {
            (Some(id), Some(secret)) => (id, secret),
            (Some(id), None) => {
                let missing = "aws_secret_access_key";
                return Err(incomplete(profile, "aws_access_key_id", id, missing));
            }
            (None, Some(secret)) => {
                let missing = "aws_access_key_id";
                return Err(incomplete(profile, "aws_secret_access_key", secret, missing));
            }
            (None, None) => {
                let Some((key, token)) = session_token else {
                    return Ok(None);
                };
                let missing = "aws_access_key_id and no aws_secret_access_key";
                return Err(incomplete(profile, key, token, missing));
            }
        };
        let access_key_id = sendable(profile, "aws_access_key_id", id)?;
        let secret_access_key = printable(profile, "aws_secret_access_key", secret)?;
        let session_token = session_token
            .map(|(key, token)| sendable(profile, key, token))
            .transpose()?;
        let account_id = account_id(profile)?;
        Ok(Some(Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Secret::from(secret_access_key),
            session_token: session_token.map(Secret::from),
            account_id: account_id.map(str::to_owned),
            position: Place::of(id),
        }))
    }

    /// The credentials: of source `Profile`, without an expiration, to be read again after ten minutes.
    #[must_use]
    pub fn to_credentials(&self) -> AwsCredentials {
        let mut credentials = AwsCredentials::new(&*self.access_key_id, self.secret_access_key.clone())
            .with_source(NAME)
            .with_renewal(Renewal::NEVER.with_reread_after(REREAD_AFTER));
        if let Some(session_token) = &self.session_token {
            credentials = credentials.with_session_token(session_token.clone());
        }
        if let Some(account_id) = &self.account_id {
            credentials = credentials.with_account_id(&**account_id);
        }
        credentials
    }

    /// The access key ID.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key.
    #[must_use]
    pub fn secret_access_key(&self) -> &Secret {
        &self.secret_access_key
    }

    /// The session token, if they are temporary.
    #[must_use]
    pub fn session_token(&self) -> Option<&Secret> {
        self.session_token.as_ref()
    }

    /// The account, if the profile says so.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// Where the access key ID stands.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.position.position()
    }
}

/// Whether both halves of a pair are there.
pub(super) fn are_complete(profile: &Profile) -> bool {
    profile.value("aws_access_key_id").is_some() && profile.value("aws_secret_access_key").is_some()
}

/// The account of static keys and of a credential process.
pub(super) fn account_id(profile: &Profile) -> Result<Option<&str>, Error> {
    optional(profile, "aws_account_id")
}
