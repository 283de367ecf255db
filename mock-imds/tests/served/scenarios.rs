use std::io::{Read, Write};

use mock_imds::{MockImds, Scenario, Source, Step, TokenMode};

use crate::support::*;

const ID: &str = "GET /latest/meta-data/instance-id";
const PUT: &str = "PUT /latest/api/token";
const LIFE: (&str, &str) = (TOKEN_SECONDS, "60");

fn playing(scenario: Scenario) -> MockImds {
    MockImds::builder()
        .clock_at(noon())
        .scenario(scenario)
        .start_blocking()
}

fn role(mock: &MockImds, token: &str) -> Reply {
    ask(mock, &format!("GET {ROLES}mock-role"), &[(TOKEN, token)])
}

#[test]
fn one_hop_too_far_version_one_alone_works() {
    let mock = playing(Scenario::HopLimit);
    let mut stream = connect(&mock);
    stream
        .write_all(format!("{PUT} HTTP/1.1\r\n{TOKEN_SECONDS}: 60\r\n\r\n").as_bytes())
        .unwrap();
    assert_eq!(ask(&mock, ID, &[]).status, 200);
    stream.set_nonblocking(true).unwrap();
    assert!(stream.read(&mut [0; 1]).is_err(), "silence");
}

#[test]
fn another_cloud_knows_none_of_the_paths() {
    let mock = playing(Scenario::AzureHost);
    for (line, status) in [(PUT, 411), (ID, 400), ("GET /metadata/instance", 400)] {
        let reply = ask(&mock, line, &[LIFE]);
        assert_eq!(
            (reply.status, reply.header("Server")),
            (status, Some("Microsoft-HTTPAPI/2.0")),
            "{line}"
        );
    }
    let mock = playing(Scenario::CaptivePortal);
    for line in [PUT, ID] {
        let reply = ask(&mock, line, &[LIFE]);
        assert_eq!(
            (reply.status, reply.header("Content-Type")),
            (200, Some("text/html")),
            "{line}"
        );
        assert!(reply.body.starts_with("<html>"), "{reply:?}");
    }
}

#[test]
fn instance_metadata_can_be_out_of_order_or_slow() {
    let mock = playing(Scenario::ImdsOutage);
    for line in [PUT, ID] {
        assert_eq!(ask(&mock, line, &[LIFE]).status, 503, "{line}");
    }
    let mock = playing(Scenario::SlowImds);
    assert_eq!(ask(&mock, PUT, &[LIFE]).status, 200);
    assert_eq!(mock.requests()[0].fault(), Some("proper, 900ms late"));
}

#[test]
fn expired_credentials_are_taken_for_a_day() {
    let mock = playing(Scenario::StaticStability);
    let key = role_credentials(&mock);
    let document = role(&mock, &token(&mock));
    assert_eq!(document.member("Expiration"), "2030-01-01T12:00:00Z");
    mock.clock().advance(seconds(86_399));
    assert_eq!(role_credentials(&mock).access_key_id(), key.access_key_id());
    assert_eq!(who(&mock, &key).status, 200);
    mock.clock().advance(seconds(1));
    assert_eq!(who(&mock, &key).element("Code"), "ExpiredToken");
}

#[test]
fn a_token_or_a_role_can_go_at_the_wrong_moment() {
    let mock = playing(Scenario::TokenRevoked);
    let token = token(&mock);
    assert_eq!(
        [role(&mock, &token).status, role(&mock, &token).status],
        [401, 200]
    );

    let mock = playing(Scenario::RoleRemoved);
    assert_eq!(get(&mock, ROLES).body, "mock-role");
    assert_eq!(get(&mock, &format!("{ROLES}mock-role")).status, 404);

    let mock = playing(Scenario::RotationRace);
    assert_ne!(
        role_credentials(&mock).access_key_id(),
        role_credentials(&mock).access_key_id()
    );
}

#[test]
fn services_can_be_busy_at_first() {
    let mock = playing(Scenario::ThrottledBurst);
    let token = token(&mock);
    let statuses = [(); 3].map(|()| role(&mock, &token).status);
    assert_eq!(statuses, [429, 429, 200]);

    let mock = playing(Scenario::EcsAgentRestart);
    let statuses = [(); 3].map(|()| ask(&mock, &format!("GET {}", mock.ecs_path()), &[]).status);
    assert_eq!(statuses, [503, 503, 200]);

    let mock = playing(Scenario::StsThrottled);
    let codes = [(); 2].map(|()| who(&mock, &user(&mock)).element("Code").to_owned());
    assert_eq!(codes, ["Throttling", "Throttling"]);
    assert_eq!(who(&mock, &user(&mock)).status, 200);
}

#[test]
fn documents_can_end_half_way_and_clocks_can_disagree() {
    let mock = playing(Scenario::BrokenJson);
    let reply = get(&mock, &format!("{ROLES}mock-role"));
    assert!(reply.status == 200 && serde_json::from_str::<serde_json::Value>(&reply.body).is_err());

    let mock = MockImds::builder().scenario(Scenario::ClockSkew).start_blocking();
    let now = mock.clock().now() - seconds(20 * 60);
    let signer = credential_sigv4::Signer::new("sts", "us-east-1");
    let who = "Action=GetCallerIdentity&Version=2011-06-15";
    assert_eq!(
        call(&mock, &signer, &user(&mock), who, now).element("Code"),
        "SignatureDoesNotMatch"
    );
}

#[test]
fn scenarios_go_together() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .tokens(TokenMode::Optional)
        .scenario(Scenario::SpotInterruption)
        .scenario(Scenario::StsThrottled)
        .start_blocking();
    mock.clock().advance(seconds(10));
    assert_eq!(
        ask(&mock, "GET /latest/meta-data/spot/termination-time", &[]).body,
        "2030-01-01T12:02:10Z"
    );
    assert_eq!(mock.idle_faults().len(), 4);
    assert!(mock.variables(Source::InstanceMetadata).is_ok());
    mock.assert_steps(&[Step::Metadata]);
}
