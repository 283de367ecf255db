use super::{check_dry_run, envelope, filters, invalid};
use crate::query::{ApiError, Call};
use crate::xml::element;

const OPTED_IN: &str = "opt-in-not-required";

/// The server's own Region: it plays no other.
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
pub(crate) fn describe(call: &Call<'_>) -> Result<String, ApiError> {
    let settings = &call.shared.settings;
    let region = settings.region.as_str();
    let endpoint = format!("ec2.{region}.{}", settings.domain());
    let values = [
        ("region-name", region),
        ("endpoint", endpoint.as_str()),
        ("opt-in-status", OPTED_IN),
    ];
    let filters = filters(call, &values)?;
    let mut asked = call.form.list("RegionName.", "");
    if let Some(stranger) = asked.find(|name| *name != region) {
        return Err(invalid(format!("Invalid Region provided: {stranger}")));
    }
    check_dry_run(call)?;
    let fits = filters.iter().all(|filter| filter.fits(&values));
    let item = element("regionName", region)
        + &element("regionEndpoint", &endpoint)
        + &element("optInStatus", OPTED_IN);
    let items = fits.then(|| format!("<item>{item}</item>"));
    Ok(envelope(
        call,
        "DescribeRegions",
        "regionInfo",
        &items.unwrap_or_default(),
    ))
}
