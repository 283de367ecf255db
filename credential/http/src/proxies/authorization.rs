use snafu::ensure;

use crate::base64;
use crate::url::{UrlError, UserInfoSnafu};

/// `user:password`, percent-encoded, as the value of `Proxy-Authorization`.
///
/// RFC 7617, <https://www.rfc-editor.org/rfc/rfc7617>
pub(super) fn authorization(user_info: &str) -> Result<String, UrlError> {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let mut plain = percent_decode(user);
    ensure!(!plain.contains(&b':'), UserInfoSnafu);
    plain.push(b':');
    plain.extend(percent_decode(password));
    Ok(format!("Basic {}", base64(&plain)))
}

pub(super) fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let hex = match after {
            [high, low, after @ ..] if *byte == b'%' => hex(*high)
                .zip(hex(*low))
                .map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = hex.unwrap_or((*byte, after));
        decoded.push(byte);
        rest = after;
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
