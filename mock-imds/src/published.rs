use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

use crate::authority::{AccessKey, Authority, Kind, Principal};
use crate::clock::whole_second;
use crate::random::Random;
use crate::settings::{Rotation, Settings};

/// The credentials that a metadata or container endpoint hands out at present, a set for each role.
pub(crate) struct Published {
    /// How long each set lives, where that varies.
    random: Random,
    documents: HashMap<(Endpoint, String), Document>,
}

/// Who hands them out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    Machine,
    Ecs,
    Eks,
}

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
        (endpoint, role): (Endpoint, &str),
        settings: &Settings,
        authority: &mut Authority,
        now: OffsetDateTime,
    ) -> Document {
        let place = (endpoint, role.to_owned());
        if let Some(document) = self.documents.get(&place)
            && !is_due(document, settings.rotation, now)
        {
            return document.clone();
        }
        let lifetime = self.lifetime(settings);
        let document = issue(endpoint, role, lifetime, settings, authority, now);
        self.documents.insert(place, document.clone());
        document
    }

    /// Makes the next request find new credentials.
    pub(crate) fn clear(&mut self) {
        self.documents.clear();
    }

    fn lifetime(&mut self, settings: &Settings) -> Duration {
        let (shortest, longest) = settings.credential_lifetime;
        match longest.checked_sub(shortest) {
            None | Some(Duration::ZERO) => shortest,
            Some(more) => shortest + Duration::from_secs(more.mul_f64(self.random.fraction()).as_secs()),
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
        Rotation::Every(age) => now >= document.issued + age,
        Rotation::EachRequest => true,
        Rotation::Never => false,
    }
}

fn issue(
    endpoint: Endpoint,
    role: &str,
    lifetime: Duration,
    settings: &Settings,
    authority: &mut Authority,
    now: OffsetDateTime,
) -> Document {
    authority.forget_ended(now);
    // Only the EKS agent writes fractions of a second.
    let issued = if endpoint == Endpoint::Eks {
        now
    } else {
        whole_second(now)
    };
    let end = issued + lifetime;
    let role_arn = settings.role_arn(role);
    let session = match endpoint {
        Endpoint::Machine => crate::tree::INSTANCE_ID,
        Endpoint::Ecs => &settings.task.id,
        Endpoint::Eks => "eks-mock-cluster-mock-pod",
    };
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
