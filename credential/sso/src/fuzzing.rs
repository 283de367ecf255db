//! What the fuzzer, and a bounded test, hold the reading of token files to.

use credential_cache::{Fault, Object};
use credential_core::Secret;

use crate::token_file::Token;

/// No panic; what is read shows no text of the file, and is written so that it reads the same.
pub fn token_file(text: &str) {
    let Ok(token) = Token::parse(&Secret::from(text)) else {
        return;
    };
    // Whatever a text is, it is shown in the same way as another.
    let mut other = token.clone();
    other.access_token = Secret::from("another");
    assert_eq!(format!("{token:?}"), format!("{other:?}"));

    let contents = token.contents();
    let again = Token::parse(&contents);
    assert!(again.is_ok_and(|again| again.access_token == token.access_token
        && again.expiration == token.expiration
        && texts(&again.contents()) == texts(&Secret::from(text))));
}

/// The texts that renewing takes.
fn texts(contents: &Secret) -> Vec<Result<Option<Secret>, Fault>> {
    let document = Object::parse(contents.expose()).unwrap_or_default();
    [
        "refreshToken",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
    ]
    .map(|key| document.optional_text(key).map(Option::<&Secret>::cloned))
    .into()
}
