use credential_core::Secret;

use super::place::Place;
use super::static_keys::account_id;
use crate::{Error, Position, Profile};

/// A command that prints credentials: `credential_process`.
///
/// Its arguments may be secrets, so `Debug` and everything else here show the program alone; and of
/// `PASSWORD=… tool`, as people write who are used to a shell, the name.
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
    program: String,
    account_id: Option<String>,
    position: Place,
}

impl ProcessCommand {
    pub(super) fn of(profile: &Profile) -> Result<Option<Self>, Error> {
        let Some(property) = profile.value("credential_process") else {
            return Ok(None);
        };
        let account_id = account_id(profile)?;
        Ok(Some(Self {
            command_line: Secret::from(property.value()),
            program: shown(property.value()),
            account_id: account_id.map(str::to_owned),
            position: Place::of(property),
        }))
    }

    /// The whole command line.
    #[must_use]
    pub fn command_line(&self) -> &Secret {
        &self.command_line
    }

    /// The program, for people: the first word up to 200 letters, without the value of an assignment. Empty where the
    /// quotes are such that nobody can tell.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
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

const MOST_LETTERS: usize = 200;

/// What may be shown of a command line.
fn shown(line: &str) -> String {
    let first = first_word(line);
    let shown = match first.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => first.to_owned(),
    };
    shown
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MOST_LETTERS)
        .collect()
}

fn first_word(line: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(rest) = line.strip_prefix(quote) {
            return rest.split_once(quote).map_or("", |(program, _)| program);
        }
    }
    line.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\''))
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::{Profiles, Source};

    fn program(line: &str) -> String {
        let profiles = Profiles::of_texts(&format!("[default]\ncredential_process = {line}"), "").unwrap();
        match Source::of(&profiles, profiles.get("default").unwrap()) {
            Ok(Source::Process(command)) => command.program().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_program_is_shown_and_nothing_that_may_be_a_secret() {
        for (line, shown) in [
            ("/opt/tool --password hunter2", "/opt/tool"),
            ("\"/opt/my tool\" hunter2", "/opt/my tool"),
            ("'/opt/my tool' hunter2", "/opt/my tool"),
            ("AWS_PASSWORD=hunter2 /opt/tool", "AWS_PASSWORD=…"),
            ("AWS_PASSWORD='hunter2 x' /opt/tool", "AWS_PASSWORD=…"),
            ("\"AWS_PASSWORD=hunter2\" /opt/tool", "AWS_PASSWORD=…"),
            ("'AWS_PASSWORD=hunter2 x' /opt/tool", "AWS_PASSWORD=…"),
            ("=hunter2", "=…"),
            ("tool'hunter2", "tool"),
            ("tool\"hunter2\"", "tool"),
            ("'/opt/tool hunter2", ""),
            ("to\u{1b}[31mol hunter2", "to[31mol"),
        ] {
            assert_eq!(program(line), shown, "{line}");
        }
    }

    #[test]
    fn a_long_program_is_cut() {
        for line in [
            "x".repeat(5000),
            format!("\"{}\"", "é".repeat(5000)),
            format!("{}=y", "x".repeat(5000)),
        ] {
            assert_eq!(program(&line).chars().count(), 200);
        }
    }
}
