//! Files that cannot be read.

use credential_core::ErrorKind;

use super::*;

/// Paths that cannot be read, whoever asks: root minds no permission bits.
fn unreadable(home: &Home) -> Vec<(PathBuf, &'static str)> {
    std::fs::create_dir(home.path("folder")).unwrap();
    std::os::unix::fs::symlink(home.path("nowhere"), home.path("dangling")).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(home.path("socket")).unwrap();
    home.write("file", b"");
    std::os::unix::fs::symlink(home.path("round"), home.path("round")).unwrap();
    vec![
        #[cfg(target_os = "linux")]
        (home.path("round"), "Too many levels of symbolic links"),
        (home.path(&"long".repeat(100)), "File name too long"),
        (home.path("missing"), "No such file or directory"),
        (home.path("folder"), "it is a directory"),
        (home.path("dangling"), "No such file or directory"),
        (home.path("socket"), "it is not a regular file"),
        (PathBuf::from("/dev/zero"), "it is not a regular file"),
        (home.path("file/below"), "Not a directory"),
    ]
}

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
#[cfg(target_os = "linux")]
#[tokio::test]
async fn trouble_with_reading_is_a_failure_that_may_pass_and_never_an_empty_file() {
    let home = Home::new(&[
        (CREDENTIALS, &format!("[default]\n{}", keys("other"))),
        (CONFIG, &format!("[default]\n{}", keys("other"))),
    ]);
    for provider in [
        home.provider(&[("AWS_CONFIG_FILE", IN_TROUBLE)]),
        home.provider(&[("AWS_SHARED_CREDENTIALS_FILE", IN_TROUBLE)]),
        home.provider(&[]).with_config_file(IN_TROUBLE),
        home.provider(&[]).with_credentials_file(IN_TROUBLE),
    ] {
        let error = failure(&provider).await;
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert!(error.is_transient());
        let told = error.report().to_string();
        let start = format!("profile failed: reading {IN_TROUBLE} went wrong: Input/output error");
        assert!(told.starts_with(&start), "{told}");
    }
}

/// A regular file that can be opened and not read: at its beginning there is no memory.
#[cfg(target_os = "linux")]
const IN_TROUBLE: &str = "/proc/self/mem";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_default_file_that_is_in_trouble_is_a_failure_as_well() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("other")))]);
    std::os::unix::fs::symlink(IN_TROUBLE, home.path(CONFIG)).unwrap();
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.is_transient());
}

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
