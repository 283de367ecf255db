//! Where there is no instance metadata.

use tests_support::{BlackHole, FixedRandom, ManualClock};

use super::*;
use crate::endpoint::{Endpoint, Origin};
use crate::testing::{closed_port, no_variables, reply};

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
