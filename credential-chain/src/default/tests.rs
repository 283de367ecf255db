use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use credential_core::{ErrorKind, Variables};
use httpmock::MockServer;
use tests_support::{Log, ManualClock, canary};

use crate::builder::DefaultCredentialsProviderBuilder;
use crate::{Error, Standing, StaticStability, name};

use super::*;

mod roles;
mod services;

/// A home directory with the two shared files in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str, credentials: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        home.write("config", config);
        home.write("credentials", credentials);
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(".aws").join(file), text).unwrap();
    }

    /// Variables with this home, these, and instance metadata switched off unless they say otherwise.
    fn variables(&self, more: &[(&str, &str)]) -> Variables {
        let mut pairs = vec![
            ("HOME".to_owned(), self.path().to_str().unwrap().to_owned()),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
        ];
        pairs.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        pairs.into_iter().collect()
    }

    fn builder(&self, more: &[(&str, &str)]) -> DefaultCredentialsProviderBuilder {
        DefaultCredentialsProvider::builder().variables(self.variables(more))
    }
}

fn profile(name: &str, access_key_id: &str) -> String {
    format!(
        "[{name}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {}\n",
        canary(access_key_id)
    )
}

fn keys(secret: &str) -> [(&str, &str); 2] {
    [
        ("AWS_ACCESS_KEY_ID", "ENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ]
}

/// Says the same each time, and counts.
#[derive(Clone, Debug)]
struct Says(Result<AwsCredentials, CredentialsError>, Arc<AtomicUsize>);

impl Says {
    fn keys(access_key_id: &str) -> Self {
        Self(
            Ok(AwsCredentials::new(access_key_id, canary(access_key_id))),
            Arc::default(),
        )
    }

    fn nothing() -> Self {
        Self(
            Err(CredentialsError::not_configured("Test", "nothing is set up")),
            Arc::default(),
        )
    }

    fn broken() -> Self {
        Self(
            Err(CredentialsError::failed("Test", "the door is stuck")),
            Arc::default(),
        )
    }

    fn calls(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

impl ProvideAwsCredentials for Says {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.1.fetch_add(1, Ordering::SeqCst);
        CredentialsFuture::ready(self.0.clone())
    }
}

async fn id(provider: &impl ProvideAwsCredentials) -> String {
    match provider.credentials().await {
        Ok(credentials) => credentials.access_key_id().to_owned(),
        Err(error) => panic!("{}", error.report()),
    }
}

async fn report(provider: &impl ProvideAwsCredentials) -> (ErrorKind, String) {
    let error = provider.credentials().await.unwrap_err();
    assert!(!tests_support::leaks(&format!("{error:?} {}", error.report())));
    (error.kind(), error.report().to_string())
}

fn asked(provider: &DefaultCredentialsProvider) -> Vec<String> {
    provider
        .attempts()
        .iter()
        .map(|attempt| attempt.provider().to_owned())
        .collect()
}

#[tokio::test]
async fn the_sources_are_asked_in_awss_order() {
    let places = [
        name::ENVIRONMENT,
        name::PROFILE,
        name::WEB_IDENTITY,
        name::CONTAINER,
        name::INSTANCE_METADATA,
    ];
    for winner in 0..places.len() {
        let say = |index| {
            if index == winner {
                Says::keys("WINNER")
            } else {
                Says::nothing()
            }
        };
        let provider = DefaultCredentialsProvider::builder()
            .environment(say(0))
            .profile(say(1))
            .web_identity(say(2))
            .container(say(3))
            .instance_metadata(say(4))
            .build();
        assert_eq!(id(&provider).await, "WINNER");
        assert_eq!(asked(&provider), places[..=winner]);
    }
}

#[tokio::test]
async fn real_sources_come_in_the_same_order() {
    let secret = canary("real");
    let server = MockServer::start();
    server.mock(|when, then| {
        when.path("/task");
        then.status(200).body(document("CONTAINER"));
    });
    let uri = server.url("/task");
    let home = Home::new("", &profile("default", "PROFILE"));
    let nothing = Home::new("", "");
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str());
    let [id_pair, secret_pair] = keys(&secret);

    let everything = home.builder(&[id_pair, secret_pair, container]).build();
    assert_eq!(id(&everything).await, "ENVIRONMENT");
    assert_eq!(id(&home.builder(&[container]).build()).await, "PROFILE");
    assert_eq!(id(&nothing.builder(&[container]).build()).await, "CONTAINER");
}

fn document(access_key_id: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{access_key_id}","SecretAccessKey":"{}","Token":"{}","Expiration":"2099-01-01T00:00:00Z"}}"#,
        canary("document"),
        canary("token")
    )
}

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
async fn a_broken_profile_stops_the_default_chain() {
    let container = Says::keys("CONTAINER");
    for (config, says) in [
        ("[default\n", "a section line must end with a bracket"),
        ("[default]\naws_access_key_id = A\n", "no aws_secret_access_key"),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\n",
            "no profile `b`, which profile `default` names",
        ),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Moon\n",
            "`Moon`, which nobody knows",
        ),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n",
            "profile `default` has no credential settings",
        ),
        (
            "[default]\nsso_account_id = 1\nsso_role_name = r\n",
            "no sso_region and no sso_start_url",
        ),
    ] {
        let provider = Home::new(config, "");
        let provider = provider.builder(&[]).container(container.clone()).build();
        let (kind, text) = report(&provider).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{text}");
        assert!(text.contains(says), "{text}");
    }
    assert_eq!(container.calls(), 0, "nobody else was asked");
}

