use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use credential_core::Variables;

use crate::{Error, Origin};

/// Where the two shared files are.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::Selection;
///
/// let variables = Variables::from([("HOME", "/home/me"), ("AWS_CONFIG_FILE", "/etc/aws")]);
/// let locations = Selection::new().with_variables(variables).locations()?;
/// assert_eq!(locations.to_string(), "/etc/aws or /home/me/.aws/credentials");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locations(Arc<Places>);

#[derive(Debug, PartialEq, Eq)]
struct Places {
    config: Location,
    credentials: Location,
    home: Option<PathBuf>,
}

impl Locations {
    /// The path given in code, else the variable's, else the one in the home directory.
    pub(crate) fn of(
        variables: &Variables,
        config: Option<&Path>,
        credentials: Option<&Path>,
    ) -> Result<Self, Error> {
        Ok(Self(Arc::new(Places {
            config: Location::of(variables, config, "AWS_CONFIG_FILE", "~/.aws/config")?,
            credentials: Location::of(
                variables,
                credentials,
                "AWS_SHARED_CREDENTIALS_FILE",
                "~/.aws/credentials",
            )?,
            home: variables.home(),
        })))
    }

    /// Names for texts that come from no file.
    pub(crate) fn of_texts() -> Self {
        let named = |name: &str| Location {
            place: Place::At(PathBuf::from(name)),
            origin: Origin::Code,
        };
        Self(Arc::new(Places {
            config: named("config"),
            credentials: named("credentials"),
            home: None,
        }))
    }

    /// The home directory, which people know as `~`.
    pub(crate) fn home(&self) -> Option<&Path> {
        self.0.home.as_deref()
    }

    /// The config file.
    #[must_use]
    pub fn config(&self) -> &Location {
        &self.0.config
    }

    /// The credentials file.
    #[must_use]
    pub fn credentials(&self) -> &Location {
        &self.0.credentials
    }
}

impl fmt::Display for Locations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} or {}", self.config(), self.credentials())
    }
}

/// Where one shared file is, and who says so.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::{Locations, Selection};
///
/// let variables = Variables::from([("HOME", "/home/me"), ("AWS_CONFIG_FILE", "/etc/aws")]);
/// let locations = Selection::new().with_variables(variables).locations()?;
/// assert_eq!(locations.config().to_string(), "/etc/aws");
/// assert_eq!(locations.config().origin().to_string(), "AWS_CONFIG_FILE");
/// assert!(locations.credentials().path().unwrap().ends_with(".aws/credentials"));
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    place: Place,
    origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    At(PathBuf),
    /// The variable is set and blank, which says: no such file.
    SwitchedOff,
    /// Below a home directory that there is not. A literal `~` would be looked for in the working directory, where
    /// anybody may have put it.
    NoHome(PathBuf),
}

impl Location {
    fn of(
        variables: &Variables,
        code: Option<&Path>,
        variable: &'static str,
        default: &str,
    ) -> Result<Self, Error> {
        let (path, origin) = if let Some(path) = code {
            (path.to_owned(), Origin::Code)
        } else if let Some(path) = variables.get_raw(variable)? {
            (
                PathBuf::from(path.trim_end_matches(['\r', '\n'])),
                Origin::Variable(variable.into()),
            )
        } else {
            (PathBuf::from(default), Origin::Default)
        };
        let place = match path.to_str() {
            Some(text) if text.trim().is_empty() && origin != Origin::Code => Place::SwitchedOff,
            Some(text) if is_below_home(text, cfg!(windows)) && variables.home().is_none() => {
                Place::NoHome(path)
            }
            Some(text) => Place::At(variables.expand_home(text)),
            None => Place::At(path),
        };
        Ok(Self { place, origin })
    }

    /// The path; `None` where there is nothing to read: the variable is blank, or there is no home directory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::At(path) => Some(path),
            Place::SwitchedOff | Place::NoHome(_) => None,
        }
    }

    /// Who says so.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::At(path) => write!(f, "{}", path.display()),
            Place::SwitchedOff => write!(f, "no file ({} is blank)", self.origin),
            Place::NoHome(path) => write!(f, "{} (there is no home directory)", path.display()),
        }
    }
}

fn is_below_home(path: &str, windows: bool) -> bool {
    path.strip_prefix('~')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || (windows && rest.starts_with('\\')))
}

/// Where profiles were looked for, and what could not be read there: for errors that say *nothing found*.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::{Profiles, Selection};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), credential_profile::Error> {
/// let variables = Variables::from([("HOME", "/nobody"), ("AWS_CONFIG_FILE", "/")]);
/// let profiles = Profiles::load(&Selection::new().with_variables(variables).locations()?).await?;
/// if profiles.get("deploy").is_none() {
///     // no deploy in / or /nobody/.aws/credentials; AWS_CONFIG_FILE names /, which cannot be read: …
///     println!("no deploy in {}", profiles.searched());
/// }
/// for unread in profiles.searched().unread() {
///     println!("{}: {}", unread.path().display(), unread.reason());
/// }
/// # assert_eq!(profiles.searched().unread().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    pub(crate) locations: Locations,
    pub(crate) unread: Vec<Unread>,
}

impl Searched {
    /// The two files.
    #[must_use]
    pub fn locations(&self) -> &Locations {
        &self.locations
    }

    /// Those of them that are set, or are there, and could not be read.
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.locations, Notes(&self.unread))
    }
}

/// What could not be read, as the tail of a sentence.
pub(crate) struct Notes<'a>(pub(crate) &'a [Unread]);

impl fmt::Display for Notes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|unread| write!(f, "; {unread}"))
    }
}

/// A file that counts as empty because it could not be read: see the example of [`Searched`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
    pub(crate) reason: String,
}

impl Unread {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the operating system says.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Variable(name) => write!(f, "{name} names {}", self.path.display())?,
            Origin::Default | Origin::Code | Origin::Argument(_) | Origin::File { .. } => {
                write!(f, "{}", self.path.display())?;
            }
        }
        write!(f, ", which cannot be read: {}", self.reason)
    }
}

#[cfg(test)]
mod tests;
