//! Percent-encoding as AWS wants it: RFC 3986, every byte but the unreserved ones.

use std::borrow::Cow;

/// Percent-encodes a text: all but letters, digits, `-`, `.`, `_` and `~` becomes `%XX` of its UTF-8 bytes.
///
/// ```
/// assert_eq!(credential_sigv4::percent_encode("a b/é~"), "a%20b%2F%C3%A9~");
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
#[must_use]
pub fn percent_encode(text: &str) -> String {
    encode(text.as_bytes(), b"")
}

/// Encodes names and values as a form or a query, in the order given: `name=value&…`. A blank becomes `%20`.
///
/// ```
/// use credential_sigv4::form_encode;
///
/// let form = form_encode(&[("Action", "GetCallerIdentity"), ("Note", "a b&c")]);
/// assert_eq!(form, "Action=GetCallerIdentity&Note=a%20b%26c");
/// ```
#[must_use]
pub fn form_encode(pairs: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in pairs {
        push_pair(&mut form, name, value);
    }
    form
}

pub(crate) fn push_pair(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(&percent_encode(name));
    query.push('=');
    query.push_str(&percent_encode(value));
}

/// Encodes every byte that is neither unreserved nor kept.
pub(crate) fn encode(bytes: &[u8], kept: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || kept.contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push('%');
            for half in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(half), 16).unwrap_or_default();
                text.push(digit.to_ascii_uppercase());
            }
        }
    }
    text
}

/// What the percent-encoded text stands for. A `%` without two hexadecimal digits stands for itself.
pub(crate) fn decode(text: &str) -> Cow<'_, [u8]> {
    if !text.contains('%') {
        return Cow::Borrowed(text.as_bytes());
    }
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first == b'%'
            && let (Some(high), Some(low)) = (digit(behind.first()), digit(behind.get(1)))
            && let Ok(byte) = u8::try_from(high * 16 + low)
        {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
        }
    }
    Cow::Owned(bytes)
}

/// The names and values of a raw query, decoded. A `+` is a blank, as AWS reads it.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let plain = |text: &str| decode(&text.replace('+', " ")).into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (plain(name), plain(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_percent_sign_without_digits_stands_for_itself() {
        for (text, expected) in [
            ("%41", "A"),
            ("%4", "%4"),
            ("%", "%"),
            ("%zz%41", "%zzA"),
            ("%%41", "%A"),
            ("%+4", "%+4"),
            ("a%2fb", "a/b"),
        ] {
            assert_eq!(decode(text).as_ref(), expected.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_query_is_read_pair_by_pair() {
        let pairs: Vec<_> = query_pairs("a=1&&b&c=x=y&d=p+q%2B").collect();
        let expected = [("a", "1"), ("b", ""), ("c", "x=y"), ("d", "p q+")];
        let expected: Vec<_> = expected
            .iter()
            .map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec()))
            .collect();
        assert_eq!(pairs, expected);
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in ".*") {
            let encoded = percent_encode(&text);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
            prop_assert_eq!(&*decode(&encoded), text.as_bytes());
        }

        #[test]
        fn any_text_decodes(text in ".*") {
            let _ = decode(&text);
            let _ = query_pairs(&text).count();
        }
    }
}
