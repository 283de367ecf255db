use std::path::Path;

use credential_core::ErrorKind;
use httpmock::MockServer;
use tests_support::{FixedRandom, ManualClock, canary, leaks};

use super::*;

const ROLE: (&str, &str) = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod");
const TOKEN: (&str, &str) = ("AWS_WEB_IDENTITY_TOKEN_FILE", "IN_HOME/token");

/// A home directory with a token in it, and a server that stands for STS.
struct World {
    home: tempfile::TempDir,
    sts: MockServer,
}

impl World {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        std::fs::write(home.path().join("token"), canary("web identity") + "\n").unwrap();
        Self {
            home,
            sts: MockServer::start(),
        }
    }

    fn write_config(&self, text: &str) {
        std::fs::write(self.home.path().join(".aws/config"), text).unwrap();
    }

    fn selection(&self, variables: &[(&str, &str)]) -> Selection {
        let mut pairs = vec![
            ("HOME".to_owned(), self.path_of("")),
            ("AWS_ENDPOINT_URL_STS".to_owned(), self.sts.base_url()),
        ];
        pairs.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.replace("IN_HOME/", &self.path_of("")))),
        );
        Selection::new().with_variables(pairs.into_iter().collect())
    }

    fn path_of(&self, file: impl AsRef<Path>) -> String {
        self.home.path().join(file).display().to_string()
    }

    fn asked_for(&self, variables: &[(&str, &str)]) -> ConfiguredWebIdentity {
        ConfiguredWebIdentity {
            selection: self.selection(variables),
            files: Files::Read,
            region: None,
            policy: Policy::Stop,
            clock: Arc::new(ManualClock::new()),
            random: Arc::new(FixedRandom(0.5)),
            kept: crate::kept::Kept::default(),
        }
    }

    /// Answers calls whose body has all of these in it.
    fn answering(&self, parts: &[&str]) -> httpmock::Mock<'_> {
        let secret = canary("new secret");
        self.sts.mock(|when, then| {
            let mut when = when.method("POST").path("/").header_missing("authorization");
            for part in parts {
                when = when.body_includes(*part);
            }
            drop(when);
            then.status(200).body(format!(
                "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
                 <AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
                 <SessionToken>{secret}</SessionToken><Expiration>2030-01-01T13:00:00Z</Expiration>\
                 </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
            ));
        })
    }
}

async fn told(provider: &ConfiguredWebIdentity) -> (ErrorKind, String) {
    let error = provider.credentials().await.unwrap_err();
    let told = error.report().to_string();
    assert_eq!(error.provider(), name::WEB_IDENTITY, "{told}");
    assert!(!leaks(&format!("{told} {error:?} {provider:?}")), "{told}");
    (error.kind(), told)
}

#[tokio::test]
async fn a_token_file_is_never_taken_for_silence_and_a_role_alone_is() {
    let world = World::new();
    for (variables, kind, says) in [
        (
            vec![],
            ErrorKind::NotConfigured,
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        ),
        (
            vec![ROLE],
            ErrorKind::NotConfigured,
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        ),
        (
            vec![("AWS_WEB_IDENTITY_TOKEN_FILE", " "), ROLE],
            ErrorKind::NotConfigured,
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        ),
        (
            vec![TOKEN],
            ErrorKind::InvalidConfiguration,
            "AWS_ROLE_ARN is not",
        ),
        (
            vec![TOKEN, ("AWS_ROLE_ARN", " ")],
            ErrorKind::InvalidConfiguration,
            "AWS_ROLE_ARN is not",
        ),
        (
            vec![TOKEN, ROLE],
            ErrorKind::InvalidConfiguration,
            "set AWS_REGION",
        ),
        (
            vec![
                TOKEN,
                ROLE,
                ("AWS_REGION", "eu-west-1"),
                ("AWS_ROLE_SESSION_NAME", "a b"),
            ],
            ErrorKind::InvalidConfiguration,
            "RoleSessionName",
        ),
    ] {
        let (found, told) = told(&world.asked_for(&variables)).await;
        assert_eq!(found, kind, "{told}");
        assert!(told.contains(says), "{told}");
    }
}

#[tokio::test]
async fn the_variables_say_role_token_and_session_name() {
    let world = World::new();
    let token = format!(
        "WebIdentityToken={}",
        credential_sigv4::percent_encode(&canary("web identity"))
    );
    let mock = world.answering(&[
        "Action=AssumeRoleWithWebIdentity",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpod",
        "RoleSessionName=pod-7",
        &token,
    ]);
    let provider = world.asked_for(&[
        ROLE,
        TOKEN,
        ("AWS_ROLE_SESSION_NAME", "pod-7"),
        ("AWS_REGION", "eu-west-1"),
    ]);
    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIANEW");
    assert_eq!(credentials.source(), name::WEB_IDENTITY);
    assert!(!leaks(&format!("{provider:?} {provider:#?}")));
    assert_eq!(mock.calls(), 1);
}

/// As in AWS's SDKs: a shell expands it, and who writes the variable otherwise means the name.
#[tokio::test]
async fn a_tilde_in_the_variable_is_a_part_of_the_name() {
    let world = World::new();
    let file = ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/token");
    let (kind, told) = told(&world.asked_for(&[ROLE, file, ("AWS_REGION", "eu-west-1")])).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(told.contains("~/token"), "{told}");
}

