use snafu::ensure;

use crate::error::{NoSuchServicesSnafu, SettingSnafu};
use crate::{Error, Origin, Setting, Settings};

/// A variable's generic word beats a file's specific one.
pub(crate) fn of(settings: &Settings, service: &str) -> Result<Option<Setting>, Error> {
    if settings.switch(
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "ignore_configured_endpoint_urls",
    )? {
        return Ok(None);
    }
    let service = service.replace([' ', '-'], "_");
    let of_service = format!("AWS_ENDPOINT_URL_{}", service.to_ascii_uppercase());
    for variable in [of_service.as_str(), "AWS_ENDPOINT_URL"] {
        if let Some(url) = settings.path_of_variable(variable)? {
            return checked(url).map(Some);
        }
    }
    let url = match of_services_section(settings, &service.to_ascii_lowercase())? {
        Some(url) => Some(url),
        None => settings.of_profile("endpoint_url"),
    };
    url.map(checked).transpose()
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
fn checked(url: Setting) -> Result<Setting, Error> {
    ensure!(
        is_plain_http_url(url.value()),
        SettingSnafu {
            origin: url.origin().clone(),
            rule: "must be an http or https address without user information, query and fragment",
        }
    );
    Ok(url)
}

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
