//! A refused token is read once more.

use tokio::sync::Notify;

use super::*;

#[tokio::test]
async fn a_refused_token_is_repeated_once_with_the_one_that_came_meanwhile() {
    for (status, code) in [
        (400, "ExpiredTokenException"),
        (400, "ExpiredToken"),
        (400, "InvalidIdentityToken"),
        (400, "InvalidIdentityTokenException"),
    ] {
        for second in [answer(), Reply::refusal(status, code)] {
            let succeeds = matches!(second, Reply::Answer { status: 200, .. });
            let bell = Arc::new(Notify::new());
            let refusal = Reply::refusal(status, code).held(&bell);
            let server = Server::answering([refusal, second, answer()]).await;
            let (file, clock) = (TokenFile::holding("old"), PausingClock::default());
            let provider = provider_of(&file.path(), &server, &clock);

            let rotate = async {
                server.arrival().await;
                file.write("new");
                bell.notify_one();
            };
            let (loaded, ()) = tokio::join!(provider.load(), rotate);

            assert_eq!(loaded.is_ok(), succeeds, "{code}");
            let received = server.received();
            let sent: Vec<_> = received
                .iter()
                .map(|call| call.parameter("WebIdentityToken").unwrap())
                .collect();
            assert_eq!(sent, ["old", "new"], "{code}");
            assert!(clock.pauses().is_empty());
        }
    }
}

#[tokio::test]
async fn a_refused_token_that_is_still_the_same_is_final() {
    for code in ["ExpiredTokenException", "InvalidIdentityToken"] {
        let server = Server::answering([Reply::refusal(400, code), answer()]).await;
        let file = TokenFile::holding(canary("web identity"));
        let error = provider(&file, &server).load().await.unwrap_err();
        assert_eq!(code_of(&error), Some(code));
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_token_file_that_is_gone_when_read_again_leaves_the_refusal() {
    let bell = Arc::new(Notify::new());
    let refusal = Reply::refusal(400, "ExpiredTokenException").held(&bell);
    let server = Server::answering([refusal, answer()]).await;
    let file = TokenFile::holding("old");
    let provider = provider(&file, &server);
    let remove = async {
        server.arrival().await;
        std::fs::remove_file(file.path()).unwrap();
        bell.notify_one();
    };
    let (loaded, ()) = tokio::join!(provider.load(), remove);
    assert_eq!(code_of(&loaded.unwrap_err()), Some("ExpiredTokenException"));
}

#[tokio::test]
async fn the_program_is_asked_for_another_token_when_the_first_has_expired_only() {
    for (code, fresh, asked, sent) in [
        ("ExpiredTokenException", true, 2, 2),
        ("ExpiredTokenException", false, 2, 1),
        ("InvalidIdentityToken", true, 1, 1),
        ("AccessDenied", true, 1, 1),
    ] {
        let server = Server::answering([Reply::refusal(400, code)]).await;
        let (token, count) = of_the_program(fresh);
        let provider = WebIdentityProvider::new(sts(&server, &PausingClock::default()), ROLE, token);
        let error = provider.load().await.unwrap_err();
        assert_eq!(code_of(&error), Some(code));
        assert_eq!(count.load(Ordering::Relaxed), asked, "{code} {fresh}");
        assert_eq!(server.received().len(), sent, "{code} {fresh}");
    }
}
