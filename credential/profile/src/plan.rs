use std::path::PathBuf;

use crate::{
    CredentialSource, Error, LoginSession, Position, Problem, ProcessCommand, Profiles, RoleHop, SourceKind,
    SsoRole, StaticKeys, WebIdentityRole,
};

mod show;
mod walk;

pub(crate) use walk::LIMIT;

/// How a profile gets its credentials: where they start, and which roles are assumed from there, one with the other.
///
/// Everything that can be wrong in the files has been found out by now, and nothing has been fetched. `Display` tells
/// the plan in one sentence, without a secret: external IDs and the arguments of processes stay hidden.
///
/// ```
/// use credential_profile::{Plan, Profiles};
///
/// let config = "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nexternal_id = 4711\n\
///               source_profile = base";
/// let credentials = "[base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s";
/// let profiles = Profiles::of_texts(config, credentials)?;
///
/// let plan = Plan::of(&profiles, "ops", &[])?;
///
/// assert_eq!(plan.hops().len(), 1);
/// assert_eq!(
///     plan.to_string(),
///     "profile `ops`: role arn:aws:iam::123456789012:role/ops with an external ID, from profile `base`: \
///      static keys AKIDEXAMPLE in credentials:2"
/// );
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug)]
pub struct Plan {
    profile: String,
    base_profile: String,
    base: Base,
    hops: Vec<RoleHop>,
    problems: Vec<Problem>,
    home: Option<PathBuf>,
}

/// Where the credentials of a [`Plan`] start: what a program matches that wants to do something for one kind of them.
///
/// ```
/// use credential_profile::{Base, Plan, Profiles};
///
/// let text = "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = tool\n\
///             [profile tool]\ncredential_process = /opt/tool";
/// let plan = Plan::of(&Profiles::of_texts(text, "")?, "ops", &[])?;
/// let advice = match plan.base() {
///     Base::Sso(_) | Base::LoginSession(_) => "is somebody logged in?".to_owned(),
///     Base::Process(_) => format!("does the program in {} run?", plan.base().position()),
///     _ => plan.start().to_string(),
/// };
/// assert_eq!(advice, "does the program in config:5 run?");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base {
    /// Keys that stand in the files.
    StaticKeys(StaticKeys),
    /// A source outside the files.
    CredentialSource(CredentialSource),
    /// A role, assumed with a web identity token.
    WebIdentity(WebIdentityRole),
    /// IAM Identity Center.
    Sso(SsoRole),
    /// A session of `aws login`.
    LoginSession(LoginSession),
    /// A command that prints credentials.
    Process(ProcessCommand),
}

impl PartialEq for Plan {
    /// Equal plans lead to the same credentials; lines may have moved, and unused ones may have come or gone.
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
            && self.base_profile == other.base_profile
            && self.base == other.base
            && self.hops == other.hops
    }
}

impl Eq for Plan {}

impl Plan {
    /// The plan of the profile with this name. `credential_sources` are names of one's own that `credential_source` may
    /// have, beside or instead of AWS's; often none.
    ///
    /// # Errors
    /// [`Error::NoSuchProfile`]; what [`Source::of`](crate::Source::of) says of the profile; and for source profiles
    /// [`Error::NoSourceProfile`], [`Error::SourceProfile`], [`Error::Loop`] and [`Error::TooManyRoles`].
    /// *Not configured* are [`Error::NoCredentials`] and [`Error::SsoTokenOnly`] of the profile itself.
    pub fn of(profiles: &Profiles, profile: &str, credential_sources: &[&str]) -> Result<Self, Error> {
        walk::from(profiles, profile, credential_sources)
    }

    /// The profile that was planned.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// Where the credentials start.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The profile that names the start: the planned one, or the last of its source profiles.
    #[must_use]
    pub fn base_profile(&self) -> &str {
        &self.base_profile
    }

    /// The roles in the order in which they are assumed: the first with the credentials of the base, the last one is
    /// the planned profile's. Often there is none.
    #[must_use]
    pub fn hops(&self) -> &[RoleHop] {
        &self.hops
    }

    /// What in the profiles of this plan has no effect, and was probably meant to have one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Base {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::StaticKeys(_) => SourceKind::StaticKeys,
            Self::CredentialSource(_) => SourceKind::CredentialSource,
            Self::WebIdentity(_) => SourceKind::WebIdentity,
            Self::Sso(_) => SourceKind::Sso,
            Self::LoginSession(_) => SourceKind::LoginSession,
            Self::Process(_) => SourceKind::Process,
        }
    }

    /// Where it is asked for.
    #[must_use]
    pub fn position(&self) -> &Position {
        match self {
            Self::StaticKeys(keys) => keys.position(),
            Self::CredentialSource(source) => source.position(),
            Self::WebIdentity(role) => role.position(),
            Self::Sso(role) => role.position(),
            Self::LoginSession(session) => session.position(),
            Self::Process(command) => command.position(),
        }
    }

    /// Whether its credentials are known to be a role's session, which AWS lets make others of one hour at most.
    fn is_role_session(&self) -> bool {
        match self {
            Self::WebIdentity(_)
            | Self::Sso(_)
            | Self::CredentialSource(
                CredentialSource::EcsContainer { .. } | CredentialSource::Ec2InstanceMetadata { .. },
            ) => true,
            Self::LoginSession(session) => session.arn().contains(":assumed-role/"),
            Self::StaticKeys(_)
            | Self::Process(_)
            | Self::CredentialSource(CredentialSource::Environment { .. } | CredentialSource::Own { .. }) => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
