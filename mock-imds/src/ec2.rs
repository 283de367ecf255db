use time::OffsetDateTime;

use crate::clock::rfc3339_milliseconds;
use crate::query::{ApiError, Call};
use crate::tree::INSTANCE_ID;
use crate::xml::element;

/// The request that the example machine came from, when its life cycle is spot.
struct SpotRequest {
    id: &'static str,
    state: &'static str,
    status: &'static str,
    message: &'static str,
    kind: &'static str,
    created: OffsetDateTime,
}

const ID: &str = "sir-mock0001";

/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotInstanceRequests.html>
pub(crate) fn describe_spot_instance_requests(call: &Call<'_>) -> Result<String, ApiError> {
    let form = call.form;
    check_paging(call)?;
    let filters = filters(call)?;
    let existing: Vec<SpotRequest> = call
        .shared
        .settings
        .spot
        .then(|| SpotRequest::active(call.shared.started))
        .into_iter()
        .collect();
    let asked: Vec<&str> = form.list("SpotInstanceRequestId.", "").collect();
    if let Some(stranger) = asked
        .iter()
        .find(|id| !existing.iter().any(|request| request.id == **id))
    {
        let message = format!("The spot instance request ID '{stranger}' does not exist");
        return Err(ApiError::new(
            400,
            "InvalidSpotInstanceRequestID.NotFound",
            message,
        ));
    }
    if form.get("DryRun") == Some("true") {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(ApiError::new(412, "DryRunOperation", message));
    }
    let items: String = existing
        .iter()
        .filter(|request| asked.is_empty() || asked.contains(&request.id))
        .filter(|request| filters.iter().all(|filter| filter.fits(request)))
        .map(|request| request.item(&call.shared.settings.region))
        .collect();
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <DescribeSpotInstanceRequestsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n    \
         <requestId>{}</requestId>\n    <spotInstanceRequestSet>{items}</spotInstanceRequestSet>\n\
         </DescribeSpotInstanceRequestsResponse>",
        call.request_id
    ))
}

fn check_paging(call: &Call<'_>) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::new(400, "InvalidParameterValue", message));
    if let Some(text) = call.form.get("MaxResults")
        && !text.parse::<u32>().is_ok_and(|count| (5..=1000).contains(&count))
    {
        return invalid("Value for parameter maxResults is invalid. Expecting a value between 5 and 1000.");
    }
    if call.form.get("NextToken").is_some_and(|token| !token.is_empty()) {
        // One request never fills a page, so no token was ever handed out.
        return invalid("The token is invalid.");
    }
    Ok(())
}

struct Filter<'a> {
    name: &'a str,
    values: Vec<&'a str>,
}

fn filters<'a>(call: &'a Call<'_>) -> Result<Vec<Filter<'a>>, ApiError> {
    const KNOWN: [&str; 6] = [
        "state",
        "status-code",
        "instance-id",
        "spot-instance-request-id",
        "type",
        "tag-key",
    ];
    let mut filters = Vec::new();
    for (number, name) in (1..).zip(call.form.list("Filter.", ".Name")) {
        if !KNOWN.contains(&name) && !name.starts_with("tag:") {
            let message = format!("The filter '{name}' is invalid");
            return Err(ApiError::new(400, "InvalidParameterValue", message));
        }
        let values = (1..)
            .map_while(|value| call.form.get(&format!("Filter.{number}.Value.{value}")))
            .collect();
        filters.push(Filter { name, values });
    }
    Ok(filters)
}

impl Filter<'_> {
    fn fits(&self, request: &SpotRequest) -> bool {
        let value = match self.name {
            "state" => request.state,
            "status-code" => request.status,
            "instance-id" => INSTANCE_ID,
            "spot-instance-request-id" => request.id,
            "type" => request.kind,
            // It has no tags.
            _ => return false,
        };
        self.values.contains(&value)
    }
}

impl SpotRequest {
    fn active(created: OffsetDateTime) -> Self {
        Self {
            id: ID,
            state: "active",
            status: "fulfilled",
            message: "Your Spot request is fulfilled.",
            kind: "one-time",
            created,
        }
    }

    fn item(&self, region: &str) -> String {
        let created = rfc3339_milliseconds(self.created);
        let status = element("code", self.status)
            + &element("updateTime", &created)
            + &element("message", self.message);
        let launch = element("imageId", "ami-0abcdef1234567890")
            + &element("instanceType", "m7g.large")
            + "<monitoring><enabled>false</enabled></monitoring>"
            + "<groupSet><item><groupId>sg-0123456789abcdef0</groupId><groupName>default</groupName></item></groupSet>";
        let members = element("spotInstanceRequestId", self.id)
            + &element("spotPrice", "0.081600")
            + &element("type", self.kind)
            + &element("state", self.state)
            + &format!("<status>{status}</status>")
            + &format!("<launchSpecification>{launch}</launchSpecification>")
            + &element("instanceId", INSTANCE_ID)
            + &element("createTime", &created)
            + &element("productDescription", "Linux/UNIX")
            + &element("launchedAvailabilityZone", &format!("{region}a"))
            + &element("instanceInterruptionBehavior", "terminate");
        format!("<item>{members}</item>")
    }
}
