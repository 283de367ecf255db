use std::time::Duration;

use credential_core::Secret;

use super::CredentialSource;
use super::keys::{duration, optional, printable, role_session_name};
use super::place::Place;
use crate::{Error, Position, Profile, Property};

/// A role's session makes further ones of at most this length.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
const LONGEST_CHAINED: Duration = Duration::from_secs(3600);

/// A role to assume, with all that its profile says about it. `Debug` hides the external ID.
///
/// ```
/// use credential_profile::{Plan, Profiles};
///
/// let text = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n\
///             external_id = 4711\nduration_seconds = 900";
/// let plan = Plan::of(&Profiles::of_texts(text, "")?, "default", &[])?;
/// let hop = &plan.hops()[0];
/// assert_eq!(hop.role_arn(), "arn:aws:iam::123456789012:role/r");
/// assert_eq!(hop.duration().unwrap().as_secs(), 900);
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleHop {
    profile: String,
    role_arn: String,
    external_id: Option<Secret>,
    mfa_serial: Option<String>,
    role_session_name: Option<String>,
    asked_duration: Option<Duration>,
    chained: bool,
    position: Place,
}

impl RoleHop {
    pub(super) fn of(profile: &Profile, role_arn: &Property) -> Result<Self, Error> {
        let arn = printable(profile, "role_arn", role_arn)?;
        let external_id = optional(profile, "external_id")?;
        let mfa_serial = optional(profile, "mfa_serial")?;
        let role_session_name = role_session_name(profile)?;
        let asked_duration = duration(profile)?;
        Ok(Self {
            profile: profile.name().to_owned(),
            role_arn: arn.to_owned(),
            external_id: external_id.map(Secret::from),
            mfa_serial: mfa_serial.map(str::to_owned),
            role_session_name: role_session_name.map(str::to_owned),
            asked_duration,
            chained: false,
            position: Place::of(role_arn),
        })
    }

    /// Says that a role's session assumes this one. Gives back whether that makes sessions shorter than was asked for.
    pub(crate) fn chain(&mut self) -> bool {
        self.chained = true;
        self.duration() != self.asked_duration
    }

    /// The profile that asks for it.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// The role's ARN.
    #[must_use]
    pub fn role_arn(&self) -> &str {
        &self.role_arn
    }

    /// The ID that the role's owner agreed on with the caller, if the profile has one: `external_id`.
    #[must_use]
    pub fn external_id(&self) -> Option<&Secret> {
        self.external_id.as_ref()
    }

    /// The serial number or ARN of the MFA device that the role asks for: `mfa_serial`.
    #[must_use]
    pub fn mfa_serial(&self) -> Option<&str> {
        self.mfa_serial.as_deref()
    }

    /// The name of the sessions, if the profile has one: `role_session_name`.
    #[must_use]
    pub fn role_session_name(&self) -> Option<&str> {
        self.role_session_name.as_deref()
    }

    /// How long to ask sessions for; `None` leaves it to AWS, which gives one hour.
    ///
    /// One hour at most where a role's session assumes this role: AWS refuses more.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.asked_duration.map(|asked| {
            if self.chained {
                asked.min(LONGEST_CHAINED)
            } else {
                asked
            }
        })
    }

    /// What the profile says about it, whoever assumes the role: `duration_seconds`.
    #[must_use]
    pub fn asked_duration(&self) -> Option<Duration> {
        self.asked_duration
    }

    /// Where the role stands.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.position.position()
    }
}

/// Whose credentials assume a role. A [`Plan`](crate::Plan) follows them to where they start.
///
/// ```
/// use credential_profile::{Profiles, RoleBase, Source};
///
/// let text = "[default]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = keys";
/// let profiles = Profiles::of_texts(text, "")?;
/// let source = Source::of(&profiles, profiles.get("default").unwrap())?;
/// let Source::AssumeRole { base: RoleBase::SourceProfile { name, position }, .. } = source else {
///     panic!("another source");
/// };
/// assert_eq!((name.as_str(), position.line()), ("keys", 3));
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleBase {
    /// Those of another profile, or of the same one without its role: `source_profile`.
    SourceProfile {
        /// The other profile.
        name: String,
        /// Where it is named.
        position: Position,
    },
    /// Those of a source outside the files: `credential_source`.
    CredentialSource(CredentialSource),
}
