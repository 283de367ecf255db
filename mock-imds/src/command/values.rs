//! How the values of options are read: `None` for what is none.

use std::net::{IpAddr, Ipv4Addr};

use mock_imds::{RefreshTokens, Signatures, Source, TokenMode};

use super::arguments::AccessLog;

pub(crate) fn address(text: &str) -> Option<IpAddr> {
    match text {
        "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
        text => text.trim_start_matches('[').trim_end_matches(']').parse().ok(),
    }
}

pub(crate) fn role_name(text: &str) -> Option<String> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    fits.then(|| text.to_owned())
}

pub(crate) fn account(text: &str) -> Option<String> {
    (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}

pub(crate) fn region(text: &str) -> Option<String> {
    let fits = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| text.to_owned())
}

pub(crate) fn token_mode(text: &str) -> Option<TokenMode> {
    match text {
        "required" => Some(TokenMode::Required),
        "optional" => Some(TokenMode::Optional),
        "disabled" => Some(TokenMode::Disabled),
        "v1-only" => Some(TokenMode::V1Only),
        _ => None,
    }
}

pub(crate) fn refresh_tokens(text: &str) -> Option<RefreshTokens> {
    match text {
        "single-use" => Some(RefreshTokens::SingleUse),
        "reusable" => Some(RefreshTokens::Reusable),
        "unmentioned" => Some(RefreshTokens::Unmentioned),
        _ => None,
    }
}

pub(crate) fn mfa_device(text: &str) -> Option<(String, String)> {
    let (serial, code) = text.rsplit_once('=')?;
    let fits = serial.len() >= 9 && code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| (serial.to_owned(), code.to_owned()))
}

pub(crate) fn source(text: &str) -> Option<Source> {
    match text {
        "imds" => Some(Source::InstanceMetadata),
        "ecs" => Some(Source::Ecs),
        "eks" => Some(Source::Eks),
        "greengrass" => Some(Source::Greengrass),
        "snapstart" => Some(Source::SnapStart),
        "cloudshell" => Some(Source::CloudShell),
        "web-identity" => Some(Source::WebIdentity),
        "sso" => Some(Source::Sso),
        "login" => Some(Source::SignIn),
        "env" => Some(Source::Environment),
        _ => None,
    }
}

pub(crate) fn access_log(text: String) -> AccessLog {
    match text.as_str() {
        "stderr" => AccessLog::StandardError,
        "off" => AccessLog::Off,
        _ => AccessLog::File(text.into()),
    }
}

pub(crate) fn signatures(text: &str) -> Option<Signatures> {
    match text {
        "on" => Some(Signatures::On),
        "lenient" => Some(Signatures::Lenient),
        "off" => Some(Signatures::Off),
        _ => None,
    }
}

/// `meta-data/tags/instance/Name=web`: a path below `/latest/` and what stands there.
pub(crate) fn metadata(text: &str) -> Option<(String, String)> {
    let (path, value) = text.split_once('=')?;
    let path = path.trim_start_matches('/');
    (!path.is_empty()).then(|| (path.to_owned(), value.to_owned()))
}
