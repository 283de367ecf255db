/// What every canary holds. Letters and digits only, so that percent-encoding leaves it as it is.
pub const CANARY: &str = "cAnArY0sEcReT";

/// A secret for a test: it holds [`CANARY`] and the name it was made for.
///
/// ```
/// let secret = tests_support::canary("session token");
/// assert!(tests_support::leaks(&format!("oops: {secret}")));
/// ```
#[must_use]
pub fn canary(name: &str) -> String {
    crate::trace::listen();
    let letters: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '0' })
        .collect();
    format!("{CANARY}/{letters}+{CANARY}")
}

/// The forms in which a canary could leak: plain (and so percent-encoded), in base64 at each of the three alignments, in
/// lower-case hexadecimal digits, and as a list of bytes as `Debug` prints it.
#[must_use]
pub fn forms_of(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    for shift in 0..3_usize {
        let padded: Vec<u8> = std::iter::repeat_n(0_u8, shift).chain(text.bytes()).collect();
        let encoded = base64(&padded);
        // The first and the last letters depend on the neighbours: only what lies between is always there.
        let start = (shift * 8).div_ceil(6);
        let end = (padded.len() * 8) / 6;
        if let Some(middle) = encoded.get(start..end) {
            forms.push(middle.to_owned());
        }
    }
    forms.push(text.bytes().map(|byte| format!("{byte:02x}")).collect());
    let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    forms.push(bytes.join(", "));
    forms
}

/// Whether a text shows a canary in any of its forms: itself in any case, since keys of a file are read in lower case,
/// hexadecimal digits in any case, a list of bytes on any lines.
#[must_use]
pub fn leaks(text: &str) -> bool {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let on_one_line = words.join(" ");
    let in_lower_case = text.to_ascii_lowercase();
    let shows = |form: &String| on_one_line.contains(form) || in_lower_case.contains(form);
    in_lower_case.contains(&CANARY.to_ascii_lowercase()) || forms_of(CANARY).iter().any(shows)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            text.extend(LETTERS.get(index as usize).copied().map(char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_in_every_form() {
        let secret = canary("x");
        assert!(leaks(&secret) && leaks(&secret.to_lowercase()));
        assert!(leaks(&format!("{:?}", secret.as_bytes())));
        assert!(leaks(&format!("{:#?}", secret.as_bytes())), "one byte a line");
        let digits = secret
            .bytes()
            .fold(String::new(), |digits, byte| format!("{digits}{byte:02X}"));
        assert!(leaks(&digits) && leaks(&digits.to_lowercase()));
        for before in ["", "a", "ab"] {
            assert!(
                leaks(&base64(format!("{before}{secret}").as_bytes())),
                "behind {before:?}"
            );
        }
        assert!(!leaks("nothing here"));
    }
}
