use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::base64;

/// How far from now a proof may be dated.
const FRESH: time::Duration = time::Duration::minutes(5);

/// A proof of possession whose signature is good: who signed it, and the ID that it may not share with another one.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) key: PublicKey,
    pub(crate) id: String,
}

/// A point on P-256, uncompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey(pub(crate) Vec<u8>);

/// Checks a proof in full, for a POST to this URL, and says what is wrong with it.
///
/// RFC 9449: <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
pub(crate) fn verify(text: &str, url: &str, now: OffsetDateTime) -> Result<Proof, &'static str> {
    let (signed, signature) = text.rsplit_once('.').ok_or("is no JWT")?;
    let (header, claims) = signed.split_once('.').ok_or("is no JWT")?;
    let header = object(header).ok_or("has a header that is no JSON object in base64")?;
    let claims = object(claims).ok_or("has claims that are no JSON object in base64")?;
    let signature = base64::url_decode(signature).ok_or("has a signature that is no base64")?;
    if text_of(&header, "typ") != Some("dpop+jwt") {
        return Err("has a typ other than dpop+jwt");
    }
    if text_of(&header, "alg") != Some("ES256") {
        return Err("has an alg other than ES256");
    }
    let jwk = header.get("jwk").and_then(Value::as_object).ok_or("has no jwk")?;
    let key = public_key(jwk)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.0)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| "has a signature that does not match")?;
    if text_of(&claims, "htm") != Some("POST") {
        return Err("has an htm other than POST");
    }
    if text_of(&claims, "htu") != Some(url) {
        return Err("has an htu other than the URL of the request");
    }
    let issued = claims
        .get("iat")
        .and_then(Value::as_i64)
        .ok_or("has no iat in whole seconds")?;
    let issued = OffsetDateTime::from_unix_timestamp(issued).map_err(|_| "has no iat in whole seconds")?;
    if (now - issued).abs() > FRESH {
        return Err("has an iat that is not now");
    }
    match text_of(&claims, "jti") {
        Some(id) if !id.is_empty() => Ok(Proof {
            key,
            id: id.to_owned(),
        }),
        _ => Err("has no jti"),
    }
}

fn public_key(jwk: &Map<String, Value>) -> Result<PublicKey, &'static str> {
    if text_of(jwk, "kty") != Some("EC") || text_of(jwk, "crv") != Some("P-256") {
        return Err("has a jwk that is not on P-256");
    }
    if jwk.contains_key("d") {
        return Err("gives its private key away");
    }
    let coordinate = |name: &str| {
        let bytes = text_of(jwk, name).and_then(base64::url_decode);
        bytes
            .filter(|bytes| bytes.len() == 32)
            .ok_or("has a jwk whose x or y is not 32 bytes in base64")
    };
    let mut point = vec![4];
    point.extend(coordinate("x")?);
    point.extend(coordinate("y")?);
    Ok(PublicKey(point))
}

fn object(part: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&base64::url_decode(part)?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn text_of<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_text_upsets_the_check(text in "[A-Za-z0-9_.=-]{0,80}") {
            let refused = verify(&text, "http://127.0.0.1/v1/token", OffsetDateTime::UNIX_EPOCH).is_err();
            proptest::prop_assert!(refused);
        }
    }

    /// The example of the standard, section 4.1.
    #[test]
    fn the_published_proof_is_taken_for_its_url_and_its_time() {
        let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklD\
                     UkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
                     QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2\
                     VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvw\
                     nQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
        let url = "https://server.example.com/token";
        let now = OffsetDateTime::from_unix_timestamp(1_562_262_616).unwrap();
        let good = verify(proof, url, now + FRESH).unwrap();
        assert_eq!(good.id, "-BwC3ESc6acc2lTc");
        for (url, now, wrong) in [
            (
                url,
                now + FRESH + time::Duration::SECOND,
                "has an iat that is not now",
            ),
            (
                url,
                now - FRESH - time::Duration::SECOND,
                "has an iat that is not now",
            ),
            (
                "https://server.example.com/other",
                now,
                "has an htu other than the URL of the request",
            ),
        ] {
            assert_eq!(verify(proof, url, now).unwrap_err(), wrong);
        }
        let forged = proof.replace("2-GxA6", "3-GxA6");
        assert_eq!(
            verify(&forged, url, now).unwrap_err(),
            "has a signature that does not match"
        );
    }
}
