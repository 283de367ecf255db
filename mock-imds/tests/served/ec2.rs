use credential_core::AwsCredentials;
use mock_imds::{MockImds, Step};
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
