use tests_support::{BlackHole, FixedRandom, Log, ManualClock, Reply, Server, printed};

use super::*;
use crate::endpoint::{Endpoint, Origin};
use crate::settings::Limits;
use crate::testing::{
    Asked as _, LIST, ROLE, TOKEN, closed_port, imds, no_variables, ok, pausing_clock, reply, token,
};

const ID: &str = "/latest/meta-data/instance-id";

fn client(server: &Server) -> InstanceMetadataClient {
    server.provider().client().clone()
}

async fn knowing_its_id(
    mut special: impl FnMut(&tests_support::Received, usize) -> Option<Reply> + Send + 'static,
) -> Server {
    imds(move |request, count| {
        special(request, count).or_else(|| (request.target == ID).then(|| ok("i-0abc")))
    })
    .await
}

#[tokio::test]
async fn a_path_is_asked_with_a_token_that_is_kept() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);

    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");
    assert_eq!(client.get("/meta-data/instance-id").await.unwrap(), "i-0abc");

    let get = format!("GET {ID}");
    assert_eq!(server.lines(), [format!("PUT {TOKEN}"), get.clone(), get]);
    let seen = server.received();
    assert_eq!(
        seen[0].header("x-aws-ec2-metadata-token-ttl-seconds"),
        Some("21600")
    );
    assert_eq!(seen[0].header("content-length"), Some("0"));
    for absent in [
        "expect",
        "transfer-encoding",
        "x-forwarded-for",
        "accept-encoding",
        "x-aws-ec2-metadata-token",
    ] {
        assert_eq!(seen[0].header(absent), None, "{absent}");
    }
    for request in &seen[1..] {
        assert_eq!(
            request.header("x-aws-ec2-metadata-token"),
            Some(token(1).as_str())
        );
    }
    for request in &seen {
        let user_agent = request.header("user-agent").unwrap();
        assert!(
            user_agent.starts_with("credential-instance-metadata/"),
            "{user_agent}"
        );
        assert_eq!(
            request.header("host"),
            Some(server.url.trim_start_matches("http://"))
        );
    }
}

#[tokio::test]
async fn a_path_as_awss_pages_write_it_is_below_latest_once() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    for path in ["/latest/meta-data/instance-id", "latest/meta-data/instance-id"] {
        assert_eq!(client.get(path).await.unwrap(), "i-0abc", "{path}");
    }
    let other = client.get("latest-news").await.unwrap_err();
    assert!(other.to_string().contains("/latest/latest-news"), "{other}");
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    // (seconds granted, renewed after, but not after)
    for (granted, renewed, not_yet) in [
        ("10", 8, 7),
        ("21600", 21_481, 21_479),
        ("600", 481, 479),
        ("1", 1, 0),
        // Nobody grants more than six hours.
        ("999999", 21_481, 21_479),
    ] {
        let server = knowing_its_id(move |request, count| {
            let header = format!("X-AWS-EC2-Metadata-Token-TTL-Seconds: {granted}\r\n");
            (request.target == TOKEN).then(|| reply(200, &header, token(count)))
        })
        .await;
        let clock = ManualClock::new();
        let client = client(&server).with_clock(clock.clone());

        client.get("meta-data/instance-id").await.unwrap();
        clock.advance(Duration::from_secs(not_yet));
        client.get("meta-data/instance-id").await.unwrap();
        assert_eq!(
            server.count(&format!("PUT {TOKEN}")),
            1,
            "after {not_yet} of {granted} s"
        );
        clock.advance(Duration::from_secs(renewed - not_yet));
        client.get("meta-data/instance-id").await.unwrap();
        assert_eq!(
            server.count(&format!("PUT {TOKEN}")),
            2,
            "after {renewed} of {granted} s"
        );
    }
}

#[tokio::test]
async fn the_time_of_day_does_not_bring_a_dead_token_back() {
    let server = knowing_its_id(|_, _| None).await;
    let clock = ManualClock::new();
    let client = client(&server).with_clock(clock.clone());
    client.get("meta-data/instance-id").await.unwrap();

    clock.advance(Duration::from_secs(21_600));
    clock.set_wall(time::OffsetDateTime::UNIX_EPOCH);
    client.get("meta-data/instance-id").await.unwrap();

    assert_eq!(server.count(&format!("PUT {TOKEN}")), 2);
}

