//! Any bytes as the document that hands out credentials, and as an error document.
#![no_main]

use credential_json::{Document, Required};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(document) = Document::parse(body) {
        let _ = (
            document.code(),
            document.message(),
            document.version(),
            document.is_failure(),
        );
        for required in [Required::KEYS, Required::TEMPORARY] {
            if let Ok(credentials) = document.clone().into_credentials(required) {
                assert!(!credentials.access_key_id().trim().is_empty());
                assert!(!credentials.secret_access_key().is_empty());
            }
        }
    }
});
