use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use snafu::{OptionExt, Snafu, ensure};

#[cfg(test)]
mod tests;

/// The longest URL that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// An absolute `http` or `https` URL.
///
/// `Display` and `Debug` leave the query out, since requests are known to carry secrets there. User information is
/// refused altogether, and a fragment is dropped: it is never sent.
///
/// ```
/// use credential_http::Url;
///
/// let url = Url::parse("HTTP://[fd00:0ec2::0023]:80/v1/credentials?page=1").unwrap();
/// assert_eq!(url.to_string(), "http://[fd00:ec2::23]/v1/credentials");
/// assert_eq!(url.path_and_query(), "/v1/credentials?page=1");
/// assert_eq!(url.authority(), "[fd00:ec2::23]");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url {
    scheme: Scheme,
    host: Host,
    port: u16,
    path: String,
    query: Option<String>,
}

/// The scheme of a [`Url`].
///
/// ```
/// use credential_http::{Scheme, Url};
///
/// let url = Url::parse("HTTPS://sts.amazonaws.com").unwrap();
/// assert_eq!((url.scheme(), url.port()), (Scheme::Https, 443));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `http`, port 80 by default.
    Http,
    /// `https`, port 443 by default.
    Https,
}

/// The host of a [`Url`]: a name for the name service, or an address.
///
/// ```
/// use credential_http::{Host, Url};
///
/// let url = Url::parse("http://LocalHost:8080").unwrap();
/// assert_eq!(url.host(), &Host::Name("localhost".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An address that was written as one.
    Ip(IpAddr),
}

/// Why a text is no URL that can be asked. It never repeats the text, which may hold a password.
///
/// ```
/// use credential_http::{Url, UrlError};
///
/// assert_eq!(Url::parse("sts.amazonaws.com").unwrap_err(), UrlError::Relative);
/// assert_eq!(Url::parse("https://jo:hunter2@localhost").unwrap_err(), UrlError::UserInfo);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum UrlError {
    /// It is longer than 16 KiB.
    #[snafu(display("the URL is longer than 16 KiB"))]
    TooLong,
    /// It holds a blank, a control character, a letter outside ASCII, or one of `<`, `>`, `"`, `` ` `` and `\`.
    #[snafu(display("the URL holds a character that must be percent-encoded"))]
    Character,
    /// It does not start with a scheme and `://`.
    #[snafu(display("the URL is not absolute: it must start with http:// or https://"))]
    Relative,
    /// Its scheme is neither `http` nor `https`.
    #[snafu(display("the scheme of the URL is neither http nor https"))]
    UnknownScheme,
    /// It holds a user or a password.
    #[snafu(display("the URL holds user information before an @, which is not allowed"))]
    UserInfo,
    /// It has no host.
    #[snafu(display("the URL has no host"))]
    NoHost,
    /// Its host is neither a name nor an address in full form: shorthand IPv4, zone identifiers and the like.
    #[snafu(display("the host of the URL is neither a name nor an address in its full form"))]
    BadHost,
    /// Its port is not a number from 1 to 65535.
    #[snafu(display("the port of the URL is not a number from 1 to 65535"))]
    BadPort,
}

