//! What a profile says of instance metadata.

use httpmock::MockServer;
use tests_support::ManualClock;

use super::*;

/// Instance metadata with one role.
fn instance_metadata(server: &MockServer) -> httpmock::Mock<'_> {
    let token = server.mock(|when, then| {
        when.method("PUT").path("/latest/api/token");
        then.status(200)
            .header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
            .body(canary("metadata"));
    });
    server.mock(|when, then| {
        when.path("/latest/meta-data/iam/security-credentials/");
        then.status(200).body("web");
    });
    server.mock(|when, then| {
        when.path("/latest/meta-data/iam/security-credentials/web");
        then.status(200).body(document("INSTANCE"));
    });
    token
}

#[tokio::test]
async fn instance_metadata_is_asked_where_the_selected_profile_says() {
    let server = MockServer::start();
    instance_metadata(&server);
    let config = format!(
        "[profile ops]\nec2_metadata_service_endpoint = {}\n",
        server.base_url()
    );
    let home = Home::new(&config, "");
    let on = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_PROFILE", "ops")];
    let provider = home.builder(&on).build();
    let credentials = provider.credentials().await.unwrap();
    assert_eq!(
        (credentials.access_key_id(), credentials.source()),
        ("INSTANCE", "InstanceMetadata")
    );
}

#[tokio::test]
async fn a_profile_can_switch_instance_metadata_off_and_the_error_names_the_line() {
    let home = Home::new("[default]\nregion = eu-west-1\ndisable_ec2_metadata = true\n", "");
    let provider = home.builder(&[("AWS_EC2_METADATA_DISABLED", "")]).build();
    let (kind, text) = report(&provider).await;
    assert_eq!(kind, ErrorKind::NotConfigured);
    assert!(text.contains("config:3 switches instance metadata off"), "{text}");
}

#[tokio::test]
async fn a_lenient_chain_asks_instance_metadata_past_a_broken_file() {
    let server = MockServer::start();
    instance_metadata(&server);
    let base = server.base_url();
    let home = Home::new("[default\n", "");
    let on = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", base.as_str()),
    ];
    let provider = home.builder(&on).fall_back_on_failure().build();
    assert_eq!(id(&provider).await, "INSTANCE");
}

fn asking_instance_metadata(
    selection: credential_profile::Selection,
) -> assemble::ConfiguredInstanceMetadata {
    assemble::ConfiguredInstanceMetadata {
        selection,
        files: Files::Read,
        policy: crate::chain::Policy::Stop,
        clock: Arc::new(ManualClock::new()),
        random: Arc::new(tests_support::FixedRandom(0.5)),
        kept: crate::kept::Kept::default(),
    }
}

#[tokio::test]
async fn settings_of_instance_metadata_that_change_later_are_seen() {
    let server = MockServer::start();
    let token = instance_metadata(&server);
    let endpoint = format!("ec2_metadata_service_endpoint = {}\n", server.base_url());
    let config = format!("[default]\n{endpoint}[profile off]\ndisable_ec2_metadata = true\n");
    let home = Home::new(&config, "");
    let on = ("AWS_EC2_METADATA_DISABLED", "");
    let selection = |more: &[(&str, &str)]| {
        credential_profile::Selection::new().with_variables(home.variables(&[&[on], more].concat()))
    };
    let mut provider = asking_instance_metadata(selection(&[]));
    for _ in 0..2 {
        assert_eq!(id(&provider).await, "INSTANCE");
    }
    assert_eq!(token.calls(), 1, "what it has learned is kept");

    provider.selection = selection(&[("AWS_PROFILE", "off")]);
    let (kind, told) = report(&provider).await;
    assert_eq!(kind, ErrorKind::NotConfigured);
    assert!(told.contains("switches instance metadata off"), "{told}");

    provider.selection = selection(&[]);
    assert_eq!(id(&provider).await, "INSTANCE");
    home.write(
        "config",
        &format!("[default]\n{endpoint}disable_ec2_metadata = true\n"),
    );
    let (kind, told) = report(&provider).await;
    assert_eq!(kind, ErrorKind::NotConfigured);
    assert!(told.contains("config:3 switches instance metadata off"), "{told}");

    home.write(
        "config",
        &format!("[default]\n{endpoint}ec2_instance_profile_name = other\n"),
    );
    let (_, told) = report(&provider).await;
    assert!(told.contains("other"), "{told}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn trouble_with_reading_the_files_never_drops_what_they_say_of_instance_metadata() {
    let server = MockServer::start();
    instance_metadata(&server);
    let home = Home::new("", "");
    let on = [
        ("AWS_EC2_METADATA_DISABLED", ""),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*server.base_url()),
        // A regular file that can be opened and not read.
        ("AWS_CONFIG_FILE", "/proc/self/mem"),
    ];
    for builder in [home.builder(&on), home.builder(&on).fall_back_on_failure()] {
        let provider = builder
            .order([name::INSTANCE_METADATA])
            .without_provider(name::PROFILE)
            .build();
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed, "{}", error.report());
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn a_strict_chain_with_instance_metadata_first_stops_at_a_broken_file() {
    let home = Home::new("[default\n", "");
    let provider = home.builder(&[]).order([name::INSTANCE_METADATA]).build();
    let (kind, text) = report(&provider).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(text.contains("instance metadata (configured wrongly)"), "{text}");
}
