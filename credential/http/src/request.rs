use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::Bytes;

use crate::Url;

/// A request: a method, a URL, headers, and a body of known length.
///
/// `Host`, `Content-Length` and the other headers that frame a message are the client's alone. `Debug` shows neither the
/// body nor the values of secret headers.
///
/// ```
/// use credential_http::{Request, Url};
///
/// let url = Url::parse("http://127.0.0.1/latest/api/token").unwrap();
/// let request = Request::put(url)
///     .with_header("X-aws-ec2-metadata-token-ttl-seconds", "21600")
///     .with_secret_header("X-aws-ec2-metadata-token", "do not print me");
/// assert!(!format!("{request:?}").contains("do not print me"));
/// ```
#[derive(Clone)]
pub struct Request {
    /// Shared, so that dropping a request is a small thing wherever it happens.
    parts: Arc<Parts>,
}

#[derive(Clone)]
struct Parts {
    method: Method,
    url: Url,
    headers: Vec<Header>,
    body: Bytes,
    addresses: Option<Vec<IpAddr>>,
    repeatable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Put,
    Post,
}

#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secret: bool,
}

impl Request {
    /// A `GET`.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// A `PUT`, with an empty body unless one is given.
    #[must_use]
    pub fn put(url: Url) -> Self {
        Self::new(Method::Put, url)
    }

    /// A `POST`, with an empty body unless one is given.
    #[must_use]
    pub fn post(url: Url) -> Self {
        Self::new(Method::Post, url)
    }

    fn new(method: Method, url: Url) -> Self {
        let parts = Parts {
            method,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            addresses: None,
            repeatable: true,
        };
        Self {
            parts: Arc::new(parts),
        }
    }

    fn parts_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.parts)
    }

    /// Adds a header. What cannot be sent shows as [`Error::Header`](crate::Error::Header) when the request is sent.
    #[must_use]
    pub fn with_header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.and_header(name.into(), value.into(), false)
    }

    /// Adds a header whose value is never printed.
    #[must_use]
    pub fn with_secret_header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.and_header(name.into(), value.into(), true)
    }

    fn and_header(mut self, name: String, value: String, secret: bool) -> Self {
        self.parts_mut().headers.push(Header { name, value, secret });
        self
    }

    /// Sets the body. Default: empty. A `GET` sends none.
    #[must_use]
    pub fn with_body(mut self, body: Vec<u8>) -> Self {
        self.parts_mut().body = body.into();
        self
    }

    /// Connects to these addresses alone, in this order, until one answers: nothing is looked up, and no proxy is used.
    ///
    /// For hosts whose addresses were checked, so that a second look-up cannot give others.
    #[must_use]
    pub fn with_addresses(mut self, addresses: Vec<IpAddr>) -> Self {
        self.parts_mut().addresses = Some(addresses);
        self
    }

    /// Never sends it a second time when a part of it may have arrived: what it holds is good for one use, as a refresh
    /// token. Default: a request is repeated at once when a kept-alive connection ends before the first byte of the
    /// response.
    ///
    /// ```
    /// use credential_http::{Request, Url};
    ///
    /// let url = Url::parse("https://oidc.eu-central-1.amazonaws.com/token").unwrap();
    /// let request = Request::post(url).with_body(b"{}".to_vec()).not_repeatable();
    /// assert!(!request.is_repeatable());
    /// ```
    #[must_use]
    pub fn not_repeatable(mut self) -> Self {
        self.parts_mut().repeatable = false;
        self
    }

    /// Whether it may be sent again when nothing is known of how the first time went.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.parts.repeatable
    }

    /// The method's name, as `GET`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.parts.method.name()
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.parts.url
    }

    pub(crate) fn kind(&self) -> Method {
        self.parts.method
    }

    pub(crate) fn headers(&self) -> &[Header] {
        &self.parts.headers
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.parts.body
    }

    pub(crate) fn addresses(&self) -> Option<&[IpAddr]> {
        self.parts.addresses.as_deref()
    }
}

impl Header {
    /// Whether this is its name, in any case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.parts;
        f.debug_struct("Request")
            .field("method", &parts.method.name())
            .field("url", &parts.url)
            .field("headers", &parts.headers)
            .field("body", &format_args!("[{} bytes]", parts.body.len()))
            .field("addresses", &parts.addresses)
            .field("repeatable", &parts.repeatable)
            .finish()
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.secret { "…" } else { self.value.as_str() };
        write!(f, "{}: {value}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret_header_no_query_and_no_body() {
        let secret = tests_support::canary("everything");
        let url = Url::parse(&format!("http://127.0.0.1/?token={secret}")).unwrap();
        let request = Request::post(url)
            .with_header("accept", "application/json")
            .with_secret_header("authorization", secret.clone())
            .with_body(secret.into_bytes());
        let shown = format!("{request:?} {request:#?}");
        assert!(!tests_support::leaks(&shown), "{shown}");
        assert!(shown.contains("application/json") && shown.contains("authorization"));
    }
}
