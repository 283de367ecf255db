use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use mock_imds::{MockImds, Source, SpotAction, Step};

use crate::support::*;

#[test]
fn nobody_has_connected_until_somebody_does() {
    let mock = MockImds::builder().start_blocking();
    assert_eq!((mock.connections(), mock.requests().len()), (0, 0));
    token(&mock);
    assert_eq!((mock.connections(), mock.count(Step::Token)), (1, 1));
    mock.forget_requests();
    assert_eq!((mock.requests().len(), mock.count(Step::Token)), (0, 0));
    token(&mock);
    assert_eq!(mock.requests()[0].number(), 2);
}

#[test]
fn a_seed_gives_the_same_keys_tokens_and_request_ids_again() {
    let drawn = |builder: mock_imds::Builder| {
        let mock = builder.clock_at(noon()).start_blocking();
        let session = mock.sign_in("alice", seconds(900)).document().to_owned();
        let refresh_token = session.split("\"refreshToken\":").nth(1).unwrap().to_owned();
        [
            token(&mock),
            get(&mock, &format!("{ROLES}mock-role")).body,
            who(&mock, &user(&mock)).body,
            assume(&mock, &user(&mock), &[]).body,
            mock.eks_token(),
            mock.web_identity_token(),
            post_json(
                &mock,
                "/client/register",
                &serde_json::json!({"clientName": "a", "clientType": "public"}),
            )
            .member("clientSecret"),
            ask(&mock, "GET /assignment/accounts", &[])
                .header("x-amzn-RequestId")
                .unwrap()
                .to_owned(),
            refresh_token,
        ]
    };
    let seeded = |seed| drawn(MockImds::builder().seed(seed));
    let (first, again, other) = (seeded(1), seeded(1), seeded(2));
    assert!(first == again, "the same seed");
    let unseeded = (drawn(MockImds::builder()), drawn(MockImds::builder()));
    for (a, b) in [
        (&first, &other),
        (&first, &unseeded.0),
        (&unseeded.0, &unseeded.1),
    ] {
        for (a, b) in a.iter().zip(b) {
            assert!(a != b, "no seed, or another");
        }
    }
}

#[test]
fn what_came_is_compared_with_what_was_expected() {
    let mock = MockImds::builder().start_blocking();
    let token = token(&mock);
    ask(&mock, &format!("GET {ROLES}"), &[(TOKEN, &token)]);
    mock.assert_steps(&[Step::Token, Step::RoleList]);
    for wrong in [
        &[Step::Token][..],
        &[Step::RoleList, Step::Token],
        &[Step::Token, Step::RoleList, Step::Credentials],
    ] {
        let assertion = std::panic::AssertUnwindSafe(|| mock.assert_steps(wrong));
        let panic = std::panic::catch_unwind(assertion).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("but there were 2:\n    1  "), "{text}");
        assert!(
            text.contains("PUT  /latest/api/token") && !text.contains(&token),
            "{text}"
        );
    }
}

#[test]
fn no_time_and_no_life_is_too_long() {
    let mock = MockImds::builder()
        .credential_lifetime(Duration::MAX)
        .accepted_past_end(Duration::MAX)
        .web_identity_lifetime(Duration::MAX)
        .spot_interruption(SpotAction::Stop, Duration::MAX)
        .start_blocking();
    let key = role_credentials(&mock);
    assert_eq!(who(&mock, &key).status, 200);
    assert_eq!(get(&mock, "/latest/meta-data/spot/instance-action").status, 404);
    assert_eq!(assume(&mock, &user(&mock), &[]).status, 200);
    mock.shorten_tokens(Duration::MAX);
    mock.clock().advance(Duration::MAX);
    mock.interrupt(SpotAction::Terminate);
    assert_eq!(
        ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "60")]).status,
        200
    );
    assert_eq!(who(&mock, &user(&mock)).element("Account"), "123456789012");
}

#[test]
fn it_listens_where_it_is_told() {
    let mock = MockImds::builder().ipv6().start_blocking();
    assert_eq!(mock.endpoint(), format!("http://[::1]:{}", mock.port()));
    let mock = MockImds::builder().address(([0, 0, 0, 0], 0)).start_blocking();
    assert_eq!(mock.endpoint(), format!("http://127.0.0.1:{}", mock.port()));
    assert_eq!(get(&mock, "/latest/").status, 200);
}

#[test]
fn a_port_that_is_taken_is_an_error_and_a_free_one_can_be_had_again() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = MockImds::builder().port(port).try_start().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);

    let mock = MockImds::builder().start_blocking();
    get(&mock, "/latest/");
    let port = mock.port();
    drop(mock);
    // Another test may have been quicker to get the port: then there is nothing to see.
    if let Ok(mock) = MockImds::builder().port(port).try_start() {
        assert_eq!(get(&mock, "/latest/").status, 200);
    }
}

#[test]
fn many_servers_know_nothing_of_each_other() {
    let (a, b) = (
        MockImds::builder().start_blocking(),
        MockImds::builder().start_blocking(),
    );
    let token = token(&a);
    assert_eq!(ask(&b, "GET /latest/", &[(TOKEN, &token)]).status, 401);
    assert_eq!(who(&b, &user(&a)).element("Code"), "InvalidClientTokenId");
    assert_eq!((a.connections(), b.connections()), (1, 2));
}

