//! Real commands: `cat` of a file, and scripts of a few lines run by `sh`.
#![cfg(unix)]

mod ending;
mod output;

use std::path::{Path, PathBuf};

use credential_core::{CredentialsError, ErrorKind, Report};
use tests_support::{ManualClock, canary, leaks};

use super::*;
use crate::split::SplitError;

/// A folder for a command and what it leaves behind.
struct Stage(tempfile::TempDir);

impl Stage {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A provider that runs this text with `sh`, in whose variable `here` the folder stands.
    fn script(&self, text: &str) -> ProcessProvider {
        let path = self.path("script");
        std::fs::write(&path, text).unwrap();
        ProcessProvider::new(format!("sh \"{}\"", path.display()))
            .with_variable("here", self.0.path().to_str().unwrap())
            .with_clock(ManualClock::new())
    }

    /// A provider that prints these bytes.
    fn printing(&self, bytes: impl AsRef<[u8]>) -> ProcessProvider {
        let path = self.path("output");
        std::fs::write(&path, bytes).unwrap();
        ProcessProvider::new(format!("cat \"{}\"", path.display())).with_clock(ManualClock::new())
    }

    /// The number that a script wrote into this file; waits for it.
    async fn number(&self, name: &str) -> u32 {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .ok()?
                .strip_suffix('\n')?
                .parse()
                .ok()
        };
        let path = self.path(name);
        until(|| read(&path).is_some()).await;
        read(&path).unwrap()
    }
}

/// Looks again and again, a millisecond apart.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if done() {
            return;
        }
        TokioClock.sleep(Duration::from_millis(1)).await;
    }
    panic!("it never came to pass");
}

