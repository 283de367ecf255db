//! Any two texts, with a line `%%` between them: the grammar of the shared files, merging, and every look-up, without a panic and without a secret shown.
#![no_main]

use credential_core::Variables;
use credential_profile::{Profiles, Selection, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (config, credentials) = text.split_once("\n%%\n").unwrap_or((text, ""));
    let Ok(profiles) = Profiles::of_texts(config, credentials) else {
        return;
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
    let variables = Variables::from([("HOME", "/home/me")]);
    let selection = Selection::new().with_variables(variables);
    if let Ok(settings) = Settings::new(profiles, &selection) {
        let _ = (
            settings.region(),
            settings.endpoint_url("sts"),
            settings.use_fips(),
            settings.ca_bundle(),
        );
        let _ = (
            settings.max_attempts(),
            settings.retry_mode(),
            settings.sts_regional_endpoints(),
        );
    }
});
