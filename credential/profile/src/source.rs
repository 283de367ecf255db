use std::fmt;

use credential_core::Secret;

use crate::error::{ContradictionSnafu, IllegalCharacterSnafu, IncompleteSnafu, SsoTokenOnlySnafu};
use crate::{Error, Position, Profile, Property};

/// What the selected profile asks for, as data: nothing is fetched here.
///
/// A profile may hold several kinds; the first of these counts: web identity, assume role, SSO, login session,
/// credential process, static keys.
///
/// ```
/// use credential_profile::{Profiles, Source, SourceKind};
///
/// let profiles = Profiles::of_texts("[default]\ncredential_process = /opt/tool", "")?;
/// let source = Source::of(profiles.get("default").unwrap())?;
/// assert_eq!(source.kind(), SourceKind::Process);
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Keys that stand in the files.
    StaticKeys(StaticKeys),
    /// A role, assumed with a web identity token.
    WebIdentity {
        /// Where it is asked for.
        position: Position,
    },
    /// A role, assumed with the credentials of another profile or of a credential source.
    AssumeRole {
        /// Where it is asked for.
        position: Position,
    },
    /// IAM Identity Center.
    Sso {
        /// Where it is asked for.
        position: Position,
    },
    /// A session of `aws login`.
    LoginSession {
        /// Where it is asked for.
        position: Position,
    },
    /// A command that prints credentials.
    Process {
        /// Where it is asked for.
        position: Position,
    },
    /// No credentials: a profile of settings alone, or an empty one.
    Nothing,
}

/// The kinds of [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// Keys that stand in the files.
    StaticKeys,
    /// A role, assumed with a web identity token.
    WebIdentity,
    /// A role, assumed with other credentials.
    AssumeRole,
    /// IAM Identity Center.
    Sso,
    /// A session of `aws login`.
    LoginSession,
    /// A command that prints credentials.
    Process,
    /// No credentials.
    Nothing,
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StaticKeys => "static keys",
            Self::WebIdentity => "a role with a web identity (web_identity_token_file)",
            Self::AssumeRole => "an assumed role (role_arn)",
            Self::Sso => "IAM Identity Center (sso_…)",
            Self::LoginSession => "a login session (login_session)",
            Self::Process => "a credential process (credential_process)",
            Self::Nothing => "nothing",
        })
    }
}

/// An access key ID, a secret access key and what belongs to them, from one of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticKeys {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    account_id: Option<String>,
    position: Position,
}

impl StaticKeys {
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
        &self.position
    }
}

impl Source {
    /// What this profile asks for when it is the selected one.
    ///
    /// # Errors
    /// [`Error::Incomplete`] and [`Error::Contradiction`] for a profile that is set up by halves, as with an access key
    /// ID alone; [`Error::IllegalCharacter`]; [`Error::SsoTokenOnly`].
    pub fn of(profile: &Profile) -> Result<Self, Error> {
        for key in [
            "role_arn",
            "source_profile",
            "credential_source",
            "web_identity_token_file",
        ]
        .into_iter()
        .chain(["login_session", "credential_process"])
        .chain(KEYS)
        {
            if let Some(blank) = profile.property(key).filter(|property| property.is_blank()) {
                tracing::warn!("{key} is blank in {}: it counts as absent", blank.position());
            }
        }
        let source = Self::first_of(profile)?;
        source.warn_of_others(profile);
        Ok(source)
    }

    fn first_of(profile: &Profile) -> Result<Self, Error> {
        let token_file = profile.value("web_identity_token_file");
        if let Some(role) = profile.value("role_arn") {
            let position = role.position().clone();
            if token_file.is_some() {
                return Ok(Self::WebIdentity { position });
            }
            check_base(profile, role)?;
            return Ok(Self::AssumeRole { position });
        }
        if let Some(token_file) = token_file {
            return incomplete(profile, "web_identity_token_file", token_file, "role_arn");
        }
        if let Some(credential_source) = profile.value("credential_source") {
            // A forgotten role_arn would hand out the broader identity.
            return incomplete(profile, "credential_source", credential_source, "role_arn");
        }
        if let Some((key, property)) = sso_property(profile) {
            return sso(profile, key, property);
        }
        if let Some(login) = profile.value("login_session") {
            let position = login.position().clone();
            return Ok(Self::LoginSession { position });
        }
        if let Some(process) = profile.value("credential_process") {
            let position = process.position().clone();
            return Ok(Self::Process { position });
        }
        Ok(static_keys(profile)?.map_or(Self::Nothing, Self::StaticKeys))
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::StaticKeys(_) => SourceKind::StaticKeys,
            Self::WebIdentity { .. } => SourceKind::WebIdentity,
            Self::AssumeRole { .. } => SourceKind::AssumeRole,
            Self::Sso { .. } => SourceKind::Sso,
            Self::LoginSession { .. } => SourceKind::LoginSession,
            Self::Process { .. } => SourceKind::Process,
            Self::Nothing => SourceKind::Nothing,
        }
    }

    /// Where it is asked for; `None` for [`Source::Nothing`].
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        match self {
            Self::StaticKeys(keys) => Some(keys.position()),
            Self::WebIdentity { position }
            | Self::AssumeRole { position }
            | Self::Sso { position }
            | Self::LoginSession { position }
            | Self::Process { position } => Some(position),
            Self::Nothing => None,
        }
    }

    /// AWS's SDKs differ in what counts first, so a profile with several kinds deserves a word.
    fn warn_of_others(&self, profile: &Profile) {
        let is_its_own_base = profile
            .value("source_profile")
            .is_some_and(|source| source.value() == profile.name());
        if is_its_own_base {
            return;
        }
        let present = [
            (SourceKind::Sso, sso_property(profile).is_some()),
            (SourceKind::LoginSession, profile.value("login_session").is_some()),
            (SourceKind::Process, profile.value("credential_process").is_some()),
            (
                SourceKind::StaticKeys,
                profile.value("aws_access_key_id").is_some(),
            ),
        ];
        for (kind, _) in present
            .into_iter()
            .filter(|(kind, there)| *there && *kind != self.kind())
        {
            tracing::warn!(
                "profile `{}` asks for {}, so its {kind} has no effect",
                profile.name(),
                self.kind()
            );
        }
    }
}

