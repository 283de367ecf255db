use credential_core::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Scope;

/// The key that signs for one day, Region and service: as secret as the secret access key it comes from.
pub(crate) struct SigningKey([u8; 32]);

impl SigningKey {
    pub(crate) fn derive(secret_access_key: &Secret, scope: &Scope) -> Self {
        let start = Secret::new(format!("AWS4{}", secret_access_key.expose()));
        let mut key = Self(hmac(start.expose().as_bytes(), scope.date().as_bytes()));
        for part in [scope.region(), scope.service(), scope.terminator()] {
            key = Self(hmac(&key.0, part.as_bytes()));
        }
        key
    }

    /// The signature of a text, in lower-case hexadecimal.
    pub(crate) fn sign(&self, text: &str) -> String {
        hex(&hmac(&self.0, text.as_bytes()))
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the compiler from leaving the wiping out, as nobody reads the zeros.
        std::hint::black_box(&self.0);
    }
}

/// The SHA-256 digest in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(bytes);
    finish(hasher)
}

/// The digest of all that was hashed.
pub(crate) fn finish(hasher: Sha256) -> String {
    hex(&hasher.finalize())
}

/// Whether two signatures are the same, in a time that tells nothing but their length.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differing = one.iter().zip(other).fold(0, |all, (x, y)| all | (x ^ y));
    one.len() == other.len() && std::hint::black_box(differing) == 0
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // HMAC pads a key to a block with zeros and hashes a longer one; done here, no length can fail.
    let mut block = [0_u8; 64];
    let hashed;
    let key = if key.len() > block.len() {
        hashed = Sha256::digest(key);
        hashed.as_slice()
    } else {
        key
    };
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let mut mac = Hmac::<Sha256>::new((&block).into());
    block.fill(0);
    std::hint::black_box(&block);
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn short_and_long_keys_give_the_digests_of_the_standard() {
        for (key, text, expected) in [
            (
                vec![0x0b; 20],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac(&key, text.as_bytes())), expected);
        }
    }

    #[test]
    fn only_equal_texts_are_the_same() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("abc", "ab"));
        assert!(!same("", "a"));
    }
}
