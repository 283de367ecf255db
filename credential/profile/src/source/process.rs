use credential_core::Secret;

use super::place::Place;
use super::static_keys::account_id;
use crate::{Error, Position, Profile};

/// A command that prints credentials: `credential_process`.
///
/// Its arguments may be secrets, so `Debug` and everything else here show the program alone.
///
/// ```
/// use credential_profile::{Profiles, Source};
///
/// let profiles = Profiles::of_texts("[default]\ncredential_process = \"/opt/my tool\" --pin 1234", "")?;
/// let Source::Process(command) = Source::of(&profiles, profiles.get("default").unwrap())? else {
///     unreachable!()
/// };
/// assert_eq!(command.program(), "/opt/my tool");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessCommand {
    command_line: Secret,
    account_id: Option<String>,
    position: Place,
}

impl ProcessCommand {
    pub(super) fn of(profile: &Profile) -> Result<Option<Self>, Error> {
        let Some(property) = profile.value("credential_process") else {
            return Ok(None);
        };
        Ok(Some(Self {
            command_line: Secret::from(property.value()),
            account_id: account_id(profile)?,
            position: Place::of(property),
        }))
    }

    /// The whole command line.
    #[must_use]
    pub fn command_line(&self) -> &Secret {
        &self.command_line
    }

    /// The program, for people: the first word. Empty where the quotes are such that nobody can tell.
    #[must_use]
    pub fn program(&self) -> &str {
        let text = self.command_line.expose();
        for quote in ['"', '\''] {
            if let Some(rest) = text.strip_prefix(quote) {
                return rest.split_once(quote).map_or("", |(program, _)| program);
            }
        }
        text.split_whitespace().next().unwrap_or_default()
    }

    /// The account of the credentials, unless the command says another: `aws_account_id`.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// Where it is asked for.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.position.position()
    }
}
