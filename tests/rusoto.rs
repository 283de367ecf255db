//! What rusoto promised to its users, each promise a test named after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use credential_chain::http::{HttpClient, Request, Url};
use credential_chain::sigv4::{SignableRequest, Signer};
use credential_chain::{
    AssumeRoleProvider, AutoRefreshingProvider, AwsCredentials, ChainProvider, Clock, ContainerProvider,
    CredentialsError, CredentialsFuture, DefaultCredentialsProvider, EnvironmentProvider, ErrorKind,
    InstanceMetadataProvider, ProfileProvider, ProvideAwsCredentials, StaticStability,
    StsAssumeRoleSessionCredentialsProvider, StsClient, Variables,
};
use mock_imds::{MockImds, Rotation, Source, Step, TrustedRole};
use tests_support::{Log, ManualClock, canary};
use tokio::sync::Notify;

const NOTHING: [(&str, &str); 1] = [("AWS_EC2_METADATA_DISABLED", "true")];

/// A provider that counts its calls and fails on demand.
#[derive(Debug, Default)]
struct Scripted {
    calls: AtomicUsize,
    failing: std::sync::atomic::AtomicBool,
    lifetime: Option<(ManualClock, Duration)>,
}

impl ProvideAwsCredentials for Scripted {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if self.failing.load(Ordering::SeqCst) {
            let cause = std::io::Error::other("the source is down");
            return CredentialsFuture::ready(Err(
                CredentialsError::failed("Scripted", cause).with_transient(true)
            ));
        }
        let mut credentials =
            AwsCredentials::new(format!("AKID{call}"), canary("scripted")).with_source("Scripted");
        if let Some((clock, lifetime)) = &self.lifetime {
            credentials = credentials.with_expiration(clock.now() + *lifetime);
        }
        CredentialsFuture::ready(Ok(credentials))
    }

    fn name(&self) -> &str {
        "Scripted"
    }
}

/// A provider that tells when it has been asked and has answered.
#[derive(Debug)]
struct Telling<P> {
    provider: P,
    done: Notify,
}

impl<P> Telling<P> {
    fn new(provider: P) -> Self {
        let done = Notify::new();
        Self { provider, done }
    }
}

impl<P: ProvideAwsCredentials> ProvideAwsCredentials for Telling<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async {
            let answer = self.provider.credentials().await;
            self.done.notify_one();
            answer
        })
    }
}

/// Instance metadata at this endpoint, whatever the process's own variables say.
fn instance(endpoint: &str) -> InstanceMetadataProvider {
    InstanceMetadataProvider::new()
        .with_variables(Variables::none())
        .with_endpoint(endpoint)
}

fn broken_profile(home: &tempfile::TempDir) -> Vec<(String, String)> {
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(
        home.path().join(".aws/credentials"),
        "[default]\naws_access_key_id = AKIDHALF\n",
    )
    .unwrap();
    vec![("HOME".to_owned(), home.path().display().to_string())]
}

#[tokio::test]
async fn the_four_sources_are_asked_in_rusotos_order() {
    let chain = DefaultCredentialsProvider::builder()
        .variables(Variables::from(NOTHING))
        .build();

    chain.credentials().await.unwrap_err();

    let asked: Vec<String> = chain
        .attempts()
        .iter()
        .map(|attempt| attempt.provider().to_owned())
        .collect();
    assert_eq!(
        asked,
        [
            "Environment",
            "Profile",
            "WebIdentity",
            "Container",
            "InstanceMetadata"
        ]
    );
}

#[tokio::test]
async fn the_chain_provider_falls_back_when_a_source_fails_and_errs_when_all_are_exhausted() {
    let down = Arc::new(Scripted::default());
    down.failing.store(true, Ordering::SeqCst);
    let good = Arc::new(Scripted::default());
    let chain = ChainProvider::of([("Down", Arc::clone(&down)), ("Good", Arc::clone(&good))]);

    assert_eq!(chain.credentials().await.unwrap().access_key_id(), "AKID1");

    let exhausted = ChainProvider::of([("Down", Arc::clone(&down)), ("Too", down)]);
    let error = exhausted.credentials().await.unwrap_err();
    let text = error.report().to_string();
    assert!(
        text.contains("2 places") && text.matches("the source is down").count() == 2,
        "{text}"
    );
}

