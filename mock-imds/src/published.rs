use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

use crate::authority::{AccessKey, Authority, Kind, Principal};
use crate::clock::{after, whole_second};
use crate::random::Random;
use crate::settings::{Rotation, Settings};

/// The credentials that a metadata or container endpoint hands out at present, a set for each role.
pub(crate) struct Published {
    /// How long each set lives, where that varies.
    random: Random,
    documents: HashMap<Place, Document>,
}

/// Whose they are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) endpoint: Endpoint,
    pub(crate) role: String,
    pub(crate) session: String,
}

/// Who hands them out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    Machine,
    Ecs,
    Eks,
    Greengrass,
    SnapStart,
    CloudShell,
}

impl Endpoint {
    /// The session name that the holder of the credentials is known by, unless it is told otherwise.
    pub(crate) fn session(self, settings: &Settings) -> &str {
        match self {
            Self::Machine => crate::tree::INSTANCE_ID,
            Self::Ecs => &settings.task.id,
            Self::Eks => "eks-mock-cluster-mock-pod",
            Self::Greengrass => "mock-core-device",
            Self::SnapStart => "mock-function",
            Self::CloudShell => "mock-user",
        }
    }
}

/// The longest life of credentials in CloudShell.
const CLOUD_SHELL: Duration = Duration::from_secs(15 * 60);

/// Credentials as they were published.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) key: AccessKey,
    pub(crate) role_arn: String,
    pub(crate) issued: OffsetDateTime,
    pub(crate) end: OffsetDateTime,
}

impl Published {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            documents: HashMap::new(),
        }
    }

    /// What this endpoint hands out for this role now: the same bytes until it is time for new ones.
    pub(crate) fn current(
        &mut self,
        place: Place,
        settings: &Settings,
        authority: &mut Authority,
        now: OffsetDateTime,
    ) -> Document {
        if let Some(document) = self.documents.get(&place)
            && !is_due(document, settings.rotation, now)
        {
            return document.clone();
        }
        let lifetime = self.lifetime(&place, settings);
        let document = issue(&place, lifetime, settings, authority, now);
        self.documents.insert(place, document.clone());
        document
    }

    /// Makes the next request find new credentials.
    pub(crate) fn clear(&mut self) {
        self.documents.clear();
    }

    fn lifetime(&mut self, place: &Place, settings: &Settings) -> Duration {
        let (shortest, longest) = settings.credential_lifetime;
        let lifetime = match longest.checked_sub(shortest) {
            None | Some(Duration::ZERO) => shortest,
            Some(more) => shortest + Duration::from_secs(more.mul_f64(self.random.fraction()).as_secs()),
        };
        match place.endpoint {
            Endpoint::CloudShell => lifetime.min(CLOUD_SHELL),
            _ => lifetime,
        }
    }
}

fn is_due(document: &Document, rotation: Rotation, now: OffsetDateTime) -> bool {
    match rotation {
        Rotation::BeforeEnd(lead) => {
            let half = (document.end - document.issued) / 2;
            let lead = time::Duration::try_from(lead).unwrap_or(half).min(half);
            now >= document.end - lead
        }
        Rotation::Every(age) => now >= after(document.issued, age),
        Rotation::EachRequest => true,
        Rotation::Never => false,
    }
}

fn issue(
    place: &Place,
    lifetime: Duration,
    settings: &Settings,
    authority: &mut Authority,
    now: OffsetDateTime,
) -> Document {
    authority.forget_ended(now);
    // Only the EKS agent writes fractions of a second.
    let issued = if place.endpoint == Endpoint::Eks {
        now
    } else {
        whole_second(now)
    };
    let end = after(issued, lifetime);
    let role_arn = settings.role_arn(&place.role);
    let session = place.session.as_str();
    let principal = Principal {
        kind: Kind::RoleSession,
        arn: session_arn(&role_arn, session),
        user_id: format!("{}:{session}", authority.role_id(&role_arn)),
        account: settings.account.clone(),
        source_identity: None,
    };
    Document {
        key: authority.issue_temporary(principal, end),
        role_arn,
        issued,
        end,
    }
}

/// `arn:aws:iam::1:role/path/NAME` and a session name → `arn:aws:sts::1:assumed-role/NAME/SESSION`: without the path.
pub(crate) fn session_arn(role_arn: &str, session: &str) -> String {
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let mut fields = role_arn.split(':').skip(1);
    let partition = fields.next().unwrap_or_default();
    let account = fields.nth(2).unwrap_or_default();
    format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_session_leaves_the_role_path_out() {
        assert_eq!(
            session_arn("arn:aws-cn:iam::210987654321:role/team/deploy", "nightly"),
            "arn:aws-cn:sts::210987654321:assumed-role/deploy/nightly"
        );
    }
}
