use credential_endpoint::is_region;

use super::keys::{incomplete, optional, printable, wrong};
use super::place::Place;
use crate::error::{NoCredentialsSnafu, NoSuchSsoSessionSnafu, SsoMismatchSnafu, SsoTokenOnlySnafu};
use crate::region::REGION_RULE;
use crate::{Error, Position, Profile, Profiles, Property, Section};

/// A role in an account, got from IAM Identity Center: the `sso_…` keys and the `[sso-session]` that they name.
///
/// ```
/// use credential_profile::{Profiles, Source};
///
/// let text = "[default]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = Admin\n\
///             [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start";
/// let profiles = Profiles::of_texts(text, "")?;
/// let Source::Sso(role) = Source::of(&profiles, profiles.get("default").unwrap())? else {
///     unreachable!()
/// };
/// assert_eq!(role.session(), Some("corp"));
/// assert_eq!(role.region(), "eu-west-1");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoRole {
    session: Option<String>,
    start_url: String,
    region: String,
    scopes: Vec<String>,
    account_id: String,
    role_name: String,
    position: Place,
}

impl SsoRole {
    pub(super) fn of(profiles: &Profiles, profile: &Profile) -> Result<Option<Self>, Error> {
        let account_id = profile.value("sso_account_id");
        let role_name = profile.value("sso_role_name");
        // Without both, what is said of SSO is good for a bearer token alone.
        let Some(first) = account_id.or(role_name) else {
            return Ok(None);
        };
        let session = match profile.value("sso_session") {
            Some(named) => Some(session(profiles, profile, named)?),
            None => None,
        };
        let section: &Section = session.unwrap_or(profile);
        let (start_url, region) = (section.value("sso_start_url"), section.value("sso_region"));
        let (Some(account_id), Some(role_name), Some(start_url), Some(region)) =
            (account_id, role_name, start_url, region)
        else {
            return Err(missing(profile, session, section));
        };
        if !is_region(region.value()) {
            return Err(wrong("sso_region", region, REGION_RULE));
        }
        let scopes = optional(section, "sso_registration_scopes")?.unwrap_or_default();
        let start_url = printable(section, "sso_start_url", start_url)?;
        let account_id = printable(profile, "sso_account_id", account_id)?;
        let role_name = printable(profile, "sso_role_name", role_name)?;
        Ok(Some(Self {
            session: session.map(|section| section.name().to_owned()),
            start_url: start_url.to_owned(),
            region: region.value().to_owned(),
            scopes: scopes
                .split(',')
                .map(str::trim)
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
            account_id: account_id.to_owned(),
            role_name: role_name.to_owned(),
            position: Place::of(first),
        }))
    }

    /// The name of the `[sso-session]` section; `None` where the profile holds everything itself, as older ones do.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The portal's address, exactly as it is written: `sso_start_url`.
    #[must_use]
    pub fn start_url(&self) -> &str {
        &self.start_url
    }

    /// The region of IAM Identity Center: `sso_region`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What a login asks for, `sso_registration_scopes`; empty where nothing is said.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The account: `sso_account_id`.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The role's name in that account: `sso_role_name`.
    #[must_use]
    pub fn role_name(&self) -> &str {
        &self.role_name
    }

    /// Where the account stands.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.position.position()
    }
}

/// The first key that speaks of SSO.
pub(super) fn property(profile: &Profile) -> Option<(&str, &Property)> {
    profile
        .properties()
        .find(|(key, property)| key.starts_with("sso_") && !property.is_blank())
}

/// The end of a profile that asks for nothing else: nobody gets credentials by a bearer token.
pub(super) fn token_only(profile: &Profile) -> Result<(), Error> {
    match property(profile) {
        Some((key, property)) => SsoTokenOnlySnafu {
            profile: profile.name(),
            key,
            position: property.position().clone(),
        }
        .fail(),
        None => Ok(()),
    }
}

/// The section that the profile names. `aws configure sso` has written its keys into profiles as well, which is fine as
/// long as they say the same.
fn session<'a>(profiles: &'a Profiles, profile: &Profile, named: &Property) -> Result<&'a Section, Error> {
    let Some(section) = profiles.sso_session(named.value()) else {
        return NoSuchSsoSessionSnafu {
            session: named.value(),
            profile: profile.name(),
            position: named.position().clone(),
            hint: profiles.hint_of("sso-session", named.value()),
        }
        .fail();
    };
    for key in ["sso_start_url", "sso_region"] {
        let Some(repeated) = profile.value(key) else {
            continue;
        };
        let in_section = section.value(key);
        if in_section.is_none_or(|property| property.value() != repeated.value()) {
            return SsoMismatchSnafu {
                profile: profile.name(),
                key,
                position: repeated.position().clone(),
                session: section.name(),
                found: if in_section.is_some() { "another" } else { "none" },
            }
            .fail();
        }
    }
    Ok(section)
}

/// Everything that is missing, at once.
#[cold]
fn missing(profile: &Profile, session: Option<&Section>, section: &Section) -> Error {
    let in_section = match session {
        Some(session) => format!(" in [sso-session {}]", session.name()),
        None => String::new(),
    };
    let mut missing = String::new();
    for (section, key, place) in [
        (&**profile, "sso_account_id", ""),
        (profile, "sso_role_name", ""),
        (section, "sso_region", &in_section),
        (section, "sso_start_url", &in_section),
    ] {
        if section.value(key).is_none() {
            let and = if missing.is_empty() { "" } else { " and no " };
            missing = missing + and + key + place;
        }
    }
    let present = [
        "sso_account_id",
        "sso_role_name",
        "sso_session",
        "sso_region",
        "sso_start_url",
    ]
    .into_iter()
    .find_map(|key| Some((key, profile.value(key)?)));
    match present {
        Some((key, property)) => incomplete(profile, key, property, &missing),
        None => NoCredentialsSnafu {
            profile: profile.name(),
            unread: Vec::new(),
        }
        .build(),
    }
}
