//! The proof that whoever renews a session holds its key.
//!
//! RFC 9449 section 4.2, <https://www.rfc-editor.org/rfc/rfc9449#section-4.2>

use credential_cache::Object;
use credential_http::{Es256Error, Es256Key, base64url, random_bytes};
use time::OffsetDateTime;

/// A proof for one `POST` to this URL, whose query is left out. Good for one attempt: its ID is never used again.
pub(crate) fn proof(key: &Es256Key, url: &str, now: OffsetDateTime) -> Result<String, Es256Error> {
    let (x, y) = key.public_key();
    let public_key = Object::default()
        .with("crv", "P-256")
        .with("kty", "EC")
        .with("x", base64url(&x))
        .with("y", base64url(&y));
    let header = Object::default()
        .with("alg", "ES256")
        .with("jwk", public_key)
        .with("typ", "dpop+jwt");
    let claims = Object::default()
        .with("htm", "POST")
        .with("htu", url)
        .with("iat", now.unix_timestamp())
        .with("jti", unique_id()?);
    let [header, claims] = [header, claims].map(|part| base64url(part.to_secret().expose().as_bytes()));
    let signed = format!("{header}.{claims}");
    let signature = base64url(&key.sign(signed.as_bytes())?);
    Ok(format!("{signed}.{signature}"))
}

/// A UUID of version 4.
///
/// RFC 9562 section 5.4, <https://www.rfc-editor.org/rfc/rfc9562#section-5.4>
fn unique_id() -> Result<String, Es256Error> {
    let mut bytes = [0; 16];
    random_bytes(&mut bytes)?;
    let bits = u128::from_be_bytes(bytes);
    let bits = bits & !(0xf000 << 64) | 0x4000 << 64;
    let bits = bits & !(0xc000 << 48) | 0x8000 << 48;
    let hex = format!("{bits:032x}");
    let [a, b, c, d, e] =
        [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| hex.get(group).unwrap_or_default());
    Ok(format!("{a}-{b}-{c}-{d}-{e}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{DpopKey, Proof};

    const URL: &str = "https://us-east-1.signin.aws.amazon.com/v1/token";

    #[test]
    fn a_proof_is_a_signed_token_with_the_key_in_it() {
        let key = DpopKey::generate();
        let now = OffsetDateTime::from_unix_timestamp(1_763_511_300).unwrap();
        let read = Es256Key::from_pem(&key.pem()).unwrap();
        let token = proof(&read, URL, now).unwrap();

        let proof = Proof::verified(&token, &key);
        assert_eq!(
            proof.header,
            json!({
                "typ": "dpop+jwt",
                "alg": "ES256",
                "jwk": { "kty": "EC", "crv": "P-256", "x": base64url(&key.x()), "y": base64url(&key.y()) },
            })
        );
        assert_eq!(proof.claims["htm"], "POST");
        assert_eq!(proof.claims["htu"], URL);
        assert_eq!(proof.claims["iat"], 1_763_511_300);
        assert_eq!(proof.claims.as_object().unwrap().len(), 4);
        assert!(!token.contains('='), "{token}");
    }

    #[test]
    fn ids_are_uuids_of_version_4_and_never_the_same() {
        let ids: std::collections::BTreeSet<String> = (0..200).map(|_| unique_id().unwrap()).collect();
        assert_eq!(ids.len(), 200);
        for id in ids {
            let parts: Vec<&str> = id.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(parts[2].starts_with('4'), "{id}");
            assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
            assert!(
                id.bytes()
                    .all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            );
        }
    }
}
