use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

use crate::base64;
use crate::dpop::PublicKey;

/// Where private and public key stand in the document that ring makes, which is the same for all keys on P-256.
const PRIVATE: std::ops::Range<usize> = 36..68;
const PUBLIC: std::ops::Range<usize> = 73..138;

/// A fresh key on P-256: the private half as PEM in the form of SEC 1, as `aws login` keeps it, and the public half.
///
/// `None` where the system has no randomness to give.
///
/// RFC 5915: <https://www.rfc-editor.org/rfc/rfc5915>
pub(crate) fn generate() -> Option<(String, PublicKey)> {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok()?;
    let private = document.as_ref().get(PRIVATE)?;
    let public = document.as_ref().get(PUBLIC)?;
    let mut der = vec![0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20];
    der.extend_from_slice(private);
    // The curve's name, then the public key as a bit string.
    der.extend_from_slice(&[
        0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ]);
    der.extend_from_slice(&[0xa1, 0x44, 0x03, 0x42, 0x00]);
    der.extend_from_slice(public);
    Some((pem(&der), PublicKey(public.to_vec())))
}

fn pem(der: &[u8]) -> String {
    let mut text = "-----BEGIN EC PRIVATE KEY-----\n".to_owned();
    // 48 bytes are a line of 64 letters.
    for line in der.chunks(48) {
        text += &base64::standard(line);
        text.push('\n');
    }
    text + "-----END EC PRIVATE KEY-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_belong_together() {
        let (pem, public) = generate().unwrap();
        assert!(pem.lines().all(|line| line.len() <= 64));
        let letters: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let letters = letters.replace('+', "-").replace('/', "_");
        let der = base64::url_decode(letters.trim_end_matches('=')).unwrap();
        assert_eq!(der.len(), 121);
        assert_eq!(der[56..], public.0);
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &der[7..39],
            &public.0,
            &SystemRandom::new(),
        );
        assert!(pair.is_ok());
    }
}
