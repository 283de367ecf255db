//! The canonical request: the one text that both sides make of a request and sign.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use sha2::{Digest, Sha256};

use crate::encode::{decode, encode, query_pairs};
use crate::key::finish;
use crate::{Scope, SignableRequest};

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
const HIDDEN: &str = "(hidden)";

/// What a service makes of the path of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathRule {
    pub(crate) normalized: bool,
    pub(crate) encoded_twice: bool,
}

impl PathRule {
    /// Every service but S3.
    pub(crate) const DEFAULT: Self = Self {
        normalized: true,
        encoded_twice: true,
    };
    /// S3, where the path is the name of an object and every character of it counts.
    pub(crate) const S3: Self = Self {
        normalized: false,
        encoded_twice: false,
    };

    pub(crate) fn apply(self, path: &str) -> String {
        let path = if self.normalized {
            Cow::Owned(normalize(path))
        } else if path.starts_with('/') {
            Cow::Borrowed(path)
        } else {
            Cow::Owned(format!("/{path}"))
        };
        if self.encoded_twice {
            return encode(path.as_bytes(), b"/");
        }
        // Decoding each segment by itself keeps an encoded slash what it is: a part of a name.
        let mut encoded = String::with_capacity(path.len());
        for (index, segment) in path.split('/').enumerate() {
            encoded.push_str(if index == 0 { "" } else { "/" });
            encoded.push_str(&encode(&decode(segment), b""));
        }
        encoded
    }
}

/// Resolves `.` and `..` and drops empty segments; a slash at the end stays.
fn normalize(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let mut normal = String::with_capacity(path.len() + 1);
    for segment in kept {
        normal.push('/');
        normal.push_str(segment);
    }
    if normal.is_empty() || path.ends_with('/') {
        normal.push('/');
    }
    normal
}

/// Headers in the order in which they are signed: names in lower case, and values as what goes between name and line end.
#[derive(Default)]
pub(crate) struct Headers<'a>(Vec<(String, Cow<'a, str>)>);

impl<'a> Headers<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (found, value) = self.0.get(self.place(name))?;
        (found == name).then_some(value)
    }

    /// Sets a header, in place of the one of that name.
    pub(crate) fn set(&mut self, name: String, value: Cow<'a, str>) {
        let place = self.place(&name);
        match self.0.get_mut(place) {
            Some(old) if old.0 == name => old.1 = value,
            _ => self.0.insert(place, (name, value)),
        }
    }

    /// All names, as a list of signed headers has them.
    pub(crate) fn names(&self) -> String {
        let mut names = String::new();
        for (index, (name, _)) in self.0.iter().enumerate() {
            names.push_str(if index == 0 { "" } else { ";" });
            names.push_str(name);
        }
        names
    }

    /// Before the first name that is not smaller.
    fn place(&self, name: &str) -> usize {
        self.0.partition_point(|(other, _)| other.as_str() < name)
    }
}

/// The value of one or more headers of a name: outer blanks off, inner ones folded to one, values joined by commas.
pub(crate) fn header_value<'a>(values: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let mut all = Cow::Borrowed("");
    for (index, value) in values.map(fold).enumerate() {
        if index == 0 {
            all = value;
        } else {
            let all = all.to_mut();
            all.push(',');
            all.push_str(&value);
        }
    }
    all
}

fn fold(value: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    let value = value.trim_matches(is_blank);
    let is_folded = value
        .split(' ')
        .all(|word| !word.is_empty() && !word.contains(is_blank));
    if is_folded {
        return Cow::Borrowed(value);
    }
    let mut folded = String::with_capacity(value.len());
    for word in value.split(is_blank).filter(|word| !word.is_empty()) {
        folded.push_str(if folded.is_empty() { "" } else { " " });
        folded.push_str(word);
    }
    Cow::Owned(folded)
}

pub(crate) struct Canonical<'a> {
    method: &'a str,
    path: String,
    query: Vec<(String, String)>,
    headers: Headers<'a>,
    body_hash: &'a str,
}

