//! What profiles ask for, fulfilled: who is asked, how often, and what becomes of a failure.

use std::sync::atomic::AtomicBool;

use tokio::sync::oneshot;

use super::*;
use crate::{MfaPrompt, Renewal};

const STS: &str = "AWS_ENDPOINT_URL_STS";

/// STS, with a role for each key that signs.
struct Sts(MockServer);

impl Sts {
    fn start() -> Self {
        Self(MockServer::start())
    }

    /// Gives `key` to whoever assumes the role with `signer`; how often tells the mock.
    fn gives(&self, signer: &str, role: &str, key: &str) -> httpmock::Mock<'_> {
        self.0.mock(|when, then| {
            when.method("POST")
                .header_includes("authorization", format!("Credential={signer}/"))
                .body_includes(format!("%3Arole%2F{role}&"));
            then.status(200).body(session(key));
        })
    }

    fn home(&self, config: &str) -> (Home, String) {
        (Home::new(config, &profile("base", "BASE")), self.0.base_url())
    }
}

fn session(key: &str) -> String {
    let secret = canary(key);
    format!(
        "<R><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{secret}</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></R>"
    )
}

fn role(profile: &str, rest: &str) -> String {
    format!("[{profile}]\nrole_arn = arn:aws:iam::123456789012:role/{profile}\nregion = eu-west-1\n{rest}\n")
}

/// The outermost role `default` is assumed with `inner`, and that with `base`.
fn two_roles() -> String {
    role("default", "source_profile = inner")
        + &role("profile inner", "source_profile = base").replace("role/profile ", "role/")
}

#[tokio::test]
async fn roles_on_the_way_keep_their_sessions_and_the_last_is_asked_each_time() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();

    for _ in 0..3 {
        assert_eq!(id(&chain).await, "OUTER");
    }

    assert_eq!((inner.calls(), outer.calls()), (1, 3));
}

#[tokio::test]
async fn the_default_provider_keeps_the_last_session_as_well() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let provider = home.builder(&[(STS, &url)]).build();
    for _ in 0..3 {
        assert_eq!(id(&provider).await, "OUTER");
    }
    assert_eq!((inner.calls(), outer.calls()), (1, 1));
}

#[tokio::test]
async fn files_that_change_make_another_plan_and_those_that_do_not_keep_it() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let changed = sts.gives("NEW", "inner", "INNER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();

    id(&chain).await;
    home.write("credentials", &profile("base", "BASE"));
    id(&chain).await;
    home.write(
        "config",
        &format!("[profile other]\nregion = x\n\n{}", two_roles()),
    );
    id(&chain).await;
    assert_eq!(
        (inner.calls(), changed.calls()),
        (1, 0),
        "nothing that matters here"
    );

    home.write("credentials", &profile("base", "NEW"));
    id(&chain).await;
    assert_eq!((inner.calls(), changed.calls()), (1, 1));

    home.write("config", &profile("default", "PLAIN"));
    assert_eq!(id(&chain).await, "PLAIN");
}