#[tokio::test]
async fn a_blank_session_name_is_none_and_the_default_is_the_same_at_each_call() {
    let world = World::new();
    let mock = world.answering(&["RoleSessionName=credential-sts-1893499200000&"]);
    let clock = ManualClock::new();
    let provider = ConfiguredWebIdentity {
        clock: Arc::new(clock.clone()),
        ..world.asked_for(&[
            ROLE,
            TOKEN,
            ("AWS_ROLE_SESSION_NAME", " "),
            ("AWS_REGION", "eu-west-1"),
        ])
    };
    for _ in 0..2 {
        provider.credentials().await.unwrap();
        clock.advance(std::time::Duration::from_secs(60));
    }
    assert_eq!(mock.calls(), 2);
}

#[tokio::test]
async fn settings_of_sts_that_change_later_are_seen() {
    let (world, other) = (World::new(), World::new());
    let (first, second) = (world.answering(&[]), other.answering(&[]));
    let mut provider = world.asked_for(&[ROLE, TOKEN, ("AWS_PROFILE", "ops")]);
    world.write_config("[profile ops]\nregion = eu-west-1\n[profile dev]\nregion = not a region\n");
    provider.credentials().await.unwrap();
    provider.credentials().await.unwrap();
    assert_eq!((first.calls(), second.calls()), (2, 0));

    let endpoint = ("AWS_ENDPOINT_URL_STS", &*other.sts.base_url());
    provider.selection = world.selection(&[ROLE, TOKEN, ("AWS_PROFILE", "ops"), endpoint]);
    provider.credentials().await.unwrap();
    assert_eq!((first.calls(), second.calls()), (2, 1));

    provider.selection = world.selection(&[ROLE, TOKEN, ("AWS_PROFILE", "dev")]);
    let (_, said) = told(&provider).await;
    assert!(said.contains("must be a region"), "{said}");

    provider.selection = world.selection(&[ROLE, TOKEN, ("AWS_PROFILE", "ops")]);
    world.write_config("[profile ops]\nregion = eu-west-1\nmax_attempts = none\n");
    let (_, said) = told(&provider).await;
    assert!(said.contains("max_attempts"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn trouble_with_reading_the_files_may_pass_and_is_never_taken_for_silence() {
    let world = World::new();
    let mock = world.answering(&[]);
    let variables = [
        ROLE,
        TOKEN,
        ("AWS_REGION", "eu-west-1"),
        // A regular file that can be opened and not read.
        ("AWS_CONFIG_FILE", "/proc/self/mem"),
    ];
    for policy in [Policy::Stop, Policy::FallBack] {
        let provider = ConfiguredWebIdentity {
            policy,
            ..world.asked_for(&variables)
        };
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed, "{policy:?}");
        assert!(error.is_transient(), "{policy:?}");
    }
    assert_eq!(mock.calls(), 0);
}

#[tokio::test]
async fn what_was_set_up_is_kept_until_the_variables_say_otherwise() {
    let world = World::new();
    let region = ("AWS_REGION", "eu-west-1");
    let first = world.answering(&["role%2Fpod"]);
    let second = world.answering(&["role%2Fother"]);
    let mut provider = world.asked_for(&[ROLE, TOKEN, region]);
    provider.credentials().await.unwrap();
    world.write_config("[default]\nregion = not a region\n");
    provider.credentials().await.unwrap();
    assert_eq!((first.calls(), second.calls()), (2, 0));

    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/other");
    provider.selection = world.selection(&[role, TOKEN, region]);
    provider.credentials().await.unwrap();
    assert_eq!((first.calls(), second.calls()), (2, 1));
}

#[tokio::test]
async fn the_region_comes_from_code_then_variables_then_the_profile() {
    let world = World::new();
    world.write_config("[default]\nregion = not a region\n[profile deploy]\nregion = eu-west-1\n");
    let _mock = world.answering(&[]);
    let with = |more: &[(&str, &str)]| world.asked_for(&[&[ROLE, TOKEN], more].concat());

    with(&[("AWS_PROFILE", "deploy")]).credentials().await.unwrap();
    with(&[("AWS_REGION", "eu-west-1")]).credentials().await.unwrap();
    let in_code = ConfiguredWebIdentity {
        region: Some("eu-west-1".to_owned()),
        ..with(&[])
    };
    in_code.credentials().await.unwrap();
    let (kind, told) = told(&with(&[])).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(told.contains("must be a region"), "{told}");
}

#[tokio::test]
async fn files_that_cannot_be_understood_stop_it_unless_the_chain_goes_on_past_them() {
    let world = World::new();
    world.write_config("[default\n");
    let mock = world.answering(&[]);
    let variables = [ROLE, TOKEN, ("AWS_REGION", "eu-west-1")];

    let (kind, told) = told(&world.asked_for(&variables)).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(told.contains("config"), "{told}");

    let lenient = ConfiguredWebIdentity {
        policy: Policy::FallBack,
        ..world.asked_for(&variables)
    };
    lenient.credentials().await.unwrap();
    let left_alone = ConfiguredWebIdentity {
        files: Files::LeftAlone,
        ..world.asked_for(&variables)
    };
    left_alone.credentials().await.unwrap();
    assert_eq!(mock.calls(), 2);
}

#[tokio::test]
async fn a_missing_token_file_is_named_and_looked_for_again() {
    let world = World::new();
    let mock = world.answering(&[]);
    let file = ("AWS_WEB_IDENTITY_TOKEN_FILE", "IN_HOME/late");
    let provider = world.asked_for(&[ROLE, file, ("AWS_REGION", "eu-west-1")]);

    let (kind, told) = told(&provider).await;
    assert_eq!(kind, ErrorKind::InvalidConfiguration);
    assert!(told.contains(&world.path_of("late")), "{told}");
    assert_eq!(mock.calls(), 0);

    std::fs::write(world.path_of("late"), canary("web identity")).unwrap();
    provider.credentials().await.unwrap();
}
