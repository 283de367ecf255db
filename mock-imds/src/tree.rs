use std::collections::BTreeMap;

use crate::SpotAction;
use crate::clock::rfc3339;
use crate::json::document;
use crate::settings::ExtendedPaths;
use crate::spot::Phase;
use crate::state::Shared;

pub(crate) const INSTANCE_ID: &str = "i-0123456789abcdef0";
pub(crate) const IMAGE_ID: &str = "ami-0abcdef1234567890";
pub(crate) const INSTANCE_TYPE: &str = "m7g.large";
pub(crate) const ADDRESS: &str = "10.0.1.10";
pub(crate) const RESERVATION_ID: &str = "r-0123456789abcdef0";
pub(crate) const PROFILE_ID: &str = "AIPAMOCKPROFILEXAMPLE";
const LATEST: &str = "latest";

/// The names at the root, oldest first. The service has all of them at once.
const VERSIONS: [&str; 29] = [
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-09-24",
    "2024-04-11",
    LATEST,
];

pub(crate) fn is_version(name: &str) -> bool {
    VERSIONS.contains(&name)
}

/// What stands at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Value(Vec<u8>),
    UserData(Vec<u8>),
    Listing(String),
    Nothing,
}

/// Looks a path up by its segments, so that no name can be found inside another. Credentials are not here: see
/// [`imds`](crate::imds).
pub(crate) fn find(shared: &Shared, segments: &[&str]) -> Found {
    let (version, path) = match segments {
        [] | [""] => return Found::Listing(VERSIONS.join("\n")),
        [version, path @ ..] if is_version(version) => (*version, path),
        _ => return Found::Nothing,
    };
    if path.iter().any(|name| name.contains('/')) {
        // An encoded slash is part of a name, and no name here has one.
        return Found::Nothing;
    }
    let has_roles = !shared.state().roles.is_empty();
    let values = values(shared, version, has_roles);
    if path == ["user-data"]
        && let Some(bytes) = &shared.settings.user_data
    {
        return Found::UserData(bytes.clone());
    }
    if let Some(value) = values.get(path.join("/").as_str()) {
        return Found::Value(value.clone().into_bytes());
    }
    let folder = path.strip_suffix(&[""]).unwrap_or(path);
    if folder.contains(&"") {
        return Found::Nothing;
    }
    let mut names = children(values.keys().map(String::as_str), folder);
    if folder.is_empty() && shared.settings.user_data.is_some() {
        names.push("user-data".into());
    }
    if folder.is_empty() {
        // At this one place the service lists folders without their slash.
        for name in &mut names {
            name.truncate(name.trim_end_matches('/').len());
        }
    }
    if names.is_empty() {
        Found::Nothing
    } else {
        Found::Listing(names.join("\n"))
    }
}