#[tokio::test]
async fn all_sessions_of_a_role_share_a_name() {
    let sts = Sts::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let names = Arc::clone(&seen);
    sts.0.mock(|when, then| {
        when.is_true(move |request| {
            let body = request.body_string();
            let name = body.split('&').find(|part| part.starts_with("RoleSessionName="));
            names.lock().unwrap().push(name.unwrap_or_default().to_owned());
            true
        });
        then.status(200).body(session("OUTER"));
    });
    let (home, url) = sts.home(&role("default", "source_profile = base"));
    let clock = ManualClock::at(time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let chain = home.builder(&[(STS, &url)]).clock(clock.clone()).build_chain();
    id(&chain).await;
    clock.advance(Duration::from_secs(1));
    id(&chain).await;
    let seen = seen.lock().unwrap();
    assert!(
        seen.len() >= 2 && seen.iter().all(|name| *name == seen[0]),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_session_that_aws_calls_expired_is_got_again_once() {
    let sts = Sts::start();
    sts.0.mock(|when, then| {
        when.header_includes("authorization", "Credential=OLD/");
        then.status(403).body(
            "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>m</Message></Error></ErrorResponse>",
        );
    });
    let good = sts.gives("NEW", "default", "OUTER");
    let config = role("default", "credential_source = Turning");
    let (home, url) = sts.home(&config);
    let turns = Turning::default();
    let chain = home
        .builder(&[(STS, &url)])
        .credential_source("turning", turns.clone())
        .build_chain();

    assert_eq!(id(&chain).await, "OUTER");

    assert_eq!((turns.0.load(Ordering::SeqCst), good.calls()), (2, 1));
}

/// Gives old keys first and new ones from then on.
#[derive(Clone, Debug, Default)]
struct Turning(Arc<AtomicUsize>);

impl ProvideAwsCredentials for Turning {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let key = match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => "OLD",
            _ => "NEW",
        };
        CredentialsFuture::ready(Ok(
            AwsCredentials::new(key, canary(key)).with_session_token(canary("token"))
        ))
    }
}

#[tokio::test]
async fn environment_as_credential_source_is_the_variables_keys() {
    let sts = Sts::start();
    sts.gives("ENVIRONMENT", "default", "OUTER");
    let (home, url) = sts.home(&role("default", "credential_source = Environment"));
    let secret = canary("environment");
    let [one, two] = keys(&secret);
    let provider = home
        .builder(&[one, two, (STS, &url)])
        .profile_name("default")
        .build();
    assert_eq!(id(&provider).await, "OUTER");
}

#[tokio::test]
async fn the_region_of_the_program_holds_for_roles() {
    let sts = Sts::start();
    let region = sts.0.mock(|when, then| {
        when.header_includes("authorization", "/ap-south-1/sts/");
        then.status(200).body(session("OUTER"));
    });
    let (home, url) = sts.home(&role("default", "source_profile = base"));
    let provider = home.builder(&[(STS, &url)]).region("ap-south-1").build();
    assert_eq!(id(&provider).await, "OUTER");
    assert_eq!(region.calls(), 1);
}

#[tokio::test]
async fn all_roles_of_a_plan_are_assumed_in_the_region_of_the_selected_profile() {
    let sts = Sts::start();
    for (signer, key) in [("BASE", "INNER"), ("INNER", "OUTER")] {
        sts.0.mock(|when, then| {
            when.header_includes("authorization", format!("Credential={signer}/"))
                .header_includes("authorization", "/eu-north-1/sts/");
            then.status(200).body(session(key));
        });
    }
    // The inner role and the keys say eu-west-1.
    let config = two_roles().replacen("eu-west-1", "eu-north-1", 1) + "[profile base]\nregion = eu-west-1\n";
    let (home, url) = sts.home(&config);
    assert_eq!(id(&home.builder(&[(STS, &url)]).build()).await, "OUTER");
}

#[tokio::test]
async fn roles_are_assumed_where_variables_and_the_selected_profile_say() {
    let (wrong, all) = ("http://127.0.0.1:1", "AWS_ENDPOINT_URL");
    for place in ["its variable", "the variable", "its section", "the profile"] {
        let sts = Sts::start();
        sts.gives("BASE", "inner", "INNER");
        sts.gives("INNER", "default", "OUTER");
        let url = sts.0.base_url();
        let elsewhere = format!("services = mine\nendpoint_url = {wrong}\n");
        let section = |url: &str| format!("[services mine]\nsts =\n  endpoint_url = {url}\n");
        let (variables, settings, sections) = match place {
            "its variable" => (vec![(STS, url.as_str()), (all, wrong)], elsewhere, section(wrong)),
            "the variable" => (vec![(all, url.as_str())], elsewhere, section(wrong)),
            "its section" => (vec![], elsewhere, section(&url)),
            _ => (vec![], format!("endpoint_url = {url}\n"), String::new()),
        };
        // Those of another profile on the way do not count.
        let inner = role(
            "profile inner",
            &format!("source_profile = base\nendpoint_url = {wrong}"),
        )
        .replace("role/profile ", "role/");
        let config = role("default", &format!("source_profile = inner\n{settings}")) + &inner + &sections;
        let home = Home::new(&config, &profile("base", "BASE"));
        assert_eq!(id(&home.builder(&variables).build()).await, "OUTER", "{place}");
    }
}

#[tokio::test]
async fn whatever_a_step_says_it_is_a_failure_that_nobody_covers() {
    let cases = [
        (
            CredentialsError::not_configured("Own", "nothing"),
            ErrorKind::Failed,
        ),
        (
            CredentialsError::failed("Own", "the door is stuck"),
            ErrorKind::Failed,
        ),
        (
            CredentialsError::invalid_configuration("Own", "wrong"),
            ErrorKind::InvalidConfiguration,
        ),
        (CredentialsError::timed_out("Own", "late"), ErrorKind::TimedOut),
        (
            CredentialsError::login_required("Own", "who"),
            ErrorKind::LoginRequired,
        ),
    ];
    let home = Home::new(
        &two_roles().replace("source_profile = base", "credential_source = Own"),
        "",
    );
    for (error, kind) in cases {
        let container = Says::keys("CONTAINER");
        let transient = error.is_transient();
        let provider = home
            .builder(&[(STS, "http://127.0.0.1:1")])
            .credential_source("Own", Says(Err(error), Arc::default()))
            .container(container.clone())
            .build();
        let error = provider.credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, transient));
        let text = error.report().to_string();
        for part in [
            "no credentials from role arn:aws:iam::123456789012:role/default of profile `default`",
            "no credentials from role arn:aws:iam::123456789012:role/inner of profile `inner`",
            "no credentials from profile `inner` (credential source Own in ",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("to sign"), "{text}");
        assert_eq!(container.calls(), 0);
    }
}