#[tokio::test]
async fn a_profile_that_is_named_and_missing_stops_the_default_chain() {
    let home = Home::new("", &profile("default", "PROFILE"));
    for provider in [
        home.builder(&[("AWS_PROFILE", "deplyo")]).build(),
        home.builder(&[]).profile_name("deplyo").build(),
    ] {
        let (kind, text) = report(&provider).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration);
        assert!(
            text.contains("no profile `deplyo`") && text.contains(".aws/config"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_default_chain_falls_back_when_it_is_told_to() {
    let home = Home::new("[default\n", "");
    let builder = home
        .builder(&[])
        .container(Says::broken())
        .instance_metadata(Says::keys("INSTANCE"));
    let provider = builder.fall_back_on_failure().build();
    let log = Log::listen();

    assert_eq!(id(&provider).await, "INSTANCE");

    let log = log.text();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].contains("provider=\"Profile\"") && warnings[1].contains("the door is stuck"),
        "{log}"
    );
}

#[tokio::test]
async fn absence_everywhere_is_not_configured_and_lists_all_places() {
    let home = Home::new("", "");
    let provider = home.builder(&[]).build();
    let error = provider.credentials().await.unwrap_err();
    assert!(error.is_not_configured());
    let Some(Error::Exhausted { attempts, hints }) = error.cause().downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!((attempts.len(), hints.len()), (5, 0));
    assert!(
        error
            .cause()
            .to_string()
            .starts_with("no credentials in 5 places\n  environment: ")
    );
}

#[tokio::test]
async fn a_profile_of_settings_alone_lets_the_chain_go_on() {
    let home = Home::new("[default]\nregion = eu-west-1\n", "");
    let provider = home.builder(&[]).container(Says::keys("CONTAINER")).build();
    assert_eq!(id(&provider).await, "CONTAINER");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_warned_of_and_named_where_nothing_is_found() {
    for config in ["", "[default]\nregion = eu-west-1\n"] {
        let home = Home::new(config, "");
        let folder = home.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let folder = folder.to_str().unwrap();
        let log = Log::listen();

        let provider = home.builder(&[("AWS_SHARED_CREDENTIALS_FILE", folder)]).build();
        let (kind, told) = report(&provider).await;

        let note =
            format!("AWS_SHARED_CREDENTIALS_FILE names {folder}, which cannot be read: it is a directory");
        assert_eq!(kind, ErrorKind::NotConfigured);
        assert!(told.contains("no credentials in 5 places"), "{told}");
        assert!(told.contains(&note), "{told}");
        let log = log.text();
        assert!(
            log.contains("WARN") && log.contains(&format!("{note}; it counts as empty")),
            "{log}"
        );
    }
}

/// Trouble with reading is no word about what a file holds: the next identity is not what was meant.
#[cfg(unix)]
#[tokio::test]
async fn trouble_with_reading_a_file_stops_the_default_chain_and_may_pass() {
    let home = Home::new("", "");
    let circle = home.path().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let provider = home
        .builder(&[("AWS_CONFIG_FILE", circle.to_str().unwrap())])
        .provider("Last", Says::keys("LAST"))
        .build();
    let error = provider.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.is_transient());
    assert_eq!(asked(&provider), ["Environment", "Profile"]);
}

#[tokio::test]
async fn a_web_identity_token_file_stops_the_chain_and_a_role_alone_does_not() {
    let home = Home::new("", "");
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod");
    let token = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token");
    let container = Says::keys("CONTAINER");
    let with = |variables: &[(&str, &str)]| home.builder(variables).container(container.clone()).build();

    assert_eq!(id(&with(&[role])).await, "CONTAINER");
    for (variables, says) in [
        (
            vec![token, role, ("AWS_REGION", "eu-west-1")],
            "the web identity token file /no/such/token cannot be read",
        ),
        (vec![token], "AWS_ROLE_ARN is not"),
    ] {
        let (kind, text) = report(&with(&variables)).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration);
        assert!(text.contains(says), "{text}");
    }
    assert_eq!(container.calls(), 1);
}

