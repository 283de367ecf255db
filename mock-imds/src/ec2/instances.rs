use super::{check_dry_run, check_paging, envelope, filters, spot_requests};
use crate::SpotAction;
use crate::clock::rfc3339_milliseconds;
use crate::query::{ApiError, Call};
use crate::spot::Phase;
use crate::state::Shared;
use crate::tree::{self, ADDRESS, IMAGE_ID, INSTANCE_ID, INSTANCE_TYPE, PROFILE_ID, RESERVATION_ID};
use crate::xml::element;

/// The example machine.
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>
pub(crate) fn describe(call: &Call<'_>) -> Result<String, ApiError> {
    check_paging(call)?;
    let (code, state) = state(call.shared);
    let zone = format!("{}a", call.shared.settings.region);
    let life_cycle = if call.shared.is_spot() { "spot" } else { "" };
    let values = [
        ("instance-id", INSTANCE_ID),
        ("instance-state-name", state),
        ("instance-type", INSTANCE_TYPE),
        ("instance-lifecycle", life_cycle),
        ("image-id", IMAGE_ID),
        ("private-ip-address", ADDRESS),
        ("availability-zone", zone.as_str()),
    ];
    let filters = filters(call, &values)?;
    let mut asked = call.form.list("InstanceId.", "");
    if let Some(stranger) = asked.find(|id| *id != INSTANCE_ID) {
        let message = format!("The instance ID '{stranger}' does not exist");
        return Err(ApiError::new(400, "InvalidInstanceID.NotFound", message));
    }
    check_dry_run(call)?;
    let fits = filters.iter().all(|filter| filter.fits(&values));
    let items = fits.then(|| reservation(call.shared, code, state, &zone));
    Ok(envelope(
        call,
        "DescribeInstances",
        "reservationSet",
        &items.unwrap_or_default(),
    ))
}

/// An interruption that is over has ended the machine, too.
fn state(shared: &Shared) -> (&'static str, &'static str) {
    let (now, plan) = (shared.clock.now(), shared.state().spot);
    match plan.interruption {
        Some(interruption) if interruption.phase(now) == Phase::Over => match interruption.action {
            SpotAction::Terminate => ("48", "terminated"),
            SpotAction::Stop | SpotAction::Hibernate => ("80", "stopped"),
        },
        _ => ("16", "running"),
    }
}

fn reservation(shared: &Shared, code: &str, state: &str, zone: &str) -> String {
    let settings = &shared.settings;
    let state = element("code", code) + &element("name", state);
    let mut instance = element("instanceId", INSTANCE_ID)
        + &element("imageId", IMAGE_ID)
        + &format!("<instanceState>{state}</instanceState>")
        + &element("privateDnsName", &tree::hostname(&settings.region))
        + &element("amiLaunchIndex", "0")
        + &element("instanceType", INSTANCE_TYPE)
        + &element("launchTime", &rfc3339_milliseconds(shared.started))
        + &format!("<placement>{}</placement>", element("availabilityZone", zone))
        + &element("privateIpAddress", ADDRESS)
        + &element("architecture", "arm64")
        + &element("rootDeviceType", "ebs")
        + &element("virtualizationType", "hvm");
    if shared.is_spot() {
        instance += &element("instanceLifecycle", "spot");
        instance += &element("spotInstanceRequestId", spot_requests::ID);
    }
    if !shared.state().roles.is_empty() {
        let profile = element("arn", &settings.instance_profile_arn()) + &element("id", PROFILE_ID);
        instance += &format!("<iamInstanceProfile>{profile}</iamInstanceProfile>");
    }
    let members = element("reservationId", RESERVATION_ID)
        + &element("ownerId", &settings.account)
        + &format!("<instancesSet><item>{instance}</item></instancesSet>");
    format!("<item>{members}</item>")
}
