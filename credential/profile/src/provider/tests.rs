use std::path::Path;

use credential_core::{CredentialsError, ErrorKind};
use tempfile::TempDir;
use tests_support::{canary, leaks};

use super::*;
use crate::RegionProvider;

const CONFIG: &str = ".aws/config";
const CREDENTIALS: &str = ".aws/credentials";

/// A home directory with files in it.
struct Home(TempDir);

impl Home {
    fn new(files: &[(&str, &str)]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.path(".aws")).unwrap();
        for (name, text) in files {
            home.write(name, text.as_bytes());
        }
        home
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn provider(&self, variables: &[(&str, &str)]) -> ProfileProvider {
        let home = ("HOME", self.0.path().to_str().unwrap());
        ProfileProvider::new().with_variables(variables.iter().copied().chain([home]).collect())
    }

    /// What is told, with `~` for the temporary folder.
    fn told(&self, error: impl std::fmt::Display) -> String {
        error.to_string().replace(self.0.path().to_str().unwrap(), "~")
    }
}

fn keys(id: &str) -> String {
    format!(
        "aws_access_key_id = {id}\naws_secret_access_key = {}\n",
        canary(id)
    )
}

async fn failure(provider: &ProfileProvider) -> CredentialsError {
    let error = provider.credentials().await.unwrap_err();
    let shown = format!("{} {error:?}", error.report());
    assert!(!leaks(&shown), "{shown}");
    error
}

#[tokio::test]
async fn static_keys_come_with_their_source_and_no_expiration() {
    let (secret, token) = (canary("secret"), canary("token"));
    let home = Home::new(&[(
        CREDENTIALS,
        &format!(
            "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {secret}\n\
             aws_session_token = {token}\naws_account_id = 012345678901\n"
        ),
    )]);

    let credentials = home.provider(&[]).load().await.unwrap();

    let expected = AwsCredentials::new("AKIDEXAMPLE", &*secret)
        .with_session_token(&*token)
        .with_account_id("012345678901")
        .with_source("Profile")
        .with_renewal(Renewal::NEVER.with_reread_after(Duration::from_secs(600)));
    assert_eq!(credentials, expected);
}

#[tokio::test]
async fn profile_and_files_are_chosen_by_code_then_by_variables() {
    let home = Home::new(&[
        (
            CONFIG,
            &format!(
                "[default]\n{}[profile \"my work\"]\n{}",
                keys("config"),
                keys("work")
            ),
        ),
        (
            CREDENTIALS,
            &format!("[ops]\n{}[old]\n{}", keys("ops"), keys("old")),
        ),
        (
            "other",
            &format!("[default]\n{}[ops]\n{}", keys("other"), keys("otherops")),
        ),
        ("other config", &format!("[default]\n{}", keys("otherconfig"))),
    ]);
    let (other, other_config) = (home.path("other"), home.path("other config"));
    let other_file = ("AWS_SHARED_CREDENTIALS_FILE", other.to_str().unwrap());
    let cases = [
        (home.provider(&[]), "config"),
        (home.provider(&[("AWS_PROFILE", "my work")]), "work"),
        (
            home.provider(&[("AWS_PROFILE", "ops"), ("AWS_DEFAULT_PROFILE", "old")]),
            "ops",
        ),
        (home.provider(&[("AWS_DEFAULT_PROFILE", "old")]), "old"),
        (
            home.provider(&[("AWS_PROFILE", "old")]).with_profile("ops"),
            "ops",
        ),
        (home.provider(&[other_file]), "other"),
        (
            home.provider(&[("AWS_SHARED_CREDENTIALS_FILE", "~/other")]),
            "other",
        ),
        (
            home.provider(&[("AWS_PROFILE", "ops")])
                .with_credentials_file(&other),
            "otherops",
        ),
        (
            home.provider(&[("AWS_CONFIG_FILE", other_config.to_str().unwrap())]),
            "otherconfig",
        ),
        (
            home.provider(&[other_file, ("AWS_PROFILE", "ops")])
                .with_credentials_file("~/.aws/credentials"),
            "ops",
        ),
        (home.provider(&[]).with_config_file(&other_config), "otherconfig"),
    ];
    for (provider, expected) in cases {
        assert_eq!(
            provider.load().await.unwrap().access_key_id(),
            expected,
            "{provider:?}"
        );
    }
}

