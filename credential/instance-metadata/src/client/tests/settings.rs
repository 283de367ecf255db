//! Switches, and settings that do not count.

use tests_support::Log;

use super::*;
use crate::testing::closed_port;

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

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn https_without_tls_is_a_mistake_that_names_the_feature() {
    let client = InstanceMetadataClient::new()
        .with_variables(crate::testing::no_variables())
        .with_endpoint("https://127.0.0.1:1");
    let error = client.get("meta-data/instance-id").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "asking https://127.0.0.1:1 needs the cargo feature `tls` of credential-instance-metadata"
    );
    let error = credential_core::CredentialsError::from(error);
    assert_eq!(error.kind(), credential_core::ErrorKind::InvalidConfiguration);
}
