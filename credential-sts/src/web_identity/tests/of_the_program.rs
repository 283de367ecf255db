//! Tokens that the program gives.

use credential_core::ErrorKind;
use tests_support::leaks;

use super::*;

#[tokio::test]
async fn a_program_without_a_token_fails_with_its_own_words() {
    let server = Server::answering([answer()]).await;
    let token = WebIdentityToken::from_fn(|| async { Err::<String, _>("the vault is sealed") });
    let provider = WebIdentityProvider::new(sts(&server, &PausingClock::default()), ROLE, token);
    let error = provider.credentials().await.unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::Failed, true));
    let told = error.report().to_string();
    assert!(
        told.contains(ROLE) && told.ends_with("the vault is sealed"),
        "{told}"
    );
}

#[tokio::test]
async fn an_empty_or_endless_token_of_the_program_is_not_sent() {
    let server = Server::answering([answer()]).await;
    for (text, says) in [
        (String::new(), "of the program is empty"),
        (" \n".to_owned(), "of the program is empty"),
        (canary("web identity").repeat(3000), "longer than 32 KiB"),
    ] {
        let token = WebIdentityToken::from_fn(move || {
            let text = text.clone();
            async move { Ok::<_, std::io::Error>(text) }
        });
        let provider = WebIdentityProvider::new(sts(&server, &PausingClock::default()), ROLE, token);
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        let told = error.report().to_string();
        assert!(told.contains(says) && !leaks(&told), "{told}");
    }
    assert!(server.received().is_empty());
}
