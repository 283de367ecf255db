//! Any text as an endpoint: an accepted one is shown without a secret and reads the same again.
#![no_main]

use credential_http::Url;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(url) = Url::parse(text) {
        let shown = url.to_string();
        assert!(!shown.contains('?') && !url.authority().contains('@'), "{shown}");
        assert!(Url::parse(&shown).is_ok(), "{shown}");
    }
});
