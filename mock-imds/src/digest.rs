use std::fmt::Write;

use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

use crate::base64;

/// The challenge that a code verifier belongs to: `S256`.
///
/// RFC 7636: <https://www.rfc-editor.org/rfc/rfc7636#section-4.2>
pub(crate) fn challenge(verifier: &str) -> String {
    base64::url_unpadded(digest(&SHA256, verifier.as_bytes()).as_ref())
}

/// SHA-1 in lower-case hexadecimal digits, as SSO names its token files.
pub(crate) fn sha1_hex(text: &str) -> String {
    hex(&SHA1_FOR_LEGACY_USE_ONLY, text)
}

/// SHA-256 in lower-case hexadecimal digits, as sign-in names its cache files.
pub(crate) fn sha256_hex(text: &str) -> String {
    hex(&SHA256, text)
}

fn hex(algorithm: &'static Algorithm, text: &str) -> String {
    let mut digits = String::new();
    for byte in digest(algorithm, text.as_bytes()).as_ref() {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_published_ones() {
        assert_eq!(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(sha256_hex("abc").starts_with("ba7816bf8f01cfea"));
        let challenge = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
