use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Random bytes from the operating system; where it has none to give, from the keys of the standard hash map.
pub(crate) fn bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    if getrandom::fill(&mut bytes).is_err() {
        for chunk in bytes.chunks_mut(8) {
            let word = RandomState::new().build_hasher().finish().to_le_bytes();
            for (byte, random) in chunk.iter_mut().zip(word) {
                *byte = random;
            }
        }
    }
    bytes
}

/// Letters of the access key ID's alphabet.
pub(crate) fn base32_letters(count: usize) -> String {
    letters(BASE32, count)
}

/// Letters of standard base64, `+` and `/` among them by chance.
pub(crate) fn base64_letters(count: usize) -> String {
    letters(BASE64, count)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex_digits(count: usize) -> String {
    letters(b"0123456789abcdef", count)
}

/// A random UUID, version 4.
pub(crate) fn uuid() -> String {
    format!(
        "{}-{}-4{}-{}{}-{}",
        hex_digits(8),
        hex_digits(4),
        hex_digits(3),
        letters(b"89ab", 1),
        hex_digits(3),
        hex_digits(12)
    )
}

/// base64 for URLs, with padding.
pub(crate) fn base64_url(bytes: &[u8]) -> String {
    let mut text = base64_url_unpadded(bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Standard base64, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = encode(BASE64, bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// base64 for URLs without padding, as the parts of a JWT are written.
pub(crate) fn base64_url_unpadded(bytes: &[u8]) -> String {
    encode(BASE64_URL, bytes)
}

/// Undoes it. `None` for padding, other letters, and letters that carry bits of no byte.
pub(crate) fn base64_url_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for byte in chunk {
            let value = BASE64_URL.iter().position(|letter| letter == byte)?;
            word = (word << 6) | u32::try_from(value).ok()?;
        }
        let missing = 4 - chunk.len();
        word <<= 6 * missing;
        let count = 3_usize.checked_sub(missing)?;
        let [_, decoded @ ..] = word.to_be_bytes();
        let (full, rest) = decoded.split_at_checked(count)?;
        if count == 0 || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(full);
    }
    Some(bytes)
}

fn encode(alphabet: &[u8], bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        for (place, byte) in word.iter_mut().skip(1).zip(chunk) {
            *place = *byte;
        }
        let word = u32::from_be_bytes(word);
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            text.push(letter(alphabet, index as usize));
        }
    }
    text
}

fn letters(alphabet: &[u8], count: usize) -> String {
    // Every alphabet here has a power of two letters, so the remainder favours none.
    let mut text = String::with_capacity(count);
    while text.len() < count {
        for byte in bytes::<64>() {
            if text.len() < count {
                text.push(letter(alphabet, usize::from(byte) % alphabet.len()));
            }
        }
    }
    text
}

fn letter(alphabet: &[u8], index: usize) -> char {
    char::from(alphabet.get(index).copied().unwrap_or(b'A'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_for_urls_is_written_as_the_standard_says() {
        assert_eq!(base64_url(b"f"), "Zg==");
        assert_eq!(base64_url(b"foob"), "Zm9vYg==");
        assert_eq!(base64_url(b"fooba"), "Zm9vYmE=");
        assert_eq!(base64_url_unpadded(&[0xfb, 0xff]), "-_8");
        assert_eq!(base64_url(&[0; 40]).len(), 56);
    }

    proptest::proptest! {
        #[test]
        fn what_was_written_in_base64_is_read(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(base64_url_decode(&base64_url_unpadded(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn what_is_no_base64_for_urls_is_not_read() {
        for text in ["Zg==", "Z", "Zh", "Zm9vYg+/", "Zm 9", "Zm9vYmF", "é"] {
            assert_eq!(base64_url_decode(text), None, "{text}");
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn no_two_draws_are_alike() {
        assert_ne!(bytes::<16>(), bytes::<16>());
        assert_ne!(uuid(), uuid());
        assert_eq!(uuid().len(), 36);
    }
}
