use std::fmt;

use crate::error::{ContradictionSnafu, UnknownCredentialSourceSnafu};
use crate::problem::ProblemKind;
use crate::{Error, Position, Problem, Profile, Profiles, Property};

mod credential_source;
mod keys;
mod login_session;
mod place;
mod process;
mod role;
mod sso;
mod static_keys;
mod web_identity;

pub use credential_source::CredentialSource;
pub use login_session::LoginSession;
pub use process::ProcessCommand;
pub use role::{RoleBase, RoleHop};
pub use sso::SsoRole;
pub use static_keys::StaticKeys;
pub use web_identity::WebIdentityRole;

/// What one profile asks for, as data: nothing is fetched here.
///
/// A profile may hold several kinds; the first of these counts: web identity, assume role, SSO, login session,
/// credential process, static keys. SSO is what has an account or a role's name: an `sso_session` alone is good for bearer
/// tokens, and leaves credentials to the kinds behind it. A [`Plan`](crate::Plan) follows roles on to the profiles they are assumed from.
///
/// ```
/// use credential_profile::{Profiles, Source, SourceKind};
///
/// let profiles = Profiles::of_texts("[default]\ncredential_process = /opt/tool", "")?;
/// let source = Source::of(&profiles, profiles.get("default").unwrap())?;
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
    WebIdentity(WebIdentityRole),
    /// A role, assumed with the credentials of another profile or of a credential source.
    AssumeRole {
        /// The role.
        role: RoleHop,
        /// Whose credentials assume it.
        base: RoleBase,
    },
    /// A source outside the files, named by a source profile that has no role of its own.
    CredentialSource(CredentialSource),
    /// IAM Identity Center.
    Sso(SsoRole),
    /// A session of `aws login`.
    LoginSession(LoginSession),
    /// A command that prints credentials.
    Process(ProcessCommand),
    /// No credentials: a profile of settings alone, or an empty one.
    Nothing,
}

/// The kinds of [`Source`]. `Display` tells them as errors do, with the keys that ask for them.
///
/// ```
/// use credential_profile::{Profiles, Source};
///
/// let profiles = Profiles::of_texts("[default]\ncredential_process = /opt/tool\n[profile empty]", "")?;
/// let mut kinds = Vec::new();
/// for profile in profiles.iter() {
///     let kind = Source::of(&profiles, profile)?.kind();
///     kinds.push(format!("{}: {kind}", profile.name()));
/// }
/// assert_eq!(kinds, ["default: a credential process (credential_process)", "empty: nothing"]);
/// # Ok::<(), credential_profile::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// Keys that stand in the files.
    StaticKeys,
    /// A role, assumed with a web identity token.
    WebIdentity,
    /// A role, assumed with other credentials.
    AssumeRole,
    /// A source outside the files.
    CredentialSource,
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
            Self::CredentialSource => "a credential source (credential_source)",
            Self::Sso => "IAM Identity Center (sso_…)",
            Self::LoginSession => "a login session (login_session)",
            Self::Process => "a credential process (credential_process)",
            Self::Nothing => "nothing",
        })
    }
}

/// How a profile came to be looked at, which decides what counts in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the selected one.
    Selected,
    /// Another profile names it as its source: static keys count before a role of its own.
    Later,
    /// It names itself as its source: its role has been seen, and what else it has counts.
    Itself,
}

impl Source {
    /// What this profile asks for when it is the selected one. What in it has no effect is logged as a warning.
    ///
    /// # Errors
    /// [`Error::Incomplete`] and [`Error::Contradiction`] for a profile that is set up by halves, as with an access key
    /// ID alone, or with a `source_profile` or `external_id`, no `role_arn` and nothing else to go by; [`Error::IllegalCharacter`] and [`Error::Setting`] for a value that cannot be;
    /// [`Error::UnknownCredentialSource`]; [`Error::NoSuchSsoSession`], [`Error::SsoMismatch`] and
    /// [`Error::SsoTokenOnly`].
    pub fn of(profiles: &Profiles, profile: &Profile) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let source = Look {
            profiles,
            profile,
            standing: Standing::Selected,
            own: &[],
        }
        .source(&mut problems);
        for problem in problems {
            tracing::warn!("{problem}");
        }
        source
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::StaticKeys(_) => SourceKind::StaticKeys,
            Self::WebIdentity(_) => SourceKind::WebIdentity,
            Self::AssumeRole { .. } => SourceKind::AssumeRole,
            Self::CredentialSource(_) => SourceKind::CredentialSource,
            Self::Sso(_) => SourceKind::Sso,
            Self::LoginSession(_) => SourceKind::LoginSession,
            Self::Process(_) => SourceKind::Process,
            Self::Nothing => SourceKind::Nothing,
        }
    }

    /// Where it is asked for; `None` for [`Source::Nothing`].
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        Some(match self {
            Self::StaticKeys(keys) => keys.position(),
            Self::WebIdentity(role) => role.position(),
            Self::AssumeRole { role, .. } => role.position(),
            Self::CredentialSource(source) => source.position(),
            Self::Sso(role) => role.position(),
            Self::LoginSession(session) => session.position(),
            Self::Process(command) => command.position(),
            Self::Nothing => return None,
        })
    }
}

/// A look at one profile.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) profiles: &'a Profiles,
    pub(crate) profile: &'a Profile,
    pub(crate) standing: Standing,
    /// Names of credential sources beside AWS's.
    pub(crate) own: &'a [&'a str],
}