#[tokio::test]
async fn a_lenient_chain_falls_back_past_a_failed_profile_as_a_whole() {
    let home = Home::new(&role("default", "credential_source = EcsContainer"), "");
    let container = Says::keys("CONTAINER");
    let provider = home
        .builder(&[(STS, "http://127.0.0.1:1")])
        .fall_back_on_failure()
        .container(container.clone())
        .build();
    assert_eq!(id(&provider).await, "CONTAINER");
}

#[tokio::test]
async fn each_role_may_be_wrapped() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("KEPT", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let roles = Arc::clone(&seen);
    let provider = home
        .builder(&[(STS, &url)])
        .wrap_role(move |hop, provider| {
            roles.lock().unwrap().push(hop.profile().to_owned());
            match hop.profile() {
                "inner" => Arc::new(Says::keys("KEPT")),
                _ => provider,
            }
        })
        .build();

    assert_eq!(id(&provider).await, "OUTER");

    assert_eq!(*seen.lock().unwrap(), ["inner", "default"]);
    assert_eq!((inner.calls(), outer.calls()), (0, 1));
}

#[tokio::test]
async fn a_person_is_asked_for_the_code_and_never_ahead_of_time() {
    let sts = Sts::start();
    sts.0.mock(|when, then| {
        when.body_includes("SerialNumber=arn%3Amfa&TokenCode=123456");
        then.status(200).body(session("OUTER"));
    });
    let (home, url) = sts.home(&role("default", "source_profile = base\nmfa_serial = arn:mfa"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let prompt = MfaPrompt::new(move |serial: String| {
        assert_eq!(serial, "arn:mfa");
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, std::io::Error>(" 123456\n".to_owned()) }
    });
    let provider = home.builder(&[(STS, &url)]).mfa_prompt(prompt).build();

    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "OUTER");
    assert_eq!(credentials.renewal(), Renewal::NEVER.with_interactive());
    assert_eq!(id(&provider).await, "OUTER");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_role_behind_one_with_a_code_is_not_renewed_ahead_of_time_either() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&(two_roles() + "mfa_serial = arn:mfa\n"));
    let prompt = MfaPrompt::new(|_| async { Ok::<_, std::io::Error>("123456") });
    let provider = home.builder(&[(STS, &url)]).mfa_prompt(prompt).build();
    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "OUTER");
    assert!(credentials.renewal().interactive);
}

