use std::collections::HashMap;

use credential_core::AwsCredentials;
use mock_imds::{Fault, MockImds, Source, Step};
use tests_support::canary;

use crate::support::*;

fn ecs(mock: &MockImds) -> Reply {
    ask(mock, &format!("GET {}", mock.ecs_path()), &[])
}

fn eks(mock: &MockImds, token: &str) -> Reply {
    ask(mock, "GET /v1/credentials", &[("Authorization", token)])
}

#[test]
fn the_ecs_agent_hands_out_the_credentials_of_the_task() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let reply = ecs(&mock);
    assert_eq!(
        (reply.status, reply.header("Content-Type")),
        (200, Some("application/json"))
    );
    for (name, value) in [
        ("X-Rate-Limit-Limit", "40"),
        ("X-Rate-Limit-Duration", "1"),
        ("X-Rate-Limit-Request-Remote-Addr", "127.0.0.1"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
    assert_eq!(
        reply.header("Server"),
        None,
        "that name belongs to instance metadata"
    );
    assert!(!reply.body.contains('\n'), "one line");
    assert_eq!(
        reply.member("RoleArn"),
        "arn:aws:iam::123456789012:role/mock-task-role"
    );
    assert_eq!(reply.member("Expiration"), "2030-01-01T18:00:00Z");
    let arn = who(&mock, &container_credentials(&reply))
        .element("Arn")
        .to_owned();
    assert!(
        arn.starts_with("arn:aws:sts::123456789012:assumed-role/mock-task-role/"),
        "{arn}"
    );
    assert_eq!(ecs(&mock).body, reply.body, "the same until it rotates");
}

#[test]
fn the_ecs_agent_wants_an_id_that_it_knows() {
    let mock = MockImds::builder().start_blocking();
    for (path, code) in [
        ("/v2/credentials", "NoIdInRequest"),
        ("/v2/credentials/", "NoIdInRequest"),
        ("/v2/credentials/another", "InvalidIdInRequest"),
        ("/v2/credentials/a/b", "InvalidIdInRequest"),
        (
            "/role-arn/arn:aws:iam::999999999999:role/other",
            "InvalidIdInRequest",
        ),
    ] {
        let reply = ask(&mock, &format!("GET {path}"), &[]);
        assert_eq!(
            (reply.status, reply.member("code").as_str()),
            (400, code),
            "{path}"
        );
        assert!(reply.body.contains("\"HTTPErrorCode\":400"));
    }
}

#[test]
fn the_paths_of_local_stand_ins_work_too() {
    let mock = MockImds::builder().start_blocking();
    assert_eq!(ask(&mock, "GET /creds", &[]).body, ecs(&mock).body);
    for path in ["/role/other", "/role-arn/arn:aws:iam::123456789012:role/other"] {
        let reply = ask(&mock, &format!("GET {path}"), &[]);
        assert_eq!(reply.member("RoleArn"), "arn:aws:iam::123456789012:role/other");
    }
}

#[test]
fn the_ecs_agent_slows_down_who_asks_too_often() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let statuses: Vec<u16> = (0..61).map(|_| ecs(&mock).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 60);
    assert_eq!(statuses.last(), Some(&429));
    mock.clock().advance(seconds(1));
    assert_eq!(ecs(&mock).status, 200);
    let mock = MockImds::builder()
        .clock_at(noon())
        .without_throttling()
        .start_blocking();
    assert!((0..61).all(|_| ecs(&mock).status == 200));
}

