//! The file that holds the token.

use credential_core::ErrorKind;
use tests_support::leaks;

use super::*;

#[tokio::test]
async fn the_file_is_read_at_each_call_and_its_end_is_trimmed() {
    let server = Server::answering([answer()]).await;
    let file = TokenFile::holding("first\r\n");
    let provider = provider(&file, &server);
    provider.load().await.unwrap();
    for written in ["second", "third\n\n", "fourth \t\n"] {
        file.write(written);
        provider.load().await.unwrap();
    }
    let received = server.received();
    let sent: Vec<_> = received
        .iter()
        .map(|call| call.parameter("WebIdentityToken").unwrap())
        .collect();
    assert_eq!(sent, ["first", "second", "third", "fourth"]);
}

#[tokio::test]
async fn a_token_of_the_longest_kind_is_sent() {
    let server = Server::answering([answer()]).await;
    let long = "x".repeat(20_000);
    let file = TokenFile::holding(format!("{long}\n"));
    provider(&file, &server).load().await.unwrap();
    let received = server.received();
    assert_eq!(received[0].parameter("WebIdentityToken"), Some(long.as_str()));
}

#[tokio::test]
async fn a_file_that_holds_no_token_is_named_and_nothing_is_sent() {
    let server = Server::answering([answer()]).await;
    let secret = canary("web identity");
    let mut broken = secret.clone().into_bytes();
    broken.push(0xff);
    let table = [
        (Vec::new(), "is empty"),
        (b" \r\n\t".to_vec(), "is empty"),
        (broken, "is not UTF-8"),
        (secret.repeat(3000).into_bytes(), "more than 32768 bytes"),
    ];
    for (bytes, fault) in table {
        let file = TokenFile::holding(&bytes);
        let error = provider(&file, &server).credentials().await.unwrap_err();
        let told = error.report().to_string();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{told}");
        assert!(!error.is_transient(), "{told}");
        assert!(
            told.contains(fault) && told.contains(&*file.path().to_string_lossy()),
            "{told}"
        );
        assert!(!leaks(&format!("{told} {error:?}")), "{told}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_what_the_system_says() {
    let server = Server::answering([answer()]).await;
    let folder = tempfile::tempdir().unwrap();
    for (path, says) in [
        (folder.path().join("no-token"), "os error 2"),
        (folder.path().to_owned(), "directory"),
    ] {
        let provider = provider_of(&path, &server, &PausingClock::default());
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.provider(), "WebIdentity");
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(!error.is_transient());
        let told = error.report().to_string();
        assert!(
            told.contains(&*path.to_string_lossy()) && told.contains(says),
            "{told}"
        );
    }
    assert!(server.received().is_empty());
}

#[test]
fn only_what_a_person_has_to_mend_in_a_file_is_permanent() {
    use std::io::ErrorKind;
    for (kind, permanent) in [
        (ErrorKind::NotFound, true),
        (ErrorKind::PermissionDenied, true),
        (ErrorKind::IsADirectory, true),
        (ErrorKind::FileTooLarge, true),
        (ErrorKind::Interrupted, false),
        (ErrorKind::StaleNetworkFileHandle, false),
    ] {
        let error = Error::TokenFile {
            path: "/token".into(),
            source: kind.into(),
        };
        assert_eq!(error.is_permanent(), permanent, "{kind}");
        let told = error.of_provider(NAME).report().to_string();
        assert!(
            told.ends_with(&format!("/token cannot be read: {kind}")),
            "{told}"
        );
    }
}