#[tokio::test]
async fn the_chain_provider_keeps_every_reason_and_warns_when_it_passes_what_was_set_up_but_broken() {
    let nothing = EnvironmentProvider::new().with_variables(Variables::from(NOTHING));
    let down = Arc::new(Scripted::default());
    down.failing.store(true, Ordering::SeqCst);
    let chain = ChainProvider::of([("Nothing", nothing)])
        .with_provider("Down", down)
        .with_provider("Good", AwsCredentials::new("AKIDGOOD", canary("good")));
    let log = Log::listen();

    assert_eq!(chain.credentials().await.unwrap().access_key_id(), "AKIDGOOD");

    let warnings = log.warnings();
    assert_eq!(
        warnings.len(),
        1,
        "none for a place where nothing is set up: {warnings:?}"
    );
    assert!(
        warnings[0].contains("\"Down\"") && warnings[0].contains("the source is down"),
        "{warnings:?}"
    );
    let kinds: Vec<Option<ErrorKind>> = chain
        .attempts()
        .iter()
        .map(|attempt| attempt.error().map(CredentialsError::kind))
        .collect();
    assert_eq!(
        kinds,
        [Some(ErrorKind::NotConfigured), Some(ErrorKind::Failed), None]
    );
}

#[tokio::test]
async fn the_chain_provider_stops_at_a_failure_when_told_to() {
    let down = Arc::new(Scripted::default());
    down.failing.store(true, Ordering::SeqCst);
    let good = Arc::new(Scripted::default());
    let chain = ChainProvider::of([("Down", down), ("Good", Arc::clone(&good))]).stop_on_failure();

    assert_eq!(chain.credentials().await.unwrap_err().kind(), ErrorKind::Failed);
    assert_eq!(good.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_default_provider_is_strict_and_falls_back_when_told_to() {
    let mock = MockImds::builder().start().await;
    let home = tempfile::tempdir().unwrap();
    let mut pairs = mock.variables(Source::InstanceMetadata).unwrap();
    pairs.extend(broken_profile(&home));
    let variables: Variables = pairs.into_iter().collect();

    let strict = DefaultCredentialsProvider::builder()
        .variables(variables.clone())
        .build();
    assert_eq!(
        strict.credentials().await.unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
    assert_eq!(mock.connections(), 0, "nobody asked for the machine's identity");

    let lenient = DefaultCredentialsProvider::builder()
        .variables(variables)
        .fall_back_on_failure()
        .build();
    assert_eq!(lenient.credentials().await.unwrap().source(), "InstanceMetadata");
}

#[tokio::test]
async fn the_default_provider_keeps_what_it_found_and_refreshes_it() {
    let clock = ManualClock::new();
    let source = Arc::new(Scripted {
        lifetime: Some((clock.clone(), Duration::from_secs(3600))),
        ..Scripted::default()
    });
    let provider = DefaultCredentialsProvider::builder()
        .variables(Variables::from(NOTHING))
        .environment(Arc::clone(&source))
        .clock(clock.clone())
        .build();

    for _ in 0..3 {
        assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKID1");
    }
    assert_eq!(source.calls.load(Ordering::SeqCst), 1);
    clock.advance(Duration::from_secs(3001));

    eventually(&provider, |credentials| credentials.access_key_id() == "AKID2").await;
}

#[tokio::test]
async fn keys_from_a_file_are_read_again_after_ten_minutes_and_never_shown_as_expiring() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let write = |id: &str| {
        let secret = canary("file");
        std::fs::write(
            &file,
            format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
        )
        .unwrap();
    };
    write("AKIDONE");
    let clock = ManualClock::new();
    let variables = Variables::from([("HOME", folder.path().as_os_str())]);
    let profile = ProfileProvider::new()
        .with_variables(variables)
        .with_credentials_file(&file);
    let reading = Arc::new(Telling::new(profile));
    let provider = AutoRefreshingProvider::new(Arc::clone(&reading)).with_clock(clock.clone());

    let one = provider.credentials().await.unwrap();
    reading.done.notified().await;
    write("AKIDTWO");
    clock.advance(Duration::from_secs(599));
    assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKIDONE");
    assert_eq!(provider.health().fetches, 1, "not before its time");
    clock.advance(Duration::from_secs(1));
    provider.credentials().await.unwrap();
    reading.done.notified().await;
    let two = eventually(&provider, |credentials| credentials.access_key_id() == "AKIDTWO").await;

    assert_eq!((one.expiration(), two.expiration()), (None, None));
}

#[tokio::test]
async fn keys_from_the_environment_are_read_again_after_ten_minutes() {
    let provider = EnvironmentProvider::new().with_variables(Variables::from([
        ("AWS_ACCESS_KEY_ID".to_owned(), "AKIDENVIRONMENT".to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), canary("environment")),
    ]));

    let clock = ManualClock::new();
    let provider = AutoRefreshingProvider::new(provider).with_clock(clock.clone());
    let reads = async || {
        let credentials = provider.credentials().await.unwrap();
        assert_eq!(credentials.expiration(), None, "never shown as an expiration");
        // What was begun beside this caller is done when the task has had its turn.
        tokio::task::yield_now().await;
        provider.health().fetches
    };

    assert_eq!(reads().await, 1);
    clock.advance(Duration::from_secs(599));
    assert_eq!(reads().await, 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(reads().await, 2);
}

#[tokio::test]
async fn how_often_files_and_environment_are_read_again_is_a_setting() {
    let provider = EnvironmentProvider::new().with_variables(Variables::from([
        ("AWS_ACCESS_KEY_ID".to_owned(), "AKIDENVIRONMENT".to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), canary("environment")),
    ]));
    let clock = ManualClock::new();
    let provider = AutoRefreshingProvider::new(provider).with_clock(clock.clone());
    let often = provider.clone().with_reread_interval(Duration::from_secs(60));
    let never = provider.without_reread();
    for provider in [&often, &never] {
        provider.credentials().await.unwrap();
    }

    clock.advance(Duration::from_secs(60));
    for provider in [&often, &never] {
        provider.credentials().await.unwrap();
    }

    assert_eq!((often.health().fetches, never.health().fetches), (2, 1));
    assert_eq!(never.health().next_refresh, None);
}

/// Asks until a soft refresh, which runs beside its callers, has brought what is waited for.
async fn eventually(
    provider: &dyn ProvideAwsCredentials,
    is: impl Fn(&AwsCredentials) -> bool,
) -> AwsCredentials {
    for _ in 0..100 {
        let credentials = provider.credentials().await.unwrap();
        if is(&credentials) {
            return credentials;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came");
}

#[tokio::test]
async fn temporary_credentials_are_refreshed_ahead_of_their_expiration() {
    let clock = ManualClock::new();
    let source = Arc::new(Scripted {
        lifetime: Some((clock.clone(), Duration::from_secs(3600))),
        ..Scripted::default()
    });
    let provider = AutoRefreshingProvider::new(Arc::clone(&source)).with_clock(clock.clone());
    provider.credentials().await.unwrap();

    clock.advance(Duration::from_secs(3001));

    eventually(&provider, |credentials| credentials.access_key_id() == "AKID2").await;
}

#[tokio::test]
async fn expired_credentials_that_cannot_be_renewed_are_an_error() {
    let clock = ManualClock::new();
    let source = Arc::new(Scripted {
        lifetime: Some((clock.clone(), Duration::from_secs(3600))),
        ..Scripted::default()
    });
    let provider = AutoRefreshingProvider::new(Arc::clone(&source)).with_clock(clock.clone());
    provider.credentials().await.unwrap();
    source.failing.store(true, Ordering::SeqCst);

    clock.advance(Duration::from_secs(3599));
    assert!(provider.credentials().await.is_ok(), "they are still good");
    clock.advance(Duration::from_secs(1));
    let error = provider.credentials().await.unwrap_err();

    assert!(
        error.report().to_string().contains("the source is down"),
        "{}",
        error.report()
    );
}

#[tokio::test]
async fn an_instances_expired_credentials_outlive_an_outage_unless_static_stability_is_off() {
    for (policy, served) in [(None, true), (Some(StaticStability::Off), false)] {
        let mock = MockImds::builder().rotation(Rotation::Never).start().await;
        let clock = ManualClock::at(mock.clock().now());
        let source = instance(mock.endpoint());
        let mut provider = AutoRefreshingProvider::new(source).with_clock(clock.clone());
        if let Some(policy) = policy {
            provider = provider.with_static_stability(policy);
        }
        provider.credentials().await.unwrap();

        clock.advance(Duration::from_secs(7 * 3600));

        assert_eq!(provider.credentials().await.is_ok(), served, "{policy:?}");
    }
}

#[tokio::test]
async fn a_containers_expired_credentials_outlive_an_outage_unless_static_stability_is_off() {
    for (policy, served) in [(StaticStability::FromSource, true), (StaticStability::Off, false)] {
        let mock = MockImds::builder().rotation(Rotation::Never).start().await;
        let variables: Variables = mock.variables(Source::Ecs).unwrap().into_iter().collect();
        let clock = ManualClock::at(mock.clock().now());
        let source = ContainerProvider::new().with_variables(variables);
        let provider = AutoRefreshingProvider::new(source)
            .with_clock(clock.clone())
            .with_static_stability(policy);
        provider.credentials().await.unwrap();

        clock.advance(Duration::from_secs(7 * 3600));

        assert_eq!(provider.credentials().await.is_ok(), served, "{policy:?}");
    }
}

#[tokio::test]
async fn a_provider_of_ones_own_is_one_trait_with_one_method() {
    #[derive(Debug)]
    struct Mine;
    impl ProvideAwsCredentials for Mine {
        fn credentials(&self) -> CredentialsFuture<'_> {
            CredentialsFuture::new(async { Ok(AwsCredentials::new("AKIDMINE", canary("mine"))) })
        }
    }
    let stored: Arc<dyn ProvideAwsCredentials> = Arc::new(Mine);

    let provider = AutoRefreshingProvider::new(ChainProvider::of([("Mine", stored)]));

    assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKIDMINE");
}

#[tokio::test]
async fn a_role_is_assumed_with_everything_that_rusotos_constructor_took() {
    let role_arn = "arn:aws:iam::123456789012:role/migrated";
    let serial = "arn:aws:iam::123456789012:mfa/me";
    let mock = MockImds::builder()
        .trusting(TrustedRole::new(role_arn).external_id("4711"))
        .mfa_device(serial, "123456")
        .start()
        .await;
    let user = AwsCredentials::new(mock.user().access_key_id(), mock.user().secret_access_key());
    let sts = StsClient::new(mock.region(), user).with_endpoint(mock.endpoint());

    let provider: StsAssumeRoleSessionCredentialsProvider = AssumeRoleProvider::new(sts, role_arn)
        .with_role_session_name("from-rusoto")
        .with_external_id("4711")
        .with_duration(Duration::from_secs(900))
        .with_policy(r#"{"Version":"2012-10-17","Statement":[]}"#)
        .with_mfa_serial(serial)
        .with_mfa_prompt(credential_chain::MfaPrompt::new(|_serial| async {
            Ok::<_, std::io::Error>("123456".to_owned())
        }));
    let credentials = provider.credentials().await.unwrap();

    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert!(
        credentials.renewal().interactive,
        "nobody asks a person ahead of time"
    );
    let asked = mock.requests();
    let call = asked
        .iter()
        .find(|request| request.parameter("Action").as_deref() == Some("AssumeRole"))
        .unwrap();
    for (name, value) in [
        ("RoleArn", role_arn),
        ("RoleSessionName", "from-rusoto"),
        ("ExternalId", "4711"),
        ("DurationSeconds", "900"),
        ("Policy", r#"{"Version":"2012-10-17","Statement":[]}"#),
        ("SerialNumber", serial),
        ("TokenCode", "123456"),
    ] {
        assert_eq!(call.parameter(name).as_deref(), Some(value), "{name}");
    }
    let me = StsClient::new(mock.region(), credentials).with_endpoint(mock.endpoint());
    assert_eq!(
        me.get_caller_identity().await.unwrap().arn(),
        "arn:aws:sts::123456789012:assumed-role/migrated/from-rusoto"
    );
}

#[tokio::test]
async fn an_assumed_role_signs_the_call_for_spot_requests() {
    let mock = MockImds::builder().spot().start().await;
    let source = instance(mock.endpoint());
    let sts = StsClient::new(mock.region(), source).with_endpoint(mock.endpoint());
    let role =
        AssumeRoleProvider::new(sts, mock.role_arn("spot-reader")).with_role_session_name("from-rusoto");
    let url = Url::parse(mock.endpoint()).unwrap();
    let body = "Action=DescribeSpotInstanceRequests&Version=2016-11-15";
    let form = "application/x-www-form-urlencoded";

    let credentials = role.credentials().await.unwrap();
    let signed = Signer::new("ec2", mock.region())
        .sign(
            &SignableRequest {
                method: "POST",
                path: url.path(),
                query: "",
                headers: &[("host", &*url.authority()), ("content-type", form)],
                body: body.as_bytes(),
            },
            &credentials,
            mock.clock().now(),
        )
        .unwrap();
    let mut request = Request::post(url)
        .with_header("content-type", form)
        .with_body(body.into());
    for header in signed.headers() {
        request = request.with_secret_header(header.name(), header.value());
    }
    let answer = HttpClient::new().send(&request).await.unwrap();

    let text = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(
        answer.status() == 200 && text.contains("<state>active</state>"),
        "{text}"
    );
    assert_eq!(mock.count(Step::DescribeSpotInstanceRequests), 1);
}

#[tokio::test]
async fn every_address_can_be_pointed_at_a_mock_on_this_machine() {
    for source in [
        Source::InstanceMetadata,
        Source::Ecs,
        Source::Eks,
        Source::Environment,
    ] {
        let mock = MockImds::builder().start().await;
        let variables: Variables = mock.variables(source).unwrap().into_iter().collect();
        let provider = DefaultCredentialsProvider::builder().variables(variables).build();

        let sts = provider.sts_client().await.unwrap();

        assert_eq!(
            sts.get_caller_identity().await.unwrap().account(),
            "123456789012",
            "{source:?}"
        );
    }
}

#[tokio::test]
async fn an_endpoint_with_the_whole_path_as_older_programs_have_it_works() {
    let mock = MockImds::builder().start().await;
    let endpoint = format!("{}/latest/meta-data/iam/security-credentials", mock.endpoint());

    let credentials = instance(&endpoint).load().await.unwrap();

    assert_eq!(credentials.source(), "InstanceMetadata");
    assert_eq!(mock.count(Step::Token), 1);
}

#[tokio::test]
async fn the_chain_stays_with_the_source_that_answered() {
    let first = Arc::new(Scripted::default());
    first.failing.store(true, Ordering::SeqCst);
    let second = Arc::new(Scripted::default());
    let chain = ChainProvider::of([("First", Arc::clone(&first)), ("Second", Arc::clone(&second))]);
    chain.credentials().await.unwrap();

    first.failing.store(false, Ordering::SeqCst);
    second.failing.store(true, Ordering::SeqCst);
    let error = chain.credentials().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(
        first.calls.load(Ordering::SeqCst),
        1,
        "an earlier source never takes over unasked"
    );
}
