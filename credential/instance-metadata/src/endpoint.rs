use credential_http::Url;
use snafu::ResultExt;

use crate::error::{EndpointModeSnafu, EndpointQuerySnafu, EndpointSnafu, Error, VariableSnafu};
use crate::settings::{Setting, Settings};

/// Which of the two addresses of instance metadata is asked when no endpoint is set.
///
/// ```
/// use credential_instance_metadata::EndpointMode;
///
/// assert_eq!(EndpointMode::default(), EndpointMode::Ipv4);
/// ```
///
/// AWS: `ec2_metadata_service_endpoint_mode`,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointMode {
    /// `http://169.254.169.254`, the default.
    #[default]
    Ipv4,
    /// `http://[fd00:ec2::254]`, on Nitro instances for which it was switched on.
    Ipv6,
}

/// Where instance metadata is asked, and whether somebody said so or it is the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    pub(crate) origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A person named this very endpoint: whatever answers there is meant to be instance metadata.
    Configured,
    /// The well-known address, where other clouds answer too.
    WellKnown,
}

const ENDPOINT: (&str, &str) = (
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "ec2_metadata_service_endpoint",
);
const MODE: (&str, &str) = (
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "ec2_metadata_service_endpoint_mode",
);

/// What older programs put behind the endpoint, which AWS's own settings leave out.
const OLD_PATH: &str = "/latest/meta-data/iam/security-credentials";

/// The endpoint in force: one set in code, in the environment, in the profile; else by the mode set in code, in the
/// environment, in the profile; else IPv4. Any endpoint beats any mode, as in AWS's SDKs.
pub(crate) fn endpoint(settings: &Settings) -> Result<Endpoint, Error> {
    if let Some(setting) = chosen_endpoint(settings)? {
        return Ok(Endpoint {
            url: parse(&setting)?,
            origin: Origin::Configured,
        });
    }
    let mode = match settings.endpoint_mode {
        Some(mode) => mode,
        None => match settings.text(MODE.0, MODE.1)? {
            Some(setting) => parse_mode(setting)?,
            None => EndpointMode::default(),
        },
    };
    let address = match mode {
        EndpointMode::Ipv4 => "http://169.254.169.254",
        EndpointMode::Ipv6 => "http://[fd00:ec2::254]",
    };
    Ok(Endpoint {
        url: Url::parse(address).context(EndpointSnafu {
            setting: "the default endpoint",
        })?,
        origin: Origin::WellKnown,
    })
}

/// Whether a mode set in code stands back behind an endpoint from elsewhere, which is worth a warning.
pub(crate) fn mode_in_code_is_overruled(settings: &Settings) -> bool {
    settings.endpoint_mode.is_some() && chosen_endpoint(settings).is_ok_and(|endpoint| endpoint.is_some())
}

fn chosen_endpoint(settings: &Settings) -> Result<Option<Setting>, Error> {
    if settings.endpoint.is_some() {
        return Ok(settings.endpoint.clone());
    }
    let of_environment = settings.variables.get_path(ENDPOINT.0).context(VariableSnafu)?;
    Ok(of_environment
        .map(|value| Setting {
            value,
            origin: ENDPOINT.0.to_owned(),
        })
        .or_else(|| settings.of_profile(ENDPOINT.1)))
}

fn parse(Setting { value, origin }: &Setting) -> Result<Url, Error> {
    if value.contains(['?', '#']) {
        return EndpointQuerySnafu { setting: origin }.fail();
    }
    let trimmed = value.trim_end_matches('/');
    let base = trimmed.strip_suffix(OLD_PATH).unwrap_or(trimmed);
    Url::parse(base).context(EndpointSnafu { setting: origin })
}

fn parse_mode(Setting { value, origin }: Setting) -> Result<EndpointMode, Error> {
    if value.eq_ignore_ascii_case("IPv4") {
        Ok(EndpointMode::Ipv4)
    } else if value.eq_ignore_ascii_case("IPv6") {
        Ok(EndpointMode::Ipv6)
    } else {
        EndpointModeSnafu {
            setting: origin,
            value,
        }
        .fail()
    }
}

#[cfg(test)]
mod tests;