#[tokio::test]
async fn without_a_default_profile_it_is_not_configured_and_says_where_it_looked() {
    let home = Home::new(&[(CONFIG, &format!("[profile work]\n{}", keys("work")))]);
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert_eq!(
        home.told(error.report()),
        "profile is not configured: no profile `default` in ~/.aws/config or ~/.aws/credentials"
    );

    let nothing: [(&str, &str); 0] = [];
    let homeless = ProfileProvider::new().with_variables(Variables::from(nothing));
    let error = failure(&homeless).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(
        error
            .report()
            .to_string()
            .contains("~/.aws/config (there is no home directory)")
    );
}

#[tokio::test]
async fn a_profile_that_was_named_and_is_not_there_is_invalid_configuration() {
    for (config, tail) in [
        ("", ""),
        ("[default]\nregion = x", ""),
        (
            "[work]\nregion = x",
            "; ~/.aws/config:1: [work] is ignored; a profile here is called [profile work]",
        ),
        ("[services work]\nsts =", ""),
        ("[profile Work]", ""),
    ] {
        let home = Home::new(&[(CONFIG, config)]);
        for (provider, by) in [
            (home.provider(&[("AWS_PROFILE", "work")]), "AWS_PROFILE"),
            (
                home.provider(&[("AWS_DEFAULT_PROFILE", "work")]),
                "AWS_DEFAULT_PROFILE",
            ),
            (home.provider(&[]).with_profile("work"), "the program"),
            (
                ProfileProvider::of(
                    home.provider(&[])
                        .selection()
                        .clone()
                        .with_profile_from("work", "--profile"),
                ),
                "--profile",
            ),
        ] {
            let error = failure(&provider).await;
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
            assert_eq!(
                home.told(error.cause()),
                format!("no profile `work`, which {by} names, in ~/.aws/config or ~/.aws/credentials{tail}")
            );
        }
    }
}

#[tokio::test]
async fn a_profile_of_settings_alone_is_not_configured_and_never_becomes_the_default() {
    let home = Home::new(&[
        (CONFIG, "[profile ops]\nregion = x"),
        (CREDENTIALS, &format!("[default]\n{}", keys("default"))),
    ]);
    let error = failure(&home.provider(&[("AWS_PROFILE", "ops")])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert_eq!(
        error.cause().to_string(),
        "profile `ops` has no credential settings"
    );
}

#[tokio::test]
async fn what_is_not_provided_here_is_invalid_configuration_and_says_what_and_where() {
    let role = "role_arn = arn:aws:iam::123456789012:role/r";
    let cases = [
        (
            format!("{role}\nsource_profile = base"),
            "an assumed role (role_arn)",
        ),
        (
            format!("{role}\ncredential_source = Environment"),
            "an assumed role (role_arn)",
        ),
        (
            format!("{role}\nweb_identity_token_file = /t"),
            "a role with a web identity (web_identity_token_file)",
        ),
        (
            "sso_account_id = 1\nsso_role_name = r\nsso_region = x\nsso_start_url = u".into(),
            "IAM Identity Center (sso_…)",
        ),
        ("login_session = l".into(), "a login session (login_session)"),
        (
            format!("credential_process = /p {}", canary("argument")),
            "a credential process (credential_process)",
        ),
    ];
    for (lines, kind) in cases {
        let home = Home::new(&[(CONFIG, &format!("[default]\n{lines}\n{}", keys("beside")))]);
        let error = failure(&home.provider(&[])).await;
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert_eq!(
            home.told(error.cause()),
            format!(
                "profile `default` asks for {kind} in ~/.aws/config:2, which `credential-profile` alone cannot \
                 provide; the crate `credential-chain` does"
            )
        );
    }
}

#[tokio::test]
async fn half_a_pair_is_invalid_configuration_and_names_the_missing_half() {
    let home = Home::new(&[(CREDENTIALS, "[default]\naws_access_key_id = A\n")]);
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    assert_eq!(
        home.told(error.cause()),
        "profile `default` has aws_access_key_id in ~/.aws/credentials:2, but no aws_secret_access_key"
    );
}

#[tokio::test]
async fn bad_files_are_invalid_configuration_with_file_and_line() {
    let secret = canary("bad");
    let half_line = format!("[default]\naws_secret_access_key {secret}");
    let cases: &[(&[u8], &str)] = &[
        (b"[default", ":1: a section line must end with a bracket"),
        (half_line.as_bytes(), ":2: a property line needs an equals sign"),
        (
            b"[default]\raws_access_key_id = A\r",
            ":1: a section line must end with a bracket",
        ),
        (
            b"\0\0\0\0",
            ":1: a section line such as [default] must come first",
        ),
        (
            b"[default]\naws_access_key_id = A\n# caf\xe9",
            ":3: the file is not UTF-8 from byte 37 on",
        ),
        (b"\xff\xfe[\0", " is UTF-16; save it as UTF-8"),
        (
            &b"# a comment\n".repeat(10 << 20 >> 3),
            " has more than 1048576 bytes",
        ),
        (
            b"<!DOCTYPE html>",
            ":1: a section line such as [default] must come first",
        ),
        (
            b"{\"AccessKeyId\": \"A\"}",
            ":1: a section line such as [default] must come first",
        ),
    ];
    for (bytes, tail) in cases {
        for file in [CONFIG, CREDENTIALS] {
            let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("other")))]);
            home.write(file, bytes);
            let error = failure(&home.provider(&[])).await;
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
            assert_eq!(home.told(error.cause()), format!("~/{file}{tail}"));
        }
    }
}

