use std::time::Duration;

use credential_core::{Clock, Secret};
use credential_runtime::within;
use snafu::ResultExt;

use crate::error::{Error, MfaPromptSnafu, MfaTimedOutSnafu, NoMfaPromptSnafu};
use crate::mfa::MfaPrompt;

/// The MFA device of a provider, and how to get at its code.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) serial: Option<String>,
    pub(crate) prompt: Option<MfaPrompt>,
    pub(crate) limit: Duration,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            serial: None,
            prompt: None,
            limit: Duration::from_secs(300),
        }
    }
}

impl Device {
    /// A device that nobody can read is a mistake in the settings, told before anybody is asked for anything.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match (&self.serial, &self.prompt) {
            (Some(serial), None) => NoMfaPromptSnafu { serial }.fail(),
            _ => Ok(()),
        }
    }

    /// The device's serial number and its code; `None` without a device.
    pub(crate) async fn ask(&self, clock: &dyn Clock) -> Result<Option<(&str, Secret)>, Error> {
        let (Some(serial), Some(prompt)) = (&self.serial, &self.prompt) else {
            return self.check().map(|()| None);
        };
        let answer = within(clock.sleep(self.limit), prompt.ask(serial)).await;
        let limit = self.limit;
        let code = answer
            .ok_or_else(|| MfaTimedOutSnafu { serial, limit }.build())?
            .context(MfaPromptSnafu { serial })?;
        Ok(Some((serial, Secret::from(code.expose().trim()))))
    }
}
