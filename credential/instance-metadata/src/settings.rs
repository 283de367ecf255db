use std::fmt;
use std::time::Duration;

use credential_core::{Variables, parse_switch};

use crate::endpoint::EndpointMode;
use crate::error::{Error, NumberSnafu, VariableSnafu};
use snafu::ResultExt;

/// Whether version 1 of instance metadata, which works without a token, may stand in for version 2.
///
/// ```
/// use credential_instance_metadata::V1Fallback;
///
/// assert_eq!(V1Fallback::default(), V1Fallback::Never);
/// ```
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum V1Fallback {
    /// Version 2 only. The default: version 1 opens the credentials to forged requests made by a server in between.
    #[default]
    Never,
    /// Version 1 when the token is refused with status 403, 404 or 405, unless `AWS_EC2_METADATA_V1_DISABLED` or the
    /// profile's `ec2_metadata_v1_disabled` says `true`.
    Allowed,
}

/// A value and who set it.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) value: String,
    pub(crate) origin: String,
}

impl fmt::Debug for Setting {
    /// The origin alone: an endpoint that somebody set wrongly may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({})", self.origin)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Switch {
    #[default]
    BySettings,
    On,
    Off,
}

/// What the program, the environment and the profile say about instance metadata.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) variables: Variables,
    /// By name; of several with the same name the last one counts.
    pub(crate) profile: Vec<(String, Setting)>,
    pub(crate) endpoint: Option<Setting>,
    pub(crate) endpoint_mode: Option<EndpointMode>,
    pub(crate) v1: V1Fallback,
    pub(crate) switch: Switch,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempts: Option<u32>,
}

/// How long each thing may take, and how often it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) request: Duration,
    pub(crate) whole: Duration,
    pub(crate) attempts: u32,
}

impl Settings {
    /// The environment's word, else the profile's; blank counts as unset.
    pub(crate) fn text(&self, variable: &str, key: &str) -> Result<Option<Setting>, Error> {
        Ok(self.of_environment(variable)?.or_else(|| self.of_profile(key)))
    }

    pub(crate) fn of_environment(&self, variable: &str) -> Result<Option<Setting>, Error> {
        let value = self.variables.get(variable).context(VariableSnafu)?;
        Ok(value.map(|value| Setting {
            value,
            origin: variable.to_owned(),
        }))
    }

    pub(crate) fn raw_of_profile(&self, key: &str) -> Option<&Setting> {
        let mut latest_first = self.profile.iter().rev();
        latest_first
            .find(|(name, _)| name == key)
            .map(|(_, setting)| setting)
    }

    pub(crate) fn of_profile(&self, key: &str) -> Option<Setting> {
        let setting = self.raw_of_profile(key)?;
        (!setting.value.trim().is_empty()).then(|| Setting {
            value: setting.value.trim().to_owned(),
            origin: setting.origin.clone(),
        })
    }

    /// Who switches instance metadata off, if anybody does; and whether the variable holds a word it does not know.
    pub(crate) fn switched_off_by(&self) -> Result<(Option<String>, bool), Error> {
        match self.switch {
            Switch::On => return Ok((None, false)),
            Switch::Off => return Ok((Some("the program".to_owned()), false)),
            Switch::BySettings => {}
        }
        let variable = self.of_environment("AWS_EC2_METADATA_DISABLED")?;
        let strange = variable
            .as_ref()
            .is_some_and(|setting| parse_switch(&setting.value).is_none());
        let of_profile = || self.of_profile("disable_ec2_metadata");
        let off = variable
            .or_else(of_profile)
            .filter(|setting| parse_switch(&setting.value) == Some(true));
        Ok((off.map(|setting| setting.origin), strange))
    }

    /// Who forbids version 1, if anybody does.
    pub(crate) fn v1_forbidden_by(&self) -> Result<Option<String>, Error> {
        Ok(self
            .text("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")?
            .filter(|setting| parse_switch(&setting.value) == Some(true))
            .map(|setting| setting.origin))
    }

    pub(crate) fn limits(&self) -> Result<Limits, Error> {
        let seconds = self
            .number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?
            .map(|seconds| Duration::from_secs(seconds.into()));
        let attempts = self.number(
            "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
            "metadata_service_num_attempts",
        )?;
        let connect = self.connect_timeout.or(seconds).unwrap_or(Duration::from_secs(1));
        let read = self.read_timeout.or(seconds).unwrap_or(Duration::from_secs(1));
        // Whoever grants more time for one answer wants the whole to have room for it.
        let longest = connect.max(read);
        let request = self
            .request_timeout
            .unwrap_or_else(|| Duration::from_secs(3).max(longest.saturating_mul(3)));
        let whole = self
            .timeout
            .unwrap_or_else(|| Duration::from_secs(5).max(longest.saturating_mul(5)));
        Ok(Limits {
            connect: connect.min(request).min(whole),
            read: read.min(request).min(whole),
            request: request.min(whole),
            whole,
            attempts: self.attempts.or(attempts).unwrap_or(3).max(1),
        })
    }

    fn number(&self, variable: &str, key: &str) -> Result<Option<u32>, Error> {
        let Some(Setting { value, origin }) = self.text(variable, key)? else {
            return Ok(None);
        };
        match value.parse::<u32>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => NumberSnafu {
                setting: origin,
                value,
            }
            .fail(),
        }
    }
}