impl<'a> Canonical<'a> {
    /// `query` is what stands behind the `?`; parameters whose name `left_out` tells are no part of what is signed.
    pub(crate) fn new(
        request: &SignableRequest<'a>,
        rule: PathRule,
        query: &str,
        left_out: &dyn Fn(&[u8]) -> bool,
        headers: Headers<'a>,
        body_hash: &'a str,
    ) -> Self {
        // Sorted by a heap: putting each in its place takes forever when a stranger sends many, and to sort a slice
        // takes ten times the code.
        let mut signed = BinaryHeap::new();
        for (name, value) in query_pairs(query) {
            if !left_out(&name) {
                signed.push((encode(&name, b""), encode(&value, b"")));
            }
        }
        Self {
            method: request.method,
            path: rule.apply(request.path),
            query: signed.into_sorted_vec(),
            headers,
            body_hash,
        }
    }

    pub(crate) fn signed_headers(&self) -> String {
        self.headers.names()
    }

    /// The text that the key signs.
    pub(crate) fn string_to_sign(&self, timestamp: &str, scope: &Scope) -> String {
        let mut hasher = Sha256::new();
        self.write(false, &mut |part| hasher.update(part.as_bytes()));
        let hash = finish(hasher);
        format!("{ALGORITHM}\n{timestamp}\n{scope}\n{hash}")
    }

    /// The text for people who look for a difference: without session tokens and other secrets.
    pub(crate) fn without_secrets(&self) -> String {
        let mut text = String::new();
        self.write(true, &mut |part| text.push_str(part));
        text
    }

    fn write(&self, hiding: bool, out: &mut dyn FnMut(&str)) {
        for part in [self.method, "\n", &self.path, "\n"] {
            out(part);
        }
        for (index, (name, value)) in self.query.iter().enumerate() {
            out(if index == 0 { "" } else { "&" });
            out(name);
            out("=");
            out(if hiding && is_secret(name) { HIDDEN } else { value });
        }
        out("\n");
        for (name, value) in &self.headers.0 {
            out(name);
            out(":");
            out(if hiding && is_secret(name) { HIDDEN } else { value });
            out("\n");
        }
        for part in ["\n", &self.signed_headers(), "\n", self.body_hash] {
            out(part);
        }
    }
}

/// Whether the service of this name has the rules of S3.
pub(crate) fn is_s3(service: &str) -> bool {
    service == "s3" || service == "s3express" || service.starts_with("s3-")
}

/// Whether the header or query parameter of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.as_bytes().windows(5).any(|part| part == b"token")
        || name.ends_with("customer-key")
        || name.ends_with("authorization")
        || name.ends_with("password")
        || name.ends_with("secret")
        || name == "samlassertion"
        || name == "cookie"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_path_has_no_dots_and_no_empty_segments() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("a", "/a"),
            ("/a/", "/a/"),
            ("//a//b//", "/a/b/"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/..", "/"),
            ("/../../a", "/a"),
            ("/a/b/../", "/a/"),
            ("/a/.", "/a"),
            ("/...", "/..."),
        ] {
            assert_eq!(normalize(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_is_encoded_once_more_than_it_was_sent() {
        assert_eq!(PathRule::DEFAULT.apply("/a%20b/%C3%A9"), "/a%2520b/%25C3%25A9");
    }

    #[test]
    fn for_s3_a_path_is_encoded_once_and_otherwise_left_alone() {
        for (path, expected) in [
            ("", "/"),
            ("/a%20b//../c%2Fd", "/a%20b//../c%2Fd"),
            ("/a b/%c3%a9/\u{e9}", "/a%20b/%C3%A9/%C3%A9"),
            ("/100%/(x)", "/100%25/%28x%29"),
        ] {
            assert_eq!(PathRule::S3.apply(path), expected, "{path}");
        }
    }

    #[test]
    fn header_values_are_folded_and_joined() {
        for (values, expected) in [
            (&[""][..], ""),
            (&["  a   b  "][..], "a b"),
            (&["a\r\n  b\tc"][..], "a b c"),
            (&["b", " a ", ""][..], "b,a,"),
            (&["", "x"][..], ",x"),
        ] {
            assert_eq!(header_value(values.iter().copied()), expected, "{values:?}");
        }
    }
}
