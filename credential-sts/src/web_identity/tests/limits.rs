//! How long a load may take, and loads that end early.

use credential_core::ErrorKind;
use tests_support::abandon;
use tokio::sync::Notify;

use super::*;

#[tokio::test]
async fn the_wait_for_a_token_ends_with_the_calls_limit() {
    let server = Server::answering([answer()]).await;
    let clock = PausingClock::default();
    let asked = Arc::new(Notify::new());
    let bell = Arc::clone(&asked);
    let token = WebIdentityToken::from_fn(move || {
        bell.notify_one();
        std::future::pending::<Result<String, std::io::Error>>()
    });
    let provider = WebIdentityProvider::new(sts(&server, &clock), ROLE, token);
    let load = tokio::spawn(async move { provider.credentials().await });

    asked.notified().await;
    clock.manual.advance(Duration::from_secs(19));
    tokio::task::yield_now().await;
    assert!(!load.is_finished());
    clock.manual.advance(Duration::from_secs(1));

    let error = load.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::TimedOut, true));
    assert!(error.report().to_string().ends_with("took over 20 s"));
}

#[tokio::test]
async fn reading_and_repeating_share_one_limit() {
    let server = Server::answering([Reply::refusal(400, "ExpiredTokenException"), answer()]).await;
    let clock = PausingClock::default();
    let slow = clock.manual.clone();
    let (turn, token) = (AtomicUsize::new(0), canary("web identity"));
    let token = WebIdentityToken::from_fn(move || {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        slow.advance(Duration::from_secs(12));
        let token = format!("{token}{turn}");
        async move { Ok::<_, std::io::Error>(token) }
    });
    let provider = WebIdentityProvider::new(sts(&server, &clock), ROLE, token);
    let error = provider.load().await.unwrap_err();
    assert_eq!(code_of(&error), Some("ExpiredTokenException"));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_load_dropped_at_any_point_leaves_the_provider_usable() {
    // A call needs a poll more or less each time, so each point is met more than once.
    for polls in (0..100).flat_map(|polls| [polls; 3]) {
        let server = Server::answering([answer()]).await;
        let file = TokenFile::holding("token");
        let provider = provider(&file, &server);
        let ended = abandon(provider.load(), polls).await;
        provider.load().await.unwrap();
        if let Some(answer) = ended {
            answer.unwrap();
            return;
        }
    }
    panic!("it never ended by itself");
}

#[test]
fn outside_a_tokio_runtime_a_web_identity_is_an_error() {
    let (token, asked) = of_the_program(true);
    let provider = WebIdentityProvider::new(StsClient::unsigned("eu-central-1"), ROLE, token);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut load = std::pin::pin!(provider.credentials());
    let std::task::Poll::Ready(Err(error)) = load.as_mut().poll(&mut context) else {
        panic!("no error");
    };
    assert!(error.report().to_string().contains("tokio runtime"));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}
