use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

use crate::random::Random;

/// An access key of this server, which no other server and no AWS account knows.
///
/// Recognisable on sight: the access key ID ends in `EXAMPLE`, the secret access key in `EXAMPLEKEY`, and the session
/// token holds `EXAMPLETOKEN`. `Debug` shows the access key ID alone.
///
/// ```
/// let mock = mock_imds::MockImds::builder().start_blocking();
/// let user = mock.user();
/// assert!(user.access_key_id().starts_with("AKIA"));
/// assert!(user.session_token().is_none(), "a user's key is for the long term");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<OffsetDateTime>,
}

impl AccessKey {
    /// The access key ID: `AKIA…` for the long term, `ASIA…` for temporary credentials.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key, 40 characters.
    #[must_use]
    pub fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }

    /// The session token of temporary credentials: at least 360 characters of base64 with `+`, `/` and `=` among them.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// The instant from which the server refuses the key; `None` for a long-term key.
    #[must_use]
    pub fn expiration(&self) -> Option<OffsetDateTime> {
        self.expiration
    }

    fn long_term(random: &mut Random) -> Self {
        Self {
            access_key_id: format!("AKIA{}EXAMPLE", random.base32_letters(9)),
            secret_access_key: secret_access_key(random),
            session_token: None,
            expiration: None,
        }
    }

    fn temporary(random: &mut Random, expiration: OffsetDateTime, token_length: usize) -> Self {
        Self {
            access_key_id: format!("ASIA{}EXAMPLE", random.base32_letters(9)),
            secret_access_key: secret_access_key(random),
            session_token: Some(session_token(random, token_length)),
            expiration: Some(expiration),
        }
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

/// How a key that was revoked is refused from then on.
///
/// ```
/// use mock_imds::{MockImds, Refusal};
///
/// let mock = MockImds::builder().start_blocking();
/// assert!(mock.revoke(mock.user().access_key_id(), Refusal::Unknown));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As if its time were over: `ExpiredToken`.
    Expired,
    /// As if it had never been issued: `InvalidClientTokenId`.
    Unknown,
}

/// Who a key speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) kind: Kind,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    pub(crate) account: String,
    pub(crate) source_identity: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user with a long-term key.
    User,
    /// The same user with the temporary key of `GetSessionToken`.
    UserSession,
    /// Somebody for whom a user has asked for a key with `GetFederationToken`.
    Federated,
    /// A role that somebody, or a machine, has assumed.
    RoleSession,
}

/// A key with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) key: AccessKey,
    pub(crate) principal: Principal,
    pub(crate) refusal: Option<Refusal>,
}

/// Issues every key of the server and is the only thing that signature checks ask.
#[derive(Debug)]
pub(crate) struct Authority {
    token_length: usize,
    random: Random,
    /// Apart from the keys: which role is asked for first changes no key.
    ids: Random,
    keys: HashMap<String, Issued>,
    role_ids: HashMap<String, String>,
}

/// Past this many keys, those that have ended are forgotten.
const MANY: usize = 100_000;

impl Authority {
    pub(crate) fn new(token_length: usize, seed: Option<u64>) -> Self {
        Self {
            token_length,
            random: Random::new(seed, "keys"),
            ids: Random::new(seed, "ids"),
            keys: HashMap::new(),
            role_ids: HashMap::new(),
        }
    }

    pub(crate) fn issue_long_term(&mut self, principal: Principal) -> AccessKey {
        let key = AccessKey::long_term(&mut self.random);
        self.keep(key, principal)
    }

    pub(crate) fn issue_temporary(&mut self, principal: Principal, expiration: OffsetDateTime) -> AccessKey {
        let key = AccessKey::temporary(&mut self.random, expiration, self.token_length);
        self.keep(key, principal)
    }

    fn keep(&mut self, key: AccessKey, principal: Principal) -> AccessKey {
        let issued = Issued {
            key: key.clone(),
            principal,
            refusal: None,
        };
        self.keys.insert(key.access_key_id.clone(), issued);
        key
    }

    pub(crate) fn forget_ended(&mut self, now: OffsetDateTime) {
        if self.keys.len() > MANY {
            let long_ago = now - Duration::from_secs(3600);
            self.keys
                .retain(|_, issued| issued.key.expiration.is_none_or(|end| end > long_ago));
        }
    }

    pub(crate) fn find(&self, access_key_id: &str) -> Option<&Issued> {
        self.keys.get(access_key_id)
    }

    /// The ID of a user: `AIDA` and 17 letters.
    pub(crate) fn user_id(&mut self) -> String {
        format!("AIDA{}", self.ids.base32_letters(17))
    }

    /// The same for the same role, as long as the server lives: `AROA` and 17 letters.
    pub(crate) fn role_id(&mut self, role_arn: &str) -> String {
        self.role_ids
            .entry(role_arn.to_owned())
            .or_insert_with(|| format!("AROA{}", self.ids.base32_letters(17)))
            .clone()
    }

    pub(crate) fn revoke(&mut self, access_key_id: &str, refusal: Refusal) -> bool {
        match self.keys.get_mut(access_key_id) {
            Some(issued) => {
                issued.refusal = Some(refusal);
                true
            }
            None => false,
        }
    }

    pub(crate) fn revoke_temporary(&mut self, refusal: Refusal) {
        for issued in self.keys.values_mut() {
            if issued.key.session_token.is_some() {
                issued.refusal = Some(refusal);
            }
        }
    }
}

fn secret_access_key(random: &mut Random) -> String {
    // The two characters that a wrong encoding breaks are always there.
    format!(
        "{}/{}+{}EXAMPLEKEY",
        random.base64_letters(7),
        random.base64_letters(7),
        random.base64_letters(14)
    )
}

fn session_token(random: &mut Random, length: usize) -> String {
    const START: &str = "IQoJb3JpZ2luEXAMPLETOKENxy+/";
    // Valid base64, and `+`, `/` and `=` are certain: each breaks when it is not encoded in a query or a form.
    let length = length.max(360).next_multiple_of(4);
    format!("{START}{}A=", random.base64_letters(length - START.len() - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_shapes_of_real_ones_and_say_that_they_are_none() {
        let mut random = Random::of_system();
        let end = OffsetDateTime::UNIX_EPOCH;
        for (key, prefix) in [
            (AccessKey::long_term(&mut random), "AKIA"),
            (AccessKey::temporary(&mut random, end, 0), "ASIA"),
        ] {
            assert!(key.access_key_id().starts_with(prefix));
            assert_eq!(key.access_key_id().len(), 20);
            assert!(key.access_key_id().ends_with("EXAMPLE"));
            assert_eq!(key.secret_access_key().len(), 40);
            assert!(key.secret_access_key().ends_with("EXAMPLEKEY"));
        }
        let role_id = Authority::new(0, None).role_id("arn:aws:iam::123456789012:role/deploy");
        assert!(role_id.starts_with("AROA") && role_id.len() == 21, "{role_id}");
        assert_eq!(session_token(&mut random, 2048).len(), 2048);
        let token = session_token(&mut random, 0);
        assert_eq!(token.len(), 360);
        for part in ["+", "/", "=", "EXAMPLETOKEN"] {
            assert!(token.contains(part), "{part}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = AccessKey::temporary(&mut Random::of_system(), OffsetDateTime::UNIX_EPOCH, 0);
        let shown = format!("{key:?}");
        assert!(shown.contains(key.access_key_id()));
        assert!(
            !shown.contains("EXAMPLEKEY") && !shown.contains("EXAMPLETOKEN"),
            "{shown}"
        );
    }
}
