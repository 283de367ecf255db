use credential_core::AwsCredentials;
use mock_imds::{MockImds, SpotAction, Step};
use tests_support::canary;

use crate::support::*;

const ID: &str = "sir-mock0001";

#[test]
fn a_spot_instance_has_its_request() {
    let mock = MockImds::builder().spot().clock_at(noon()).start_blocking();
    let assumed = session(&assume(&mock, &role_credentials(&mock), &[]));
    let reply = ec2(&mock, &assumed, &[]);
    assert_eq!(reply.status, 200);
    assert!(reply.header("Content-Type").unwrap().starts_with("text/xml"));
    assert!(
        reply
            .body
            .contains("xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"")
    );
    for (name, text) in [
        ("spotInstanceRequestId", ID),
        ("state", "active"),
        ("code", "fulfilled"),
        ("type", "one-time"),
        ("instanceId", "i-0123456789abcdef0"),
        ("createTime", "2030-01-01T12:00:00.000Z"),
        ("launchedAvailabilityZone", "us-east-1a"),
    ] {
        assert_eq!(reply.element(name), text);
    }
    assert_eq!(get(&mock, "/latest/meta-data/instance-life-cycle").body, "spot");
    assert_eq!(mock.count(Step::DescribeSpotInstanceRequests), 1);
}

#[test]
fn a_machine_on_demand_has_none() {
    let mock = MockImds::builder().start_blocking();
    let reply = ec2(&mock, &user(&mock), &[]);
    assert_eq!((reply.status, reply.element("spotInstanceRequestSet")), (200, ""));
    assert_eq!(
        get(&mock, "/latest/meta-data/instance-life-cycle").body,
        "on-demand"
    );
}

#[test]
fn filters_and_ids_choose() {
    let mock = MockImds::builder().spot().start_blocking();
    for (parameters, found) in [
        (vec![("SpotInstanceRequestId.1", ID)], true),
        (
            vec![
                ("Filter.1.Name", "state"),
                ("Filter.1.Value.1", "open"),
                ("Filter.1.Value.2", "active"),
            ],
            true,
        ),
        (
            vec![("Filter.1.Name", "state"), ("Filter.1.Value.1", "closed")],
            false,
        ),
        (
            vec![
                ("Filter.1.Name", "type"),
                ("Filter.1.Value.1", "one-time"),
                ("Filter.2.Name", "status-code"),
                ("Filter.2.Value.1", "marked-for-termination"),
            ],
            false,
        ),
        (
            vec![("Filter.1.Name", "tag:team"), ("Filter.1.Value.1", "x")],
            false,
        ),
        (vec![("MaxResults", "5"), ("DryRun", "false")], true),
    ] {
        let reply = ec2(&mock, &user(&mock), &parameters);
        assert_eq!(reply.status, 200, "{parameters:?}");
        assert_eq!(reply.body.contains(ID), found, "{parameters:?}");
    }
}

#[test]
fn errors_have_the_codes_and_the_form_of_ec2() {
    let mock = MockImds::builder().spot().clock_at(noon()).start_blocking();
    for (parameter, status, code) in [
        (
            ("SpotInstanceRequestId.1", "sir-00000000"),
            400,
            "InvalidSpotInstanceRequestID.NotFound",
        ),
        (("Filter.1.Name", "colour"), 400, "InvalidParameterValue"),
        (("MaxResults", "4"), 400, "InvalidParameterValue"),
        (("MaxResults", "1001"), 400, "InvalidParameterValue"),
        (("NextToken", "more"), 400, "InvalidParameterValue"),
        (("DryRun", "true"), 412, "DryRunOperation"),
    ] {
        let reply = ec2(&mock, &user(&mock), &[parameter]);
        assert_eq!(
            (reply.status, reply.element("Code")),
            (status, code),
            "{parameter:?}"
        );
        assert!(reply.body.contains("<Response><Errors><Error>") && reply.body.contains("<RequestID>"));
    }
    let stranger = AwsCredentials::new(mock.user().access_key_id(), canary("wrong"));
    let reply = ec2(&mock, &stranger, &[]);
    assert_eq!((reply.status, reply.element("Code")), (401, "AuthFailure"));
    let key = role_credentials(&mock);
    mock.expire();
    let reply = ec2(&mock, &key, &[]);
    assert_eq!((reply.status, reply.element("Code")), (400, "RequestExpired"));
    let body = "Action=RunInstances&Version=2016-11-15";
    let reply = post(&mock, &[("Host", "localhost")], body);
    assert_eq!((reply.status, reply.element("Code")), (400, "InvalidAction"));
}

/// State and status of the spot request, and the state of the machine.
fn states(mock: &MockImds) -> [String; 3] {
    let request = ec2(mock, &user(mock), &[]);
    let instance = ec2_call(mock, &user(mock), "DescribeInstances", &[]);
    [
        request.element("state"),
        request.element("code"),
        instance.element("name"),
    ]
    .map(str::to_owned)
}

#[test]
fn an_interruption_shows_in_the_metadata_and_at_ec2() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .spot_interruption(SpotAction::Terminate, seconds(10))
        .start_blocking();
    let read = |path: &str| get(&mock, &format!("/latest/meta-data/spot/{path}"));
    let notice = "{\"action\":\"terminate\",\"time\":\"2030-01-01T12:02:10Z\"}";
    assert_eq!(read("instance-action").status, 404);
    assert_eq!(states(&mock), ["active", "fulfilled", "running"]);
    mock.clock().advance(seconds(10));
    for _ in 0..2 {
        assert_eq!(read("instance-action").body, notice, "the end comes nearer");
        assert_eq!(read("termination-time").body, "2030-01-01T12:02:10Z");
        assert_eq!(read("").body, "instance-action\ntermination-time");
        assert_eq!(states(&mock), ["active", "marked-for-termination", "running"]);
        mock.clock().advance(seconds(60));
    }
    assert_eq!(
        states(&mock),
        ["closed", "instance-terminated-no-capacity", "terminated"]
    );
    let old = get(&mock, "/2016-09-02/meta-data/spot/");
    assert_eq!(old.body, "termination-time", "the other one is younger");
    mock.clock().set(noon());
    assert_eq!(
        read("instance-action").status,
        404,
        "a clock that is set back takes it back"
    );
}

