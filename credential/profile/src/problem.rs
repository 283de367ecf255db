use std::fmt;

use credential_core::{Secret, is_invisible};

use crate::parse::{is_identifier, unquoted};
use crate::shown::Shown;
use crate::{Position, SourceKind};

/// Something in the files that has no effect, and was probably meant to have one. It is logged as a warning.
///
/// ```
/// use credential_profile::Profiles;
///
/// let profiles = Profiles::of_texts("[deploy]\nregion = eu-west-1", "")?;
/// assert_eq!(
///     profiles.problems()[0].to_string(),
///     "config:1: [deploy] is ignored; a profile here is called [profile deploy]"
/// );
/// # Ok::<(), credential_profile::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(crate) position: Position,
    pub(crate) kind: ProblemKind,
}

impl Problem {
    /// Where it is.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &ProblemKind {
        &self.kind
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.kind)
    }
}

/// What a [`Problem`] is. Names that break the rules for names are repeated only where they
/// are short and cannot be a secret: anything may have been pasted there.
///
/// ```
/// use credential_profile::{ProblemKind, Profiles};
///
/// let profiles = Profiles::of_texts("[deploy]\nregion = eu-west-1", "")?;
/// for problem in profiles.problems() {
///     if let ProblemKind::NeedsPrefix { name } = problem.kind() {
///         println!("line {}: write [profile {name}]", problem.position().line());
///     }
/// }
/// # assert!(matches!(profiles.problems()[0].kind(), ProblemKind::NeedsPrefix { name } if name == "deploy"));
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// `[NAME]` in the config file, where a profile is called `[profile NAME]`.
    NeedsPrefix {
        /// The name.
        name: String,
    },
    /// `[profile NAME]` in the credentials file, where a profile is called `[NAME]`.
    NeedsNoPrefix {
        /// The name.
        name: String,
    },
    /// `[default]` in the config file beside `[profile default]`, which counts alone.
    ShadowedDefault,
    /// A section name with characters that are not allowed, or a section that the credentials file cannot have.
    IllegalName {
        /// What stands between the brackets. It is told only where it cannot be a secret.
        section: Secret,
    },
    /// A property name with characters that are not allowed.
    IllegalKey,
    /// Keys of a profile in the config file, because the credentials file has keys for it.
    KeysLeftOut {
        /// The profile.
        profile: String,
    },
    /// A key without a value, which counts as absent.
    BlankKey {
        /// The key.
        key: &'static str,
    },
    /// A value in double quotes, which are a part of it.
    Quoted {
        /// The profile.
        profile: String,
        /// The key.
        key: &'static str,
    },
    /// One of several kinds of credentials that a profile asks for: another one counts, and AWS's own tools do not all
    /// agree on which.
    NotUsed {
        /// The profile.
        profile: String,
        /// What has no effect.
        kind: SourceKind,
        /// What counts.
        used: SourceKind,
    },
    /// A `duration_seconds` of more than an hour for a role that is assumed with a role's session: AWS allows one hour.
    CutToAnHour {
        /// The profile.
        profile: String,
    },
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsPrefix { name } => {
                write!(
                    f,
                    "[{name}] is ignored; a profile here is called [profile {}]",
                    InBrackets(name)
                )
            }
            Self::NeedsNoPrefix { name } => {
                write!(
                    f,
                    "[profile {name}] is ignored; a profile here is called [{}]",
                    InBrackets(name)
                )
            }
            Self::ShadowedDefault => f.write_str("[default] is ignored beside [profile default]"),
            Self::IllegalName { section } if is_harmless(section.expose()) => {
                write!(f, "{}", Ignored(section.expose()))
            }
            Self::IllegalName { .. } => write!(f, "the section is ignored: {RULE}"),
            Self::IllegalKey => f.write_str("the property is ignored: its name is not allowed"),
            Self::KeysLeftOut { profile } => write!(
                f,
                "a key of profile `{profile}` is ignored: its keys come from the credentials file"
            ),
            Self::BlankKey { key } => write!(f, "{key} is blank: it counts as absent"),
            Self::Quoted { profile, key } => write!(
                f,
                "{key} of profile `{profile}` is in quotes, which are a part of the value; remove them"
            ),
            Self::NotUsed { profile, kind, used } => write!(
                f,
                "profile `{profile}` asks for {used}, so what it says of {kind} has no effect"
            ),
            Self::CutToAnHour { profile } => write!(
                f,
                "duration_seconds of profile `{profile}` is cut to one hour: its role is assumed with a role's session"
            ),
        }
    }
}

const RULE: &str = "a name has letters, digits and _-/.%@:+";

/// That a section of such a name is ignored, and how it is written instead.
pub(crate) struct Ignored<'a>(pub(crate) &'a str);

impl fmt::Display for Ignored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let section = self.0;
        let (kind, name) = meant_by(section);
        write!(f, "[{}] is ignored: ", Shown(section))?;
        if is_identifier(name) {
            return f.write_str("it belongs into the config file");
        }
        f.write_str(RULE)?;
        if name.split_ascii_whitespace().all(is_identifier) && !name.is_empty() {
            write!(f, " ; with blanks write [{kind} \"{name}\"] in the config file")?;
        }
        Ok(())
    }
}

/// The kind and the name that `[SECTION]` was meant to have.
pub(crate) fn meant_by(section: &str) -> (&str, &str) {
    let named = ["profile", "sso-session", "services"]
        .into_iter()
        .find_map(|kind| {
            let name = section.strip_prefix(kind)?.strip_prefix([' ', '\t'])?;
            Some((kind, name.trim_matches([' ', '\t'])))
        });
    let (kind, name) = named.unwrap_or(("profile", section));
    (kind, unquoted(name).unwrap_or(name))
}

/// Whether it is short, can be seen, and has no run that could be a pasted secret.
fn is_harmless(section: &str) -> bool {
    const LONGEST_RUN: usize = 15;
    let of_a_secret = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    section.len() <= 64
        && !section.contains(is_invisible)
        && section
            .split(|c| !of_a_secret(c))
            .all(|run| run.len() <= LONGEST_RUN)
}

/// A name as a section line has it.
struct InBrackets<'a>(&'a str);

impl fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0;
        if is_identifier(name) {
            f.write_str(name)
        } else {
            write!(f, "\"{name}\"")
        }
    }
}