#[tokio::test]
async fn a_nul_or_another_control_character_in_a_key_is_invalid_configuration() {
    for sign in ['\0', '\r', '\u{1b}', '\u{7f}'] {
        let home = Home::new(&[(
            CREDENTIALS,
            &format!(
                "[default]\naws_access_key_id = A{sign}B\naws_secret_access_key = {}\n",
                canary("nul")
            ),
        )]);
        let error = failure(&home.provider(&[])).await;
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{sign:?}");
    }
}

#[tokio::test]
async fn a_file_with_a_byte_order_mark_and_windows_line_ends_is_read() {
    let text = format!("\u{feff}[default]\r\n{}", keys("windows").replace('\n', "\r\n"));
    let home = Home::new(&[(CREDENTIALS, &text)]);
    assert_eq!(
        home.provider(&[]).load().await.unwrap().access_key_id(),
        "windows"
    );
}

#[tokio::test]
async fn a_file_of_the_largest_size_is_read() {
    let mut text = format!("[default]\n{}", keys("large"));
    text.push_str(&"#".repeat((1 << 20) - text.len()));
    let home = Home::new(&[(CREDENTIALS, &text)]);
    assert_eq!(home.provider(&[]).load().await.unwrap().access_key_id(), "large");
    home.write(CREDENTIALS, format!("{text}#").as_bytes());
    assert_eq!(
        failure(&home.provider(&[])).await.kind(),
        ErrorKind::InvalidConfiguration
    );
}

/// Paths that cannot be read, whoever asks: root minds no permission bits.
#[cfg(unix)]
fn unreadable(home: &Home) -> Vec<(PathBuf, &'static str)> {
    std::fs::create_dir(home.path("folder")).unwrap();
    std::os::unix::fs::symlink(home.path("nowhere"), home.path("dangling")).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(home.path("socket")).unwrap();
    home.write("file", b"");
    vec![
        (home.path("missing"), "No such file or directory"),
        (home.path("folder"), "it is a directory"),
        (home.path("dangling"), "No such file or directory"),
        (home.path("socket"), "it is not a regular file"),
        (PathBuf::from("/dev/zero"), "it is not a regular file"),
        (home.path("file/below"), "Not a directory"),
    ]
}