impl Look<'_> {
    pub(crate) fn source(self, problems: &mut Vec<Problem>) -> Result<Source, Error> {
        if self.standing != Standing::Itself {
            keys::blanks(self.profile, problems);
        }
        let source = self.first()?;
        self.unused(&source, problems);
        Ok(source)
    }

    fn first(self) -> Result<Source, Error> {
        let profile = self.profile;
        if self.standing == Standing::Later
            && static_keys::are_complete(profile)
            && let Some(keys) = StaticKeys::of(profile)?
        {
            return Ok(Source::StaticKeys(keys));
        }
        if self.standing != Standing::Itself
            && let Some(source) = self.role()?
        {
            return Ok(source);
        }
        if let Some(sso) = SsoRole::of(self.profiles, profile)? {
            return Ok(Source::Sso(sso));
        }
        if let Some(session) = LoginSession::of(profile)? {
            return Ok(Source::LoginSession(session));
        }
        if let Some(command) = ProcessCommand::of(profile)? {
            return Ok(Source::Process(command));
        }
        if let Some(keys) = StaticKeys::of(profile)? {
            return Ok(Source::StaticKeys(keys));
        }
        match self.half_a_role() {
            Some((key, property)) => Err(keys::incomplete(profile, key, property, "role_arn")),
            None => sso::token_only(profile).map(|()| Source::Nothing),
        }
    }

    /// What only a role needs, in a selected profile that names none: a forgotten `role_arn` would let a chain go on to
    /// another identity. The serial of a device alone harms nobody: it is commonly there for scripts.
    fn half_a_role(&self) -> Option<(&'static str, &Property)> {
        if self.standing != Standing::Selected || self.profile.value("role_arn").is_some() {
            return None;
        }
        ["source_profile", "external_id"]
            .into_iter()
            .find_map(|key| Some((key, self.profile.value(key)?)))
    }

    fn role(self) -> Result<Option<Source>, Error> {
        let profile = self.profile;
        let token_file = profile.value("web_identity_token_file");
        if let Some(role_arn) = profile.value("role_arn") {
            return Ok(Some(match token_file {
                Some(token_file) => Source::WebIdentity(WebIdentityRole::of(profile, role_arn, token_file)?),
                None => {
                    let base = self.base_of(role_arn)?;
                    let role = RoleHop::of(profile, role_arn)?;
                    Source::AssumeRole { role, base }
                }
            }));
        }
        if let Some(token_file) = token_file {
            return Err(keys::incomplete(
                profile,
                "web_identity_token_file",
                token_file,
                "role_arn",
            ));
        }
        match profile.value("credential_source") {
            // A forgotten role_arn would hand out the broader identity.
            Some(property) if self.standing == Standing::Selected => Err(keys::incomplete(
                profile,
                "credential_source",
                property,
                "role_arn",
            )),
            Some(property) => Ok(Some(Source::CredentialSource(self.credential_source(property)?))),
            None => Ok(None),
        }
    }

    /// A role needs one base, and no more than one.
    fn base_of(self, role_arn: &Property) -> Result<RoleBase, Error> {
        let profile = self.profile;
        match (
            profile.value("source_profile"),
            profile.value("credential_source"),
        ) {
            (Some(_), Some(second)) => ContradictionSnafu {
                profile: profile.name(),
                first: "source_profile",
                second: "credential_source",
                position: second.position().clone(),
            }
            .fail(),
            (None, None) => Err(keys::incomplete(
                profile,
                "role_arn",
                role_arn,
                "source_profile or credential_source",
            )),
            (Some(source), None) => Ok(RoleBase::SourceProfile {
                name: source.value().to_owned(),
                position: source.position().clone(),
            }),
            (None, Some(property)) => Ok(RoleBase::CredentialSource(self.credential_source(property)?)),
        }
    }

    fn credential_source(self, property: &Property) -> Result<CredentialSource, Error> {
        CredentialSource::of(property, self.own).ok_or_else(|| {
            UnknownCredentialSourceSnafu {
                name: property.value(),
                profile: self.profile.name(),
                position: property.position().clone(),
                known: CredentialSource::known(self.own),
            }
            .build()
        })
    }

    /// AWS's SDKs differ in what counts first, so a profile with several kinds deserves a word.
    fn unused(self, source: &Source, problems: &mut Vec<Problem>) {
        let profile = self.profile;
        let names_itself = profile
            .value("source_profile")
            .is_some_and(|source| source.value() == profile.name());
        if names_itself && matches!(source, Source::AssumeRole { .. }) {
            return;
        }
        let role = (self.standing == Standing::Later)
            .then(|| profile.value("role_arn"))
            .flatten();
        let token_file = profile
            .value("web_identity_token_file")
            .filter(|_| role.is_some());
        let base = match source {
            Source::WebIdentity(_) => profile
                .value("source_profile")
                .or_else(|| profile.value("credential_source")),
            _ => self.half_a_role().map(|(_, property)| property),
        };
        let present = [
            (SourceKind::WebIdentity, token_file),
            (
                SourceKind::AssumeRole,
                role.filter(|_| token_file.is_none()).or(base),
            ),
            (
                SourceKind::Sso,
                sso::property(profile).map(|(_, property)| property),
            ),
            (SourceKind::LoginSession, profile.value("login_session")),
            (SourceKind::Process, profile.value("credential_process")),
            (SourceKind::StaticKeys, profile.value("aws_access_key_id")),
        ];
        for (kind, property) in present {
            let Some(property) = property.filter(|_| kind != source.kind()) else {
                continue;
            };
            problems.push(Problem {
                position: property.position().clone(),
                kind: ProblemKind::NotUsed {
                    profile: profile.name().to_owned(),
                    kind,
                    used: source.kind(),
                },
            });
        }
    }
}

#[cfg(test)]
mod tests;