#[tokio::test]
async fn a_profile_named_in_code_passes_over_keys_in_the_environment() {
    let secret = canary("environment");
    let home = Home::new("", &profile("deploy", "DEPLOY"));
    let provider = home.builder(&keys(&secret)).profile_name("deploy").build();
    assert_eq!(id(&provider).await, "DEPLOY");
    assert_eq!(asked(&provider), ["Profile"]);
}

#[tokio::test]
async fn an_error_tells_that_keys_were_passed_over() {
    let secret = canary("environment");
    let home = Home::new("[profile empty]\nregion = eu-west-1\n", "");
    let (_, text) = report(&home.builder(&keys(&secret)).profile_name("empty").build()).await;
    assert!(
        text.contains("hint: a profile is named in code, so AWS_ACCESS_KEY_ID"),
        "{text}"
    );
}

#[tokio::test]
async fn half_a_pair_of_keys_is_passed_over_with_a_warning_unless_the_pair_is_strict() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let half = [("AWS_ACCESS_KEY_ID", "HALF")];
    let log = Log::listen();
    assert_eq!(id(&home.builder(&half).build()).await, "PROFILE");
    let warnings = log.warnings().concat();
    assert!(
        warnings.contains("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"),
        "{warnings}"
    );
    drop(log);

    let environment = crate::EnvironmentProvider::new()
        .with_variables(home.variables(&half))
        .with_strict_pair();
    let strict = home.builder(&half).environment(environment).build();
    let (kind, told) = report(&strict).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
    assert_eq!(asked(&strict), ["Environment"]);
}

#[tokio::test]
async fn an_argument_that_names_a_profile_is_named_in_errors_and_hints() {
    let secret = canary("environment");
    let home = Home::new("", "");
    let provider = home
        .builder(&keys(&secret))
        .profile_name_from("ops", "--profile")
        .build();
    let (kind, told) = report(&provider).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(
        told.contains("no profile `ops`, which --profile names, in "),
        "{told}"
    );
    assert!(
        told.ends_with(
            "hint: --profile names a profile, so AWS_ACCESS_KEY_ID and its companions are passed over"
        ),
        "{told}"
    );
}

#[tokio::test]
async fn a_profile_named_by_a_variable_comes_behind_keys_in_the_environment_with_a_warning() {
    let secret = canary("environment");
    let home = Home::new("", &profile("deploy", "DEPLOY"));
    let [id_pair, secret_pair] = keys(&secret);
    let provider = home
        .builder(&[id_pair, secret_pair, ("AWS_PROFILE", "deploy")])
        .build();
    let log = Log::listen();

    assert_eq!(id(&provider).await, "ENVIRONMENT");

    let log = log.text();
    assert!(
        log.contains("WARN") && log.contains("AWS_PROFILE is set, and so are keys"),
        "{log}"
    );
    assert!(!tests_support::leaks(&log), "{log}");
}

