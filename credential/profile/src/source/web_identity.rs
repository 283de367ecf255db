use std::time::Duration;

use super::keys::{duration, printable, role_session_name};
use super::place::Place;
use crate::{Error, Position, Profile, Property};

/// A role that is assumed with a web identity token: `role_arn` with `web_identity_token_file`.
///
/// ```
/// use credential_profile::{Profiles, Source};
///
/// let text = "[default]\nrole_arn = arn:aws:iam::123456789012:role/web\nweb_identity_token_file = ~/token";
/// let profiles = Profiles::of_texts(text, "")?;
/// let Source::WebIdentity(role) = Source::of(&profiles, profiles.get("default").unwrap())? else {
///     unreachable!()
/// };
/// assert_eq!(role.token_file(), "~/token");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentityRole {
    role_arn: String,
    token_file: String,
    role_session_name: Option<String>,
    duration: Option<Duration>,
    position: Place,
}

impl WebIdentityRole {
    pub(super) fn of(profile: &Profile, role_arn: &Property, token_file: &Property) -> Result<Self, Error> {
        let arn = printable(profile, "role_arn", role_arn)?;
        let token_file = printable(profile, "web_identity_token_file", token_file)?;
        let role_session_name = role_session_name(profile)?;
        let duration = duration(profile)?;
        Ok(Self {
            role_arn: arn.to_owned(),
            token_file: token_file.to_owned(),
            role_session_name: role_session_name.map(str::to_owned),
            duration,
            position: Place::of(role_arn),
        })
    }

    /// The role's ARN.
    #[must_use]
    pub fn role_arn(&self) -> &str {
        &self.role_arn
    }

    /// The path of the token, as it is written: a leading `~` is the home directory.
    #[must_use]
    pub fn token_file(&self) -> &str {
        &self.token_file
    }

    /// The name of the sessions, if the profile has one: `role_session_name`.
    #[must_use]
    pub fn role_session_name(&self) -> Option<&str> {
        self.role_session_name.as_deref()
    }

    /// How long sessions last, if the profile says so: `duration_seconds`.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.duration
    }

    /// Where the role stands.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.position.position()
    }
}
