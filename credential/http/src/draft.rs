use hyper::body::Bytes;
use hyper::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT,
};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{HeaderMap, Method, Uri};
use snafu::{OptionExt, ensure};

use crate::connection::Payload;
use crate::error::{Error, HeaderSnafu};
use crate::proxies::Proxy;
use crate::request::{self, Header, Request};
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

/// A request as it goes out, ready to be sent more than once.
pub(crate) struct Draft {
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Draft {
    /// `proxy` is the one that the request itself goes to: its target is absolute then.
    pub(crate) fn of(request: &Request, proxy: Option<&Proxy>, user_agent: &str) -> Result<Self, Error> {
        let method = match request.kind() {
            request::Method::Get => Method::GET,
            request::Method::Put => Method::PUT,
            request::Method::Post => Method::POST,
        };
        let shown = request.url().to_string();
        let refuse = |name: &str, reason: &'static str| HeaderSnafu {
            url: shown.clone(),
            name: name.to_owned(),
            reason,
        };
        let value = |name: &str, value: &str| {
            HeaderValue::from_str(value)
                .ok()
                .with_context(|| refuse(name, "its value holds what may not stand in a header"))
        };
        let mut headers = HeaderMap::with_capacity(request.headers().len() + 4);
        headers.insert(HOST, value("host", &request.url().authority())?);
        for header in request.headers() {
            let Header {
                name,
                value: text,
                secret,
            } = header;
            let known = HeaderName::from_bytes(name.as_bytes()).ok();
            let known = known.with_context(|| refuse(name, "its name holds what may not stand there"))?;
            ensure!(
                !OURS.contains(&known.as_str()),
                refuse(name, "the client alone sets it")
            );
            let mut text = value(name, text)?;
            text.set_sensitive(*secret || known == AUTHORIZATION);
            headers.append(known, text);
        }
        if !headers.contains_key(USER_AGENT) {
            headers.insert(USER_AGENT, value("user-agent", user_agent)?);
        }
        let body = if method == Method::GET {
            Bytes::new()
        } else {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body().len()));
            request.body().clone()
        };
        if let Some(authorization) = proxy.and_then(|proxy| proxy.authorization.as_ref()) {
            let mut authorization = value("proxy-authorization", authorization)?;
            authorization.set_sensitive(true);
            headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        Ok(Self {
            method,
            target: target(request.url(), proxy.is_some())
                .with_context(|| refuse("host", "the URL cannot be sent"))?,
            headers,
            body,
        })
    }

    pub(crate) fn message(&self) -> hyper::Request<Payload> {
        let mut message = hyper::Request::new(Payload::new(self.body.clone()));
        *message.method_mut() = self.method.clone();
        *message.uri_mut() = self.target.clone();
        *message.headers_mut() = self.headers.clone();
        message
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
