use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use credential_core::{CredentialsError, ErrorKind};
use tests_support::{FixedRandom, Log, PausingClock, Reply, Server, canary, leaks};

use super::*;
use crate::scripted::OfSts as _;
use crate::{SessionTokenProvider, StsSessionCredentialsProvider, WebIdentityProvider, WebIdentityToken};

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";
const SERIAL: &str = "arn:aws:iam::123456789012:mfa/jo";

fn keys() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", canary("secret"))
}

fn sts(keys: AwsCredentials, server: &Server, clock: &PausingClock) -> StsClient {
    StsClient::new("eu-central-1", keys)
        .with_endpoint(&server.url)
        .with_clock(clock.clone())
        .with_random(FixedRandom(0.5))
}

fn provider(server: &Server, clock: &PausingClock) -> AssumeRoleProvider {
    AssumeRoleProvider::new(sts(keys(), server, clock), ROLE)
}

/// A prompt that always says this, and counts how often it was asked.
fn saying(code: &'static str) -> (MfaPrompt, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let prompt = MfaPrompt::new(move |serial| {
        assert_eq!(serial, SERIAL);
        count.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, std::io::Error>(code) }
    });
    (prompt, asked)
}

#[tokio::test]
async fn a_role_gives_its_session() {
    let server = Server::answering([Reply::role()]).await;
    let provider: Arc<dyn ProvideAwsCredentials> = Arc::new(provider(&server, &PausingClock::default()));

    let credentials = provider.credentials().await.unwrap();

    assert_eq!(provider.name(), "AssumeRole");
    assert_eq!(credentials.access_key_id(), "ASIANEW");
    assert_eq!(credentials.source(), "AssumeRole");
    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert_eq!(credentials.expiration().unwrap().hour(), 13);
    assert_eq!(credentials.renewal(), Renewal::NEVER);
}

#[tokio::test]
async fn the_static_stability_of_the_source_is_not_the_sessions() {
    let server = Server::answering([Reply::role()]).await;
    let keys = keys().with_renewal(Renewal::NEVER.with_static_stability());
    let provider = AssumeRoleProvider::new(sts(keys, &server, &PausingClock::default()), ROLE);
    assert!(!provider.load().await.unwrap().renewal().static_stability);
}

#[tokio::test]
async fn all_sessions_of_a_provider_share_a_name_with_its_time() {
    let server = Server::answering([Reply::role()]).await;
    let clock = PausingClock::default();
    let provider = provider(&server, &clock);
    provider.load().await.unwrap();
    clock.manual.advance(Duration::from_secs(60));
    provider.load().await.unwrap();
    for call in server.received() {
        assert_eq!(
            call.parameter("RoleSessionName"),
            Some("credential-sts-1893499200000")
        );
    }
}

#[tokio::test]
async fn every_setting_reaches_sts() {
    let server = Server::answering([Reply::role()]).await;
    let seven =
        StsAssumeRoleSessionCredentialsProvider::new(sts(keys(), &server, &PausingClock::default()), ROLE)
            .with_role_session_name("nightly")
            .with_external_id("4711")
            .with_duration(Duration::from_secs(900))
            .with_policy("{}")
            .with_policy_arns(["arn:1", "arn:2"])
            .with_tags([("team", "blue"), ("cost", "1")])
            .with_transitive_tag_keys(["team"])
            .with_source_identity("jo")
            .with_mfa_serial(SERIAL)
            .with_mfa_prompt(saying(" 012345\n").0);
    seven.load().await.unwrap();
    let received = server.received();
    for (name, value) in [
        ("RoleArn", "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy"),
        ("RoleSessionName", "nightly"),
        ("ExternalId", "4711"),
        ("DurationSeconds", "900"),
        ("Policy", "%7B%7D"),
        ("PolicyArns.member.2.arn", "arn%3A2"),
        ("Tags.member.2.Key", "cost"),
        ("TransitiveTagKeys.member.1", "team"),
        ("SourceIdentity", "jo"),
        ("SerialNumber", "arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fjo"),
        ("TokenCode", "012345"),
    ] {
        assert_eq!(received[0].parameter(name), Some(value), "{name}");
    }
    assert_eq!(seven.role_arn(), ROLE);
}

#[tokio::test]
async fn a_role_session_asks_for_one_hour_at_most() {
    let table = [
        ("AssumeRole", 7200, "3600"),
        ("WebIdentity", 43_200, "3600"),
        ("Sso", 3601, "3600"),
        ("InstanceMetadata", 7200, "3600"),
        ("Container", 7200, "3600"),
        ("Container", 3600, "3600"),
        ("Container", 900, "900"),
        ("Environment", 7200, "7200"),
        ("Profile", 7200, "7200"),
        ("Process", 7200, "7200"),
        ("Static", 7200, "7200"),
    ];
    for (source, asked, sent) in table {
        let server = Server::answering([Reply::role()]).await;
        let sts = sts(keys().with_source(source), &server, &PausingClock::default());
        let provider = AssumeRoleProvider::new(sts, ROLE).with_duration(Duration::from_secs(asked));
        provider.load().await.unwrap();
        assert_eq!(
            server.received()[0].parameter("DurationSeconds"),
            Some(sent),
            "{source} {asked}"
        );
    }
}

