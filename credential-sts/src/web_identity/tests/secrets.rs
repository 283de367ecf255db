//! Where the token is never shown.

use tests_support::leaks;

use super::*;

#[tokio::test]
async fn a_refusal_that_repeats_the_token_is_shown_without_it() {
    let token = format!(
        "eyJhbGciOi.{}.{}",
        canary("claims and more"),
        canary("signature/+=")
    );
    let (_, last) = token.rsplit_once('.').unwrap();
    let encoded = credential_sigv4::percent_encode(&token);
    for quoted in [
        token.as_str(),
        last,
        &encoded,
        &format!("{}{token}", "x".repeat(1000)),
    ] {
        for place in ["Message", "Code", "RequestId"] {
            let body = format!(
                "<ErrorResponse><Error><{place}>Value '{quoted}' at 'webIdentityToken'</{place}></Error>\
                 </ErrorResponse>"
            );
            let server = Server::answering([Reply::with(400, body)]).await;
            let file = TokenFile::holding(&token);
            let provider = provider(&file, &server);
            let error = provider.credentials().await.unwrap_err();
            let shown = format!("{} {error:?} {provider:?} {provider:#?}", error.report());
            assert!(!leaks(&shown), "{shown}");
        }
    }
}

#[test]
fn debug_shows_where_a_token_comes_from_and_nothing_of_it() {
    let (token, _) = of_the_program(true);
    assert_eq!(format!("{token:?}"), "WebIdentityToken(…)");
    let file = WebIdentityToken::file("/var/run/token");
    assert_eq!(format!("{file:?}"), "WebIdentityToken(file /var/run/token)");
    let provider = WebIdentityProvider::new(StsClient::unsigned("eu-central-1"), ROLE, token);
    assert!(!leaks(&format!("{provider:?} {provider:#?}")));
}
