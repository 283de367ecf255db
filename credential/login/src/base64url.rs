//! Base64 in the letters of URLs and without padding, as JSON Web Tokens want it. It is small enough to stand here, and
//! the HTTP client's own, with padding and the usual letters, is no business of its users.
//!
//! RFC 7515 section 2, <https://www.rfc-editor.org/rfc/rfc7515#section-2>

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |place: usize| chunk.get(place).copied().map_or(0, u32::from);
        let word = at(0) << 16 | at(1) << 8 | at(2);
        // One byte makes two letters, two make three, three make four.
        let letters = (0..=chunk.len()).map(|place| letter(word >> (18 - 6 * place) & 63));
        text.extend(letters);
    }
    text
}

fn letter(value: u32) -> char {
    let value = u8::try_from(value).unwrap_or_default();
    char::from(match value {
        0..=25 => b'A' + value,
        26..=51 => b'a' + (value - 26),
        52..=61 => b'0' + (value - 52),
        62 => b'-',
        _ => b'_',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_in_rfc_4648_without_padding() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn every_letter_is_one_of_urls() {
        // The six bits count up: 0, 1, 2, … 63.
        let bytes: Vec<u8> = (0..16_u32)
            .flat_map(|four| {
                let six = |place| 4 * four + place;
                let word = six(0) << 18 | six(1) << 12 | six(2) << 6 | six(3);
                word.to_be_bytes()[1..].to_vec()
            })
            .collect();
        assert_eq!(
            encode(&bytes),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        );
    }
}