#[tokio::test]
async fn a_token_of_unknown_age_lives_as_long_as_was_asked() {
    for header in [
        "",
        "x-aws-ec2-metadata-token-ttl-seconds: soon\r\n",
        "x-aws-ec2-metadata-token-ttl-seconds: 0\r\n",
    ] {
        let server = knowing_its_id(move |request, count| {
            (request.target == TOKEN).then(|| reply(200, header, format!(" {}\r\n", token(count))))
        })
        .await;
        let clock = ManualClock::new();
        let client = client(&server).with_clock(clock.clone());
        client.get("meta-data/instance-id").await.unwrap();
        clock.advance(Duration::from_secs(21_000));
        client.get("meta-data/instance-id").await.unwrap();
        assert_eq!(server.count(&format!("PUT {TOKEN}")), 1, "{header}");
    }
}

#[tokio::test]
async fn an_unusable_token_is_refused_without_being_shown() {
    for (body, problem) in [
        (String::new(), "it is empty"),
        (" \n".to_owned(), "it is empty"),
        (token(1).repeat(40), "it is longer than 1024 bytes"),
        (
            format!("{}\nX-Evil: 1", token(1)),
            "it holds a byte that cannot stand in a header",
        ),
        (
            format!("{}\u{7}", token(1)),
            "it holds a byte that cannot stand in a header",
        ),
        (
            format!("{}é", token(1)),
            "it holds a byte that cannot stand in a header",
        ),
    ] {
        let server = imds(move |request, _| (request.target == TOKEN).then(|| ok(body.clone()))).await;
        let error = client(&server).get("meta-data/instance-id").await.unwrap_err();
        assert!(printed(&error).contains(problem), "{error}");
        assert!(matches!(error, Error::Token { .. }));
        assert_eq!(server.lines().len(), 1);
    }
}

#[tokio::test]
async fn a_token_of_1024_bytes_is_not_too_long() {
    let long = format!("{:x<1024}", token(1));
    let server = {
        let long = long.clone();
        knowing_its_id(move |request, _| (request.target == TOKEN).then(|| ok(&long))).await
    };
    client(&server).get("meta-data/instance-id").await.unwrap();
    assert_eq!(
        server.received()[1].header("x-aws-ec2-metadata-token"),
        Some(long.as_str())
    );
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_request_repeated() {
    let server =
        knowing_its_id(|request, count| (request.target == ID && count == 1).then(|| reply(401, "", "")))
            .await;

    assert_eq!(
        client(&server).get("meta-data/instance-id").await.unwrap(),
        "i-0abc"
    );

    assert_eq!(server.count(&format!("PUT {TOKEN}")), 2);
    let tokens: Vec<_> = server
        .received()
        .iter()
        .filter_map(|seen| seen.header("x-aws-ec2-metadata-token").map(str::to_owned))
        .collect();
    assert_eq!(tokens, [token(1), token(2)]);
}

#[tokio::test]
async fn a_second_refusal_in_a_row_is_an_error() {
    let server =
        knowing_its_id(|request, _| (request.target == ID).then(|| reply(401, "", "<html>401</html>"))).await;

    let error = client(&server).get("meta-data/instance-id").await.unwrap_err();

    assert!(matches!(error, Error::Status { status: 401, .. }), "{error:?}");
    assert!(printed(&error).contains("it refused a new token as well"));
    assert_eq!(
        (
            server.count(&format!("PUT {TOKEN}")),
            server.count(&format!("GET {ID}"))
        ),
        (2, 2)
    );
}

#[tokio::test]
async fn a_refusal_of_an_old_token_leaves_its_successor_alone() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    let session = client.session().unwrap();
    let old = session.pass(&Version1::Never).await.unwrap();
    session.tokens.forget(&old);
    let new = session.pass(&Version1::Never).await.unwrap();

    session.tokens.forget(&old);

    let (Pass::Token(new), Pass::Token(kept)) = (new, session.pass(&Version1::Never).await.unwrap()) else {
        panic!("tokens are to be had");
    };
    assert!(Arc::ptr_eq(&new, &kept));
    assert_eq!(server.count(&format!("PUT {TOKEN}")), 2);
}