#[test]
fn a_notice_can_be_given_at_any_time() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let life_cycle = || get(&mock, "/latest/meta-data/instance-life-cycle").body;
    assert_eq!(life_cycle(), "on-demand");
    mock.interrupt(SpotAction::Stop);
    assert_eq!(life_cycle(), "spot");
    assert_eq!(states(&mock), ["active", "marked-for-stop", "running"]);
    assert_eq!(get(&mock, "/latest/meta-data/spot/termination-time").status, 404);
    let reply = ec2(&mock, &user(&mock), &[]);
    assert_eq!(
        (
            reply.element("type"),
            reply.element("instanceInterruptionBehavior")
        ),
        ("persistent", "stop")
    );
    mock.clock().advance(seconds(120));
    assert_eq!(states(&mock), ["open", "instance-stopped-no-capacity", "stopped"]);
    mock.interrupt(SpotAction::Hibernate);
    let notice = get(&mock, "/latest/meta-data/spot/instance-action").body;
    assert_eq!(
        notice, "{\"action\":\"hibernate\",\"time\":\"2030-01-01T12:02:00Z\"}",
        "without a wait"
    );
}

#[test]
fn a_rebalance_is_recommended_from_its_time_on() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .rebalance_recommendation(seconds(5))
        .start_blocking();
    let read = || get(&mock, "/latest/meta-data/events/recommendations/rebalance");
    assert_eq!(read().status, 404);
    mock.clock().advance(seconds(60));
    assert_eq!(read().body, "{\"noticeTime\":\"2030-01-01T12:00:05Z\"}");
    assert_eq!(states(&mock), ["active", "fulfilled", "running"]);
    mock.recommend_rebalance();
    assert_eq!(read().body, "{\"noticeTime\":\"2030-01-01T12:01:00Z\"}");
}

#[test]
fn the_machine_and_its_region_can_be_described() {
    let mock = MockImds::builder()
        .region("eu-central-1")
        .clock_at(noon())
        .start_blocking();
    let instances = |rest: &[(&str, &str)]| ec2_call(&mock, &user(&mock), "DescribeInstances", rest);
    let reply = instances(&[("InstanceId.1", "i-0123456789abcdef0")]);
    for (name, text) in [
        ("instanceId", "i-0123456789abcdef0"),
        ("ownerId", "123456789012"),
        ("privateDnsName", "ip-10-0-1-10.eu-central-1.compute.internal"),
        ("launchTime", "2030-01-01T12:00:00.000Z"),
        ("availabilityZone", "eu-central-1a"),
        ("arn", "arn:aws:iam::123456789012:instance-profile/mock-profile"),
    ] {
        assert_eq!(reply.element(name), text);
    }
    assert!(!reply.body.contains("instanceLifecycle"), "it is on demand");
    let stopped = [
        ("Filter.1.Name", "instance-state-name"),
        ("Filter.1.Value.1", "stopped"),
    ];
    assert_eq!(instances(&stopped).element("reservationSet"), "");
    let stranger = instances(&[("InstanceId.1", "i-00000000000000000")]);
    assert_eq!(
        (stranger.status, stranger.element("Code")),
        (400, "InvalidInstanceID.NotFound")
    );

    let regions = |rest: &[(&str, &str)]| ec2_call(&mock, &user(&mock), "DescribeRegions", rest);
    let reply = regions(&[("RegionName.1", "eu-central-1")]);
    assert_eq!(reply.element("regionName"), "eu-central-1");
    assert_eq!(reply.element("regionEndpoint"), "ec2.eu-central-1.amazonaws.com");
    for wrong in [("RegionName.1", "eu-west-1"), ("Filter.1.Name", "colour")] {
        let reply = regions(&[wrong]);
        assert_eq!(
            (reply.status, reply.element("Code")),
            (400, "InvalidParameterValue")
        );
    }
    assert_eq!(regions(&[("DryRun", "true")]).element("Code"), "DryRunOperation");
    assert_eq!(
        (
            mock.count(Step::DescribeInstances),
            mock.count(Step::DescribeRegions)
        ),
        (3, 4)
    );
}
