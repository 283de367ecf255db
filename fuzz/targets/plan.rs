//! Any two texts, with a line `%%` between them: each profile is planned or refused, in bounded steps, and neither shows
//! the secrets of the files.
#![no_main]

use credential_profile::{Plan, Profiles};
use libfuzzer_sys::fuzz_target;

mod secret;

fuzz_target!(|text: &str| {
    let text = secret::filled(text);
    let (config, credentials) = text.split_once("\n%%\n").unwrap_or((&text, ""));
    let Ok(profiles) = Profiles::of_texts(config, credentials) else {
        return;
    };
    let is_secret = secret::is_secret(&text, &profiles);
    let names: Vec<&str> = profiles.names().take(50).collect();
    for name in names {
        let shown = match Plan::of(&profiles, name, &["Vault"]) {
            Ok(plan) => {
                assert!(plan.hops().len() <= 16);
                format!("{plan} {plan:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!is_secret || !secret::is_shown(&shown), "a secret is shown");
    }
});
