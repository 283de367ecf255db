use std::io;
use std::path::PathBuf;

use credential_core::{CredentialsError, VariableError};
use snafu::Snafu;

use crate::location::Notes;
use crate::provider::NAME;
use crate::{Origin, Position, Searched, SourceKind, SyntaxErrorKind, Unread};

/// Why the shared files gave no credentials, or no setting.
///
/// It names profiles, keys, files and lines; it never quotes a line or a value.
///
/// ```
/// use credential_profile::{Error, Profiles};
///
/// let error = Profiles::of_texts("[default\nregion = eu-west-1", "").unwrap_err();
/// assert!(matches!(error, Error::Syntax { .. }));
/// assert_eq!(error.to_string(), "config:1: a section line must end with a bracket");
/// ```
#[derive(Debug, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// There is no profile of the name that holds when nobody names one. *Not configured.*
    #[snafu(display("no profile `default` in {searched}"))]
    NoDefaultProfile {
        /// Where it was looked for.
        searched: Box<Searched>,
    },
    /// The profile is there and asks for no credentials. *Not configured.*
    #[snafu(display("profile `{profile}` has no credential settings{}", Notes(unread)))]
    NoCredentials {
        /// The profile.
        profile: String,
        /// Files that might have held some and could not be read.
        unread: Vec<Unread>,
    },
    /// The profile names an SSO session, good for a bearer token alone. *Not configured.*
    #[snafu(display(
        "profile `{profile}` ({key} in {position}) has neither sso_account_id nor sso_role_name, so it gives no credentials"
    ))]
    SsoTokenOnly {
        /// The profile.
        profile: String,
        /// The key that speaks of SSO.
        key: String,
        /// Where it is.
        position: Position,
    },
    /// A profile was named and there is none of that name. *Invalid configuration.*
    #[snafu(display("no profile `{}`, which {named_by} names, in {searched}{hint}", profile.escape_debug()))]
    NoSuchProfile {
        /// The profile.
        profile: String,
        /// Who named it.
        named_by: Origin,
        /// Where it was looked for.
        searched: Box<Searched>,
        /// A section that might have been meant, as the tail of the sentence; often empty.
        hint: String,
    },
    /// A line of a file breaks the grammar. *Invalid configuration.*
    #[snafu(display("{position}: {kind}"))]
    Syntax {
        /// The line.
        position: Position,
        /// What is wrong with it.
        kind: SyntaxErrorKind,
    },
    /// A file is not UTF-8. *Invalid configuration.*
    #[snafu(display("{position}: the file is not UTF-8 from byte {offset} on"))]
    NotUtf8 {
        /// The line.
        position: Position,
        /// The first wrong byte, counted from 0.
        offset: usize,
    },
    /// A file begins with the mark of UTF-16. *Invalid configuration.*
    #[snafu(display("{} is UTF-16; save it as UTF-8", path.display()))]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// A file is too large to be a shared file. *Invalid configuration.*
    #[snafu(display("{} has more than {limit} bytes", path.display()))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// A file whose path was given in code cannot be read. *Invalid configuration.*
    #[snafu(display("cannot read {}", path.display()))]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A variable is not Unicode. *Invalid configuration.*
    #[snafu(transparent)]
    Variable {
        /// Which variable.
        source: VariableError,
    },
    /// A profile has one key without the other it needs. *Invalid configuration.*
    #[snafu(display("profile `{profile}` has {present} in {position}, but no {missing}"))]
    Incomplete {
        /// The profile.
        profile: String,
        /// The key that is there.
        present: &'static str,
        /// Where it is.
        position: Position,
        /// The key that is missing, or the keys.
        missing: &'static str,
    },
    /// A profile has two keys that exclude each other. *Invalid configuration.*
    #[snafu(display("profile `{profile}` has both {first} and {second} in {position}; only one is allowed"))]
    Contradiction {
        /// The profile.
        profile: String,
        /// One key.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// Where the other is.
        position: Position,
    },
    /// A key holds a character that cannot be sent to AWS. *Invalid configuration.*
    #[snafu(display(
        "{key} of profile `{profile}` in {position} holds a control character or white space inside"
    ))]
    IllegalCharacter {
        /// The profile.
        profile: String,
        /// The key.
        key: &'static str,
        /// Where it is.
        position: Position,
    },
    /// A profile asks for a source of credentials that is not here to be asked. *Invalid configuration*, so that it
    /// never turns into another identity.
    #[snafu(display("profile `{profile}` asks for {kind} in {position}, which cannot be provided here"))]
    NotBuilt {
        /// The profile.
        profile: String,
        /// What it asks for.
        kind: SourceKind,
        /// Where it asks.
        position: Position,
    },
    /// A setting is wrong. *Invalid configuration.*
    #[snafu(display("{origin} {rule}"))]
    Setting {
        /// Where it was made.
        origin: Origin,
        /// What it has to be.
        rule: &'static str,
    },
    /// A profile names a `services` section that is not there. *Invalid configuration.*
    #[snafu(display("no [services {services}], which profile `{profile}` names in {position}"))]
    NoSuchServices {
        /// The section.
        services: String,
        /// The profile.
        profile: String,
        /// Where it names the section.
        position: Position,
    },
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoDefaultProfile { .. } | Error::NoCredentials { .. } | Error::SsoTokenOnly { .. } => {
                Self::not_configured(NAME, error)
            }
            Error::NoSuchProfile { .. }
            | Error::Syntax { .. }
            | Error::NotUtf8 { .. }
            | Error::Utf16 { .. }
            | Error::TooLarge { .. }
            | Error::File { .. }
            | Error::Variable { .. }
            | Error::Incomplete { .. }
            | Error::Contradiction { .. }
            | Error::IllegalCharacter { .. }
            | Error::NotBuilt { .. }
            | Error::Setting { .. }
            | Error::NoSuchServices { .. } => Self::invalid_configuration(NAME, error),
        }
    }
}