#[tokio::test]
async fn without_anybody_to_ask_for_a_code_no_request_is_made_wherever_the_device_is() {
    let sts = Sts::start();
    let all = sts.0.mock(|when, then| {
        when.path("/");
        then.status(200).body(session("ANY"));
    });
    let outer = role("default", "source_profile = inner\nmfa_serial = arn:mfa")
        + &role("profile inner", "source_profile = base");
    let inner = two_roles() + "mfa_serial = arn:mfa\n";
    for config in [outer, inner] {
        let (home, url) = sts.home(&config);
        let (kind, text) = report(&home.builder(&[(STS, &url)]).build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{text}");
        assert!(text.contains("mfa_serial arn:mfa is set"), "{text}");
    }
    assert_eq!(all.calls(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_gets_the_programs_variables() {
    let secret = canary("variable");
    let home = Home::new("", "");
    let tool = home.path().join("tool");
    let document = r#"{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"'$WORD'"}"#;
    std::fs::write(&tool, format!("echo '{document}'")).unwrap();
    let config = format!("[default]\ncredential_process = sh \"{}\"\n", tool.display());
    home.write("config", &config);
    let builder = home.builder(&[]).process_variable("WORD", &*secret);
    assert!(!tests_support::leaks(&format!("{builder:?}")));

    let provider = builder.build();

    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.secret_access_key().expose(), secret);
    assert!(!tests_support::leaks(&format!("{provider:?}")));
}

/// Never answers; tells when somebody asks and when they stop.
#[derive(Debug, Default)]
struct Silent(Mutex<Option<oneshot::Sender<()>>>, Arc<AtomicBool>);

struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl ProvideAwsCredentials for Silent {
    fn credentials(&self) -> CredentialsFuture<'_> {
        if let Some(asked) = self.0.lock().unwrap().take() {
            asked.send(()).unwrap();
        }
        let gone = Gone(Arc::clone(&self.1));
        CredentialsFuture::new(async move {
            std::future::pending::<()>().await;
            drop(gone);
            unreachable!()
        })
    }
}

#[tokio::test]
async fn a_step_that_never_answers_is_given_up_after_its_limit() {
    let home = Home::new(
        &two_roles().replace("source_profile = base", "credential_source = Own"),
        "",
    );
    let clock = ManualClock::new();
    let (asked, heard) = oneshot::channel();
    let gone = Arc::new(AtomicBool::new(false));
    let provider = home
        .builder(&[(STS, "http://127.0.0.1:1")])
        .clock(clock.clone())
        .role_timeout(Duration::from_secs(7))
        .credential_source("Own", Silent(Mutex::new(Some(asked)), Arc::clone(&gone)))
        .build();
    let waiting = tokio::spawn({
        let provider = provider.clone();
        async move { provider.credentials().await.unwrap_err() }
    });
    heard.await.unwrap();
    clock.advance(Duration::from_millis(6_900));
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    clock.advance(Duration::from_millis(200));

    let error = waiting.await.unwrap();

    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.is_transient());
    let text = error.report().to_string();
    assert!(text.contains("no answer within 7s"), "{text}");
    assert!(gone.load(Ordering::SeqCst), "the question was dropped");
}

#[tokio::test]
async fn a_source_that_never_answers_is_given_up_after_half_a_minute_or_what_the_program_says() {
    let home = Home::new("", "");
    for (limit, says) in [(None, "no answer within 30s"), (Some(90), "no answer within 90s")] {
        let clock = ManualClock::new();
        let (asked, heard) = oneshot::channel();
        let mut builder = home
            .builder(&[])
            .clock(clock.clone())
            .container(Silent(Mutex::new(Some(asked)), Arc::default()));
        if let Some(seconds) = limit {
            builder = builder.source_timeout(Duration::from_secs(seconds));
        }
        let provider = builder.build();
        let waiting = tokio::spawn(async move { report(&provider).await });
        heard.await.unwrap();
        clock.advance(Duration::from_secs(limit.unwrap_or(30) - 1));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        let (kind, text) = waiting.await.unwrap();
        assert_eq!(kind, ErrorKind::TimedOut);
        assert!(text.contains(says), "{text}");
    }
}

#[tokio::test]
async fn a_person_who_reads_a_code_may_take_longer_than_a_role() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&(two_roles() + "mfa_serial = arn:mfa\n"));
    let clock = ManualClock::new();
    let (asked, heard) = oneshot::channel();
    let (answer, code) = oneshot::channel();
    let channels = Mutex::new(Some((asked, code)));
    let prompt = MfaPrompt::new(move |_| {
        let (asked, code) = channels.lock().unwrap().take().unwrap();
        asked.send(()).unwrap();
        async { code.await.map(|code: &str| code.to_owned()) }
    });
    let provider = home
        .builder(&[(STS, &url)])
        .clock(clock.clone())
        .mfa_prompt(prompt)
        .build();
    let waiting = tokio::spawn({
        let provider = provider.clone();
        async move { id(&provider).await }
    });
    heard.await.unwrap();
    clock.advance(Duration::from_secs(290));
    tokio::task::yield_now().await;
    answer.send("123456").unwrap();
    assert_eq!(waiting.await.unwrap(), "OUTER");
}