/// The state of a process as in `/proc`; `None` when it is gone and reaped.
fn state(process: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Dead, though perhaps not reaped by whoever inherited it.
fn dead(process: u32) -> bool {
    matches!(state(process), None | Some('Z' | 'X'))
}

fn kill(process: u32) {
    std::process::Command::new("kill")
        .arg(process.to_string())
        .status()
        .unwrap();
}

fn document(more: &str) -> String {
    format!(
        r#"{{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "{}"{more}}}"#,
        canary("secret access key")
    )
}

fn told(error: &Error) -> String {
    let shown = format!("{error:?} {}", CredentialsError::from(error.clone()).report());
    assert!(!leaks(&shown), "{shown}");
    Report::of(error).to_string()
}

#[tokio::test]
async fn credentials_come_as_they_were_printed() {
    let stage = Stage::new();
    let token = canary("token");
    let more = format!(
        r#", "SessionToken": "{token}", "Expiration": "2030-01-01T13:00:00Z", "AccountId": "123456789012", "Other": []"#
    );
    let credentials = stage.printing(document(&more) + "\n\n").load().await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
    assert_eq!(
        credentials.secret_access_key().expose(),
        canary("secret access key")
    );
    assert_eq!(credentials.session_token().map(Secret::expose), Some(&*token));
    assert_eq!(
        credentials.expiration().unwrap() - ManualClock::new().now(),
        Duration::from_secs(3600)
    );
    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert_eq!(credentials.source(), "Process");
    assert_eq!(credentials.renewal(), Renewal::NEVER);
}

#[tokio::test]
async fn without_an_expiration_nothing_asks_again() {
    let credentials = Stage::new().printing(document("")).load().await.unwrap();
    assert_eq!(credentials.expiration(), None);
    assert_eq!(credentials.renewal(), Renewal::NEVER);
}

#[tokio::test]
async fn names_in_another_case_are_understood() {
    let text = format!(
        r#"{{"version": 1, "accesskeyid": "AKIDEXAMPLE", "SECRETACCESSKEY": "{}"}}"#,
        canary("case")
    );
    Stage::new().printing(text).load().await.unwrap();
}

#[tokio::test]
async fn the_account_given_in_code_counts_when_the_document_has_none() {
    let stage = Stage::new();
    for (more, expected) in [
        ("", "111111111111"),
        (r#", "AccountId": "222222222222""#, "222222222222"),
        (r#", "AccountId": "nonsense""#, "111111111111"),
    ] {
        let provider = stage.printing(document(more)).with_account_id("111111111111");
        assert_eq!(
            provider.load().await.unwrap().account_id(),
            Some(expected),
            "{more}"
        );
    }
}

#[tokio::test]
async fn the_trait_gives_the_same_under_the_same_name() {
    let stage = Stage::new();
    let provider: Box<dyn ProvideAwsCredentials> = Box::new(stage.printing(document("")));
    assert_eq!(provider.name(), "Process");
    assert_eq!(provider.credentials().await.unwrap().source(), provider.name());
}

#[tokio::test]
async fn a_command_inherits_environment_and_folder_and_finds_what_is_added() {
    let stage = Stage::new();
    let provider = stage
        .script(
            r#"pwd > "$here/folder"; printf %s "$PATH" > "$here/path"
printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"x"}' "$ADDED""#,
        )
        .with_variable("ADDED", "first")
        .with_variable("ADDED", "AKIDADDED");
    assert_eq!(provider.load().await.unwrap().access_key_id(), "AKIDADDED");
    let folder = std::fs::read_to_string(stage.path("folder")).unwrap();
    assert_eq!(Path::new(folder.trim_end()), std::env::current_dir().unwrap());
    assert!(!std::fs::read_to_string(stage.path("path")).unwrap().is_empty());
}

#[tokio::test]
async fn standard_input_is_empty() {
    let stage = Stage::new();
    let provider = stage.script(&format!("cat && printf '%s' '{}'", document("")));
    provider.load().await.unwrap();
}

#[tokio::test]
async fn without_a_shell_nothing_is_expanded() {
    let stage = Stage::new();
    std::fs::write(
        stage.path("script"),
        r#"printf '%s|' "$@" > "${0%script}words"; exit 9"#,
    )
    .unwrap();
    let line = format!(
        "sh {} $HOME ~ '*' a|b > x ; \"two words\"",
        stage.path("script").display()
    );
    ProcessProvider::new(line).load().await.unwrap_err();
    let words = std::fs::read_to_string(stage.path("words")).unwrap();
    assert_eq!(words, "$HOME|~|*|a|b|>|x|;|two words|");
}

#[tokio::test]
async fn with_a_shell_pipes_and_variables_work() {
    let provider = ProcessProvider::new(
        r#"id=AKIDSHELL; echo "{'Version':1,'AccessKeyId':'$id','SecretAccessKey':'x'}" | tr \' \""#,
    );
    assert!(matches!(provider.load().await, Err(Error::Start { .. })));
    let provider = provider.with_shell();
    assert_eq!(provider.load().await.unwrap().access_key_id(), "AKIDSHELL");
}

#[tokio::test]
async fn a_command_line_that_is_none_is_invalid_configuration() {
    for (line, expected, sentence) in [
        (
            "",
            SplitError::Empty,
            "the command line of the credential process cannot be read: it is empty: name the program to run",
        ),
        (
            " \t",
            SplitError::Empty,
            "the command line of the credential process cannot be read: it is empty: name the program to run",
        ),
        (
            "tool \"a",
            SplitError::Unclosed { quote: '"' },
            "the command line of the credential process tool cannot be read: a quote (\") is opened and not closed",
        ),
    ] {
        let error = ProcessProvider::new(line).load().await.unwrap_err();
        assert!(
            matches!(&error, Error::CommandLine { source, .. } if *source == expected),
            "{error:?}"
        );
        assert_eq!(
            CredentialsError::from(error.clone()).kind(),
            ErrorKind::InvalidConfiguration
        );
        assert_eq!(told(&error), sentence);
    }
    let error = ProcessProvider::new(" ").with_shell().load().await.unwrap_err();
    assert!(matches!(
        error,
        Error::CommandLine {
            source: SplitError::Empty,
            ..
        }
    ));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named_with_a_hint() {
    let argument = canary("argument");
    for (program, hint) in [
        (
            "no-such-tool",
            "write its whole path, or put its folder into PATH",
        ),
        ("~/no-such-tool", "neither `~` nor variables are replaced"),
        ("/no/such/tool", "write its whole path"),
        ("FOO=…", "an assignment needs a shell: write `env NAME=… TOOL`"),
    ] {
        let error = ProcessProvider::new(format!("{program} {argument}"))
            .load()
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Start { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
        );
        assert_eq!(CredentialsError::from(error.clone()).kind(), ErrorKind::Failed);
        let told = told(&error);
        assert!(
            told.contains(program) && told.contains(hint) && told.contains("os error 2"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_no_program_says_what_is_missing() {
    let stage = Stage::new();
    let path = stage.path("tool");
    // Written by another process, so that no test that forks meanwhile keeps it open for writing.
    let write = |mode: &str| {
        let script = format!("echo : > '{0}'; chmod {mode} '{0}'", path.display());
        std::process::Command::new("sh")
            .args(["-c", &script])
            .status()
            .unwrap();
    };
    for (mode, expected) in [
        ("644", "may be executed"),
        ("755", "needs a first line such as #!/bin/sh"),
    ] {
        write(mode);
        let error = ProcessProvider::new(path.to_str().unwrap())
            .load()
            .await
            .unwrap_err();
        let told = told(&error);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn outside_a_runtime_or_without_its_io_there_is_an_error() {
    let provider = ProcessProvider::new("cat");
    let mut outside = std::pin::pin!(provider.load());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = outside.as_mut().poll(&mut context);
    assert!(matches!(polled, std::task::Poll::Ready(Err(Error::NoRuntime))));

    let without_io = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let error = without_io.block_on(provider.load()).unwrap_err();
    assert!(matches!(error, Error::NoRuntime));
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::Failed);
}

#[tokio::test]
async fn many_at_once_do_not_disturb_each_other() {
    let stage = Stage::new();
    let provider = stage.printing(document(""));
    let loads: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.load().await })
        })
        .collect();
    for load in loads {
        load.await.unwrap().unwrap();
    }
}

#[test]
fn debug_shows_the_program_alone() {
    let provider = ProcessProvider::new(format!("/opt/tool --password {}", canary("argument")))
        .with_variable("PIN", canary("variable"))
        .with_account_id("123456789012");
    for shown in [
        format!("{provider:?}"),
        format!("{:?}", provider.clone().with_shell()),
    ] {
        assert!(!leaks(&shown) && !shown.contains("password"), "{shown}");
        assert!(
            shown.contains("\"/opt/tool\"") && shown.contains("PIN"),
            "{shown}"
        );
    }
}
