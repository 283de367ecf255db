//! What the fuzzer holds the reading of cache files to.

use crate::session::{Answer, Session};

/// No panic; what is read shows no text of the file, and is written so that it reads the same.
pub fn cache_file(text: &str) {
    let _ = Answer::read(text.as_bytes());
    let Ok(session) = Session::read(text) else {
        return;
    };
    // As a part of the access key ID, say, it may be shown.
    let refresh_token = session.refresh_token().expose();
    let stands_once =
        refresh_token.len() > 12 && !text.contains('\\') && text.matches(refresh_token).count() == 1;
    assert!(!stands_once || !format!("{session:?}").contains(refresh_token));
    let again = Session::read(session.to_text().expose());
    assert!(
        again.is_ok_and(|again| again.credentials() == session.credentials()
            && again.refresh_token() == session.refresh_token()
            && again.expiration() == session.expiration())
    );
}