#[tokio::test]
async fn passing_troubles_are_retried_with_full_jitter() {
    for status in [429, 500, 502, 503, 504] {
        let server = knowing_its_id(move |_, count| (count < 3).then(|| reply(status, "", "oops"))).await;
        let clock = pausing_clock();
        let client = client(&server)
            .with_clock(clock.clone())
            .with_random(FixedRandom(0.5));

        client.get("meta-data/instance-id").await.unwrap();

        let half = [25, 50, 25, 50].map(Duration::from_millis);
        assert_eq!(clock.pauses(), half, "{status}");
        assert_eq!(server.lines().len(), 6);
    }
}

#[tokio::test]
async fn the_third_failure_is_the_last() {
    let server = knowing_its_id(|request, _| (request.target == ID).then(|| reply(500, "", token(9)))).await;
    let error = client(&server).get("meta-data/instance-id").await.unwrap_err();
    assert!(
        matches!(&error, Error::Status { status: 500, request } if request.attempts() == 3),
        "{error:?}"
    );
    assert!(printed(&error).contains(&format!("GET {}{ID} after 3 attempts and ", server.url)));
}

#[tokio::test]
async fn a_connection_that_breaks_is_retried() {
    let server = knowing_its_id(|_, count| (count == 1).then_some(Reply::Close)).await;
    assert_eq!(
        client(&server).get("meta-data/instance-id").await.unwrap(),
        "i-0abc"
    );
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn a_silent_answer_is_asked_for_again_once_there_was_a_token() {
    let server =
        knowing_its_id(|request, count| (request.target == ID && count < 3).then_some(Reply::Silence)).await;
    let client = client(&server).with_read_timeout(Duration::from_millis(100));
    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");
    assert_eq!(server.count(&format!("GET {ID}")), 3);
}

#[tokio::test]
async fn a_token_request_without_an_answer_is_repeated_once_there_was_a_token() {
    let server =
        knowing_its_id(|request, count| (request.target == TOKEN && count == 2).then_some(Reply::Silence))
            .await;
    let client = client(&server).with_read_timeout(Duration::from_millis(100));
    let session = client.session().unwrap();
    let old = session.pass(&Version1::Never).await.unwrap();
    session.tokens.forget(&old);

    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");

    assert_eq!(server.count(&format!("PUT {TOKEN}")), 3);
}

#[tokio::test]
async fn a_failure_to_connect_is_retried_once_there_was_an_answer() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    client.get("meta-data/instance-id").await.unwrap();
    server.stop().await;

    let error = client.get("meta-data/instance-id").await.unwrap_err();

    assert!(
        matches!(&error, Error::Transport { request, source } if request.attempts() == 3 && source.is_connect()),
        "{error:?}"
    );
    assert_eq!(error.kind(), credential_core::ErrorKind::Failed);
}

