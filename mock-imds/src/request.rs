use crate::ImdsVersion;

/// The header that carries a metadata token.
pub(crate) const TOKEN: &str = "x-aws-ec2-metadata-token";
/// The header that asks for a metadata token of some seconds, and tells what was granted.
pub(crate) const TOKEN_SECONDS: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// A request that has been read to its end.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it was sent: still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// Names in lower case, in the order they came in.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(head: &hyper::http::request::Parts, body: Vec<u8>) -> Self {
        Self {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.as_str().to_owned(), value.into_owned())
                })
                .collect(),
            body,
        }
    }

    /// The first header of this name, in whatever case it is asked for.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    pub(crate) fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(theirs, _)| theirs.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.header(name).is_some()
    }

    /// By the headers alone: a wrong token is still version 2.
    pub(crate) fn imds_version(&self) -> ImdsVersion {
        if self.has_header(TOKEN) || self.has_header(TOKEN_SECONDS) {
            ImdsVersion::V2
        } else {
            ImdsVersion::V1
        }
    }

    pub(crate) fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// The segments of the path, each percent-decoded once, so that an encoded slash stays inside its segment. `None`
    /// for what no path of ours looks like: `.`, `..`, a broken escape or bytes that are not UTF-8.
    pub(crate) fn segments(&self) -> Option<Vec<String>> {
        self.path
            .strip_prefix('/')?
            .split('/')
            .map(|segment| {
                let decoded = percent_decode(segment, false)?;
                (decoded != "." && decoded != "..").then_some(decoded)
            })
            .collect()
    }
}

/// Undoes percent-encoding, and in a form also `+` for a blank.
pub(crate) fn percent_decode(text: &str, form: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if form => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Option<Vec<String>> {
        let request = Request {
            method: "GET".into(),
            path: path.into(),
            query: None,
            headers: Vec::new(),
            body: Vec::new(),
        };
        request.segments()
    }

    #[test]
    fn a_path_is_decoded_once_and_never_walks_up() {
        assert_eq!(segments("/a/b%2Fc/").unwrap(), ["a", "b/c", ""]);
        assert_eq!(segments("/%2561").unwrap(), ["%61"]);
        for path in ["/a/../b", "/a/./b", "/%2e%2E/b", "/%zz", "/%2", "/%ff", "*", ""] {
            assert_eq!(segments(path), None, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_path_leads_out_of_its_segments(path in "/[ -~]{0,40}") {
            for segment in segments(&path).unwrap_or_default() {
                proptest::prop_assert!(segment != "." && segment != "..");
            }
        }

        #[test]
        fn what_was_encoded_is_decoded(text: String) {
            let encoded = credential_sigv4::percent_encode(&text);
            proptest::prop_assert_eq!(percent_decode(&encoded, true), Some(text));
        }

        #[test]
        fn any_text_is_decoded_or_refused(text: String) {
            let _ = percent_decode(&text, true);
        }
    }
}
