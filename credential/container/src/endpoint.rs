use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use credential_core::Variables;
use credential_http::{Host, HttpClient, Scheme, Url};
use snafu::{OptionExt, ResultExt, ensure};

use crate::error::{
    Error, ForbiddenAddressSnafu, ForbiddenNameSnafu, LookupSnafu, NoAddressSnafu, NotSetSnafu,
    RelativeUriSnafu, UriSnafu, VariableSnafu,
};

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/// Where Amazon ECS serves the relative URI.
pub(crate) const ECS: &str = "http://169.254.170.2";

/// Whether the credentials and the token may travel to this address over plain http: **the rule that decides which hosts
/// may get a container token**. Over https any host may.
///
/// Loopback (`127.0.0.0/8` and `::1`), Amazon ECS (`169.254.170.2`) and Amazon EKS (`169.254.170.23` and
/// `fd00:ec2::23`), on any port. IPv6 in which an IPv4 address is mapped counts as that address. A host given by name
/// passes only when every address it resolves to does, and then only these are connected to. No setting widens this.
///
/// ```
/// use credential_container::may_receive_token;
///
/// assert!(may_receive_token("169.254.170.23".parse().unwrap()));
/// assert!(!may_receive_token("169.254.169.254".parse().unwrap()));
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[must_use]
pub fn may_receive_token(address: IpAddr) -> bool {
    const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
    const EKS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
    const EKS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address == ECS || address == EKS,
        IpAddr::V6(address) => address.is_loopback() || address == EKS_V6,
    }
}

/// Whom to ask, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    /// The addresses that passed the check: connect to these alone, so that a second look-up cannot give others.
    /// `None` for https, where the certificate proves who answers.
    pub(crate) pinned: Option<Vec<IpAddr>>,
}

/// The URL that the variables name: the relative URI below `base`, else the full one.
pub(crate) fn url(variables: &Variables, base: &str) -> Result<Url, Error> {
    let relative = variables.get_path(RELATIVE).context(VariableSnafu)?;
    let full = variables.get_path(FULL).context(VariableSnafu)?;
    if let Some(relative) = relative {
        if full.is_some() {
            tracing::debug!("{RELATIVE} and {FULL} are both set: the full one is ignored");
        }
        return below(base, &relative);
    }
    let full = full.context(NotSetSnafu)?;
    Url::parse(&full).context(UriSnafu { setting: FULL })
}

fn below(base: &str, relative: &str) -> Result<Url, Error> {
    let base = Url::parse(base).context(UriSnafu {
        setting: "with_endpoint",
    })?;
    // Two slashes would begin a host.
    let is_path = relative.starts_with('/') && !relative.starts_with("//");
    ensure!(is_path && !relative.contains('#'), RelativeUriSnafu);
    base.join(relative).context(UriSnafu { setting: RELATIVE })
}

/// Checks whether the host may get the token, before anything is sent to it or even read for it.
pub(crate) async fn check(url: Url, http: &HttpClient) -> Result<Endpoint, Error> {
    if url.scheme() == Scheme::Https {
        return Ok(Endpoint { url, pinned: None });
    }
    let pinned = match url.host() {
        Host::Ip(address) => {
            ensure!(
                may_receive_token(*address),
                ForbiddenAddressSnafu { address: *address }
            );
            vec![*address]
        }
        Host::Name(name) => {
            let found = http.lookup(name).await.context(LookupSnafu { name })?;
            all_allowed(name, found)?
        }
    };
    Ok(Endpoint {
        url,
        pinned: Some(pinned),
    })
}

/// The addresses of a name, provided that each may receive the token.
fn all_allowed(name: &str, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Error> {
    ensure!(!addresses.is_empty(), NoAddressSnafu { name });
    match addresses.iter().find(|address| !may_receive_token(**address)) {
        None => Ok(addresses),
        Some(address) => ForbiddenNameSnafu {
            name,
            address: *address,
        }
        .fail(),
    }
}

#[cfg(test)]
mod tests;