#[tokio::test]
async fn what_was_nearly_set_up_is_hinted_at() {
    let home = Home::new("", "");
    for (variable, value, hint) in [
        (
            "AWS_ACCESS_KEY_ID",
            "AKID",
            "set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID",
        ),
        ("AWS_ROLE_ARN", "arn", "AWS_ROLE_ARN alone does nothing"),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "t",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN does nothing without",
        ),
        (
            "AWS_EC2_METADATA_DISABLED",
            "yes",
            "AWS_EC2_METADATA_DISABLED is neither `true` nor `false`",
        ),
    ] {
        let provider = home
            .builder(&[(variable, value)])
            .instance_metadata(Says::nothing())
            .build();
        let (kind, text) = report(&provider).await;
        assert_eq!(kind, ErrorKind::NotConfigured);
        assert!(text.contains(&format!("\nhint: {hint}")), "{text}");
    }
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

#[cfg(unix)]
#[tokio::test]
async fn trouble_with_reading_the_files_never_drops_what_they_say_of_instance_metadata() {
    let server = MockServer::start();
    instance_metadata(&server);
    let home = Home::new("", "");
    let circle = home.path().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let on = [
        ("AWS_EC2_METADATA_DISABLED", ""),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*server.base_url()),
        ("AWS_CONFIG_FILE", circle.to_str().unwrap()),
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

#[tokio::test]
async fn without_a_profile_the_files_are_left_alone() {
    let home = Home::new("[default\n", "");
    let variables = [("AWS_REGION", "eu-west-1")];
    let provider = home
        .builder(&variables)
        .without_profile()
        .provider("Own", Says::keys("OWN"))
        .build();
    assert_eq!(id(&provider).await, "OWN");
    assert_eq!(provider.region().await.unwrap().as_deref(), Some("eu-west-1"));
    assert!(provider.sts_client().await.is_ok());
    assert_eq!(
        asked(&provider),
        [
            "Environment",
            "WebIdentity",
            "Container",
            "InstanceMetadata",
            "Own"
        ]
    );
}

#[tokio::test]
async fn places_can_be_left_out_added_and_put_in_another_order() {
    let base = || {
        DefaultCredentialsProvider::builder()
            .environment(Says::nothing())
            .profile(Says::nothing())
            .container(Says::nothing())
            .without_web_identity()
            .without_instance_metadata()
    };
    for (builder, expected) in [
        (base(), vec!["Environment", "Profile", "Container"]),
        (
            base().provider("Own", Says::nothing()),
            vec!["Environment", "Profile", "Container", "Own"],
        ),
        (
            base().provider_before(name::PROFILE, "Own", Says::nothing()),
            vec!["Environment", "Own", "Profile", "Container"],
        ),
        (
            base()
                .provider_after(name::PROFILE, "Own", Says::nothing())
                .provider_after("Own", "Other", Says::nothing()),
            vec!["Environment", "Profile", "Own", "Other", "Container"],
        ),
        (
            base().without_provider(name::PROFILE),
            vec!["Environment", "Container"],
        ),
        (base().without_environment().without_profile(), vec!["Container"]),
        (
            base().order([name::CONTAINER, name::ENVIRONMENT]),
            vec!["Container", "Environment", "Profile"],
        ),
    ] {
        let provider = builder.build();
        provider.credentials().await.unwrap_err();
        assert_eq!(asked(&provider), expected);
    }
}

#[tokio::test]
async fn a_place_that_is_not_there_is_an_error_at_the_first_call() {
    for builder in [
        DefaultCredentialsProvider::builder().provider_before("Vault", "Own", Says::keys("OWN")),
        DefaultCredentialsProvider::builder().without_provider("Vault"),
        DefaultCredentialsProvider::builder().order(["Vault"]),
    ] {
        let (kind, text) = report(&builder.environment(Says::keys("E")).build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration);
        assert!(
            text.contains("no provider `Vault`; it has `Environment`, `Profile`"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn everything_left_out_is_an_empty_chain() {
    let provider = DefaultCredentialsProvider::builder()
        .without_environment()
        .without_profile()
        .without_web_identity()
        .without_container()
        .without_instance_metadata()
        .build();
    let error = provider.credentials().await.unwrap_err();
    assert!(
        matches!(error.cause().downcast_ref(), Some(Error::Empty)),
        "{error:?}"
    );
}

#[tokio::test]
async fn credentials_are_kept_and_a_clone_keeps_the_same() {
    let environment = Says::keys("KEPT");
    let provider = DefaultCredentialsProvider::builder()
        .environment(environment.clone())
        .build();
    for _ in 0..3 {
        assert_eq!(id(&provider.clone()).await, "KEPT");
    }
    assert_eq!((environment.calls(), provider.health().fetches), (1, 1));
}

#[tokio::test]
async fn a_changed_file_is_seen_ten_minutes_after_it_was_read() {
    let clock = ManualClock::new();
    let home = Home::new("", &profile("default", "OLD"));
    let provider = home.builder(&[]).clock(clock.clone()).build();
    assert_eq!(id(&provider).await, "OLD");

    home.write("credentials", &profile("default", "NEW"));
    clock.advance(Duration::from_secs(599));
    assert_eq!(id(&provider).await, "OLD");
    clock.advance(Duration::from_secs(2));

    // The refresh runs beside its callers, who have what they have until it is done.
    while id(&provider).await == "OLD" {
        tokio::task::yield_now().await;
    }
    assert_eq!(id(&provider).await, "NEW");
}

#[tokio::test]
async fn settings_of_the_refresher_reach_it() {
    let clock = ManualClock::new();
    let dying = AwsCredentials::new("DYING", canary("dying"))
        .with_expiration(clock_end(&clock))
        .with_renewal(credential_core::Renewal::NEVER.with_static_stability());
    for (policy, served) in [(StaticStability::FromSource, true), (StaticStability::Off, false)] {
        let clock = clock_at_start(&clock);
        let source = Once(Mutex::new(Some(dying.clone())));
        let provider = DefaultCredentialsProvider::builder()
            .environment(source)
            .clock(clock.clone())
            .static_stability(policy)
            .build();
        assert_eq!(id(&provider).await, "DYING");
        clock.advance(Duration::from_secs(3601));
        assert_eq!(provider.credentials().await.is_ok(), served, "{policy:?}");
    }
}

fn clock_end(clock: &ManualClock) -> time::OffsetDateTime {
    use credential_core::Clock as _;
    clock.now() + Duration::from_secs(3600)
}

fn clock_at_start(clock: &ManualClock) -> ManualClock {
    use credential_core::Clock as _;
    ManualClock::at(clock.now())
}

/// Answers once, and has trouble ever after.
#[derive(Debug)]
struct Once(Mutex<Option<AwsCredentials>>);

impl ProvideAwsCredentials for Once {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let answer = self.0.lock().unwrap().take();
        let trouble = || CredentialsError::failed("Test", "an outage").with_transient(true);
        CredentialsFuture::ready(answer.ok_or_else(trouble))
    }
}

#[tokio::test]
async fn the_region_comes_from_code_then_variables_then_the_profile() {
    let home = Home::new(
        "[default]\nregion = eu-west-1\n[profile ops]\nregion = eu-west-2\n",
        "",
    );
    for (builder, expected) in [
        (home.builder(&[]), Some("eu-west-1")),
        (home.builder(&[("AWS_PROFILE", "ops")]), Some("eu-west-2")),
        (home.builder(&[]).profile_name("ops"), Some("eu-west-2")),
        (
            home.builder(&[("AWS_DEFAULT_REGION", "us-east-1")]),
            Some("us-east-1"),
        ),
        (
            home.builder(&[("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_REGION", "us-east-2")]),
            Some("us-east-2"),
        ),
        (
            home.builder(&[("AWS_REGION", "us-east-2")]).region("ap-south-1"),
            Some("ap-south-1"),
        ),
        (Home::new("", "").builder(&[]), None),
    ] {
        assert_eq!(builder.build().region().await.unwrap().as_deref(), expected);
    }
    let wrong = home.builder(&[("AWS_REGION", "evil.example/")]).build();
    assert_eq!(
        wrong.region().await.unwrap_err().kind(),
        ErrorKind::InvalidConfiguration
    );
}

#[tokio::test]
async fn the_sts_client_goes_where_variables_and_profile_say() {
    let config = "[default]\nregion = eu-west-1\nuse_dualstack_endpoint = true\n\
                  [profile own]\nregion = eu-west-1\nservices = mine\n[services mine]\nsts =\n  endpoint_url = http://127.0.0.1:1/sts\n";
    let home = Home::new(config, "");
    for (variables, url) in [
        (
            vec![("AWS_USE_DUALSTACK_ENDPOINT", "false")],
            "https://sts.eu-west-1.amazonaws.com",
        ),
        (
            vec![
                ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
                ("AWS_USE_DUALSTACK_ENDPOINT", "false"),
                ("AWS_REGION", "us-east-1"),
            ],
            "https://sts.us-east-1.amazonaws.com",
        ),
        (vec![], "https://sts.eu-west-1.api.aws"),
        (
            vec![("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_REGION", "us-east-1")],
            "https://sts-fips.us-east-1.api.aws",
        ),
        (vec![("AWS_PROFILE", "own")], "http://127.0.0.1:1/sts"),
        (
            vec![
                ("AWS_PROFILE", "own"),
                ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2"),
            ],
            "http://127.0.0.1:2",
        ),
        (
            vec![
                ("AWS_PROFILE", "own"),
                ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
            ],
            "https://sts.eu-west-1.amazonaws.com",
        ),
    ] {
        let client = home.builder(&variables).build().sts_client().await.unwrap();
        assert_eq!(client.endpoint().unwrap().url(), url, "{variables:?}");
    }
    for wrong in [
        ("AWS_ENDPOINT_URL_STS", "not an address"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "lgeacy"),
        ("AWS_MAX_ATTEMPTS", "0"),
    ] {
        let error = home.builder(&[wrong]).build().sts_client().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(error.report().to_string().contains(wrong.0), "{}", error.report());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_proxy_that_is_not_unicode_is_an_error_that_names_its_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let role = "[profile role]\nrole_arn = arn:r\nregion = eu-west-1\nsource_profile = base\n";
    let sso = "[profile sso]\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://s\n";
    let login = "[profile login]\nlogin_session = arn:me\n";
    let home = Home::new(&[role, sso, login].concat(), &profile("base", "BASE"));
    for name in [
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "no_proxy",
        "NO_PROXY",
    ] {
        let variables = |more: &[(&str, &str)]| -> Variables {
            let readable = [("HOME", home.path().to_str().unwrap())];
            readable
                .iter()
                .chain(more)
                .map(|(name, value)| (OsString::from(name), OsString::from(value)))
                .chain([(OsString::from(name), OsString::from_vec(vec![b'p', 0xff]))])
                .collect()
        };
        let sentence = format!("{name} does not hold valid Unicode");
        let web_identity = [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
            ("AWS_ROLE_ARN", "arn:r"),
            ("AWS_REGION", "eu-west-1"),
        ];
        for more in [
            &web_identity[..],
            &[("AWS_PROFILE", "role")],
            &[("AWS_PROFILE", "sso")],
            &[("AWS_PROFILE", "login")],
        ] {
            let provider = DefaultCredentialsProvider::builder()
                .variables(variables(more))
                .build();
            let (kind, told) = report(&provider).await;
            assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
            assert!(told.contains(&sentence), "{told}");
        }
        let provider = DefaultCredentialsProvider::builder()
            .variables(variables(&[]))
            .build();
        let error = provider.sts_client().await.unwrap_err();
        assert!(
            error.report().to_string().contains(&sentence),
            "{}",
            error.report()
        );
    }
}

/// Profiles that ask services of AWS.
const OF_SERVICES: &str = "[profile role]\nrole_arn = arn:r\nregion = eu-west-1\nsource_profile = base\n\
    [profile web]\nrole_arn = arn:r\nregion = eu-west-1\nweb_identity_token_file = ~/token\n\
    [profile sso]\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://s\n\
    [profile login]\nlogin_session = arn:me\nregion = eu-west-1\n";

#[tokio::test]
async fn tokens_do_not_follow_all_services_over_plain_http() {
    let home = Home::new(OF_SERVICES, "");
    let token = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
        ("AWS_ROLE_ARN", "arn:r"),
        ("AWS_REGION", "eu-west-1"),
    ];
    for (given, own) in [
        (&[("AWS_PROFILE", "sso")][..], "AWS_ENDPOINT_URL_SSO"),
        (&[("AWS_PROFILE", "login")], "AWS_ENDPOINT_URL_SIGNIN"),
        (&[("AWS_PROFILE", "web")], "AWS_ENDPOINT_URL_STS"),
        (&token, "AWS_ENDPOINT_URL_STS"),
    ] {
        let all = ("AWS_ENDPOINT_URL", "http://proxy.invalid");
        let given: Vec<_> = given.iter().copied().chain([all]).collect();
        let (kind, told) = report(&home.builder(&given).build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
        assert!(
            told.contains("AWS_ENDPOINT_URL is plain http to another machine"),
            "{told}"
        );
        assert!(told.contains(own), "{told}");
    }
}

#[tokio::test]
async fn a_typing_mistake_in_how_to_retry_is_one_wherever_a_service_is_asked() {
    let home = Home::new(OF_SERVICES, &profile("base", "BASE"));
    for (variable, wrong, rule) in [
        ("AWS_RETRY_MODE", "eager", "standard, adaptive or legacy"),
        ("AWS_MAX_ATTEMPTS", "0", "1 or more"),
    ] {
        for name in ["role", "web", "sso", "login"] {
            let provider = home.builder(&[("AWS_PROFILE", name), (variable, wrong)]).build();
            let (kind, told) = report(&provider).await;
            assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
            assert!(told.contains(variable) && told.contains(rule), "{told}");
        }
        let keys_alone = home
            .builder(&[("AWS_PROFILE", "base"), (variable, wrong)])
            .build();
        assert_eq!(id(&keys_alone).await, "BASE");
    }
}

#[tokio::test]
async fn without_a_region_the_sts_client_says_how_to_set_one() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let sts = home.builder(&[]).build().sts_client().await.unwrap();
    let error = sts.get_caller_identity().await.unwrap_err();
    assert!(error.to_string().contains("region"), "{error}");
}

#[tokio::test]
async fn an_explanation_tells_what_each_source_looked_at() {
    let secret = canary("explain");
    let home = Home::new("", &profile("default", "PROFILE"));
    let explanation = home.builder(&keys(&secret)).build().explain().await;

    let standings: Vec<Standing> = explanation
        .sources()
        .iter()
        .map(crate::ExplainedSource::standing)
        .collect();
    assert_eq!(standings[0], Standing::Used);
    assert!(
        standings[1..]
            .iter()
            .all(|standing| *standing == Standing::NotReached)
    );
    let text = explanation.to_string();
    for part in [
        "> environment (",
        "access key ID ENVIRONMENT, no expiration",
        "looked at profile `default` (the default) in ",
        "access key ID PROFILE",
        "looked at AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_EC2_METADATA_DISABLED switches instance metadata off",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!tests_support::leaks(&format!("{text} {explanation:?}")));
}

#[tokio::test]
async fn nothing_that_prints_shows_a_secret() {
    let secret = canary("printing");
    let home = Home::new("", &profile("default", "PROFILE"));
    let log = Log::listen();
    let builder = home.builder(&keys(&secret));
    let mut texts = format!("{builder:?}");
    let provider = builder.build();
    id(&provider).await;
    provider.explain().await;
    texts += &format!(
        "{provider:?} {:?} {:?} {}",
        provider.health(),
        provider.attempts(),
        log.text()
    );
    assert!(!tests_support::leaks(&texts), "{texts}");
    assert!(texts.contains("found credentials"), "{texts}");
}

#[test]
fn outside_a_runtime_keys_of_the_environment_work_and_the_network_is_an_error() {
    let secret = canary("outside");
    let home = Home::new("", "");
    assert_eq!(
        outside(&home.builder(&keys(&secret)).build())
            .unwrap()
            .access_key_id(),
        "ENVIRONMENT"
    );
    let uri = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")];
    let error = outside(&home.builder(&uri).build()).unwrap_err();
    assert!(
        error.report().to_string().contains("inside a tokio runtime"),
        "{}",
        error.report()
    );
}

/// Polls on this thread, with no runtime at all.
fn outside(provider: &DefaultCredentialsProvider) -> Result<AwsCredentials, CredentialsError> {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(provider.credentials());
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(answer) => return answer,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn coming_from_rusoto_names_every_public_item() {
    const PAGE: &str = include_str!("../../COMING-FROM-RUSOTO.md");
    for item in [
        "claims::SUBJECT",
        "claims::AUDIENCE",
        "claims::ISSUER",
        "Anonymous::is_anonymous()",
        "AwsCredentials::new(",
        "aws_access_key_id()",
        "aws_secret_access_key()",
        "expires_at()",
        "AwsCredentials::token()",
        "claims()",
        "claims_mut()",
        "AwsCredentials::default()",
        "Deserialize for AwsCredentials",
        "CredentialsError::message",
        "CredentialsError::new(",
        "PartialEq for CredentialsError",
        "From<ParseError>",
        "From<IoError>",
        "From<HyperError>",
        "From<serde_json::Error>",
        "From<VarError>",
        "From<FromUtf8Error>",
        "ProvideAwsCredentials",
        "ProvideAwsCredentials for Arc<P>",
        "AutoRefreshingProvider::new(",
        "get_ref()",
        "get_mut()",
        "DefaultCredentialsProvider::new()",
        "ChainProvider::new()",
        "ChainProvider::set_timeout(",
        "ChainProvider::with_profile_provider(",
        "ContainerProvider::new()",
        "ContainerProvider::set_timeout(",
        "EnvironmentProvider::with_prefix(",
        "EnvironmentProvider::default()",
        "InstanceMetadataProvider::new()",
        "InstanceMetadataProvider::set_timeout(",
        "set_ip_addr_with_port(",
        "ProfileProvider::new()",
        "ProfileProvider::with_configuration(",
        "ProfileProvider::with_default_configuration(",
        "ProfileProvider::with_default_credentials(",
        "ProfileProvider::region()",
        "region_from_profile(",
        "ProfileProvider::file_path()",
        "ProfileProvider::profile()",
        "set_file_path(",
        "set_profile(",
        "`Secret`",
        "AsRef<str>",
        "StaticProvider::new(",
        "StaticProvider::new_minimal(",
        "get_aws_access_key_id()",
        "get_aws_secret_access_key()",
        "has_token()",
        "get_token()",
        "is_valid_for()",
        "From<AwsCredentials> for StaticProvider",
        "Variable::with_value(",
        "Variable::resolve()",
        "Variable::or(",
        "Variable::dynamic(",
        "Variable::from_env_var(",
        "Variable::from_env_var_optional(",
        "Variable::from_text_file(",
        "Variable::from_binary_file(",
        "StsSessionCredentialsProvider::new(",
        "StsSessionCredentialsProvider::set_mfa_code(",
        "StsSessionCredentialsProvider::get_session_token()",
        "StsAssumeRoleSessionCredentialsProvider::new(",
        "StsAssumeRoleSessionCredentialsProvider::set_mfa_code(",
        "clear_mfa_code()",
        "StsAssumeRoleSessionCredentialsProvider::assume_role()",
        "StsWebIdentityFederationSessionCredentialsProvider::new(",
        "assume_role_with_web_identity()",
        "NewAwsCredsForStsCreds::new_for_credentials(",
        "StsSessionCredentialsClient",
        "DEFAULT_DURATION_SECONDS",
        "DEFAULT_ROLE_DURATION_SECONDS",
        "WebIdentityProvider::new(",
        "WebIdentityProvider::from_k8s_env()",
        "web_identity_token",
        "role_arn",
        "role_session_name",
        "duration_seconds",
        "policy",
        "policy_arns",
    ] {
        assert!(PAGE.contains(item), "{item} is not on the page");
    }
}
