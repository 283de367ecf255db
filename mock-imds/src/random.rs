use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

use ring::digest::{SHA256, digest};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Where keys, tokens and request IDs come from: the operating system, or a seed, by which the same ones come again.
pub(crate) struct Random(Source);

enum Source {
    System,
    Seeded {
        seed: u64,
        purpose: &'static str,
        drawn: u64,
    },
}

impl Random {
    pub(crate) fn of_system() -> Self {
        Self(Source::System)
    }

    /// Each purpose has a sequence of its own, so that a further request ID changes no key.
    pub(crate) fn new(seed: Option<u64>, purpose: &'static str) -> Self {
        Self(match seed {
            Some(seed) => Source::Seeded {
                seed,
                purpose,
                drawn: 0,
            },
            None => Source::System,
        })
    }

    pub(crate) fn bytes<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        match &mut self.0 {
            Source::System => fill_by_system(&mut bytes),
            Source::Seeded { seed, purpose, drawn } => {
                for chunk in bytes.chunks_mut(32) {
                    let block = digest(&SHA256, format!("{seed} {purpose} {drawn}").as_bytes());
                    copy(block.as_ref(), chunk);
                    *drawn += 1;
                }
            }
        }
        bytes
    }

    /// Letters of the access key ID's alphabet.
    pub(crate) fn base32_letters(&mut self, count: usize) -> String {
        self.letters(BASE32, count)
    }

    /// Letters of standard base64, `+` and `/` among them by chance.
    pub(crate) fn base64_letters(&mut self, count: usize) -> String {
        self.letters(BASE64, count)
    }

    /// Lower-case hexadecimal digits.
    pub(crate) fn hex_digits(&mut self, count: usize) -> String {
        self.letters(b"0123456789abcdef", count)
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> String {
        format!(
            "{}-{}-4{}-{}{}-{}",
            self.hex_digits(8),
            self.hex_digits(4),
            self.hex_digits(3),
            self.letters(b"89ab", 1),
            self.hex_digits(3),
            self.hex_digits(12)
        )
    }

    /// A number below one, zero included.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }

    fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        // Every alphabet here has a power of two letters, so the remainder favours none.
        let mut text = String::with_capacity(count);
        while text.len() < count {
            for byte in self.bytes::<64>() {
                if text.len() < count {
                    let letter = alphabet.get(usize::from(byte) % alphabet.len());
                    text.push(letter.map_or('A', |letter| char::from(*letter)));
                }
            }
        }
        text
    }
}

/// A seed gives every key away.
impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// Where the system has nothing to give, the keys of the standard hash map stand in.
fn fill_by_system(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        for chunk in bytes.chunks_mut(8) {
            copy(&RandomState::new().build_hasher().finish().to_le_bytes(), chunk);
        }
    }
}

fn copy(from: &[u8], to: &mut [u8]) {
    for (byte, random) in to.iter_mut().zip(from) {
        *byte = *random;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_are_alike() {
        for mut random in [Random::of_system(), Random::new(Some(1), "keys")] {
            assert_ne!(random.bytes::<16>(), random.bytes::<16>());
            assert_ne!(random.uuid(), random.uuid());
            assert_eq!(random.uuid().len(), 36);
            assert!((0.0..1.0).contains(&random.fraction()));
        }
    }

    #[test]
    fn a_seed_gives_the_same_again_for_each_purpose() {
        let draw = |seed, purpose| Random::new(seed, purpose).bytes::<40>();
        assert_eq!(draw(Some(1), "keys"), draw(Some(1), "keys"));
        assert_ne!(draw(Some(1), "keys"), draw(Some(2), "keys"));
        assert_ne!(draw(Some(1), "keys"), draw(Some(1), "tokens"));
        assert_ne!(draw(None, "keys"), draw(None, "keys"));
        assert_eq!(format!("{:?}", Random::new(Some(4711), "keys")), "Random");
    }
}
