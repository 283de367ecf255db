use std::fmt;

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

/// What a [`Problem`] is. Names that break the rules for names are not repeated: anything may have been pasted there.
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
    /// A section name with characters that are not allowed.
    IllegalName,
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
                    "[{name}] is ignored; a profile here is called [profile {name}]"
                )
            }
            Self::NeedsNoPrefix { name } => {
                write!(
                    f,
                    "[profile {name}] is ignored; a profile here is called [{name}]"
                )
            }
            Self::ShadowedDefault => f.write_str("[default] is ignored beside [profile default]"),
            Self::IllegalName => f.write_str("the section is ignored: its name is not allowed"),
            Self::IllegalKey => f.write_str("the property is ignored: its name is not allowed"),
            Self::KeysLeftOut { profile } => write!(
                f,
                "a key of profile `{profile}` is ignored: its keys come from the credentials file"
            ),
            Self::BlankKey { key } => write!(f, "{key} is blank: it counts as absent"),
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