#[test]
fn the_ecs_agent_can_demand_an_authorization() {
    let secret = canary("authorization");
    let mock = MockImds::builder().ecs_authorization(&secret).start_blocking();
    let reply = ecs(&mock);
    assert_eq!(reply.status, 403);
    assert_eq!(reply.body, r#"{"Message":"invalid Authorization token"}"#);
    let path = format!("GET {}", mock.ecs_path());
    assert_eq!(ask(&mock, &path, &[("Authorization", &secret)]).status, 200);
    assert_eq!(
        ask(&mock, &path, &[("Authorization", &format!("Bearer {secret}"))]).status,
        403
    );
}

#[test]
fn an_ecs_agent_that_has_just_started_says_so() {
    let mock = MockImds::builder()
        .fault(
            Step::EcsCredentials,
            Fault::aws_error(503, "CredentialsUninitialized").times(1),
        )
        .start_blocking();
    let reply = ecs(&mock);
    assert_eq!(
        (reply.status, reply.member("code").as_str()),
        (503, "CredentialsUninitialized")
    );
    assert_eq!(ecs(&mock).status, 200);
}

#[test]
fn each_task_has_credentials_of_its_own() {
    let mock = MockImds::builder()
        .task("second", "other-role")
        .task("third", "mock-task-role")
        .start_blocking();
    let of = |id: &str| ask(&mock, &format!("GET /v2/credentials/{id}"), &[]);
    assert_eq!(
        of("second").member("RoleArn"),
        "arn:aws:iam::123456789012:role/other-role"
    );
    let (first, third) = (ecs(&mock), of("third"));
    assert_eq!(first.member("RoleArn"), third.member("RoleArn"));
    assert_ne!(first.member("AccessKeyId"), third.member("AccessKeyId"));
    let arn = who(&mock, &container_credentials(&third))
        .element("Arn")
        .to_owned();
    assert_eq!(arn, "arn:aws:sts::123456789012:assumed-role/mock-task-role/third");
    assert_eq!(of("fourth").status, 400);
}

#[test]
fn the_ecs_agent_tells_of_container_and_task_to_those_who_want_it() {
    let mock = MockImds::builder().task_metadata().start_blocking();
    let variables = mock.variables(Source::Ecs).unwrap();
    let uri = variables
        .iter()
        .find(|(name, _)| name == "ECS_CONTAINER_METADATA_URI_V4")
        .unwrap();
    let path = uri.1.strip_prefix(mock.endpoint()).unwrap();
    let container = ask(&mock, &format!("GET {path}"), &[]).json();
    let task = ask(&mock, &format!("GET {path}/task"), &[]).json();
    assert_eq!(container["KnownStatus"], "RUNNING");
    assert_eq!(task["Containers"][0], container);
    let arn = task["TaskARN"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:ecs:us-east-1:123456789012:task/mock-cluster/"),
        "{arn}"
    );
    assert_eq!(container["Labels"]["com.amazonaws.ecs.task-arn"], arn);
    let old = ask(&mock, &format!("GET {}", path.replace("v4", "v3")), &[]).json();
    assert_eq!(
        (&old["Name"], &old["ContainerARN"]),
        (&container["Name"], &serde_json::Value::Null)
    );
    for nothing in ["/v4/another", &format!("{path}/stats")] {
        assert_eq!(
            ask(&mock, &format!("GET {nothing}"), &[]).status,
            404,
            "{nothing}"
        );
    }
    assert_eq!(mock.count(Step::TaskMetadata), 5);

    let plain = MockImds::builder().start_blocking();
    assert_eq!(
        ask(&plain, &format!("GET {path}"), &[]).status,
        404,
        "nobody asked for it"
    );
    assert!(
        !plain
            .variables(Source::Ecs)
            .unwrap()
            .iter()
            .any(|(name, _)| name.contains("METADATA_URI"))
    );
}

#[test]
fn greengrass_snap_start_and_cloud_shell_hand_out_credentials_for_their_tokens() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    for (source, path, session, end) in [
        (
            Source::Greengrass,
            "/2016-11-01/credentialprovider/",
            "mock-core-device",
            "18:00:00",
        ),
        (
            Source::SnapStart,
            "/2021-04-23/credentials",
            "mock-function",
            "18:00:00",
        ),
        (
            Source::CloudShell,
            "/latest/meta-data/container/security-credentials",
            "mock-user",
            "12:15:00",
        ),
    ] {
        let variables: HashMap<_, _> = mock.variables(source).unwrap().into_iter().collect();
        let uri = &variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        assert_eq!(uri.strip_prefix(mock.endpoint()), Some(path));
        let token = &variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
        let line = format!("GET {path}");
        let reply = ask(&mock, &line, &[("Authorization", token)]);
        assert_eq!(
            (reply.status, reply.header("Content-Type")),
            (200, Some("application/json"))
        );
        assert_eq!(
            reply.member("Expiration"),
            format!("2030-01-01T{end}Z"),
            "{source:?}"
        );
        let arn = who(&mock, &container_credentials(&reply))
            .element("Arn")
            .to_owned();
        assert_eq!(
            arn,
            format!("arn:aws:sts::123456789012:assumed-role/mock-task-role/{session}")
        );
        let refused = ask(&mock, &line, &[("Authorization", "wrong")]);
        assert_eq!(
            (refused.status, refused.header("Content-Type")),
            (403, Some("text/plain"))
        );
        assert!(ask(&mock, &line, &[]).status >= 401, "{source:?}");
    }
    assert_eq!(
        mock.count(Step::ContainerCredentials),
        8,
        "without a token CloudShell's path is metadata"
    );
}