#[tokio::test]
async fn what_will_not_pass_is_not_retried() {
    for status in [301, 307, 400, 403, 405, 410] {
        let server = knowing_its_id(move |request, _| {
            (request.target == ID).then(|| reply(status, "Location: http://127.0.0.1:1/evil\r\n", ""))
        })
        .await;
        let error = client(&server).get("meta-data/instance-id").await.unwrap_err();
        assert!(
            matches!(&error, Error::Status { status: seen, .. } if *seen == status),
            "{error:?}"
        );
        assert_eq!(server.lines().len(), 2, "{status}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_patience_gets_up_to_a_second() {
    for (asked, pause) in [("1", 1000), ("2", 25)] {
        let server = knowing_its_id(move |request, count| {
            let header = format!("Retry-After: {asked}\r\n");
            (request.target == ID && count == 1).then(|| reply(503, &header, ""))
        })
        .await;
        let clock = pausing_clock();
        let client = client(&server)
            .with_clock(clock.clone())
            .with_random(FixedRandom(0.5));
        client.get("meta-data/instance-id").await.unwrap();
        assert_eq!(clock.pauses(), [Duration::from_millis(pause)]);
    }
}

#[tokio::test]
async fn pauses_stay_within_the_time_of_one_request() {
    let server =
        knowing_its_id(|request, _| (request.target == ID).then(|| reply(503, "Retry-After: 1\r\n", "")))
            .await;
    let client = client(&server)
        .with_clock(pausing_clock())
        .with_attempts(50)
        .with_request_timeout(Duration::from_millis(2500));
    let error = client.get("meta-data/instance-id").await.unwrap_err();
    assert!(matches!(error, Error::Status { status: 503, .. }), "{error:?}");
    assert_eq!(server.count(&format!("GET {ID}")), 3);
}

#[tokio::test]
async fn a_token_request_without_an_answer_explains_the_hop_limit_and_is_not_repeated() {
    let server = Server::deciding(|_, _| Reply::Silence).await;
    let client = client(&server).with_read_timeout(Duration::from_millis(100));

    let error = client.get("meta-data/instance-id").await.unwrap_err();

    assert!(matches!(error, Error::SilentToken { .. }), "{error:?}");
    assert!(
        printed(&error)
            .contains("set the instance's metadata response hop limit to 2 or use the host's network")
    );
    assert_eq!(error.kind(), credential_core::ErrorKind::TimedOut);
    assert_eq!(server.lines(), [format!("PUT {TOKEN}")]);
}

#[test]
fn limits_are_a_second_to_connect_and_to_read_and_grow_with_the_settings() {
    let limits = |settings: Settings| settings.limits().unwrap();
    let seconds = Duration::from_secs;
    let usual = Settings {
        variables: no_variables(),
        ..Settings::default()
    };
    let expected = Limits {
        connect: seconds(1),
        read: seconds(1),
        request: seconds(3),
        whole: seconds(5),
        attempts: 3,
    };
    assert_eq!(limits(usual.clone()), expected);

    let mut patient = usual;
    let number = |value: &str| Setting {
        value: value.to_owned(),
        origin: "line 3".to_owned(),
    };
    patient.profile = [
        ("metadata_service_timeout".to_owned(), number(" 4 ")),
        ("metadata_service_num_attempts".to_owned(), number("7")),
    ]
    .into();
    let expected = Limits {
        connect: seconds(4),
        read: seconds(4),
        request: seconds(12),
        whole: seconds(20),
        attempts: 7,
    };
    assert_eq!(limits(patient.clone()), expected);

    patient.variables = Variables::from([
        ("AWS_METADATA_SERVICE_TIMEOUT", "2"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1"),
    ]);
    assert_eq!(
        (limits(patient.clone()).read, limits(patient.clone()).attempts),
        (seconds(2), 1)
    );
    patient.read_timeout = Some(seconds(9));
    patient.attempts = Some(0);
    assert_eq!(
        (limits(patient.clone()).read, limits(patient.clone()).attempts),
        (seconds(9), 1)
    );
    assert_eq!(limits(patient).connect, seconds(2));
}

#[test]
fn a_limit_that_is_no_whole_number_from_one_is_an_error_that_names_it() {
    for name in [
        "AWS_METADATA_SERVICE_TIMEOUT",
        "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    ] {
        for value in ["0", "-1", "1.5", "one", "99999999999"] {
            let settings = Settings {
                variables: Variables::from([(name, value)]),
                ..Settings::default()
            };
            let error = settings.limits().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{name} says {value:?}, but must be a whole number from 1")
            );
            assert_eq!(error.kind(), credential_core::ErrorKind::InvalidConfiguration);
        }
    }
}

#[tokio::test]
async fn nothing_there_is_found_out_with_one_attempt_and_believed_for_a_minute() {
    let clock = ManualClock::new();
    let client = crate::testing::provider()
        .with_endpoint(closed_port().await)
        .with_clock(clock.clone())
        .client()
        .clone();
    let ask = async || client.get("meta-data/instance-id").await.unwrap_err();

    let first = ask().await;
    assert!(
        matches!(&first, Error::Unreachable { request, .. } if request.attempts() == 1),
        "{first:?}"
    );
    clock.advance(Duration::from_secs(59));
    let second = ask().await;
    assert!(
        matches!(&second, Error::NothingThere { ago, .. } if ago.as_secs() == 59),
        "{second:?}"
    );
    assert!(first.is_transient() && second.is_transient());
    clock.advance(Duration::from_secs(1));
    assert!(matches!(ask().await, Error::Unreachable { .. }));
    assert!(matches!(ask().await, Error::NothingThere { .. }));
    let anew = client.clone().with_attempts(3);
    assert!(
        matches!(anew.get("x").await.unwrap_err(), Error::Unreachable { .. }),
        "a changed setting asks anew"
    );
}

#[tokio::test]
async fn connecting_that_hangs_is_given_up_once() {
    let hole = BlackHole::new().await;
    let client = crate::testing::provider()
        .with_endpoint(&hole.url)
        .with_connect_timeout(Duration::from_millis(100))
        .client()
        .clone();

    let error = client.get("meta-data/instance-id").await.unwrap_err();

    let Error::Unreachable { request, source } = &error else {
        panic!("{error:?}");
    };
    assert!(
        source.is_connect_timeout() && request.attempts() == 1,
        "{error:?}"
    );
    assert_eq!(error.kind(), credential_core::ErrorKind::NotConfigured);
    let again = client.get("meta-data/instance-id").await.unwrap_err();
    assert!(matches!(again, Error::NothingThere { .. }), "{again:?}");
}

/// A session with a server as if it were at the well-known address.
fn well_known(server: &Server) -> Session {
    let endpoint = Endpoint {
        url: Url::parse(&server.url).unwrap(),
        origin: Origin::WellKnown,
    };
    let limits = Settings {
        variables: no_variables(),
        ..Settings::default()
    }
    .limits()
    .unwrap();
    Session::new(
        endpoint,
        limits,
        Arc::new(ManualClock::new()),
        Arc::new(FixedRandom(0.0)),
    )
}

#[tokio::test]
async fn another_clouds_refusal_at_the_well_known_address_is_not_ec2() {
    for (status, server_header) in [
        (411, "Server: Microsoft-HTTPAPI/2.0\r\n"),
        (400, "Server: Microsoft-IIS/10.0\r\n"),
        (403, "Metadata-Flavor: Google\r\n"),
        (404, "Server: Metadata Server for VM\r\n"),
        (405, ""),
        (500, ""),
        (503, "Server: nginx\r\n"),
        (302, "Location: http://portal/\r\n"),
        (200, "Server: portal\r\n"),
    ] {
        let server =
            Server::deciding(move |_, _| reply(status, server_header, "<html>hello you</html>")).await;
        let session = well_known(&server);
        for version1 in [Version1::Never, Version1::ForbiddenBy("line 3".into())] {
            let error = session.pass(&version1).await.unwrap_err();
            assert!(
                matches!(&error, Error::NotEc2 { status: seen, .. } if *seen == status),
                "{error:?}"
            );
            assert_eq!(error.kind(), credential_core::ErrorKind::NotConfigured);
            assert!(
                session.check_something_is_there().is_err(),
                "it is believed for a minute"
            );
        }
    }
}

#[tokio::test]
async fn ec2s_own_refusal_and_one_at_an_endpoint_that_was_set_are_failures() {
    for status in [400, 403, 404, 405, 411, 500] {
        let server = Server::deciding(move |_, _| reply(status, "Server: EC2ws\r\n", "")).await;
        let error = well_known(&server).pass(&Version1::Never).await.unwrap_err();
        assert!(
            matches!(&error, Error::Status { status: seen, .. } if *seen == status),
            "{error:?}"
        );
        assert_eq!(error.kind(), credential_core::ErrorKind::Failed);

        let server =
            Server::deciding(move |_, _| reply(status, "Server: Microsoft-HTTPAPI/2.0\r\n", "")).await;
        let error = client(&server).get("meta-data/instance-id").await.unwrap_err();
        assert_eq!(error.kind(), credential_core::ErrorKind::Failed, "{error:?}");
    }
}

fn version_1(server: &Server) -> InstanceMetadataClient {
    client(server).with_v1_fallback(V1Fallback::Allowed)
}

#[tokio::test]
async fn version_1_is_used_only_when_allowed_and_only_after_403_404_and_405() {
    for (status, allowed) in [
        (403, true),
        (404, true),
        (405, true),
        (400, false),
        (411, false),
        (500, false),
        (501, false),
    ] {
        let server = knowing_its_id(move |request, _| {
            (request.target == TOKEN).then(|| reply(status, "Server: EC2ws\r\n", ""))
        })
        .await;

        let by_default = client(&server).get("meta-data/instance-id").await.unwrap_err();
        assert!(matches!(by_default, Error::Status { .. }), "{by_default:?}");
        assert_eq!(server.count(&format!("GET {ID}")), 0);

        let with_fallback = version_1(&server).get("meta-data/instance-id").await;
        assert_eq!(with_fallback.is_ok(), allowed, "{status}: {with_fallback:?}");
        for seen in server.received().iter().filter(|seen| seen.method == "GET") {
            assert_eq!(seen.header("x-aws-ec2-metadata-token"), None);
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_answered_does_not_lead_to_version_1() {
    let answers: [fn() -> Reply; 2] = [|| Reply::Silence, || Reply::Close];
    for answer in answers {
        let server = knowing_its_id(move |request, _| (request.target == TOKEN).then(answer)).await;
        let client = version_1(&server).with_read_timeout(Duration::from_millis(100));
        let error = client.get("meta-data/instance-id").await.unwrap_err();
        assert!(
            matches!(error, Error::SilentToken { .. } | Error::Transport { .. }),
            "{error:?}"
        );
        assert_eq!(server.count(&format!("GET {ID}")), 0);
    }
}

#[tokio::test]
async fn falling_back_to_version_1_is_warned_of_once() {
    let server = knowing_its_id(|request, count| match (request.target.as_str(), count) {
        (TOKEN, _) => Some(reply(403, "", "")),
        (ID, 2) => Some(reply(401, "", "")),
        _ => None,
    })
    .await;
    let client = version_1(&server);
    let log = Log::listen();

    for _ in 0..3 {
        client.get("meta-data/instance-id").await.unwrap();
    }

    assert_eq!(server.count(&format!("PUT {TOKEN}")), 2, "it fell back twice");
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("falling back to version 1"), "{warnings:?}");
}

#[tokio::test]
async fn settings_that_do_not_count_are_warned_of_once() {
    let overruled = |client: InstanceMetadataClient| client.with_endpoint_mode(EndpointMode::Ipv6);
    let strange = |client: InstanceMetadataClient| {
        client.with_variables(Variables::from([("AWS_EC2_METADATA_DISABLED", "yes")]))
    };
    let usual = |client: InstanceMetadataClient| {
        client.with_variables(Variables::from([("AWS_EC2_METADATA_DISABLED", "false")]))
    };
    type Change = fn(InstanceMetadataClient) -> InstanceMetadataClient;
    let table: [(Change, Option<&str>); 3] = [
        (overruled, Some("the endpoint mode set in code is not used")),
        (
            strange,
            Some("AWS_EC2_METADATA_DISABLED is neither `true` nor `false`"),
        ),
        (usual, None),
    ];
    for (change, warning) in table {
        let server = knowing_its_id(|_, _| None).await;
        let client = change(client(&server));
        let log = Log::listen();
        for _ in 0..3 {
            client.get("meta-data/instance-id").await.unwrap();
        }
        let warnings = log.warnings();
        assert_eq!(warnings.len(), usize::from(warning.is_some()), "{warnings:?}");
        assert!(warnings.iter().all(|line| line.contains(warning.unwrap())));
    }
}

#[tokio::test]
async fn version_1_is_remembered_until_it_is_refused() {
    let server = knowing_its_id(|request, count| match (request.target.as_str(), count) {
        (TOKEN, 1) => Some(reply(403, "", "")),
        (ID, 3) => Some(reply(401, "", "")),
        _ => None,
    })
    .await;
    let client = version_1(&server);

    for _ in 0..4 {
        client.get("meta-data/instance-id").await.unwrap();
    }

    let (put, get) = (format!("PUT {TOKEN}"), format!("GET {ID}"));
    assert_eq!(
        server.lines(),
        [&put, &get, &get, &get, &put, &get, &get].map(Clone::clone)
    );
    let with_token = server
        .received()
        .iter()
        .filter(|seen| seen.header("x-aws-ec2-metadata-token").is_some())
        .count();
    assert_eq!(with_token, 2);
}

#[tokio::test]
async fn a_setting_that_forbids_version_1_is_named() {
    for (variable, profile, named) in [
        ("TRUE", "", Some("AWS_EC2_METADATA_V1_DISABLED")),
        ("", "True", Some("line 12")),
        ("false", "true", None),
        ("yes", "", None),
    ] {
        let server = knowing_its_id(|request, _| (request.target == TOKEN).then(|| reply(403, "", ""))).await;
        let client = version_1(&server)
            .with_variables(Variables::from([("AWS_EC2_METADATA_V1_DISABLED", variable)]))
            .with_profile_setting("ec2_metadata_v1_disabled", profile, "line 12");
        let answer = client.get("meta-data/instance-id").await;
        match named {
            None => assert_eq!(answer.unwrap(), "i-0abc"),
            Some(name) => {
                let error = answer.unwrap_err();
                assert!(
                    matches!(error, Error::Version1Forbidden { status: 403, .. }),
                    "{error:?}"
                );
                assert!(
                    error.to_string().contains(&format!("{name} forbids version 1")),
                    "{error}"
                );
                assert_eq!(server.count(&format!("GET {ID}")), 0);
            }
        }
    }
}

#[tokio::test]
async fn switched_off_means_that_no_connection_is_opened() {
    for word in ["true", "TRUE", " True\n"] {
        let server = knowing_its_id(|_, _| None).await;
        let by_variable =
            client(&server).with_variables(Variables::from([("AWS_EC2_METADATA_DISABLED", word)]));
        let by_profile = client(&server).with_profile_setting("disable_ec2_metadata", word, "line 5");
        for (client, setting) in [
            (by_variable.clone(), "AWS_EC2_METADATA_DISABLED"),
            (by_profile.clone(), "line 5"),
            (client(&server).disabled(), "the program"),
        ] {
            for error in [
                client.get("meta-data/instance-id").await.unwrap_err(),
                client.region().await.unwrap_err(),
            ] {
                assert_eq!(
                    error.to_string(),
                    format!("{setting} switches instance metadata off")
                );
                assert_eq!(error.kind(), credential_core::ErrorKind::NotConfigured);
            }
        }
        assert_eq!(server.connections(), 0);
        for client in [by_variable, by_profile] {
            assert_eq!(
                client
                    .always_enabled()
                    .get("meta-data/instance-id")
                    .await
                    .unwrap(),
                "i-0abc"
            );
        }
    }
}

#[tokio::test]
async fn only_true_switches_off() {
    for (variable, profile) in [("false", "true"), ("yes", ""), ("1", ""), ("", "no"), ("", "")] {
        let server = knowing_its_id(|_, _| None).await;
        let client = client(&server)
            .with_variables(Variables::from([("AWS_EC2_METADATA_DISABLED", variable)]))
            .with_profile_setting("disable_ec2_metadata", profile, "line 5");
        assert_eq!(
            client.get("meta-data/instance-id").await.unwrap(),
            "i-0abc",
            "{variable} {profile}"
        );
    }
}

#[tokio::test]
async fn proxies_are_not_asked() {
    let server = knowing_its_id(|_, _| None).await;
    let proxy = closed_port().await;
    let names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let client = client(&server).with_variables(names.map(|name| (name, proxy.as_str())).into());
    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");
}

#[tokio::test]
async fn a_hundred_callers_share_one_token_and_two_connections_at_a_time() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("meta-data/instance-id").await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), "i-0abc");
    }
    assert_eq!(
        (
            server.count(&format!("PUT {TOKEN}")),
            server.count(&format!("GET {ID}"))
        ),
        (1, 100)
    );
    assert_eq!(server.most_at_once(), 2);
}

