use credential_core::{CredentialsError, ErrorKind};
use proptest::prelude::*;
use tests_support::{canary, printed};

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> String {
        self.0.path().join("token").to_str().unwrap().to_owned()
    }

    fn write(&self, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(), bytes).unwrap();
    }

    async fn read(&self) -> Result<Option<Authorization>, Error> {
        read(&Variables::from([
            (FILE, self.path()),
            (VALUE, canary("the other")),
        ]))
        .await
    }
}

fn kind(error: Error) -> ErrorKind {
    CredentialsError::from(error).kind()
}

#[tokio::test]
async fn without_variables_no_token_is_sent() {
    for variables in [
        Variables::from([("PATH", "/bin")]),
        Variables::from([(VALUE, ""), (FILE, "")]),
        Variables::from([(VALUE, " \r\n"), (FILE, " ")]),
    ] {
        assert_eq!(read(&variables).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_token_is_sent_word_for_word() {
    let secret = canary("token");
    for token in [secret.clone(), format!("Bearer {secret}"), format!(" {secret}\t")] {
        let authorization = read(&Variables::from([(VALUE, &*token)])).await.unwrap().unwrap();
        assert_eq!(authorization.token.expose(), token);
        assert!(!authorization.from_file);

        let folder = Folder::new();
        folder.write(&token);
        let authorization = folder.read().await.unwrap().unwrap();
        assert_eq!(authorization.token.expose(), token, "the file wins");
        assert!(authorization.from_file);
    }
}

#[tokio::test]
async fn the_file_is_read_each_time() {
    let folder = Folder::new();
    for token in [canary("first"), canary("second")] {
        folder.write(&token);
        assert_eq!(folder.read().await.unwrap().unwrap().token.expose(), token);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_by_its_fault() {
    let secret = canary("bad token");
    let cases: &[(String, Fault)] = &[
        (format!("{secret}\n"), Fault::EndsWithNewline),
        (format!("{secret}\r\n"), Fault::EndsWithNewline),
        (format!("{secret}\r"), Fault::LineEnd),
        (format!("{secret}\n\n"), Fault::LineEnd),
        (format!("{secret}\r\nX-Evil: {secret}"), Fault::LineEnd),
        (format!("\n{secret}"), Fault::LineEnd),
        (format!("{secret}\0"), Fault::Illegal),
        (format!("{secret}\u{7f}"), Fault::Illegal),
        (format!("\u{1b}[31m{secret}"), Fault::Illegal),
        (format!("{secret}é"), Fault::Illegal),
        (secret.repeat(1 + (16 << 10) / secret.len()), Fault::TooLong),
        (secret.repeat((10 << 20) / secret.len()), Fault::TooLong),
    ];
    for (token, expected) in cases {
        let folder = Folder::new();
        folder.write(token);
        let in_file = folder.read().await.unwrap_err();
        let in_variable = read(&Variables::from([(VALUE, &**token)])).await.unwrap_err();
        for (error, place) in [
            (in_file, Place::File(folder.path().into())),
            (in_variable, Place::Variable),
        ] {
            let shown = printed(&error);
            assert!(
                matches!(&error, Error::Token { place: found, fault } if *found == place && fault == expected),
                "{expected:?}: {shown}"
            );
            assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
        }
    }
}

#[tokio::test]
async fn the_longest_token_is_sixteen_kibibytes() {
    let folder = Folder::new();
    folder.write("x".repeat(16 << 10));
    assert_eq!(
        folder.read().await.unwrap().unwrap().token.expose().len(),
        16 << 10
    );
}

#[tokio::test]
async fn a_file_without_a_token_is_refused() {
    let folder = Folder::new();
    for blank in ["", "\n", " \r\n"] {
        folder.write(blank);
        let error = folder.read().await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Token {
                    fault: Fault::Empty,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    folder.write([0xff, 0xfe]);
    let error = folder.read().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Token {
                fault: Fault::NotText,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_newline_at_the_end_is_told_with_the_way_out() {
    let folder = Folder::new();
    folder.write(canary("newline") + "\n");
    let error = folder.read().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the authorization token cannot be sent: the token file {} ends with a newline: write it without, as with \
             `printf %s`",
            folder.path()
        )
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_a_failure_and_the_variable_does_not_stand_in() {
    let folder = Folder::new();
    let missing = folder.read().await.unwrap_err();
    std::fs::create_dir(folder.path()).unwrap();
    let a_folder = folder.read().await.unwrap_err();
    for error in [missing, a_folder] {
        let shown = printed(&error);
        assert!(
            matches!(&error, Error::TokenFile { path, .. } if path.to_str() == Some(&*folder.path())),
            "{shown}"
        );
        assert_eq!(kind(error), ErrorKind::Failed);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_never_ends_or_never_begins_keeps_nobody_waiting() {
    let folder = Folder::new();
    let made = std::process::Command::new("mkfifo").arg(folder.path()).status();
    assert!(made.unwrap().success());
    for path in [folder.path(), "/dev/zero".to_owned()] {
        let error = read(&Variables::from([(FILE, path)])).await.unwrap_err();
        assert!(
            matches!(&error, Error::TokenFile { source, .. } if source.to_string() == "it is not a regular file"),
            "{error:?}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_variable_that_is_not_unicode_is_named() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    for name in [FILE, VALUE] {
        let odd = Variables::from([(name, OsString::from_vec(vec![b'x', 0xff]))]);
        let error = read(&odd).await.unwrap_err();
        assert!(
            matches!(&error, Error::Variable { source } if source.to_string().starts_with(name)),
            "{error:?}"
        );
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

proptest! {
    #[test]
    fn what_has_no_fault_can_stand_in_a_header(text in "[ -~\t\r\n\0é]{0,12}|.*") {
        let sendable = !text.trim().is_empty() && text.chars().all(|letter| matches!(letter, '\t' | ' '..='~'));
        prop_assert_eq!(fault_in(&text).is_none(), sendable, "{:?}", text);
    }
}
