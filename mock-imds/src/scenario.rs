use std::fmt;
use std::time::Duration;

use crate::{Builder, Fault, Rotation, SpotAction, Step, TokenMode};

/// A trouble that people meet, by its name; for [`Builder::scenario`].
///
/// ```
/// use mock_imds::{MockImds, Scenario};
///
/// assert_eq!(Scenario::named("hop-limit"), Some(Scenario::HopLimit));
/// let mock = MockImds::builder().scenario(Scenario::HopLimit).start_blocking();
/// assert_eq!(mock.idle_faults(), ["imds token: never answered"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scenario {
    /// `hop-limit`: a container one network hop too far from instance metadata. Nobody answers a PUT; version 1 works.
    HopLimit,
    /// `azure-host`: another cloud's server has the address of instance metadata, and knows none of its paths.
    AzureHost,
    /// `captive-portal`: whatever is asked of instance metadata, a page to log in comes, with status 200.
    CaptivePortal,
    /// `imds-outage`: instance metadata says 503 to everything.
    ImdsOutage,
    /// `slow-imds`: instance metadata takes 900 ms for each answer.
    SlowImds,
    /// `static-stability`: the credentials of machine and containers have expired, no new ones come, and services take
    /// them for a day more, as in an outage.
    StaticStability,
    /// `token-revoked`: a metadata token is refused once, as after a restore from a snapshot.
    TokenRevoked,
    /// `role-removed`: the machine's role is listed, and gone when its credentials are asked for.
    RoleRemoved,
    /// `rotation-race`: each request for credentials gets new ones.
    RotationRace,
    /// `throttled-burst`: machine, ECS and EKS agent refuse the first two requests for credentials with 429.
    ThrottledBurst,
    /// `broken-json`: credentials of machine and containers come as half a document.
    BrokenJson,
    /// `ecs-agent-restart`: the ECS agent has just started, and is not ready for the first two requests.
    EcsAgentRestart,
    /// `sts-throttled`: STS refuses the first two calls of each kind with `Throttling`.
    StsThrottled,
    /// `clock-skew-20m`: the server's clock is twenty minutes ahead, so that no signature is of its time.
    ClockSkew,
    /// `spot-interruption`: a spot instance that is told after ten seconds that it will be terminated.
    SpotInterruption,
}

const METADATA: [Step; 4] = [Step::Token, Step::RoleList, Step::Credentials, Step::Metadata];
const VALUES: [Step; 3] = [Step::RoleList, Step::Credentials, Step::Metadata];
const DOCUMENTS: [Step; 4] = [
    Step::Credentials,
    Step::EcsCredentials,
    Step::EksCredentials,
    Step::ContainerCredentials,
];
const STS: [Step; 4] = [
    Step::AssumeRole,
    Step::AssumeRoleWithWebIdentity,
    Step::GetSessionToken,
    Step::GetCallerIdentity,
];

impl Scenario {
    /// All of them, in the order of this page.
    pub const ALL: &'static [Self] = &[
        Self::HopLimit,
        Self::AzureHost,
        Self::CaptivePortal,
        Self::ImdsOutage,
        Self::SlowImds,
        Self::StaticStability,
        Self::TokenRevoked,
        Self::RoleRemoved,
        Self::RotationRace,
        Self::ThrottledBurst,
        Self::BrokenJson,
        Self::EcsAgentRestart,
        Self::StsThrottled,
        Self::ClockSkew,
        Self::SpotInterruption,
    ];

    /// The scenario of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scenario| scenario.name() == name)
    }

    /// Its name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HopLimit => "hop-limit",
            Self::AzureHost => "azure-host",
            Self::CaptivePortal => "captive-portal",
            Self::ImdsOutage => "imds-outage",
            Self::SlowImds => "slow-imds",
            Self::StaticStability => "static-stability",
            Self::TokenRevoked => "token-revoked",
            Self::RoleRemoved => "role-removed",
            Self::RotationRace => "rotation-race",
            Self::ThrottledBurst => "throttled-burst",
            Self::BrokenJson => "broken-json",
            Self::EcsAgentRestart => "ecs-agent-restart",
            Self::StsThrottled => "sts-throttled",
            Self::ClockSkew => "clock-skew-20m",
            Self::SpotInterruption => "spot-interruption",
        }
    }

    pub(crate) fn apply(self, builder: Builder) -> Builder {
        match self {
            Self::HopLimit => builder
                .tokens(TokenMode::Optional)
                .fault(Step::Token, Fault::never_answer()),
            Self::AzureHost => builder
                .fault(Step::Token, azure(411, "Length Required"))
                .faults(&VALUES, &azure(400, "Bad Request"))
                .fault(Step::Unexpected, azure(400, "Bad Request")),
            Self::CaptivePortal => {
                let page = Fault::answer(200, "<html><body>Log in to use this network</body></html>");
                builder.faults(&METADATA, &page.with_header("Content-Type", "text/html"))
            }
            Self::ImdsOutage => builder.faults(&METADATA, &Fault::status(503)),
            Self::SlowImds => {
                let slow = Fault::proper().delayed_by(Duration::from_millis(900));
                builder.faults(&METADATA, &slow)
            }
            Self::StaticStability => builder
                .credential_lifetime(Duration::ZERO)
                .rotation(Rotation::Never)
                .accepted_past_end(Duration::from_secs(86_400)),
            Self::TokenRevoked => builder.faults(&VALUES, &Fault::status(401).times(1)),
            Self::RoleRemoved => builder.fault(Step::Credentials, Fault::status(404)),
            Self::RotationRace => builder.rotation(Rotation::EachRequest),
            Self::ThrottledBurst => builder.faults(&DOCUMENTS, &Fault::status(429).times(2)),
            Self::BrokenJson => {
                let half = "{\n  \"Code\" : \"Success\",\n  \"AccessKeyId\" : \"ASIA";
                builder.faults(&DOCUMENTS, &Fault::answer(200, half))
            }
            Self::EcsAgentRestart => builder.fault(
                Step::EcsCredentials,
                Fault::aws_error(503, "CredentialsUninitialized").times(2),
            ),
            Self::StsThrottled => builder.faults(&STS, &Fault::aws_error(400, "Throttling").times(2)),
            Self::ClockSkew => builder.clock_ahead(Duration::from_secs(20 * 60)),
            Self::SpotInterruption => {
                builder.spot_interruption(SpotAction::Terminate, Duration::from_secs(10))
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The front of Windows's own HTTP server.
fn azure(status: u16, reason: &str) -> Fault {
    let page = format!("<HTML><HEAD><TITLE>{reason}</TITLE></HEAD><BODY><h2>{reason}</h2></BODY></HTML>");
    Fault::answer(status, page)
        .with_header("Content-Type", "text/html; charset=us-ascii")
        .with_header("Server", "Microsoft-HTTPAPI/2.0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::named(scenario.name()), Some(*scenario));
        }
        assert_eq!(Scenario::named("sunshine"), None);
    }
}
