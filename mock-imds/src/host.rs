use std::net::{IpAddr, SocketAddr};

use crate::request::Request;
use crate::state::Shared;

/// The addresses and names under which the services are known everywhere.
const KNOWN: [&str; 6] = [
    "localhost",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
];

/// Whether the `Host` of a request is one of ours. A page in a browser can make a foreign name point to this machine,
/// and would read credentials then; the name gives it away.
pub(crate) fn is_ours(request: &Request, shared: &Shared) -> bool {
    let Some(host) = request.header("host") else {
        return true;
    };
    let host = without_port(host).to_ascii_lowercase();
    let own = shared.address.ip();
    let is_address = || {
        let text = host.trim_start_matches('[').trim_end_matches(']');
        text.parse::<IpAddr>().is_ok_and(|address| {
            address == own || own.is_unspecified() || (own.is_loopback() && address.is_loopback())
        })
    };
    KNOWN.contains(&host.as_str())
        || is_address()
        || shared
            .settings
            .allowed_hosts
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&host))
        || [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
            .iter()
            .any(|domain| host.ends_with(domain))
}

/// A host as it stands in a URL: IPv6 in brackets.
pub(crate) fn literal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// The base of every URL of a server, without a final slash.
pub(crate) fn endpoint(address: SocketAddr) -> String {
    // An address that means "all of them" is no address to call.
    let host = match address.ip() {
        ip if !ip.is_unspecified() => literal(ip),
        IpAddr::V4(_) => "127.0.0.1".to_owned(),
        IpAddr::V6(_) => "[::1]".to_owned(),
    };
    format!("http://{host}:{}", address.port())
}

/// The same in the words of the one who asks.
pub(crate) fn base(request: &Request, shared: &Shared) -> String {
    match request.header("host") {
        Some(host) => format!("http://{host}"),
        None => endpoint(shared.address),
    }
}

pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => {
            if name.contains(':') && !name.ends_with(']') {
                host
            } else {
                name
            }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_comes_off_and_the_brackets_stay() {
        for (host, bare) in [
            ("127.0.0.1:1338", "127.0.0.1"),
            ("localhost", "localhost"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("evil.example:", "evil.example"),
        ] {
            assert_eq!(without_port(host), bare);
        }
    }
}