#[tokio::test]
async fn a_role_of_another_partition_is_warned_of_and_asked_for_all_the_same() {
    let token = || WebIdentityToken::from_fn(|| async { Ok::<_, std::io::Error>("token") });
    for (role, warnings) in [
        (ROLE, 0),
        ("arn:aws-cn:iam::123456789012:role/deploy", 1),
        ("arn:aws-us-gov:iam::123456789012:role/deploy", 1),
        ("deploy", 0),
    ] {
        let web = Reply::session("AssumeRoleWithWebIdentity", "2030-01-01T13:00:00Z");
        let server = Server::answering([Reply::role(), web]).await;
        let sts = sts(keys(), &server, &PausingClock::default());
        let log = Log::listen();
        AssumeRoleProvider::new(sts.clone(), role).load().await.unwrap();
        WebIdentityProvider::new(sts, role, token()).load().await.unwrap();
        let warned = log.warnings();
        assert_eq!(warned.len(), 2 * warnings, "{warned:?}");
        assert!(
            warned
                .iter()
                .all(|line| line.contains("another partition") && line.contains(role)),
            "{warned:?}"
        );
    }
}

#[tokio::test]
async fn a_person_is_asked_for_each_session_and_its_credentials_say_so() {
    let server = Server::answering([Reply::role()]).await;
    let (prompt, asked) = saying("123456");
    let provider = provider(&server, &PausingClock::default())
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(prompt);
    for turn in 1..=2 {
        let credentials = provider.load().await.unwrap();
        assert_eq!(credentials.renewal(), Renewal::NEVER.with_interactive());
        assert_eq!(asked.load(Ordering::Relaxed), turn);
    }
}

#[tokio::test]
async fn a_prompt_without_a_device_is_never_used() {
    let server = Server::answering([Reply::role()]).await;
    let (prompt, asked) = saying("123456");
    let credentials = provider(&server, &PausingClock::default())
        .with_mfa_prompt(prompt)
        .load()
        .await
        .unwrap();
    assert!(!credentials.renewal().interactive);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(server.received()[0].parameter("TokenCode"), None);
}

#[tokio::test]
async fn a_device_that_nobody_can_read_is_a_mistake_in_the_settings() {
    let server = Server::answering([Reply::role()]).await;
    let error = provider(&server, &PausingClock::default())
        .with_mfa_serial(SERIAL)
        .credentials()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    assert!(
        error.report().to_string().contains("mfa_serial"),
        "{}",
        error.report()
    );
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_code_without_six_digits_is_refused_unsent_and_unshown() {
    for code in ["98765", "9876543", "abcdef", "", "98 654"] {
        let server = Server::answering([Reply::role()]).await;
        let error = provider(&server, &PausingClock::default())
            .with_mfa_serial(SERIAL)
            .with_mfa_prompt(saying(code).0)
            .load()
            .await
            .unwrap_err();
        assert!(matches!(error, Error::MfaCode { .. }), "{error:?}");
        assert!(
            code.is_empty() || !format!("{error} {error:?}").contains(code),
            "{error:?}"
        );
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn a_prompt_that_fails_fails_the_role_with_its_words() {
    let server = Server::answering([Reply::role()]).await;
    let prompt = MfaPrompt::new(|_| async { Err::<String, _>("there is no terminal") });
    let provider = provider(&server, &PausingClock::default())
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(prompt);
    let error = provider.credentials().await.unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::Failed, false));
    assert!(
        error.report().to_string().ends_with("there is no terminal"),
        "{}",
        error.report()
    );
}

#[tokio::test]
async fn nobody_is_asked_for_a_code_when_the_source_has_nothing() {
    #[derive(Debug)]
    struct Empty;
    impl ProvideAwsCredentials for Empty {
        fn credentials(&self) -> CredentialsFuture<'_> {
            CredentialsFuture::ready(Err(CredentialsError::not_configured(
                "Environment",
                "nothing is set",
            )))
        }
    }
    let (prompt, asked) = saying("123456");
    let sts = StsClient::new("eu-central-1", Empty).with_endpoint("http://127.0.0.1:1");
    let provider = AssumeRoleProvider::new(sts, ROLE)
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(prompt);
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_person_who_says_nothing_is_waited_for_five_minutes() {
    let server = Server::answering([Reply::role()]).await;
    let clock = PausingClock::default();
    let asked = Arc::new(tokio::sync::Notify::new());
    let bell = Arc::clone(&asked);
    let prompt = MfaPrompt::new(move |_| {
        bell.notify_one();
        std::future::pending::<Result<String, std::io::Error>>()
    });
    let provider = provider(&server, &clock)
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(prompt);
    let load = tokio::spawn(async move { provider.load().await });

    asked.notified().await;
    clock.manual.advance(Duration::from_secs(299));
    tokio::task::yield_now().await;
    assert!(!load.is_finished());
    clock.manual.advance(Duration::from_secs(1));

    let error = load.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::MfaTimedOut { .. }), "{error:?}");
    assert!(error.to_string().ends_with("within 300 s"), "{error}");
    let error = CredentialsError::from(error);
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::TimedOut, false));
}

