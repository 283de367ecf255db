//! Any two texts, with a line `%%` between them: each profile is planned or refused, in bounded steps, and neither shows
//! the secrets of the files.
#![no_main]

use credential_profile::{Plan, Profiles};
use libfuzzer_sys::fuzz_target;

/// Stands in seeds where a secret does.
const PLACE: &str = "not-to-be-shown";
/// What is put there: no message of ours has it by chance.
const SECRET: &str = "q7Zk2vXw9LmT4RbN8sHd";

fuzz_target!(|text: &str| {
    let text = text.replace(PLACE, SECRET);
    let (config, credentials) = text.split_once("\n%%\n").unwrap_or((&text, ""));
    let Ok(profiles) = Profiles::of_texts(config, credentials) else {
        return;
    };
    let in_secrets: usize = profiles
        .iter()
        .flat_map(|profile| {
            ["aws_secret_access_key", "external_id"]
                .into_iter()
                .filter_map(|key| profile.value(key))
        })
        .map(|property| property.value().matches(SECRET).count())
        .sum();
    // Elsewhere, as in the name of a profile, it may be shown.
    let is_secret = in_secrets == text.matches(SECRET).count();
    let names: Vec<&str> = profiles.names().take(50).collect();
    for name in names {
        let shown = match Plan::of(&profiles, name, &["Vault"]) {
            Ok(plan) => {
                assert!(plan.hops().len() <= 16);
                format!("{plan} {plan:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!is_secret || !shown.contains(SECRET), "a secret is shown");
    }
});
