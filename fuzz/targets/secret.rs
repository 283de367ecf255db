//! A secret that seeds hold and that nothing may show.

use credential_profile::Profiles;

/// Stands in seeds where a secret does.
const PLACE: &str = "not-to-be-shown";
/// What is put there: no message of ours has it by chance.
const SECRET: &str = "q7Zk2vXw9LmT4RbN8sHd";

/// The text with secrets in their places.
pub fn filled(text: &str) -> String {
    text.replace(PLACE, SECRET)
}

/// Whether the secret stands in values of secret keys alone. Elsewhere, as in the name of a profile, it may be shown.
pub fn is_secret(text: &str, profiles: &Profiles) -> bool {
    let in_secrets: usize = profiles
        .iter()
        .flat_map(|profile| {
            ["aws_secret_access_key", "aws_session_token", "external_id"]
                .into_iter()
                .filter_map(|key| profile.value(key))
        })
        .map(|property| property.value().matches(SECRET).count())
        .sum();
    in_secrets == text.matches(SECRET).count()
}

pub fn is_shown(text: &str) -> bool {
    text.contains(SECRET)
}
