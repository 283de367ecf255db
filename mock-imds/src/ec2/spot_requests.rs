use time::OffsetDateTime;

use super::{check_dry_run, check_paging, envelope, filters};
use crate::SpotAction;
use crate::clock::rfc3339_milliseconds;
use crate::query::{ApiError, Call};
use crate::spot::{Interruption, Phase};
use crate::state::Shared;
use crate::tree::{IMAGE_ID, INSTANCE_ID, INSTANCE_TYPE};
use crate::xml::element;

/// The one request there is.
pub(super) const ID: &str = "sir-mock0001";

/// The request that the example machine came from, when its life cycle is spot.
struct SpotRequest {
    state: &'static str,
    status: &'static str,
    message: &'static str,
    updated: OffsetDateTime,
    kind: &'static str,
    behavior: SpotAction,
    created: OffsetDateTime,
}

/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotInstanceRequests.html>
pub(crate) fn describe(call: &Call<'_>) -> Result<String, ApiError> {
    check_paging(call)?;
    let request = SpotRequest::at_present(call.shared);
    let values = request.filter_values();
    let filters = filters(call, &values)?;
    let is_there = call.shared.is_spot();
    let mut asked = call.form.list("SpotInstanceRequestId.", "");
    if let Some(stranger) = asked.find(|id| !is_there || *id != ID) {
        let message = format!("The spot instance request ID '{stranger}' does not exist");
        return Err(ApiError::new(
            400,
            "InvalidSpotInstanceRequestID.NotFound",
            message,
        ));
    }
    check_dry_run(call)?;
    let fits = is_there && filters.iter().all(|filter| filter.fits(&values));
    let items = fits.then(|| request.item(&call.shared.settings.region));
    Ok(envelope(
        call,
        "DescribeSpotInstanceRequests",
        "spotInstanceRequestSet",
        &items.unwrap_or_default(),
    ))
}

impl SpotRequest {
    fn at_present(shared: &Shared) -> Self {
        let (now, plan) = (shared.clock.now(), shared.state().spot);
        let created = shared.started;
        let fulfilled = Self {
            state: "active",
            status: "fulfilled",
            message: "Your Spot request is fulfilled.",
            updated: created,
            kind: "one-time",
            behavior: SpotAction::Terminate,
            created,
        };
        match plan.interruption {
            Some(interruption) => fulfilled.interrupted(interruption, now),
            None => fulfilled,
        }
    }

    /// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html>
    fn interrupted(mut self, interruption: Interruption, now: OffsetDateTime) -> Self {
        let is_terminated = interruption.action == SpotAction::Terminate;
        self.behavior = interruption.action;
        if !is_terminated {
            // Only an instance of a persistent request can be stopped.
            self.kind = "persistent";
        }
        match (interruption.phase(now), is_terminated) {
            (Phase::Running, _) => {}
            (Phase::Noticed, true) => {
                self.status = "marked-for-termination";
                self.message = "Your Spot instance is marked for termination.";
                self.updated = interruption.notice;
            }
            (Phase::Noticed, false) => {
                self.status = "marked-for-stop";
                self.message = "Your Spot instance is marked for stopping.";
                self.updated = interruption.notice;
            }
            (Phase::Over, true) => {
                self.state = "closed";
                self.status = "instance-terminated-no-capacity";
                self.message =
                    "Your Spot instance was terminated because there is no Spot capacity available.";
                self.updated = interruption.end();
            }
            (Phase::Over, false) => {
                self.state = "open";
                self.status = "instance-stopped-no-capacity";
                self.message = "Your Spot instance was stopped because there is no Spot capacity available.";
                self.updated = interruption.end();
            }
        }
        self
    }

    fn filter_values(&self) -> [(&'static str, &'static str); 5] {
        [
            ("state", self.state),
            ("status-code", self.status),
            ("instance-id", INSTANCE_ID),
            ("spot-instance-request-id", ID),
            ("type", self.kind),
        ]
    }

    fn item(&self, region: &str) -> String {
        let created = rfc3339_milliseconds(self.created);
        let status = element("code", self.status)
            + &element("updateTime", &rfc3339_milliseconds(self.updated))
            + &element("message", self.message);
        let launch = element("imageId", IMAGE_ID)
            + &element("instanceType", INSTANCE_TYPE)
            + "<monitoring><enabled>false</enabled></monitoring>"
            + "<groupSet><item><groupId>sg-0123456789abcdef0</groupId><groupName>default</groupName></item></groupSet>";
        let members = element("spotInstanceRequestId", ID)
            + &element("spotPrice", "0.081600")
            + &element("type", self.kind)
            + &element("state", self.state)
            + &format!("<status>{status}</status>")
            + &format!("<launchSpecification>{launch}</launchSpecification>")
            + &element("instanceId", INSTANCE_ID)
            + &element("createTime", &created)
            + &element("productDescription", "Linux/UNIX")
            + &element("launchedAvailabilityZone", &format!("{region}a"))
            + &element("instanceInterruptionBehavior", &self.behavior.to_string());
        format!("<item>{members}</item>")
    }
}
