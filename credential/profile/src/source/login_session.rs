use super::keys::printable;
use super::place::Place;
use crate::{Error, Position, Profile};

/// A session of `aws login`: `login_session`.
///
/// ```
/// use credential_profile::{Profiles, Source};
///
/// let text = "[default]\nlogin_session = arn:aws:iam::123456789012:user/me";
/// let profiles = Profiles::of_texts(text, "")?;
/// let Source::LoginSession(session) = Source::of(&profiles, profiles.get("default").unwrap())? else {
///     unreachable!()
/// };
/// assert_eq!(session.arn(), "arn:aws:iam::123456789012:user/me");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginSession {
    arn: String,
    position: Place,
}

impl LoginSession {
    pub(super) fn of(profile: &Profile) -> Result<Option<Self>, Error> {
        let Some(property) = profile.value("login_session") else {
            return Ok(None);
        };
        Ok(Some(Self {
            arn: printable(profile, "login_session", property)?.to_owned(),
            position: Place::of(property),
        }))
    }

    /// The identity that signed in: the key under which `aws login` left its tokens.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Where it is asked for.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.position.position()
    }
}
