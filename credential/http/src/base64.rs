/// Bytes in base64, with padding, as headers have it.
///
/// ```
/// assert_eq!(credential_http::base64(b"user:pass?"), "dXNlcjpwYXNzPw==");
/// ```
///
/// RFC 4648 section 4, <https://www.rfc-editor.org/rfc/rfc4648#section-4>
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    let mut text = encode(bytes, [b'+', b'/']);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Bytes in the base64 of URLs, without padding, as JSON Web Tokens have it.
///
/// ```
/// assert_eq!(credential_http::base64url(&[0xff, 0xfe]), "__4");
/// ```
///
/// RFC 4648 section 5, <https://www.rfc-editor.org/rfc/rfc4648#section-5>
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    encode(bytes, [b'-', b'_'])
}

fn encode(bytes: &[u8], last_two: [u8; 2]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |place: usize| chunk.get(place).copied().map_or(0, u32::from);
        let word = at(0) << 16 | at(1) << 8 | at(2);
        // One byte makes two letters, two make three, three make four.
        text.extend((0..=chunk.len()).map(|place| letter(word >> (18 - 6 * place) & 63, last_two)));
    }
    text
}

fn letter(value: u32, [last_but_one, last]: [u8; 2]) -> char {
    let value = u8::try_from(value).unwrap_or_default();
    char::from(match value {
        0..=25 => b'A' + value,
        26..=51 => b'a' + (value - 26),
        52..=61 => b'0' + (value - 52),
        62 => last_but_one,
        _ => last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_in_rfc_4648() {
        for (plain, padded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), padded);
            assert_eq!(base64url(plain.as_bytes()), padded.trim_end_matches('='));
        }
    }

    #[test]
    fn every_letter_has_its_value() {
        // The six bits count up: 0, 1, 2, … 63.
        let bytes: Vec<u8> = (0..16_u32)
            .flat_map(|four| {
                let six = |place| 4 * four + place;
                let word = six(0) << 18 | six(1) << 12 | six(2) << 6 | six(3);
                word.to_be_bytes()[1..].to_vec()
            })
            .collect();
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        assert_eq!(base64(&bytes), format!("{letters}+/"));
        assert_eq!(base64url(&bytes), format!("{letters}-_"));
    }
}
