use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use snafu::ResultExt;

use crate::error::{Error, ProxyAddressSnafu, ProxyKindSnafu};
use crate::url::{Host, Scheme, Url, UrlError, parse_authority};

mod authorization;
mod bypass;
#[cfg(test)]
mod tests;

use authorization::authorization;
use bypass::{Bypass, in_network};

/// The proxies for hosts outside this machine. Default: none.
///
/// Whatever the settings say, a request to this machine (`localhost`, 127.0.0.0/8, ::1), to 169.254.0.0/16 or to
/// fd00:ec2::/32, where instance metadata and containers hand out credentials in clear, never goes through a proxy.
///
/// ```
/// use credential_http::{HttpClient, Proxies};
/// use std::collections::HashMap;
///
/// let variables = HashMap::from([("https_proxy", "http://proxy.example:3128"), ("no_proxy", ".internal,10.0.0.0/8")]);
/// let proxies = Proxies::from_lookup(|name| variables.get(name).map(ToString::to_string));
/// let client = HttpClient::new().with_proxies(proxies);
/// # drop(client);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    for_http: Setting,
    for_https: Setting,
    bypass: Arc<[Bypass]>,
}

/// What a variable asked for; its mistakes come out with the first request that would need it.
#[derive(Clone, Debug, Default)]
enum Setting {
    #[default]
    Direct,
    Proxy(Arc<Proxy>),
    BadAddress(&'static str, UrlError),
    BadKind(&'static str),
}

/// One proxy, asked in clear.
pub(crate) struct Proxy {
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// The value of `Proxy-Authorization`: a secret.
    pub(crate) authorization: Option<String>,
}

impl Proxies {
    /// No proxy at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the usual variables through `lookup`, each in lower case first:
    ///
    /// - `https_proxy`, `HTTPS_PROXY`: the proxy for `https`, which builds a tunnel;
    /// - `http_proxy`, `HTTP_PROXY`: the proxy for `http`; the upper-case one is not read when `REQUEST_METHOD` is set,
    ///   since in a CGI program its value comes from the request;
    /// - `no_proxy`, `NO_PROXY`: hosts asked directly, separated by commas or blanks. `*` is every host; a name, with or
    ///   without a dot in front, is itself and all names below it; an address is itself; `10.0.0.0/8` is a network. A
    ///   name or an address may have a port.
    ///
    /// A proxy is `http://host:port`, or `host:port`, port 80 by default, and may hold `user:password@`, which is sent to
    /// it alone and never printed. A blank value in lower case means no proxy, whatever the other says.
    ///
    /// # Errors
    /// None here: a value that is not a proxy shows as [`Error::ProxyAddress`] or [`Error::ProxyKind`] when a request
    /// would need it.
    #[must_use]
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        Self::of_variables(&lookup)
    }

    fn of_variables(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let https = first(lookup, &["https_proxy", "HTTPS_PROXY"]);
        let is_cgi = lookup("REQUEST_METHOD").is_some();
        let http = if is_cgi {
            first(lookup, &["http_proxy"])
        } else {
            first(lookup, &["http_proxy", "HTTP_PROXY"])
        };
        let bypass = first(lookup, &["no_proxy", "NO_PROXY"]);
        Self {
            for_http: Setting::read(http),
            for_https: Setting::read(https),
            bypass: bypass
                .map(|(_, list)| Bypass::parse_list(&list))
                .unwrap_or_default()
                .into(),
        }
    }

    /// The proxy to ask for this URL.
    pub(crate) fn of(&self, url: &Url) -> Result<Option<&Arc<Proxy>>, Error> {
        let setting = match url.scheme() {
            Scheme::Http => &self.for_http,
            Scheme::Https => &self.for_https,
        };
        if matches!(setting, Setting::Direct) || is_near(url.host()) {
            return Ok(None);
        }
        if self
            .bypass
            .iter()
            .any(|bypass| bypass.covers(url.host(), url.port()))
        {
            return Ok(None);
        }
        match setting {
            Setting::Direct => Ok(None),
            Setting::Proxy(proxy) => Ok(Some(proxy)),
            Setting::BadAddress(variable, reason) => {
                Err(*reason).context(ProxyAddressSnafu { variable: *variable })
            }
            Setting::BadKind(variable) => ProxyKindSnafu { variable: *variable }.fail(),
        }
    }
}

/// Whether a host is this machine, or an address that only this machine's surroundings answer.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Name(_) => host.is_localhost(),
        Host::Ip(address) => match address.to_canonical() {
            IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
            IpAddr::V6(address) => {
                address.is_loopback() || in_network(address.into(), METADATA_NETWORK.into(), 32)
            }
        },
    }
}

const METADATA_NETWORK: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0);

fn first(lookup: &dyn Fn(&str) -> Option<String>, names: &[&'static str]) -> Option<(&'static str, String)> {
    names
        .iter()
        .find_map(|name| lookup(name).map(|value| (*name, value)))
}

impl Setting {
    fn read(found: Option<(&'static str, String)>) -> Self {
        let Some((variable, value)) = found else {
            return Self::Direct;
        };
        let value = value.trim();
        if value.is_empty() {
            return Self::Direct;
        }
        let rest = match value.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Self::BadKind(variable),
            None => value,
        };
        match Proxy::parse(rest) {
            Ok(proxy) => Self::Proxy(Arc::new(proxy)),
            Err(reason) => Self::BadAddress(variable, reason),
        }
    }
}

impl Proxy {
    fn parse(text: &str) -> Result<Self, UrlError> {
        let end = text.find(['/', '?', '#']).unwrap_or(text.len());
        let (authority, _) = text.split_at_checked(end).unwrap_or((text, ""));
        let (user_info, authority) = match authority.rsplit_once('@') {
            Some((user_info, authority)) => (Some(user_info), authority),
            None => (None, authority),
        };
        let (host, port) = parse_authority(authority)?;
        Ok(Self {
            host,
            port: port.unwrap_or(Scheme::Http.default_port()),
            authorization: user_info.map(authorization).transpose()?,
        })
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = if self.authorization.is_some() { "…@" } else { "" };
        write!(f, "{user}{}", self.authority())
    }
}