/// A role needs one base, and no more than one.
fn check_base(profile: &Profile, role: &Property) -> Result<(), Error> {
    match (
        profile.value("source_profile"),
        profile.value("credential_source"),
    ) {
        (Some(_), Some(credential_source)) => ContradictionSnafu {
            profile: profile.name(),
            first: "source_profile",
            second: "credential_source",
            position: credential_source.position().clone(),
        }
        .fail(),
        (None, None) => incomplete(profile, "role_arn", role, "source_profile or credential_source"),
        (Some(_), None) | (None, Some(_)) => Ok(()),
    }
}

fn sso_property(profile: &Profile) -> Option<(&str, &Property)> {
    profile
        .properties()
        .find(|(key, property)| key.starts_with("sso_") && !property.is_blank())
}

fn sso(profile: &Profile, key: &str, property: &Property) -> Result<Source, Error> {
    match (profile.value("sso_account_id"), profile.value("sso_role_name")) {
        (Some(account), Some(_)) => Ok(Source::Sso {
            position: account.position().clone(),
        }),
        (Some(account), None) => incomplete(profile, "sso_account_id", account, "sso_role_name"),
        (None, Some(role)) => incomplete(profile, "sso_role_name", role, "sso_account_id"),
        (None, None) => SsoTokenOnlySnafu {
            profile: profile.name(),
            key,
            position: property.position().clone(),
        }
        .fail(),
    }
}

const KEYS: [&str; 5] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "aws_account_id",
];

fn static_keys(profile: &Profile) -> Result<Option<StaticKeys>, Error> {
    // The older name of the token counts where the documented one is missing.
    let session_token = ["aws_session_token", "aws_security_token"]
        .into_iter()
        .find_map(|key| Some((key, profile.value(key)?)));
    let (id, secret) = match (
        profile.value("aws_access_key_id"),
        profile.value("aws_secret_access_key"),
    ) {
        (Some(id), Some(secret)) => (id, secret),
        (Some(id), None) => return incomplete(profile, "aws_access_key_id", id, "aws_secret_access_key"),
        (None, Some(secret)) => {
            return incomplete(profile, "aws_secret_access_key", secret, "aws_access_key_id");
        }
        (None, None) => {
            return match session_token {
                Some((key, token)) => incomplete(
                    profile,
                    key,
                    token,
                    "aws_access_key_id and no aws_secret_access_key",
                ),
                None => Ok(None),
            };
        }
    };
    Ok(Some(StaticKeys {
        access_key_id: sendable(profile, "aws_access_key_id", id)?.to_owned(),
        secret_access_key: Secret::from(printable(profile, "aws_secret_access_key", secret)?),
        session_token: session_token
            .map(|(key, token)| sendable(profile, key, token).map(Secret::from))
            .transpose()?,
        account_id: profile
            .value("aws_account_id")
            .map(|account| printable(profile, "aws_account_id", account).map(str::to_owned))
            .transpose()?,
        position: id.position().clone(),
    }))
}

/// A value that goes into a header as it stands.
fn sendable<'a>(profile: &Profile, key: &'static str, property: &'a Property) -> Result<&'a str, Error> {
    refuse(profile, key, property, |c| c.is_control() || c.is_whitespace())
}

/// A value that has no control characters.
fn printable<'a>(profile: &Profile, key: &'static str, property: &'a Property) -> Result<&'a str, Error> {
    refuse(profile, key, property, char::is_control)
}

fn refuse<'a>(
    profile: &Profile,
    key: &'static str,
    property: &'a Property,
    illegal: impl Fn(char) -> bool,
) -> Result<&'a str, Error> {
    if property.value().chars().any(illegal) {
        return IllegalCharacterSnafu {
            profile: profile.name(),
            key,
            position: property.position().clone(),
        }
        .fail();
    }
    Ok(property.value())
}

fn incomplete<T>(
    profile: &Profile,
    present: &'static str,
    property: &Property,
    missing: &'static str,
) -> Result<T, Error> {
    IncompleteSnafu {
        profile: profile.name(),
        present,
        position: property.position().clone(),
        missing,
    }
    .fail()
}

#[cfg(test)]
mod tests;
