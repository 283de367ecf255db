const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// base64 for URLs, with padding.
pub(crate) fn url(bytes: &[u8]) -> String {
    let mut text = url_unpadded(bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Standard base64, with padding.
pub(crate) fn standard(bytes: &[u8]) -> String {
    let mut text = encode(STANDARD, bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// base64 for URLs without padding, as the parts of a JWT are written.
pub(crate) fn url_unpadded(bytes: &[u8]) -> String {
    encode(FOR_URLS, bytes)
}

/// Undoes it. `None` for padding, other letters, and letters that carry bits of no byte.
pub(crate) fn url_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for byte in chunk {
            let value = FOR_URLS.iter().position(|letter| letter == byte)?;
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
            text.push(
                alphabet
                    .get(index as usize)
                    .map_or('A', |letter| char::from(*letter)),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_for_urls_is_written_as_the_standard_says() {
        assert_eq!(url(b"f"), "Zg==");
        assert_eq!(url(b"foob"), "Zm9vYg==");
        assert_eq!(url(b"fooba"), "Zm9vYmE=");
        assert_eq!(url_unpadded(&[0xfb, 0xff]), "-_8");
        assert_eq!(url(&[0; 40]).len(), 56);
    }

    proptest::proptest! {
        #[test]
        fn what_was_written_in_base64_is_read(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(url_decode(&url_unpadded(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn what_is_no_base64_for_urls_is_not_read() {
        for text in ["Zg==", "Z", "Zh", "Zm9vYg+/", "Zm 9", "Zm9vYmF", "é"] {
            assert_eq!(url_decode(text), None, "{text}");
        }
        assert_eq!(standard(&[0xfb, 0xff]), "+/8=");
    }
}
