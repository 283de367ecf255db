use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Method, Uri};
use snafu::{OptionExt, ensure};

use crate::connection::Payload;
use crate::error::{Error, HeaderSnafu};
use crate::proxies::Proxy;
use crate::request::{self, Request};
use crate::url;

/// What frames a message or belongs to the connection: the client's alone.
const OURS: [&str; 10] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "expect",
    "te",
    "trailer",
    "upgrade",
    "proxy-authorization",
];

/// A message that is being written.
pub(crate) struct Draft<'a> {
    /// The request's URL, as errors show it.
    shown: &'a str,
    message: hyper::Request<Payload>,
}

/// A request as it goes out. `proxy` is the one that the request itself goes to: its target is absolute then.
pub(crate) fn message(
    request: &Request,
    shown: &str,
    proxy: Option<&Proxy>,
    user_agent: &str,
) -> Result<hyper::Request<Payload>, Error> {
    let (method, body) = match request.kind() {
        request::Method::Get => (Method::GET, Bytes::new()),
        request::Method::Put => (Method::PUT, request.body().clone()),
        request::Method::Post => (Method::POST, request.body().clone()),
    };
    let length = (method != Method::GET).then_some(body.len());
    let target = target(request.url(), proxy.is_some());
    let mut draft = Draft::new(shown, method, target, body)?;
    draft.add("host", &request.url().authority(), false)?;
    for header in request.headers() {
        let is_ours = OURS.iter().any(|ours| header.is(ours));
        ensure!(!is_ours, refused(shown, &header.name, "the client alone sets it"));
        let secret = header.secret || header.is("authorization");
        draft.add(&header.name, &header.value, secret)?;
    }
    if !request.headers().iter().any(|header| header.is("user-agent")) {
        draft.add("user-agent", user_agent, false)?;
    }
    if let Some(length) = length {
        draft.add("content-length", &length.to_string(), false)?;
    }
    if let Some(proxy) = proxy {
        draft.authorize(proxy)?;
    }
    Ok(draft.message)
}

/// Asks a proxy for a tunnel to the URL's host.
#[cfg(feature = "_tls")]
pub(crate) fn connect(
    url: &url::Url,
    shown: &str,
    proxy: &Proxy,
    user_agent: &str,
) -> Result<hyper::Request<Payload>, Error> {
    let authority = format!("{}:{}", url.host(), url.port());
    let mut draft = Draft::new(shown, Method::CONNECT, authority.parse().ok(), Bytes::new())?;
    draft.add("host", &authority, false)?;
    draft.add("user-agent", user_agent, false)?;
    draft.authorize(proxy)?;
    Ok(draft.message)
}

impl<'a> Draft<'a> {
    fn new(shown: &'a str, method: Method, target: Option<Uri>, body: Bytes) -> Result<Self, Error> {
        let mut message = hyper::Request::new(Payload::new(body));
        *message.method_mut() = method;
        *message.uri_mut() = target.with_context(|| refused(shown, "host", "the URL cannot be sent"))?;
        Ok(Self { shown, message })
    }

    fn add(&mut self, name: &str, value: &str, secret: bool) -> Result<(), Error> {
        let refused = |reason| refused(self.shown, name, reason);
        let known = HeaderName::from_bytes(name.as_bytes()).ok();
        let known = known.with_context(|| refused("its name holds what may not stand there"))?;
        let value = HeaderValue::from_str(value).ok();
        let mut value = value.with_context(|| refused("its value holds what may not stand in a header"))?;
        value.set_sensitive(secret);
        self.message.headers_mut().append(known, value);
        Ok(())
    }

    fn authorize(&mut self, proxy: &Proxy) -> Result<(), Error> {
        match &proxy.authorization {
            Some(authorization) => self.add("proxy-authorization", authorization, true),
            None => Ok(()),
        }
    }
}

fn refused(shown: &str, name: &str, reason: &'static str) -> HeaderSnafu<String, String, &'static str> {
    HeaderSnafu {
        url: shown.to_owned(),
        name: name.to_owned(),
        reason,
    }
}

/// `None` for a URL that hyper cannot send; [`url::Url`] lets none through.
fn target(url: &url::Url, absolute: bool) -> Option<Uri> {
    let path = PathAndQuery::try_from(url.path_and_query()).ok()?;
    if !absolute {
        return Some(path.into());
    }
    let scheme = match url.scheme() {
        url::Scheme::Http => Scheme::HTTP,
        url::Scheme::Https => Scheme::HTTPS,
    };
    Uri::builder()
        .scheme(scheme)
        .authority(url.authority())
        .path_and_query(path)
        .build()
        .ok()
}
