//! The token: got, kept, renewed, never shown.

use tests_support::{ManualClock, printed};

use super::*;
use crate::testing::{TOKEN, reply, token};

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
async fn debug_shows_no_token_and_no_endpoint_with_a_password() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    client.get("meta-data/instance-id").await.unwrap();
    assert!(!tests_support::leaks(&format!("{client:?} {client:#?}")));
    let wrong = client.with_endpoint(format!("http://user:{}@h/", token(1)));
    assert!(!tests_support::leaks(&format!("{wrong:?} {wrong:#?}")));
    printed(&wrong.get("meta-data/instance-id").await.unwrap_err());
}
