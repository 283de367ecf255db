//! What the fuzzer holds the reading of answers to.

use credential_core::Secret;

use crate::response::{assumed_role, assumed_role_with_web_identity, caller_identity, refusal, session};
use crate::sent::Sent;

/// No panic; credentials that are read are whole; a refusal is short and has no control characters.
pub fn answer(body: &[u8]) {
    for role in [assumed_role(body), assumed_role_with_web_identity(body)]
        .into_iter()
        .flatten()
    {
        let credentials = role.into_credentials();
        assert!(!credentials.access_key_id().is_empty() && !credentials.secret_access_key().is_empty());
        assert!(credentials.session_token().is_some() && credentials.expiration().is_some());
    }
    let _ = (session(body), caller_identity(body));
    let token = "a-token-of-twenty-let";
    let mut sent = Sent::default();
    for is_sent in [false, true] {
        if is_sent {
            sent.add("token", &Secret::from(token));
        }
        if let Some(refusal) = refusal(body, &sent) {
            let texts = [refusal.code, refusal.message, refusal.request_id];
            for text in texts.into_iter().flatten() {
                assert!(text.chars().count() <= 1100 && !text.contains(|c: char| c.is_control()));
                assert!(!is_sent || !text.contains(token));
            }
        }
    }
}
