use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::url::{Host, parse_authority};

/// One entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bypass {
    Everything,
    /// This name and all below it, without a dot in front.
    Name(String, Option<u16>),
    Address(IpAddr, Option<u16>),
    Network(IpAddr, u8),
}

impl Bypass {
    pub(super) fn parse_list(list: &str) -> Vec<Self> {
        let mut entries = Vec::new();
        for entry in list.split([',', ' ', '\t', '\r', '\n']) {
            match entry {
                "" => {}
                "*" => entries.push(Self::Everything),
                _ => entries.extend(Self::parse(entry)),
            }
        }
        entries
    }

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

    pub(super) fn covers(&self, host: &Host, port: u16) -> bool {
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

pub(super) fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
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