#[tokio::test]
async fn the_time_of_the_person_does_not_count_against_the_call() {
    let server = Server::answering([Reply::refusal(500, "InternalFailure"), Reply::role()]).await;
    let clock = PausingClock::default();
    let slow = clock.manual.clone();
    let prompt = MfaPrompt::new(move |_| {
        slow.advance(Duration::from_secs(240));
        async { Ok::<_, std::io::Error>("123456") }
    });
    let provider = provider(&server, &clock)
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(prompt);
    assert!(provider.load().await.is_ok());
    assert_eq!(server.received()[1].parameter("TokenCode"), Some("123456"));
}

#[tokio::test]
async fn a_load_dropped_while_a_person_thinks_leaves_the_provider_usable() {
    let server = Server::answering([Reply::role()]).await;
    let turn = Arc::new(AtomicUsize::new(0));
    let prompt = MfaPrompt::new(move |_| {
        let first = turn.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            Ok::<_, std::io::Error>("123456")
        }
    });
    let provider = provider(&server, &PausingClock::default())
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(prompt);
    {
        let mut load = std::pin::pin!(provider.load());
        std::future::poll_fn(|context| {
            assert!(load.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
    assert!(provider.load().await.is_ok());
}

#[tokio::test]
async fn settings_that_sts_would_refuse_are_told_before_any_call() {
    let server = Server::answering([Reply::role()]).await;
    let table = [
        (
            provider(&server, &PausingClock::default()).with_role_session_name("a b"),
            "RoleSessionName",
        ),
        (
            provider(&server, &PausingClock::default()).with_duration(Duration::from_secs(60)),
            "DurationSeconds",
        ),
    ];
    for (provider, words) in table {
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        let told = error.report().to_string();
        assert!(told.contains(words) && told.contains(ROLE), "{told}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn an_error_names_provider_role_and_code_and_no_secret() {
    let server = Server::answering([Reply::refusal(403, "AccessDenied")]).await;
    let provider = provider(&server, &PausingClock::default())
        .with_external_id(canary("external ID"))
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(saying("123456").0);
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(error.provider(), "AssumeRole");
    let told = error.report().to_string();
    assert!(told.contains(ROLE) && told.contains("AccessDenied"), "{told}");
    let shown = format!("{told} {error:?} {provider:?} {provider:#?}");
    assert!(!leaks(&shown) && !shown.contains("123456,"), "{shown}");
}

#[test]
fn outside_a_tokio_runtime_a_role_is_an_error() {
    let provider = AssumeRoleProvider::new(StsClient::new("eu-central-1", keys()), ROLE);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut load = std::pin::pin!(provider.credentials());
    let std::task::Poll::Ready(Err(error)) = load.as_mut().poll(&mut context) else {
        panic!("no error");
    };
    assert!(
        error.report().to_string().contains("tokio runtime"),
        "{}",
        error.report()
    );
}

#[tokio::test]
async fn a_session_token_provider_asks_with_code_and_duration() {
    let server = Server::answering([Reply::session("GetSessionToken", "2030-01-01T13:00:00Z")]).await;
    let clock = PausingClock::default();
    let provider = StsSessionCredentialsProvider::new(sts(keys(), &server, &clock))
        .with_duration(Duration::from_secs(900))
        .with_mfa_serial(SERIAL)
        .with_mfa_prompt(saying("123456").0);
    let credentials = provider.credentials().await.unwrap();
    assert_eq!(
        (provider.name(), credentials.source()),
        ("SessionToken", "SessionToken")
    );
    assert!(credentials.renewal().interactive);
    let received = server.received();
    assert_eq!(received[0].parameter("DurationSeconds"), Some("900"));
    assert_eq!(received[0].parameter("TokenCode"), Some("123456"));

    let plain = SessionTokenProvider::new(sts(keys(), &server, &clock));
    assert_eq!(plain.load().await.unwrap().renewal(), Renewal::NEVER);
    assert_eq!(
        server.received()[1].body,
        "Action=GetSessionToken&Version=2011-06-15"
    );
}

#[tokio::test]
async fn a_session_token_provider_fails_under_its_own_name() {
    let server = Server::answering([Reply::refusal(403, "AccessDenied")]).await;
    let clock = PausingClock::default();
    let provider = SessionTokenProvider::new(sts(keys(), &server, &clock));
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(
        (error.provider(), error.kind()),
        ("SessionToken", ErrorKind::Failed)
    );

    let error = provider
        .with_mfa_serial(SERIAL)
        .with_mfa_timeout(Duration::ZERO)
        .credentials()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
}