/// What people read, as for all errors.
impl fmt::Debug for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Url {
    /// Reads an absolute URL.
    ///
    /// Scheme and host are compared without case; a missing path is `/`; a fragment is dropped. IPv6 addresses stand in
    /// brackets, in any textual form.
    ///
    /// # Errors
    /// See [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        ensure!(text.len() <= LONGEST, TooLongSnafu);
        ensure!(text.bytes().all(is_sendable), CharacterSnafu);
        let (scheme, rest) = text.split_once("://").context(RelativeSnafu)?;
        let scheme = Scheme::parse(scheme)?;
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end).context(NoHostSnafu)?;
        let (host, port) = parse_authority(authority)?;
        let (path, query) = split_target(target);
        Ok(Self {
            scheme,
            host,
            port: port.unwrap_or(scheme.default_port()),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.map(str::to_owned),
        })
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port; the scheme's own when none was given.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the port is the scheme's own.
    #[must_use]
    pub fn has_default_port(&self) -> bool {
        self.port == self.scheme.default_port()
    }

    /// The path as it is sent, at least `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What stands behind the first `?`, as it is sent.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Path and query as they are sent in the first line of a request.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// What the header `Host` says: the port only when it is not the scheme's own, IPv6 in brackets.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.has_default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// A URL below this one: this URL's path as a prefix, one slash, then the given path and query. Its own query is
    /// dropped.
    ///
    /// ```
    /// use credential_http::Url;
    ///
    /// let endpoint = Url::parse("http://127.0.0.1:1338/prefix/").unwrap();
    /// let url = endpoint.join("/latest/api/token").unwrap();
    /// assert_eq!(url.to_string(), "http://127.0.0.1:1338/prefix/latest/api/token");
    /// ```
    ///
    /// # Errors
    /// [`UrlError::Character`] and [`UrlError::TooLong`].
    pub fn join(&self, path_and_query: &str) -> Result<Self, UrlError> {
        let target = path_and_query
            .split_once('#')
            .map_or(path_and_query, |(target, _)| target);
        ensure!(target.bytes().all(is_sendable), CharacterSnafu);
        let (path, query) = split_target(target);
        let path = format!(
            "{}/{}",
            self.path.trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        let joined = Self {
            path,
            query: query.map(str::to_owned),
            ..self.clone()
        };
        ensure!(joined.length() <= LONGEST, TooLongSnafu);
        Ok(joined)
    }

    fn length(&self) -> usize {
        let query = self.query.as_ref().map_or(0, |query| query.len() + 1);
        "https://".len() + self.authority().len() + self.path.len() + query
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority(), self.path)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self}")?;
        f.write_str(if self.query.is_some() { "?…)" } else { ")" })
    }
}

impl Scheme {
    /// The port when a URL names none: 80 or 443.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    fn parse(text: &str) -> Result<Self, UrlError> {
        if text.eq_ignore_ascii_case("http") {
            Ok(Self::Http)
        } else if text.eq_ignore_ascii_case("https") {
            Ok(Self::Https)
        } else if text.contains(['/', '?', '#']) || text.is_empty() {
            RelativeSnafu.fail()
        } else {
            UnknownSchemeSnafu.fail()
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl Host {
    /// Whether this is `localhost` or a name below it, which always means this machine.
    ///
    /// RFC 6761, <https://www.rfc-editor.org/rfc/rfc6761#section-6.3>
    #[must_use]
    pub fn is_localhost(&self) -> bool {
        matches!(self, Self::Name(name) if is_localhost(name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Host and port, without the user information that may stand before them.
pub(crate) fn parse_authority(authority: &str) -> Result<(Host, Option<u16>), UrlError> {
    ensure!(!authority.contains('@'), UserInfoSnafu);
    ensure!(!authority.is_empty(), NoHostSnafu);
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (address, rest) = inner.split_once(']').context(BadHostSnafu)?;
        let address: Ipv6Addr = address.parse().ok().context(BadHostSnafu)?;
        let port = match rest {
            "" => None,
            _ => Some(rest.strip_prefix(':').context(BadHostSnafu)?),
        };
        (Host::Ip(address.into()), port)
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (parse_host(host)?, Some(port)),
            None => (parse_host(authority)?, None),
        }
    };
    Ok((host, port.map(parse_port).transpose()?))
}

fn parse_host(text: &str) -> Result<Host, UrlError> {
    ensure!(!text.is_empty(), NoHostSnafu);
    let name = text.to_ascii_lowercase();
    let labels = name.strip_suffix('.').unwrap_or(&name);
    let last = labels.rsplit('.').next().unwrap_or_default();
    // What ends in a number is an address, and only its dotted form is read the same way everywhere.
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number {
        let address: Ipv4Addr = text.parse().ok().context(BadHostSnafu)?;
        return Ok(Host::Ip(address.into()));
    }
    let good = labels.len() <= 253 && labels.split('.').all(is_label);
    ensure!(good, BadHostSnafu);
    Ok(Host::Name(name))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn parse_port(text: &str) -> Result<u16, UrlError> {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(digits, BadPortSnafu);
    let port: u16 = text.parse().ok().context(BadPortSnafu)?;
    ensure!(port != 0, BadPortSnafu);
    Ok(port)
}

fn split_target(target: &str) -> (&str, Option<&str>) {
    match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    }
}

fn is_sendable(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'`' | b'\\')
}
