use std::sync::atomic::{AtomicUsize, Ordering};

use credential_chain::profile::{Plan, Profiles};
use credential_chain::{OffsetDateTime, Secret};
use tests_support::{ManualClock, canary};

use super::*;

/// Assumes roles, and counts how often.
#[derive(Debug)]
struct Sts {
    prefix: &'static str,
    calls: AtomicUsize,
    expiration: OffsetDateTime,
}

impl ProvideAwsCredentials for Sts {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        CredentialsFuture::ready(Ok(AwsCredentials::new(
            format!("{}{number}", self.prefix),
            canary("secret"),
        )
        .with_session_token(canary("token"))
        .with_expiration(self.expiration)
        .with_account_id("123456789012")))
    }

    fn name(&self) -> &str {
        "AssumeRole"
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_795_827_723).unwrap()
}

fn role(folder: &Path, good_for: i64) -> CachedRole {
    role_at(None, folder, good_for)
}

fn role_at(endpoint: Option<&str>, folder: &Path, good_for: i64) -> CachedRole {
    let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/ops\ncredential_source = Environment";
    let plan = Plan::of(&Profiles::of_texts(config, "").unwrap(), "default", &[]).unwrap();
    let provider = Sts {
        prefix: if endpoint.is_some() { "MOCK" } else { "ASIA" },
        calls: AtomicUsize::new(0),
        expiration: now() + time::Duration::minutes(good_for),
    };
    let endpoint = Arc::new(StsEndpoint::known(endpoint));
    let mut role = CachedRole::of(folder, &endpoint, &plan.hops()[0], Arc::new(provider));
    role.clock = Arc::new(ManualClock::at(now()));
    role
}

async fn asked(role: &CachedRole) -> String {
    role.credentials().await.unwrap().access_key_id().to_owned()
}

fn run(test: impl Future<Output = ()>) {
    crate::commands::in_runtime(test).unwrap();
}

#[test]
fn a_session_serves_the_next_command() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        assert_eq!(asked(&role(folder.path(), 60)).await, "ASIA1");
        let next = role(folder.path(), 60);
        assert_eq!(asked(&next).await, "ASIA1");
        let file = next.file.path();
        assert!(file.ends_with("22683b67d5bd46b0335d9327094666b8be5b5cd5.json"));
        assert!(
            std::fs::read_to_string(file)
                .unwrap()
                .contains("2026-11-28T02:02:03Z")
        );
    });
}

#[cfg(unix)]
#[test]
fn a_session_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let folder = folder(&Variables::from([("HOME", home.path())])).unwrap();
    run(async {
        let role = role(&folder, 60);
        asked(&role).await;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(role.file.path()), mode(&folder)), (0o600, 0o700));
    });
}

#[test]
fn with_under_a_quarter_of_an_hour_left_a_session_counts_as_over() {
    for (minutes, kept) in [(14, false), (15, true), (-5, false)] {
        let folder = tempfile::tempdir().unwrap();
        run(async {
            let role = role(folder.path(), minutes);
            assert_eq!(asked(&role).await, "ASIA1");
            let again = asked(&role).await;
            assert_eq!(again == "ASIA1", kept, "{minutes}");
        });
    }
}

#[test]
fn a_session_of_one_endpoint_does_not_serve_at_another() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let aws = role_at(None, folder.path(), 60);
        let mock = role_at(Some("http://127.0.0.1:1"), folder.path(), 60);
        let calls = [&aws, &aws, &mock, &mock, &aws];
        let mut ids = Vec::new();
        for role in calls {
            ids.push(asked(role).await);
        }
        assert_eq!(ids, ["ASIA1", "ASIA1", "MOCK1", "MOCK1", "ASIA2"]);
    });
}

#[test]
fn a_session_that_aws_refused_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let role = role(folder.path(), 60);
        let refused = role.credentials().await.unwrap();
        role.invalidate(&refused);
        assert_eq!(asked(&role).await, "ASIA2");
        assert_eq!(asked(&role).await, "ASIA2");
    });
}

#[test]
fn a_file_that_cannot_be_used_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let role = role(folder.path(), 60);
        std::fs::write(role.file.path(), "not json").unwrap();
        assert_eq!(asked(&role).await, "ASIA1");
        assert_eq!(asked(&role).await, "ASIA1");
    });
}

#[test]
fn where_nothing_can_be_kept_the_session_is_used_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    run(async {
        assert_eq!(asked(&role(&file.join("below"), 60)).await, "ASIA1");
    });
}

#[test]
fn what_it_prints_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let role = role(folder.path(), 60);
        role.credentials().await.unwrap();
        let text = role.file.read().await.unwrap().unwrap();
        assert!(tests_support::leaks(Secret::expose(&text)));
        assert!(!tests_support::leaks(&format!("{role:?} {text:?}")));
    });
}