#[cfg(unix)]
#[tokio::test]
async fn an_unreadable_file_counts_as_empty_where_a_variable_names_it_and_is_told_to_who_finds_nothing() {
    let home = Home::new(&[]);
    for (path, reason) in unreadable(&home) {
        for (variable, other) in [
            ("AWS_CONFIG_FILE", CREDENTIALS),
            ("AWS_SHARED_CREDENTIALS_FILE", CONFIG),
        ] {
            let provider = home.provider(&[(variable, path.to_str().unwrap())]);

            home.write(other, format!("[default]\n{}", keys("other")).as_bytes());
            assert_eq!(
                provider.load().await.unwrap().access_key_id(),
                "other",
                "{path:?}"
            );

            let note = home.told(format!(
                "; {variable} names {}, which cannot be read: {reason}",
                path.display()
            ));
            home.write(other, b"[default]\nregion = x");
            let error = failure(&provider).await;
            assert_eq!(error.kind(), ErrorKind::NotConfigured, "{path:?}");
            let told = home.told(error.report());
            assert!(told.contains(&note), "{told}");

            std::fs::remove_file(home.path(other)).unwrap();
            let error = failure(&provider).await;
            assert_eq!(error.kind(), ErrorKind::NotConfigured, "{path:?}");
            assert!(home.told(error.report()).contains(&note), "{}", error.report());
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_unreadable_file_is_an_error_where_code_names_it() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("other")))]);
    for (path, reason) in unreadable(&home) {
        for provider in [
            home.provider(&[]).with_config_file(&path),
            home.provider(&[]).with_credentials_file(&path),
        ] {
            let error = failure(&provider).await;
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{path:?}");
            let told = error.report().to_string();
            let start = format!(
                "profile is configured wrongly: cannot read {}: {reason}",
                path.display()
            );
            assert!(told.starts_with(&start), "{told}");
        }
    }
}

/// Whoever reads a file again must not take trouble with it for a file that says nothing, and go on to another identity.
#[cfg(unix)]
#[tokio::test]
async fn trouble_with_reading_is_a_failure_that_may_pass_and_never_an_empty_file() {
    let home = Home::new(&[
        (CREDENTIALS, &format!("[default]\n{}", keys("other"))),
        (CONFIG, &format!("[default]\n{}", keys("other"))),
    ]);
    std::os::unix::fs::symlink(home.path("circle"), home.path("circle")).unwrap();
    for (path, reason) in [
        (home.path("circle"), "Too many levels of symbolic links"),
        (home.path(&"long".repeat(100)), "File name too long"),
    ] {
        let name = path.to_str().unwrap();
        for provider in [
            home.provider(&[("AWS_CONFIG_FILE", name)]),
            home.provider(&[("AWS_SHARED_CREDENTIALS_FILE", name)]),
            home.provider(&[]).with_config_file(&path),
            home.provider(&[]).with_credentials_file(&path),
        ] {
            let error = failure(&provider).await;
            assert_eq!(error.kind(), ErrorKind::Failed, "{path:?}");
            assert!(error.is_transient(), "{path:?}");
            let told = error.report().to_string();
            let start = format!("profile failed: reading {name} went wrong: {reason}");
            assert!(told.starts_with(&start), "{told}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_default_file_that_is_in_trouble_is_a_failure_as_well() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("other")))]);
    std::os::unix::fs::symlink(home.path(CONFIG), home.path(CONFIG)).unwrap();
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.is_transient());
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_that_nobody_writes_to_keeps_nobody_waiting() {
    let home = Home::new(&[]);
    let pipe = home.path(CONFIG);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(error.report().to_string().contains("it is not a regular file"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_default_file_that_cannot_be_read_counts_as_empty() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("other")))]);
    std::os::unix::fs::symlink(home.path("gone"), home.path(CONFIG)).unwrap();
    assert_eq!(home.provider(&[]).load().await.unwrap().access_key_id(), "other");
    std::fs::remove_file(home.path(CONFIG)).unwrap();
    std::fs::create_dir(home.path(CONFIG)).unwrap();
    assert_eq!(home.provider(&[]).load().await.unwrap().access_key_id(), "other");

    std::fs::remove_file(home.path(CREDENTIALS)).unwrap();
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(
        home.told(error.report())
            .ends_with("; ~/.aws/config, which cannot be read: it is a directory"),
        "{}",
        error.report()
    );
}

#[tokio::test]
async fn a_blank_variable_switches_its_file_off() {
    let home = Home::new(&[
        (CONFIG, &format!("[default]\n{}", keys("config"))),
        (CREDENTIALS, &format!("[default]\n{}", keys("credentials"))),
    ]);
    let off = ("AWS_SHARED_CREDENTIALS_FILE", "");
    assert_eq!(
        home.provider(&[off]).load().await.unwrap().access_key_id(),
        "config"
    );
    let error = failure(&home.provider(&[off, ("AWS_CONFIG_FILE", " ")])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    for null in ["/dev/null", ""] {
        let error = failure(&home.provider(&[off, ("AWS_CONFIG_FILE", null)])).await;
        assert_eq!(error.kind(), ErrorKind::NotConfigured);
    }
}

#[tokio::test]
async fn files_and_variables_are_read_at_each_call() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("old")))]);
    let provider = home.provider(&[]);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "old");
    home.write(CREDENTIALS, format!("[default]\n{}", keys("new")).as_bytes());
    assert_eq!(provider.load().await.unwrap().access_key_id(), "new");
    std::fs::remove_file(home.path(CREDENTIALS)).unwrap();
    assert_eq!(failure(&provider).await.kind(), ErrorKind::NotConfigured);
}

