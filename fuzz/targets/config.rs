//! Any two texts, with a line `%%` between them: the grammar of the shared files, merging, and every look-up, without a
//! panic, and neither an error nor a problem found shows the secrets of the files.
#![no_main]

use std::fmt::Debug;

use credential_core::Variables;
use credential_profile::{Error, Profiles, Selection, Settings};
use libfuzzer_sys::fuzz_target;

mod secret;

fuzz_target!(|text: &str| {
    let text = secret::filled(text);
    let (config, credentials) = text.split_once("\n%%\n").unwrap_or((&text, ""));
    let profiles = match Profiles::of_texts(config, credentials) {
        Ok(profiles) => profiles,
        // A line that cannot be read may hold anything, so nothing of it is quoted.
        Err(error) => {
            assert!(
                !secret::is_shown(&format!("{error} {error:?}")),
                "a secret is shown"
            );
            return;
        }
    };
    for profile in profiles.iter() {
        for (key, property) in profile.properties() {
            assert!(profile.property(key).is_some());
            assert!(property.position().line() >= 1);
            for child in property.children() {
                let _ = property.child(child.name());
            }
        }
    }
    let is_secret = secret::is_secret(&text, &profiles);
    let shown: String = profiles
        .problems()
        .iter()
        .map(|problem| format!("{problem} {problem:?}"))
        .collect();
    assert!(!is_secret || !secret::is_shown(&shown), "a secret is shown");

    let variables = Variables::from([("HOME", "/home/me")]);
    let selection = Selection::new().with_variables(variables);
    if let Ok(settings) = Settings::new(profiles, &selection) {
        let shown = [
            refusal(settings.region()),
            refusal(settings.endpoint_url("sts")),
            refusal(settings.use_fips()),
            refusal(settings.ca_bundle()),
            refusal(settings.max_attempts()),
            refusal(settings.retry_mode()),
            refusal(settings.sts_regional_endpoints()),
        ];
        assert!(
            !is_secret || !secret::is_shown(&shown.concat()),
            "a secret is shown"
        );
    }
});

fn refusal<T: Debug>(outcome: Result<T, Error>) -> String {
    outcome.map_or_else(|error| format!("{error} {error:?}"), |_| String::new())
}
