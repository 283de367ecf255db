use std::time::Duration;

use super::Builder;
use crate::settings::MachineRole;
use crate::{ExtendedPaths, SpotAction, TokenMode};

/// The machine, as its instance metadata shows it.
impl Builder {
    /// Which versions of instance metadata are spoken. Default: [`TokenMode::Required`].
    #[must_use]
    pub fn tokens(mut self, mode: TokenMode) -> Self {
        self.mode = mode;
        self
    }

    /// The longest life of a metadata token, below what is asked for. Default and most: six hours.
    #[must_use]
    pub fn token_lifetime_cap(mut self, cap: Duration) -> Self {
        let seconds = u32::try_from(cap.as_secs()).unwrap_or(u32::MAX);
        self.settings.token_cap = seconds.clamp(*crate::token::LIFE.start(), *crate::token::LIFE.end());
        self
    }

    /// The role whose credentials instance metadata hands out. Default: `mock-role`. Given several times, there are
    /// several roles.
    #[must_use]
    pub fn role(mut self, name: &str) -> Self {
        if !self.roles_are_given {
            self.roles.clear();
            self.roles_are_given = true;
        }
        self.roles.push(MachineRole::new(name));
        self
    }

    /// No role is attached to the machine: the list of roles is 404.
    #[must_use]
    pub fn no_role(mut self) -> Self {
        self.roles.clear();
        self.roles_are_given = true;
        self
    }

    /// What is answered, with status 200, in place of the credentials of a role. Adds the role if need be.
    #[must_use]
    pub fn answering(mut self, role: &str, text: &str) -> Self {
        if !self.roles.iter().any(|known| known.name == role) {
            self = self.role(role);
        }
        for known in self.roles.iter_mut().filter(|known| known.name == role) {
            known.answer = Some(text.to_owned());
        }
        self
    }

    /// A role that AWS itself may not assume: its document, with status 200, has this `Code` and no credentials, as
    /// `AssumeRoleUnauthorizedAccess`.
    #[must_use]
    pub fn refusing(self, role: &str, code: &str, message: &str) -> Self {
        let text = crate::imds::refusal(code, message, self.clock.now());
        self.answering(role, &text)
    }

    /// What is answered in place of the list of roles, byte for byte.
    #[must_use]
    pub fn role_listing(mut self, text: &str) -> Self {
        self.settings.role_listing = Some(text.to_owned());
        self
    }

    /// The name of the instance profile in `iam/info`. Default: `mock-profile`; it is never the name of the role.
    #[must_use]
    pub fn instance_profile(mut self, name: &str) -> Self {
        name.clone_into(&mut self.settings.instance_profile);
        self
    }

    /// Whether the extended paths exist, which tell the account ID. Default: [`ExtendedPaths::Off`].
    #[must_use]
    pub fn extended_paths(mut self, paths: ExtendedPaths) -> Self {
        self.settings.extended = paths;
        self
    }

    /// Makes the machine a spot instance, so that EC2 knows a spot request. Default: on demand.
    #[must_use]
    pub fn spot(mut self) -> Self {
        self.settings.spot = true;
        self
    }

    /// Makes the machine a spot instance that is interrupted: so long after the start there is a notice in its instance
    /// metadata, and two minutes after that it is over. The state of its spot request at EC2 follows, all by the
    /// server's clock. Default: it goes on for ever.
    ///
    /// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>
    #[must_use]
    pub fn spot_interruption(mut self, action: SpotAction, after: Duration) -> Self {
        self.settings.interruption = Some((action, after));
        self.spot()
    }

    /// Makes the machine a spot instance with a recommendation to rebalance, so long after the start. Default: none.
    ///
    /// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html>
    #[must_use]
    pub fn rebalance_recommendation(mut self, after: Duration) -> Self {
        self.settings.rebalance = Some(after);
        self.spot()
    }

    /// Sets what stands at a path below `/latest/`, as `meta-data/tags/instance/Name`. Listings follow.
    #[must_use]
    pub fn value(mut self, path: &str, text: &str) -> Self {
        self.settings
            .values
            .insert(path.to_owned(), Some(text.to_owned()));
        self
    }

    /// Takes a path below `/latest/` away. Listings follow.
    #[must_use]
    pub fn without_value(mut self, path: &str) -> Self {
        self.settings.values.insert(path.to_owned(), None);
        self
    }

    /// The user data, byte for byte. Default: none, 404.
    #[must_use]
    pub fn user_data(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.settings.user_data = Some(bytes.into());
        self
    }
}