#[tokio::test]
async fn the_interval_of_the_second_look_can_be_set_or_left_out() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("a")))]);
    let minute = Duration::from_secs(60);
    let often = home.provider(&[]).with_reread_after(minute).load().await.unwrap();
    assert_eq!(often.renewal().reread_after, Some(minute));
    let never = home.provider(&[]).without_reread().load().await.unwrap();
    assert_eq!(never.renewal(), Renewal::NEVER);
}

#[test]
fn it_works_outside_a_runtime() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("plain")))]);
    let provider = home.provider(&[]);
    let mut credentials = provider.credentials();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = std::pin::Pin::new(&mut credentials).poll(&mut context);
    assert!(matches!(polled, std::task::Poll::Ready(Ok(_))), "{polled:?}");
}

#[tokio::test]
async fn a_region_is_found_in_the_files() {
    let home = Home::new(&[(
        CONFIG,
        "[default]\nregion = eu-west-1\n[profile ops]\nsource_profile = default",
    )]);
    let variables = home.provider(&[]).selection().variables().clone();
    let region = RegionProvider::new()
        .with_variables(variables)
        .with_profile("ops")
        .load()
        .await;
    assert_eq!(region.unwrap().unwrap().value(), "eu-west-1");
    assert_eq!(home.provider(&[]).name(), "Profile");
}

/// Ten thousand readings of a file that is replaced all the while.
#[tokio::test]
async fn readers_see_the_old_file_or_the_new_one_and_never_a_mix() {
    for file in [CONFIG, CREDENTIALS] {
        // Of different lengths, and longer than what is read in one piece.
        let text =
            |id: &str, lines: usize| format!("[default]\n{}{}", "# a remark\n".repeat(lines), keys(id));
        let texts = [text("one", 10), text("two", 2000)];
        let home = Home::new(&[(file, &texts[0])]);
        let (path, folder) = (home.path(file), home.0.path().to_owned());
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn(move || {
            for text in texts.iter().cycle() {
                replace(&folder, &path, text);
                if stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Empty) {
                    break;
                }
            }
        });
        let (provider, mut seen) = (home.provider(&[]), std::collections::BTreeSet::new());
        let mut readings = 0;
        while readings < 5_000 || seen.len() < 2 {
            readings += 1;
            let credentials = provider.load().await.unwrap();
            let secret = canary(credentials.access_key_id());
            assert_eq!(credentials.secret_access_key().expose(), secret);
            seen.insert(credentials.access_key_id().to_owned());
        }
        drop(stop);
        writer.join().unwrap();
    }
}

fn replace(folder: &Path, path: &Path, text: &str) {
    let new = folder.join("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}