#[tokio::test]
async fn waiters_share_the_failure_of_a_token() {
    let server = knowing_its_id(|request, _| (request.target == TOKEN).then(|| reply(400, "", ""))).await;
    let client = client(&server);
    let session = client.session().unwrap();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let session = Arc::clone(&session);
            tokio::spawn(async move { session.pass(&Version1::Never).await })
        })
        .collect();
    for caller in callers {
        assert!(matches!(
            caller.await.unwrap(),
            Err(Error::Status { status: 400, .. })
        ));
    }
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn the_whole_has_its_own_limit() {
    let server = knowing_its_id(|request, _| (request.target == ID).then_some(Reply::Silence)).await;
    let clock = ManualClock::new();
    let client = client(&server).with_clock(clock.clone());
    let asking = tokio::spawn(async move { client.get("meta-data/instance-id").await });
    while server.count(&format!("GET {ID}")) == 0 {
        tokio::task::yield_now().await;
    }

    clock.advance(Duration::from_secs(5));

    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(error.kind(), credential_core::ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_path_must_stay_below_latest() {
    let server = knowing_its_id(|_, _| None).await;
    for path in [
        "meta-data/../../x",
        "..",
        "a b",
        "meta-data?x",
        "a#b",
        "a\\b",
        "a\r\nX: y",
        "é",
    ] {
        let error = client(&server).get(path).await.unwrap_err();
        assert!(matches!(error, Error::Path { .. }), "{path:?}: {error:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn nothing_at_a_path_is_told_from_no_instance_metadata() {
    let server = knowing_its_id(|_, _| None).await;
    let error = client(&server).get("meta-data/nothing").await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    assert_eq!(error.kind(), credential_core::ErrorKind::Failed);
}

#[tokio::test]
async fn region_and_account_are_read_from_their_places() {
    let server = imds(|request, _| match request.target.as_str() {
        "/latest/meta-data/placement/region" => Some(ok("eu-central-1\n")),
        "/latest/dynamic/instance-identity/document" => Some(ok(
            "{\n  \"region\" : \"eu-central-1\",\n  \"accountId\" : \"123456789012\"\n}",
        )),
        "/latest/user-data" => Some(ok([0xff, 0])),
        _ => None,
    })
    .await;
    let client = client(&server);
    assert_eq!(client.region().await.unwrap(), "eu-central-1");
    assert_eq!(client.account_id().await.unwrap(), "123456789012");
    assert_eq!(client.get_bytes("user-data").await.unwrap(), [0xff, 0]);
    assert!(matches!(
        client.get("user-data").await.unwrap_err(),
        Error::Unexpected { what: "text", .. }
    ));
}

#[tokio::test]
async fn what_is_no_region_and_no_account_is_refused() {
    for body in [
        "",
        "<html>",
        "EU",
        "eu central",
        "{\"accountId\": 12}",
        "{\"accountId\": \"12345678901x\"}",
    ] {
        let server = imds(move |request, _| (request.method == "GET").then(|| ok(body))).await;
        let client = client(&server);
        assert!(
            matches!(client.region().await.unwrap_err(), Error::Unexpected { .. }),
            "{body}"
        );
        assert!(
            matches!(client.account_id().await.unwrap_err(), Error::Unexpected { .. }),
            "{body}"
        );
    }
}

#[test]
fn outside_a_runtime_there_is_an_error() {
    let client = InstanceMetadataClient::new().with_variables(no_variables());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut answer = std::pin::pin!(client.get("meta-data/instance-id"));
    let std::task::Poll::Ready(Err(error)) = answer.as_mut().poll(&mut context) else {
        panic!("no answer");
    };
    assert!(matches!(error, Error::NoRuntime));
}

#[tokio::test]
async fn debug_shows_no_token_and_no_endpoint_with_a_password() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    client.get("meta-data/instance-id").await.unwrap();
    assert!(!tests_support::leaks(&format!("{client:?} {client:#?}")));
    let wrong = client.with_endpoint(format!("http://user:{}@h/", token(1)));
    assert!(!tests_support::leaks(&format!("{wrong:?} {wrong:#?}")));
    printed(&wrong.get("meta-data/instance-id").await.unwrap_err());
}

#[tokio::test]
async fn an_endpoint_with_a_path_keeps_it() {
    let server = Server::deciding(|_, request| match request.target.as_str() {
        "/prefix/latest/api/token" => ok(token(1)),
        "/prefix/latest/meta-data/instance-id" => ok("i-0abc"),
        _ => reply(404, "", ""),
    })
    .await;
    let client = client(&server).with_endpoint(format!("{}/prefix/", server.url));
    assert_eq!(client.get("meta-data/instance-id").await.unwrap(), "i-0abc");
}

#[tokio::test]
async fn what_was_learned_belongs_to_its_endpoint() {
    let (one, two) = (
        knowing_its_id(|_, _| None).await,
        knowing_its_id(|_, _| None).await,
    );
    let client = client(&one);
    client.get("meta-data/instance-id").await.unwrap();
    client
        .clone()
        .with_endpoint(&two.url)
        .get("meta-data/instance-id")
        .await
        .unwrap();
    client.get("meta-data/instance-id").await.unwrap();
    for server in [one, two] {
        assert_eq!(server.count(&format!("PUT {TOKEN}")), 1);
        assert_eq!(
            server.count(&format!("GET {LIST}")) + server.count(&format!("GET {ROLE}")),
            0
        );
    }
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn https_without_tls_is_a_mistake_that_names_the_feature() {
    let client = InstanceMetadataClient::new()
        .with_variables(no_variables())
        .with_endpoint("https://127.0.0.1:1");
    let error = client.get("meta-data/instance-id").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "asking https://127.0.0.1:1 needs the cargo feature `tls` of credential-instance-metadata"
    );
    let error = credential_core::CredentialsError::from(error);
    assert_eq!(error.kind(), credential_core::ErrorKind::InvalidConfiguration);
}
