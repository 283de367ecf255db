//! Without a token: only where it is allowed.

use tests_support::Log;

use super::*;
use crate::testing::{TOKEN, reply};

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
