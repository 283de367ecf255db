use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A line of a file, shown as `/home/me/.aws/config:12`.
///
/// ```
/// use credential_profile::Profiles;
///
/// let profiles = Profiles::of_texts("[default]\nregion = eu-west-1", "")?;
/// let region = profiles.get("default").and_then(|profile| profile.value("region")).unwrap();
/// assert_eq!(region.position().to_string(), "config:2");
/// # Ok::<(), credential_profile::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    path: Arc<Path>,
    line: usize,
}

impl Position {
    pub(crate) fn new(path: &Arc<Path>, line: usize) -> Self {
        Self {
            path: Arc::clone(path),
            line,
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// Where a setting was made.
///
/// ```
/// use credential_profile::Origin;
///
/// assert_eq!(Origin::Variable("AWS_REGION".into()).to_string(), "AWS_REGION");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nowhere: it is what holds when nobody says otherwise.
    Default,
    /// In the program.
    Code,
    /// In an argument that the program was given, named here as its users know it.
    Argument(Cow<'static, str>),
    /// In an environment variable, named here.
    Variable(Cow<'static, str>),
    /// In a file.
    File {
        /// The key, in lower case.
        key: String,
        /// The line.
        position: Position,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::Code => f.write_str("the program"),
            Self::Argument(name) | Self::Variable(name) => f.write_str(name),
            Self::File { key, position } => write!(f, "{key} in {position}"),
        }
    }
}

/// A value and where it was made, so that whoever finds it wrong can say where to mend it.
///
/// `Debug` shows the origin alone: the value may be an address with a password in it.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::{Profiles, Selection, Settings};
///
/// let selection = Selection::new().with_variables(Variables::from([("AWS_REGION", "eu-west-1")]));
/// let settings = Settings::new(Profiles::of_texts("", "")?, &selection)?;
/// let region = settings.region()?.unwrap();
/// assert_eq!(region.value(), "eu-west-1");
/// assert_eq!(region.origin().to_string(), "AWS_REGION");
/// # Ok::<(), credential_profile::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Setting<T = String> {
    value: T,
    origin: Origin,
}

impl<T> Setting<T> {
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value, for keeps.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// Where it was made.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> U) -> Setting<U> {
        Setting::new(to(self.value), self.origin)
    }
}

impl<T> fmt::Debug for Setting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
