use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use snafu::{ResultExt, ensure};

use crate::error::{Error, ProxyAddressSnafu, ProxyKindSnafu};
use crate::url::{Host, Scheme, Url, UrlError, parse_authority};

#[cfg(test)]
mod tests;

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

/// One entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bypass {
    Everything,
    /// This name and all below it, without a dot in front.
    Name(String, Option<u16>),
    Address(IpAddr, Option<u16>),
    Network(IpAddr, u8),
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
        let https = first(&lookup, ["https_proxy", "HTTPS_PROXY"]);
        let is_cgi = lookup("REQUEST_METHOD").is_some();
        let http = if is_cgi {
            first(&lookup, ["http_proxy"])
        } else {
            first(&lookup, ["http_proxy", "HTTP_PROXY"])
        };
        let bypass = first(&lookup, ["no_proxy", "NO_PROXY"]);
        Self {
            for_http: Setting::read(http),
            for_https: Setting::read(https),
            bypass: bypass
                .map(|(_, list)| parse_bypass(&list))
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

fn first<const N: usize>(
    lookup: &impl Fn(&str) -> Option<String>,
    names: [&'static str; N],
) -> Option<(&'static str, String)> {
    names
        .into_iter()
        .find_map(|name| lookup(name).map(|value| (name, value)))
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

/// `user:password`, percent-encoded, as the value of `Proxy-Authorization`.
///
/// RFC 7617, <https://www.rfc-editor.org/rfc/rfc7617>
fn authorization(user_info: &str) -> Result<String, UrlError> {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let mut plain = percent_decode(user);
    ensure!(!plain.contains(&b':'), crate::url::UserInfoSnafu);
    plain.push(b':');
    plain.extend(percent_decode(password));
    Ok(format!("Basic {}", base64(&plain)))
}

fn percent_decode(text: &str) -> Vec<u8> {
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

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |place: usize| chunk.get(place).copied().map_or(0, u32::from);
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            text.push(if place <= chunk.len() {
                letter(word >> (18 - 6 * place) & 63)
            } else {
                '='
            });
        }
    }
    text
}

fn letter(value: u32) -> char {
    let value = u8::try_from(value).unwrap_or_default();
    char::from(match value {
        0..=25 => b'A' + value,
        26..=51 => b'a' + (value - 26),
        52..=61 => b'0' + (value - 52),
        62 => b'+',
        _ => b'/',
    })
}

fn parse_bypass(list: &str) -> Vec<Bypass> {
    list.split([',', ' ', '\t', '\r', '\n'])
        .filter_map(|entry| match entry {
            "" => None,
            "*" => Some(Bypass::Everything),
            _ => Bypass::parse(entry),
        })
        .collect()
}

impl Bypass {
    /// An entry that is none of the known forms matches nothing.
    fn parse(entry: &str) -> Option<Self> {
        if let Some((network, bits)) = entry.split_once('/') {
            let network: IpAddr = without_brackets(network).parse().ok()?;
            let bits: u8 = bits.parse().ok()?;
            let most = if network.is_ipv4() { 32 } else { 128 };
            return (bits <= most).then_some(Self::Network(network, bits));
        }
        if let Ok(address) = without_brackets(entry).parse::<IpAddr>() {
            return Some(Self::Address(address.to_canonical(), None));
        }
        let entry = entry.strip_prefix("*.").unwrap_or(entry);
        match parse_authority(entry.trim_start_matches('.')).ok()? {
            (Host::Ip(address), port) => Some(Self::Address(address.to_canonical(), port)),
            (Host::Name(name), port) => Some(Self::Name(without_last_dot(&name).to_owned(), port)),
        }
    }

    fn covers(&self, host: &Host, port: u16) -> bool {
        let fits = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        match (self, host) {
            (Self::Everything, _) => true,
            (Self::Name(suffix, wanted), Host::Name(name)) => {
                let below = without_last_dot(name).strip_suffix(suffix.as_str());
                fits(wanted) && below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            (Self::Address(address, wanted), Host::Ip(host)) => {
                fits(wanted) && *address == host.to_canonical()
            }
            (Self::Network(network, bits), Host::Ip(host)) => {
                in_network(*host, *network, *bits) || in_network(host.to_canonical(), *network, *bits)
            }
            (Self::Name(..), Host::Ip(_)) | (Self::Address(..) | Self::Network(..), Host::Name(_)) => false,
        }
    }
}

fn without_brackets(text: &str) -> &str {
    text.strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text)
}

fn without_last_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let bits = u32::from(bits);
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let differ = Ipv4Addr::to_bits(address) ^ Ipv4Addr::to_bits(network);
            differ.leading_zeros() >= bits
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let differ = Ipv6Addr::to_bits(address) ^ Ipv6Addr::to_bits(network);
            differ.leading_zeros() >= bits
        }
        _ => false,
    }
}
