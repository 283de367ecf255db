use crate::{Position, Property};

/// A source outside the files, for a role to be assumed with: `credential_source`.
///
/// ```
/// use credential_profile::{Base, CredentialSource, Plan, Profiles};
///
/// let text = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = ecscontainer";
/// let plan = Plan::of(&Profiles::of_texts(text, "")?, "default", &[])?;
/// assert!(matches!(plan.base(), Base::CredentialSource(CredentialSource::EcsContainer { .. })));
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CredentialSource {
    /// `Environment`: keys in environment variables.
    Environment {
        /// Where it is named.
        position: Position,
    },
    /// `EcsContainer`: the endpoint of ECS, EKS and their like.
    EcsContainer {
        /// Where it is named.
        position: Position,
    },
    /// `Ec2InstanceMetadata`: EC2's instance metadata.
    Ec2InstanceMetadata {
        /// Where it is named.
        position: Position,
    },
    /// A name of one's own.
    Own {
        /// The name, as the program gave it.
        name: String,
        /// Where it is named.
        position: Position,
    },
}

impl PartialEq for CredentialSource {
    /// The same source, wherever it is named.
    fn eq(&self, other: &Self) -> bool {
        let is_own = |source: &Self| matches!(source, Self::Own { .. });
        is_own(self) == is_own(other) && self.name() == other.name()
    }
}

impl Eq for CredentialSource {}

const ENVIRONMENT: &str = "Environment";
const EC2: &str = "Ec2InstanceMetadata";
const ECS: &str = "EcsContainer";

impl CredentialSource {
    /// One's own names first, so that a program may stand in for one of AWS's; the case of letters does not count.
    pub(super) fn of(property: &Property, own: &[&str]) -> Option<Self> {
        let position = property.position().clone();
        let is = |name: &str| property.value().eq_ignore_ascii_case(name);
        if let Some(name) = own.iter().find(|name| is(name)) {
            let name = (*name).to_owned();
            return Some(Self::Own { name, position });
        }
        if is(ENVIRONMENT) {
            Some(Self::Environment { position })
        } else if is(ECS) {
            Some(Self::EcsContainer { position })
        } else if is(EC2) {
            Some(Self::Ec2InstanceMetadata { position })
        } else {
            None
        }
    }

    pub(super) fn known(own: &[&str]) -> Vec<String> {
        [ENVIRONMENT, EC2, ECS]
            .iter()
            .chain(own)
            .map(|name| (*name).to_owned())
            .collect()
    }

    /// The name, as AWS or the program writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Environment { .. } => ENVIRONMENT,
            Self::EcsContainer { .. } => ECS,
            Self::Ec2InstanceMetadata { .. } => EC2,
            Self::Own { name, .. } => name,
        }
    }

    /// Where it is named.
    #[must_use]
    pub fn position(&self) -> &Position {
        match self {
            Self::Environment { position }
            | Self::EcsContainer { position }
            | Self::Ec2InstanceMetadata { position }
            | Self::Own { position, .. } => position,
        }
    }
}
