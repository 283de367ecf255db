//! What a provider prints.

use tests_support::{Reply, Server, canary, leaks};

use super::*;
use crate::testing::{Home, OfSignIn as _, single_use};

#[tokio::test]
async fn a_provider_shows_no_secret() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home
        .provider_at(&server)
        .with_endpoint(&format!("{}/", server.url));
    provider.load().await.unwrap();
    home.clock.manual.advance(Duration::from_secs(1000));
    let refusing = Server::answering([Reply::refusal(401, "TOKEN_EXPIRED")]).await;
    let refused = home.provider_at(&refusing);
    refused.load().await.unwrap_err();
    let session = refused.session(&refused.file().unwrap()).await.unwrap();
    refused.state.keep(&session, session.clone());
    let shown = format!("{provider:?} {refused:#?} {session:?} {:?}", session.question());
    assert!(!leaks(&shown), "{shown}");
    let password = canary("password");
    let provider = home
        .provider()
        .with_endpoint(&format!("https://jo:{password}@example.com"));
    assert!(!leaks(&format!("{provider:?} {:?}", provider.load().await)));
}