#[tokio::test]
async fn callers_at_the_same_time_share_the_roles_on_the_way() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let chain = chain.clone();
            tokio::spawn(async move { id(&chain).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "OUTER");
    }
    assert_eq!((inner.calls(), outer.calls()), (1, 20));
}

#[tokio::test]
async fn dropping_a_call_leaves_everything_usable() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();
    for polls in 0..40 {
        let mut future = Box::pin(chain.credentials());
        for _ in 0..polls {
            let polled =
                std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context)));
            if polled.await.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(id(&chain).await, "OUTER");
}

#[tokio::test]
async fn the_plan_is_told_without_asking_anybody() {
    let (home, url) = Sts::start().home(&two_roles());
    let provider = home.builder(&[(STS, &url)]).build();
    let plan = provider.plan().await.unwrap();
    assert_eq!(
        plan.to_string(),
        "profile `default`: role arn:aws:iam::123456789012:role/default, from profile `inner`: role \
         arn:aws:iam::123456789012:role/inner, from profile `base`: static keys BASE in ~/.aws/credentials:2"
    );
    let own = home
        .builder(&[])
        .credential_source("Vault", Says::keys("VAULT"))
        .build();
    home.write("config", &role("default", "credential_source = vault"));
    assert!(own.plan().await.is_ok());
    assert_eq!(
        provider.plan().await.unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
    home.write("config", "");
    assert_eq!(
        provider.plan().await.unwrap_err().kind(),
        ErrorKind::NotConfigured
    );
}

#[tokio::test]
async fn an_explanation_shows_the_plan() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let text = home.builder(&[]).build().explain().await.to_string();
    assert!(
        text.contains("; the plan: profile `default`: static keys PROFILE in ~/"),
        "{text}"
    );
}

#[tokio::test]
async fn what_has_no_effect_in_a_plan_is_warned_of_once() {
    let config = "[default]\ncredential_process = echo\n";
    let home = Home::new(config, &profile("default", "PROFILE"));
    let chain = home.builder(&[]).build_chain();
    let log = Log::listen();
    for _ in 0..3 {
        assert!(chain.credentials().await.is_err());
    }
    let text = log.text();
    assert_eq!(
        text.matches("so what it says of static keys has no effect")
            .count(),
        1,
        "{text}"
    );
}

#[tokio::test]
async fn settings_that_a_plan_does_not_need_harm_nobody() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let wrong = [
        (STS, "no address"),
        ("AWS_REGION", "no/region"),
        ("AWS_MAX_ATTEMPTS", "0"),
    ];
    assert_eq!(id(&home.builder(&wrong).build()).await, "PROFILE");
}

#[cfg(unix)]
#[tokio::test]
async fn no_limit_is_too_long() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let provider = home
        .builder(&[(STS, &url)])
        .source_timeout(Duration::MAX)
        .role_timeout(Duration::MAX)
        .mfa_timeout(Duration::MAX)
        .process_timeout(Duration::MAX)
        .refresh(|refreshing| {
            refreshing
                .with_load_timeout(Duration::MAX)
                .with_reread_interval(Duration::MAX)
        })
        .build();
    assert_eq!(id(&provider).await, "OUTER");

    home.write(
        "config",
        "[default]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"s\"}'\n",
    );
    let chain = home
        .builder(&[])
        .source_timeout(Duration::MAX)
        .process_timeout(Duration::MAX)
        .build_chain();
    assert_eq!(id(&chain).await, "P");
}
