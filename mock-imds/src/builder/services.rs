use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::Builder;
use crate::settings::Task;
use crate::{Rotation, Signatures, SsoSettings, TrustedRole};

/// Credentials, and who takes them: STS, EC2, IAM Identity Center and the agents of containers.
impl Builder {
    /// The account that everything belongs to. Default: `123456789012`.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        account.clone_into(&mut self.settings.account);
        self
    }

    /// The Region of machine and services, which signatures must name. Default: `us-east-1`.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.settings.region);
        self
    }

    /// How long the credentials of machine and containers live. Default: six hours. Zero: they have expired already.
    #[must_use]
    pub fn credential_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.credential_lifetime = (lifetime, lifetime);
        self
    }

    /// The same, but each set of credentials lives another whole number of seconds within these bounds, as real ones do.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mock_imds::MockImds;
    ///
    /// let (shortest, longest) = (Duration::from_secs(5 * 3600), Duration::from_secs(7 * 3600));
    /// let mock = MockImds::builder().credential_lifetimes(shortest..=longest).seed(1).start_blocking();
    /// # let _ = mock;
    /// ```
    #[must_use]
    pub fn credential_lifetimes(mut self, lifetimes: RangeInclusive<Duration>) -> Self {
        self.settings.credential_lifetime = lifetimes.into_inner();
        self
    }

    /// When new credentials follow. Default: five minutes before the old ones end.
    #[must_use]
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.settings.rotation = rotation;
        self
    }

    /// How long past their end credentials are still taken, as AWS does while it has an outage. Default: not at all.
    #[must_use]
    pub fn accepted_past_end(mut self, grace: Duration) -> Self {
        self.settings.accepted_past_end = grace;
        self
    }

    /// How much of a signature is checked. Default: all.
    #[must_use]
    pub fn signatures(mut self, signatures: Signatures) -> Self {
        self.settings.signatures = signatures;
        self
    }

    /// Says of a role who may assume it. Default: every identity may assume every role of the server's account.
    #[must_use]
    pub fn trusting(mut self, role: TrustedRole) -> Self {
        self.settings.trusted.push(role);
        self
    }

    /// An MFA device whose code is always the same.
    #[must_use]
    pub fn mfa_device(mut self, serial: &str, code: &str) -> Self {
        self.settings
            .mfa_devices
            .push((serial.to_owned(), code.to_owned()));
        self
    }

    /// The role of the container, at the ECS and the EKS agent. Default: `mock-task-role`.
    #[must_use]
    pub fn task_role(mut self, name: &str) -> Self {
        name.clone_into(&mut self.settings.task.role);
        self
    }

    /// One more task at the ECS agent, whose credentials are at `/v2/credentials/ID`. Default: there is one task, at
    /// [`MockImds::ecs_path`](crate::MockImds::ecs_path).
    #[must_use]
    pub fn task(mut self, id: &str, role: &str) -> Self {
        self.settings.tasks.push(Task {
            id: id.to_owned(),
            role: role.to_owned(),
        });
        self
    }

    /// Makes the ECS agent tell of container and task at `/v4/ID`, `/v4/ID/task` and their kin of version 3, in small
    /// documents: programs find out by them where they run. Default: 404.
    ///
    /// AWS: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html>
    #[must_use]
    pub fn task_metadata(mut self) -> Self {
        self.settings.task_metadata = true;
        self
    }

    /// What IAM Identity Center is like. Default: [`SsoSettings::new`].
    #[must_use]
    pub fn sso(mut self, settings: SsoSettings) -> Self {
        self.settings.sso = settings;
        self
    }

    /// Where [`MockImds::home`](crate::MockImds::home) writes its files, which stay there then. Default: a temporary
    /// folder, removed with the server.
    #[must_use]
    pub fn home(mut self, folder: &Path) -> Self {
        self.settings.home = Some(folder.to_owned());
        self
    }

    /// Makes the ECS agent demand this `Authorization`. Default: it wants none.
    #[must_use]
    pub fn ecs_authorization(mut self, value: &str) -> Self {
        self.settings.ecs_authorization = Some(value.to_owned());
        self
    }

    /// Makes the EKS agent refuse a `Host` that is no literal address of it, as it does in a cluster. Default: off.
    #[must_use]
    pub fn strict_eks_host(mut self) -> Self {
        self.settings.strict_eks_host = true;
        self
    }

    /// Takes the agents' limits away. Default: ECS 40 requests a second and 60 at once, EKS 1000 and 500.
    #[must_use]
    pub fn without_throttling(mut self) -> Self {
        self.settings.throttles = false;
        self
    }

    /// How long session tokens are, in characters. Default and least: 360. AWS sets no upper bound; 2048 and 8192 find
    /// those who do.
    #[must_use]
    pub fn session_token_length(mut self, characters: usize) -> Self {
        self.settings.session_token_length = characters;
        self
    }
}
