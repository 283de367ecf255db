//! Any two texts, with a line `%%` between them: each profile is planned or refused, in bounded steps, and neither shows the secrets of the files.
#![no_main]

use credential_profile::{Plan, Profiles};
use libfuzzer_sys::fuzz_target;

const SECRETS: [&str; 2] = ["aws_secret_access_key", "external_id"];

fuzz_target!(|text: &str| {
    let (config, credentials) = text.split_once("\n%%\n").unwrap_or((text, ""));
    let Ok(profiles) = Profiles::of_texts(config, credentials) else {
        return;
    };
    let names: Vec<&str> = profiles.names().take(50).collect();
    for name in names {
        let shown = match Plan::of(&profiles, name, &["Vault"]) {
            Ok(plan) => {
                assert!(plan.hops().len() <= 16);
                format!("{plan} {plan:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        for profile in profiles.iter() {
            for key in SECRETS {
                // A short one may be a part of any word.
                let secret = profile
                    .value(key)
                    .map(|property| property.value())
                    .filter(|text| text.len() > 12);
                let stands_elsewhere = |secret: &str| text.matches(secret).count() > 1;
                if let Some(secret) = secret.filter(|secret| !stands_elsewhere(secret)) {
                    assert!(!shown.contains(secret), "a secret is shown");
                }
            }
        }
    }
});
