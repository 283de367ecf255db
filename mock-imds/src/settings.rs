use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::trust::TrustedRole;
use crate::web_identity::WebIdentity;
use crate::{SpotAction, SsoSettings};

/// Which version of instance metadata the server speaks.
///
/// ```
/// use mock_imds::{MockImds, TokenMode};
///
/// let mock = MockImds::builder().tokens(TokenMode::Optional).start_blocking();
/// mock.set_tokens(TokenMode::Disabled);
/// ```
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMode {
    /// Version 2 alone: no value without a token. The default.
    Required,
    /// Both versions. A token that is sent must still be a good one.
    Optional,
    /// Instance metadata is switched off: everything is 403.
    Disabled,
    /// Version 1 alone: there is no path to get a token from, and tokens are not looked at, as behind old proxies.
    V1Only,
}

/// When the metadata and container endpoints hand out new credentials. The old ones stay good until their own end.
///
/// ```
/// use std::time::Duration;
/// use mock_imds::{MockImds, Rotation};
///
/// let mock = MockImds::builder().rotation(Rotation::Every(Duration::from_secs(60))).start_blocking();
/// # let _ = mock;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// This long before the old ones end, but never earlier than half of their life. The default, five minutes.
    BeforeEnd(Duration),
    /// Whenever they are this old.
    Every(Duration),
    /// At each request, as a bad service would.
    EachRequest,
    /// Never: the document stays, also past its end, as while AWS has an outage.
    Never,
}

/// How much of a signature is checked.
///
/// ```
/// use mock_imds::{MockImds, Signatures};
///
/// let mock = MockImds::builder().signatures(Signatures::Lenient).start_blocking();
/// # let _ = mock;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// All of it, as AWS does. The default.
    On,
    /// Only that the key is known, its session token goes with it, and neither has ended.
    Lenient,
    /// Only that the key is known.
    Off,
}

/// Whether the newer paths below `iam/security-credentials-extended/` exist, whose document also has the account ID.
///
/// ```
/// use mock_imds::{ExtendedPaths, MockImds};
///
/// let mock = MockImds::builder().extended_paths(ExtendedPaths::On).start_blocking();
/// # let _ = mock;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedPaths {
    /// They are 404. The default, and what most machines say.
    Off,
    /// They exist beside the ordinary ones.
    On,
    /// Only they exist.
    Only,
}

/// A role whose credentials instance metadata hands out.
#[derive(Clone)]
pub(crate) struct MachineRole {
    pub(crate) name: String,
    /// What is answered in place of its credentials.
    pub(crate) answer: Option<String>,
}

impl MachineRole {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            answer: None,
        }
    }
}

/// All that is settled before the start.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) seed: Option<u64>,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) instance_profile: String,
    pub(crate) role_listing: Option<String>,
    pub(crate) token_cap: u32,
    /// The shortest and the longest.
    pub(crate) credential_lifetime: (Duration, Duration),
    pub(crate) rotation: Rotation,
    pub(crate) accepted_past_end: Duration,
    pub(crate) signatures: Signatures,
    pub(crate) session_token_length: usize,
    pub(crate) extended: ExtendedPaths,
    pub(crate) trusted: Vec<TrustedRole>,
    pub(crate) mfa_devices: Vec<(String, String)>,
    pub(crate) task: Task,
    /// Further ones at the ECS agent.
    pub(crate) tasks: Vec<Task>,
    pub(crate) task_metadata: bool,
    pub(crate) ecs_authorization: Option<String>,
    pub(crate) web_identity: WebIdentity,
    pub(crate) sso: SsoSettings,
    pub(crate) home: Option<PathBuf>,
    pub(crate) strict_eks_host: bool,
    pub(crate) throttles: bool,
    pub(crate) spot: bool,
    /// After the start.
    pub(crate) interruption: Option<(SpotAction, Duration)>,
    pub(crate) rebalance: Option<Duration>,
    pub(crate) values: BTreeMap<String, Option<String>>,
    pub(crate) user_data: Option<Vec<u8>>,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) keep_alive: bool,
    pub(crate) http_1_0: bool,
}

/// The container's side: who it is for the ECS and the EKS agent.
#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) role: String,
}

impl Task {
    /// The same task with another role.
    pub(crate) fn with_role(&self, role: &str) -> Self {
        Self {
            role: role.to_owned(),
            ..self.clone()
        }
    }
}

const SIX_HOURS: Duration = Duration::from_secs(6 * 3600);

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: None,
            region: "us-east-1".into(),
            account: "123456789012".into(),
            instance_profile: "mock-profile".into(),
            role_listing: None,
            token_cap: *crate::token::LIFE.end(),
            credential_lifetime: (SIX_HOURS, SIX_HOURS),
            rotation: Rotation::BeforeEnd(Duration::from_secs(300)),
            accepted_past_end: Duration::ZERO,
            signatures: Signatures::On,
            session_token_length: 360,
            extended: ExtendedPaths::Off,
            trusted: Vec::new(),
            mfa_devices: Vec::new(),
            task: Task {
                id: "3f0e1d2c-4b5a-4697-8879-a6b5c4d3e2f1".into(),
                role: "mock-task-role".into(),
            },
            tasks: Vec::new(),
            task_metadata: false,
            ecs_authorization: None,
            web_identity: WebIdentity::default(),
            sso: SsoSettings::new(),
            home: None,
            strict_eks_host: false,
            throttles: true,
            spot: false,
            interruption: None,
            rebalance: None,
            values: BTreeMap::new(),
            user_data: None,
            allowed_hosts: Vec::new(),
            keep_alive: false,
            http_1_0: false,
        }
    }
}

impl Settings {
    /// `aws`, `aws-cn` or `aws-us-gov`, by the region.
    pub(crate) fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    pub(crate) fn domain(&self) -> &'static str {
        if self.partition() == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        }
    }

    pub(crate) fn instance_profile_arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:instance-profile/{}",
            self.partition(),
            self.account,
            self.instance_profile
        )
    }

    /// The task of this ID at the ECS agent.
    pub(crate) fn task_of(&self, id: &str) -> Option<&Task> {
        std::iter::once(&self.task)
            .chain(&self.tasks)
            .find(|task| task.id == id)
    }

    /// What the user of IAM Identity Center may use: account IDs and role names, at least one.
    pub(crate) fn sso_assignments(&self) -> Vec<(String, String)> {
        if self.sso.assignments.is_empty() {
            return vec![(self.account.clone(), "mock-sso-role".to_owned())];
        }
        self.sso.assignments.clone()
    }

    pub(crate) fn role_arn(&self, role: &str) -> String {
        format!("arn:{}:iam::{}:role/{role}", self.partition(), self.account)
    }
}
