use serde_json::Value;

use crate::base64;
use crate::random::Random;

/// A text in the shape of a JWT. Nobody checks its signature: only the very texts that were issued are taken.
pub(crate) fn unsigned(random: &mut Random, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64::url_unpadded(value.to_string().as_bytes());
    let signature = base64::url_unpadded(&random.bytes::<192>());
    // The word stands in the part that nobody decodes, so that a search finds the token wherever it leaks to.
    format!("{}.{}.EXAMPLETOKEN{signature}", part(header), part(claims))
}

/// Whether a text has the shape of a JWT: three parts in the alphabet of base64 for URLs.
pub(crate) fn is_one(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        })
}
