use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{NoSuchServicesSnafu, refused};
use crate::{Error, Origin, Setting, Settings};

/// What a call to a service carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    /// What the service always gets: the services of logins get their tokens.
    Usual,
    /// A token, as it is.
    Token,
}

/// A variable's generic word beats a file's specific one.
pub(crate) fn of(settings: &Settings, service: &str, carries: Carries) -> Result<Option<Setting>, Error> {
    if settings.switch(
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "ignore_configured_endpoint_urls",
    )? {
        return Ok(None);
    }
    let service = service.replace([' ', '-'], "_").to_ascii_lowercase();
    let Some((url, reach)) = configured(settings, &service)? else {
        return Ok(None);
    };
    if !is_plain_http_url(url.value()) {
        return Err(refused(url.origin(), ADDRESS_RULE));
    }
    // An address for all services was perhaps set for one that signs its requests, which can travel in clear. A token is
    // good for whoever reads it.
    if reach == Reach::AllServices
        && let Some(rule) = rule_of_tokens(&service, carries)
        && leaves_this_machine_in_clear(url.value())
    {
        return Err(refused(url.origin(), rule));
    }
    Ok(Some(url))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    OneService,
    AllServices,
}

fn configured(settings: &Settings, service: &str) -> Result<Option<(Setting, Reach)>, Error> {
    let of_service = format!("AWS_ENDPOINT_URL_{}", service.to_ascii_uppercase());
    if let Some(url) = settings.path_of_variable(&of_service)? {
        return Ok(Some((url, Reach::OneService)));
    }
    if let Some(url) = settings.path_of_variable("AWS_ENDPOINT_URL")? {
        return Ok(Some((url, Reach::AllServices)));
    }
    if let Some(url) = of_services_section(settings, service)? {
        return Ok(Some((url, Reach::OneService)));
    }
    let url = settings.of_profile("endpoint_url");
    Ok(url.map(|url| (url, Reach::AllServices)))
}

fn rule_of_tokens(service: &str, carries: Carries) -> Option<&'static str> {
    Some(match (service, carries) {
        ("sso", _) => {
            "is plain http to another machine, over which no token of a login is sent; use https, or \
             AWS_ENDPOINT_URL_SSO to do so for this service"
        }
        ("sso_oidc", _) => {
            "is plain http to another machine, over which no token of a login is sent; use https, or \
             AWS_ENDPOINT_URL_SSO_OIDC to do so for this service"
        }
        ("signin", _) => {
            "is plain http to another machine, over which no token of a login is sent; use https, or \
             AWS_ENDPOINT_URL_SIGNIN to do so for this service"
        }
        ("sts", Carries::Token) => {
            "is plain http to another machine, over which no web identity token is sent; use https, or \
             AWS_ENDPOINT_URL_STS to do so for this service"
        }
        (_, Carries::Token) => {
            "is plain http to another machine, over which no token is sent; use https, or AWS_ENDPOINT_URL_… to do so \
             for this service"
        }
        (_, Carries::Usual) => return None,
    })
}

fn leaves_this_machine_in_clear(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            !is_this_machine(rest.split('/').next().unwrap_or_default())
        }
        _ => false,
    }
}

/// Whether host and port are certain to be here: a name that is not known to be is another machine's.
fn is_this_machine(authority: &str) -> bool {
    if let Some(inner) = authority.strip_prefix('[') {
        let address = inner
            .split_once(']')
            .and_then(|(address, _)| address.parse::<Ipv6Addr>().ok());
        return address.is_some_and(|address| address.to_canonical().is_loopback());
    }
    let host = authority.split(':').next().unwrap_or_default();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_loopback();
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn of_services_section(settings: &Settings, service: &str) -> Result<Option<Setting>, Error> {
    let Some(property) = settings
        .profiles()
        .get(settings.profile_name().value())
        .and_then(|profile| profile.value("services"))
    else {
        return Ok(None);
    };
    let Some(section) = settings.profiles().services(property.value()) else {
        return NoSuchServicesSnafu {
            services: property.value(),
            profile: settings.profile_name().value(),
            position: property.position().clone(),
            hint: settings.profiles().hint_of("services", property.value()),
        }
        .fail();
    };
    // AWS writes sso_oidc; its SDK for Rust writes sso-oidc.
    for name in [service.to_owned(), service.replace('_', "-")] {
        let Some(block) = section.property(&name) else {
            continue;
        };
        if !block.is_blank() && block.children().is_empty() {
            tracing::warn!(
                "{name} in {} has no indented lines below it: it is ignored",
                block.position()
            );
        }
        if let Some(url) = block.child("endpoint_url") {
            return Ok(Some(Setting::new(
                url.value().to_owned(),
                Origin::File {
                    key: format!("endpoint_url of {name}"),
                    position: url.position().clone(),
                },
            )));
        }
    }
    Ok(None)
}

/// An address that cannot be right must not be passed over: the requests would go to AWS's public endpoint instead of the
/// private one that was asked for. What exactly a host may be is for the HTTP client to say.
const ADDRESS_RULE: &str = "must be an http or https address without user information, query and fragment";

fn is_plain_http_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && !authority.is_empty()
        && !authority.starts_with(':')
        && !url.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '@' | '?' | '#' | '\\'))
}