#[test]
fn each_of_them_has_its_own_form() {
    let mock = MockImds::builder().start_blocking();
    let read = |source, strip: &str| {
        let variables: HashMap<_, _> = mock.variables(source).unwrap().into_iter().collect();
        let path = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
            .strip_prefix(mock.endpoint())
            .unwrap();
        let path = path.strip_suffix(strip).unwrap();
        let token = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"].as_str();
        ask(&mock, &format!("GET {path}"), &[("Authorization", token)])
    };
    let shell = read(Source::CloudShell, "").body;
    assert!(shell.starts_with("{\n\t\"Type\": \"\",\n\t\"AccessKeyId\": \"ASIA"));
    assert!(shell.ends_with(",\n\t\"Code\": \"Success\"\n}"));
    for source in [Source::Greengrass, Source::SnapStart] {
        let body = read(source, "").body;
        assert!(!body.contains('\n') && !body.contains("Code"));
    }
    assert!(
        read(Source::Greengrass, "/").status >= 401,
        "the slash is part of the path"
    );
}

fn container_credentials(reply: &Reply) -> AwsCredentials {
    AwsCredentials::new(reply.member("AccessKeyId"), reply.member("SecretAccessKey"))
        .with_session_token(reply.member("Token"))
}

#[test]
fn the_eks_agent_hands_out_credentials_for_its_token() {
    let mock = MockImds::builder()
        .clock_at(noon() + std::time::Duration::from_nanos(123_456_789))
        .start_blocking();
    let reply = eks(&mock, &mock.eks_token());
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.member("AccountId"), "123456789012");
    assert_eq!(reply.member("Expiration"), "2030-01-01T18:00:00.123456789Z");
}

#[test]
fn the_eks_agent_refuses_what_is_no_token_of_its_own() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let bearer = format!("Bearer {}", mock.eks_token());
    for token in ["", "abc", "a.b.c", "a.b", bearer.as_str()] {
        let reply = eks(&mock, token);
        assert_eq!(
            (reply.status, reply.header("Content-Type")),
            (400, Some("text/plain")),
            "{token}"
        );
        assert!(!reply.body.contains('<') && !reply.body.is_empty());
    }
    assert_eq!(ask(&mock, "GET /v1/credentials", &[]).status, 400);
    let token = mock.eks_token();
    mock.clock().advance(seconds(24 * 3600));
    assert_eq!(eks(&mock, &token).status, 400, "it has expired");
}

#[test]
fn a_pod_that_nobody_gave_a_role_finds_none() {
    let mock = MockImds::builder()
        .fault(Step::EksCredentials, Fault::status(404))
        .start_blocking();
    let reply = eks(&mock, &mock.eks_token());
    assert_eq!(
        (reply.status, reply.header("Content-Type")),
        (404, Some("text/plain"))
    );
}

#[test]
fn the_eks_agent_slows_down_who_asks_too_often() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let token = mock.eks_token();
    let statuses: Vec<u16> = (0..501).map(|_| eks(&mock, &token).status).collect();
    assert!(statuses.iter().take(500).all(|status| *status == 200));
    let last = eks(&mock, &token);
    assert_eq!((statuses[500], last.status), (429, 429));
    assert_eq!(
        (last.header("Content-Type"), last.body.as_str()),
        (Some("text/plain"), "too many requests")
    );
    mock.clock().advance(seconds(1));
    assert_eq!(eks(&mock, &token).status, 200);
}

#[test]
fn the_eks_token_file_rotates_and_the_old_text_is_refused_after_a_while() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let path = mock.eks_token_file().unwrap();
    let old = std::fs::read_to_string(&path).unwrap();
    assert!(!old.ends_with('\n'));
    mock.rotate_eks_token().unwrap();
    let new = std::fs::read_to_string(&path).unwrap();
    assert_ne!(old, new);
    mock.clock().advance(seconds(29));
    assert_eq!((eks(&mock, &old).status, eks(&mock, &new).status), (200, 200));
    mock.clock().advance(seconds(1));
    assert_eq!((eks(&mock, &old).status, eks(&mock, &new).status), (400, 200));
    drop(mock);
    assert!(!path.exists(), "it goes with the server");
}

#[cfg(unix)]
#[test]
fn the_eks_token_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mock = MockImds::builder().start_blocking();
    let path = mock.eks_token_file().unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        std::fs::metadata(path.parent().unwrap())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
}

#[test]
fn the_eks_agent_can_insist_on_being_called_by_its_address() {
    let mock = MockImds::builder().strict_eks_host().start_blocking();
    let token = mock.eks_token();
    let ask_as = |host: &str| {
        let request =
            format!("GET /v1/credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
        Reply::parse(&raw(&mock, request)).status
    };
    for (host, status) in [
        ("169.254.170.23", 200),
        ("169.254.170.23:80", 200),
        ("[fd00:ec2::23]", 200),
        ("127.0.0.1:1338", 200),
        ("localhost", 403),
        ("169.254.169.254", 403),
    ] {
        assert_eq!(ask_as(host), status, "{host}");
    }
}
