use std::fmt;
use std::io;
use std::path::PathBuf;

use credential_core::{CredentialsError, Report, VariableError};
use snafu::Snafu;

use crate::location::Notes;
use crate::provider::NAME;
use crate::shown::Shown;
use crate::{Origin, Position, Searched, SourceKind, SyntaxErrorKind, Unread};

/// Why the shared files gave no credentials, or no setting.
///
/// It names profiles, sessions, keys, files and lines; it never quotes a line, nor a value that is not such a name.
///
/// ```
/// use credential_profile::{Error, Profiles};
///
/// let error = Profiles::of_texts("[default\nregion = eu-west-1", "").unwrap_err();
/// assert!(matches!(error, Error::Syntax { .. }));
/// assert_eq!(error.to_string(), "config:1: a section line must end with a bracket");
/// ```
#[derive(Snafu)]
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
    #[snafu(display(
        "no profile `{}`, which {named_by} names, in {searched}{hint}",
        Shown(profile)
    ))]
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
    /// There is nothing to be read at a path that was given in code. *Invalid configuration.*
    #[snafu(display("cannot read {}", path.display()))]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Reading a file went wrong in a way that says nothing of what it holds, as with too many open files. *Failed*, and
    /// worth another try: a file that cannot be read for a moment never counts as empty.
    #[snafu(display("reading {} went wrong", path.display()))]
    Read {
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
        missing: String,
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
    #[snafu(display(
        "profile `{profile}` asks for {kind} in {position}, which `credential-profile` alone cannot provide; the crate \
         `credential-chain` does"
    ))]
    NotBuilt {
        /// The profile.
        profile: String,
        /// What it asks for.
        kind: SourceKind,
        /// Where it asks.
        position: Position,
    },
    /// A profile names a source of credentials that nobody knows. *Invalid configuration.*
    #[snafu(display(
        "credential_source of profile `{profile}` in {position} is `{}`, which nobody knows; it may be {}",
        Shown(name),
        known.join(", ")
    ))]
    UnknownCredentialSource {
        /// The name.
        name: String,
        /// The profile.
        profile: String,
        /// Where it names the source.
        position: Position,
        /// The names that are known.
        known: Vec<String>,
    },
    /// A profile names a source profile that is in neither file. *Invalid configuration.*
    #[snafu(display(
        "no profile `{}`, which profile `{profile}` names as its source_profile in {position}{hint}",
        Shown(source_profile)
    ))]
    NoSourceProfile {
        /// The source profile.
        source_profile: String,
        /// The profile that names it.
        profile: String,
        /// Where.
        position: Position,
        /// A section that might have been meant, as the tail of the sentence; often empty.
        hint: String,
    },
    /// A source profile has no credentials to assume a role with. *Invalid configuration*, whatever the reason is.
    #[snafu(display("profile `{source_profile}`, the source profile of `{profile}`, cannot be used"))]
    SourceProfile {
        /// The source profile.
        source_profile: String,
        /// The profile that names it.
        profile: String,
        /// Why.
        #[snafu(source(from(Error, Box::new)))]
        source: Box<Error>,
    },
    /// Source profiles that lead back to one of them. *Invalid configuration.*
    #[snafu(display(
        "the source profiles form a loop: {}, and then `{repeated}` again",
        Names(visited)
    ))]
    Loop {
        /// The profiles in the order of their naming, from the selected one on.
        visited: Vec<String>,
        /// The one that comes again.
        repeated: String,
    },
    /// More roles than anybody assumes one with the other. *Invalid configuration.*
    #[snafu(display(
        "profile `{profile}` leads to {hops} roles, one assumed with the other; {limit} are the limit"
    ))]
    TooManyRoles {
        /// The selected profile.
        profile: String,
        /// How many roles.
        hops: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A profile names an SSO session that is not there. *Invalid configuration.*
    #[snafu(display(
        "no [sso-session {}] in the config file, which profile `{profile}` names in {position}{hint}",
        Shown(session)
    ))]
    NoSuchSsoSession {
        /// The session.
        session: String,
        /// The profile.
        profile: String,
        /// Where it names the session.
        position: Position,
        /// A section that might have been meant, as the tail of the sentence; often empty.
        hint: String,
    },
    /// A profile says otherwise than the SSO session that it names. *Invalid configuration.*
    #[snafu(display(
        "profile `{profile}` has {key} in {position}, and [sso-session {session}], where it belongs, has {found}"
    ))]
    SsoMismatch {
        /// The profile.
        profile: String,
        /// The key.
        key: &'static str,
        /// Where the profile has it.
        position: Position,
        /// The session.
        session: String,
        /// What the session has: another one, or none.
        found: &'static str,
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
    #[snafu(display(
        "no [services {}], which profile `{profile}` names in {position}{hint}",
        Shown(services)
    ))]
    NoSuchServices {
        /// The section.
        services: String,
        /// The profile.
        profile: String,
        /// Where it names the section.
        position: Position,
        /// A section that might have been meant, as the tail of the sentence; often empty.
        hint: String,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoDefaultProfile { .. } | Error::NoCredentials { .. } | Error::SsoTokenOnly { .. } => {
                Self::not_configured(NAME, error)
            }
            Error::Read { .. } => Self::failed(NAME, error).with_transient(true),
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
            | Error::UnknownCredentialSource { .. }
            | Error::NoSourceProfile { .. }
            | Error::SourceProfile { .. }
            | Error::Loop { .. }
            | Error::TooManyRoles { .. }
            | Error::NoSuchSsoSession { .. }
            | Error::SsoMismatch { .. }
            | Error::Setting { .. }
            | Error::NoSuchServices { .. } => Self::invalid_configuration(NAME, error),
        }
    }
}

#[cold]
pub(crate) fn refused(origin: &Origin, rule: &'static str) -> Error {
    let origin = origin.clone();
    Error::Setting { origin, rule }
}

/// The first names of a list that may be long.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        for (index, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(more @ 1..) => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}