/// The names one level below a folder, folders with their slash, sorted by bytes.
fn children<'a>(paths: impl Iterator<Item = &'a str>, folder: &[&str]) -> Vec<String> {
    let prefix: String = folder.iter().flat_map(|name| [*name, "/"]).collect();
    let mut names: Vec<String> = paths
        .filter_map(|path| path.strip_prefix(&prefix))
        .map(|rest| match rest.split_once('/') {
            Some((name, _)) => format!("{name}/"),
            None => rest.to_owned(),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// All values of the example machine that this version has, by path. What is derived is derived from one place, so
/// that the values never contradict each other.
fn values(shared: &Shared, version: &str, has_roles: bool) -> BTreeMap<String, String> {
    let settings = &shared.settings;
    let region = settings.region.as_str();
    let zone = format!("{region}a");
    let hostname = hostname(region);
    let life_cycle = if shared.is_spot() { "spot" } else { "on-demand" };
    let updated = rfc3339(shared.started);
    let identity = identity(shared, &zone);
    let profile_arn = settings.instance_profile_arn();
    let info = document(&[
        ("Code", "Success"),
        ("LastUpdated", &updated),
        ("InstanceProfileArn", &profile_arn),
        ("InstanceProfileId", PROFILE_ID),
    ]);
    let mut table = vec![
        ("1.0", "meta-data/ami-id", IMAGE_ID),
        ("1.0", "meta-data/ami-launch-index", "0"),
        ("1.0", "meta-data/ami-manifest-path", "(unknown)"),
        ("1.0", "meta-data/hostname", &hostname),
        ("2008-09-01", "meta-data/instance-action", "none"),
        ("1.0", "meta-data/instance-id", INSTANCE_ID),
        ("2019-10-01", "meta-data/instance-life-cycle", life_cycle),
        ("2007-08-29", "meta-data/instance-type", INSTANCE_TYPE),
        ("2007-01-19", "meta-data/local-hostname", &hostname),
        ("1.0", "meta-data/local-ipv4", ADDRESS),
        ("2011-01-01", "meta-data/mac", "02:00:5e:00:53:01"),
        ("2008-02-01", "meta-data/placement/availability-zone", &zone),
        ("2020-08-24", "meta-data/placement/region", region),
        ("1.0", "meta-data/reservation-id", RESERVATION_ID),
        ("1.0", "meta-data/security-groups", "default"),
        ("2014-02-25", "meta-data/services/domain", settings.domain()),
        ("2015-10-20", "meta-data/services/partition", settings.partition()),
        ("2009-04-04", "dynamic/instance-identity/document", &identity),
    ];
    if has_roles {
        table.push(("2012-01-12", "meta-data/iam/info", &info));
        // Only so that the listing of `iam/` shows the folders: what is in them is not here.
        if settings.extended != ExtendedPaths::Only {
            table.push(("2012-01-12", "meta-data/iam/security-credentials/", ""));
        }
        if settings.extended != ExtendedPaths::Off {
            table.push(("2012-01-12", "meta-data/iam/security-credentials-extended/", ""));
        }
    }
    let mut values: BTreeMap<String, String> = table
        .into_iter()
        .map(|(first, path, value)| (first, path.to_owned(), value.to_owned()))
        .chain(notices(shared))
        // `latest` sorts behind every date.
        .filter(|(first, _, _)| *first <= version)
        .map(|(_, path, value)| (path, value))
        .collect();
    for (path, value) in &settings.values {
        match value {
            Some(value) => values.insert(path.clone(), value.clone()),
            None => values.remove(path),
        };
    }
    values
}

/// What a spot instance is told, from its time on: the version that first had it, the path, and the value.
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>
fn notices(shared: &Shared) -> Vec<(&'static str, String, String)> {
    let (now, plan) = (shared.clock.now(), shared.state().spot);
    let mut values = Vec::new();
    if let Some(interruption) = plan.interruption
        && interruption.phase(now) != Phase::Running
    {
        let (action, time) = (interruption.action, rfc3339(interruption.end()));
        let notice = format!("{{\"action\":\"{action}\",\"time\":\"{time}\"}}");
        values.push(("2016-11-15", "meta-data/spot/instance-action".to_owned(), notice));
        if action == SpotAction::Terminate {
            values.push(("2014-11-05", "meta-data/spot/termination-time".to_owned(), time));
        }
    }
    if let Some(time) = plan.rebalance.filter(|time| *time <= now) {
        let notice = format!("{{\"noticeTime\":\"{}\"}}", rfc3339(time));
        let path = "meta-data/events/recommendations/rebalance".to_owned();
        values.push(("2020-10-27", path, notice));
    }
    values
}

/// The machine's private name, made of its address.
pub(crate) fn hostname(region: &str) -> String {
    let suffix = if region == "us-east-1" {
        "ec2.internal".into()
    } else {
        format!("{region}.compute.internal")
    };
    format!("ip-{}.{suffix}", ADDRESS.replace('.', "-"))
}

/// The document that says which machine this is.
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html>
fn identity(shared: &Shared, zone: &str) -> String {
    let settings = &shared.settings;
    let pending = rfc3339(shared.started);
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let members = [
        ("accountId", quoted(&settings.account)),
        ("architecture", quoted("arm64")),
        ("availabilityZone", quoted(zone)),
        ("billingProducts", "null".into()),
        ("devpayProductCodes", "null".into()),
        ("imageId", quoted(IMAGE_ID)),
        ("instanceId", quoted(INSTANCE_ID)),
        ("instanceType", quoted(INSTANCE_TYPE)),
        ("kernelId", "null".into()),
        ("marketplaceProductCodes", "null".into()),
        ("pendingTime", quoted(&pending)),
        ("privateIp", quoted(ADDRESS)),
        ("ramdiskId", "null".into()),
        ("region", quoted(&settings.region)),
        ("version", quoted("2017-09-30")),
    ];
    crate::json::object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_those_one_level_below_by_whole_names() {
        let paths = ["a/b", "a/c/d", "a/c/e", "ab/f"];
        assert_eq!(children(paths.into_iter(), &["a"]), ["b", "c/"]);
        assert_eq!(children(paths.into_iter(), &[]), ["a/", "ab/"]);
        assert!(children(paths.into_iter(), &["b"]).is_empty());
    }
}