#[test]
fn it_can_be_dropped_inside_a_runtime_and_while_its_owner_blocks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mock = MockImds::builder().start().await;
        // This blocks the only thread of the runtime: the server must not live on it.
        assert_eq!(get(&mock, "/latest/").status, 200);
        drop(mock);
    });
}

#[test]
fn variables_lead_to_each_source() {
    let secret = tests_support::canary("ecs");
    let mock = MockImds::builder()
        .region("eu-central-1")
        .ecs_authorization(&secret)
        .start_blocking();
    let base = mock.endpoint().to_owned();
    let of = |source| -> std::collections::HashMap<String, String> {
        mock.variables(source).unwrap().into_iter().collect()
    };
    let imds = of(Source::InstanceMetadata);
    assert_eq!(imds["AWS_EC2_METADATA_SERVICE_ENDPOINT"], base);
    assert_eq!(
        (imds["AWS_REGION"].as_str(), imds["AWS_ENDPOINT_URL_STS"].as_str()),
        ("eu-central-1", base.as_str())
    );
    let ecs = of(Source::Ecs);
    assert_eq!(
        ecs["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        base.clone() + &mock.ecs_path()
    );
    assert_eq!(ecs["AWS_CONTAINER_AUTHORIZATION_TOKEN"], secret);
    let eks = of(Source::Eks);
    assert_eq!(
        eks["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        base + "/v1/credentials"
    );
    let file = std::fs::read_to_string(&eks["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).unwrap();
    assert_eq!(file, mock.eks_token());
    let environment = of(Source::Environment);
    assert_eq!(environment["AWS_ACCESS_KEY_ID"], mock.user().access_key_id());
    for source in [
        Source::InstanceMetadata,
        Source::Ecs,
        Source::Eks,
        Source::Greengrass,
        Source::SnapStart,
        Source::CloudShell,
        Source::Environment,
    ] {
        let unset = mock.variables_to_unset(source);
        assert!(unset.contains(&"AWS_PROFILE"));
        assert!(
            !of(source).keys().any(|name| unset.contains(&name.as_str())),
            "{source:?}"
        );
    }
}

#[test]
fn a_record_shows_what_was_sent_to_those_who_ask() {
    let mock = MockImds::builder().start_blocking();
    let token = token(&mock);
    ask(
        &mock,
        "GET /latest/meta-data/?a=b",
        &[(TOKEN, &token), ("User-Agent", "me")],
    );
    let requests = mock.requests();
    let [put, get] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (put.method(), put.path(), put.status(), put.step()),
        ("PUT", "/latest/api/token", Some(200), Step::Token)
    );
    assert_eq!(
        (get.path(), get.query(), get.header("user-agent")),
        ("/latest/meta-data/", Some("a=b"), Some("me"))
    );
    assert_eq!(
        get.header_names(),
        ["host", "x-aws-ec2-metadata-token", "user-agent"]
    );
    assert_eq!((put.token_number(), get.token_number()), (Some(1), Some(1)));
    assert_eq!((put.connection(), get.connection(), get.number()), (1, 2, 2));
    assert_eq!(put.header("x-forwarded-for"), None);
}

#[test]
fn the_last_ten_thousand_requests_are_remembered_and_all_are_counted() {
    let mock = MockImds::builder().keep_alive().start_blocking();
    let mut stream = connect(&mock);
    let request = "GET /latest/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for _ in 0..10_001 {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"</html>\n") {
            let mut part = [0; 2048];
            let count = stream.read(&mut part).unwrap();
            assert_ne!(count, 0, "the connection was closed");
            answer.extend_from_slice(&part[..count]);
        }
    }
    let requests = mock.requests();
    assert_eq!((requests.len(), requests[0].number()), (10_000, 2));
    assert_eq!(mock.count(Step::Metadata), 10_001);
}

#[tokio::test]
async fn requests_at_the_same_time_are_counted() {
    let mock = MockImds::builder().start().await;
    token(&mock);
    assert_eq!(mock.most_at_once(), 1);
    mock.pause(Step::Token);
    let put = format!("PUT /latest/api/token HTTP/1.1\r\n{TOKEN_SECONDS}: 60\r\n\r\n");
    let mut streams: Vec<_> = (0..3).map(|_| connect(&mock)).collect();
    for stream in &mut streams {
        stream.write_all(put.as_bytes()).unwrap();
    }
    mock.wait_for(Step::Token, 4).await;
    assert_eq!(mock.most_at_once(), 3);
}

#[tokio::test]
async fn waiting_for_requests_ends_when_they_have_come() {
    let mock = MockImds::builder().start().await;
    let asked = async {
        mock.wait_for(Step::Token, 2).await;
        mock.count(Step::Token)
    };
    let asking = async {
        token(&mock);
        tokio::task::yield_now().await;
        token(&mock);
    };
    assert_eq!(tokio::join!(asked, asking).0, 2);
}
