use std::ffi::OsString;
use std::fmt;
use std::path::{MAIN_SEPARATOR_STR, PathBuf};
use std::sync::Arc;

use snafu::Snafu;

/// The environment's variables as a value: a live view of the process's own, or a fixed map.
///
/// Providers take this instead of reading the environment, so that a test needs no lock and a program can hand in what
/// it likes. A clone shares the map. `Debug` shows names only.
///
/// ```
/// use credential_core::Variables;
///
/// let variables = Variables::from([("AWS_PROFILE", " deploy\n"), ("AWS_REGION", "  ")]);
/// assert_eq!(variables.get("AWS_PROFILE")?.as_deref(), Some("deploy"));
/// assert_eq!(variables.get("AWS_REGION")?, None, "blank counts as unset");
/// # Ok::<(), credential_core::VariableError>(())
/// ```
#[derive(Clone, Default)]
pub struct Variables(World);

#[derive(Clone, Default)]
enum World {
    #[default]
    Process,
    /// Each name once. No map: there are few, and a map is much code.
    Fixed(Arc<[(OsString, OsString)]>),
}

/// Why a variable cannot be read.
///
/// ```
/// # #[cfg(unix)] {
/// use credential_core::{VariableError, Variables};
/// use std::{ffi::OsString, os::unix::ffi::OsStringExt};
///
/// let variables = Variables::from([("AWS_PROFILE", OsString::from_vec(vec![0xff]))]);
/// let error = variables.get("AWS_PROFILE").unwrap_err();
/// assert!(matches!(&error, VariableError::NotUnicode { name } if name == "AWS_PROFILE"));
/// assert_eq!(error.to_string(), "AWS_PROFILE does not hold valid Unicode; set it again or unset it");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Snafu)]
#[non_exhaustive]
pub enum VariableError {
    /// The value is not Unicode.
    #[snafu(display("{name} does not hold valid Unicode; set it again or unset it"))]
    NotUnicode {
        /// The variable's name.
        name: String,
    },
}

impl Variables {
    /// The process's own variables, read anew at every look-up. The default.
    #[must_use]
    pub fn of_process() -> Self {
        Self(World::Process)
    }

    /// No variable is set, and there is no home: nothing of the process is looked at.
    ///
    /// ```
    /// use credential_core::Variables;
    ///
    /// let variables = Variables::none();
    /// assert_eq!((variables.get("PATH")?, variables.home()), (None, None));
    /// # Ok::<(), credential_core::VariableError>(())
    /// ```
    #[must_use]
    pub fn none() -> Self {
        Self(World::Fixed(Arc::from([])))
    }

    /// The value without white space around it; blank counts as unset.
    ///
    /// # Errors
    /// A value that is not Unicode.
    pub fn get(&self, name: &str) -> Result<Option<String>, VariableError> {
        Ok(self.get_raw(name)?.and_then(|value| {
            let trimmed = value.trim_matches(|c: char| c.is_ascii_whitespace());
            (!trimmed.is_empty()).then(|| trimmed.to_owned())
        }))
    }

    /// The value for a path or a URI: blank counts as unset, and only line ends are cut off its end.
    ///
    /// # Errors
    /// A value that is not Unicode.
    pub fn get_path(&self, name: &str) -> Result<Option<String>, VariableError> {
        Ok(self.get_raw(name)?.and_then(|value| {
            let blank = value.chars().all(|c| c.is_ascii_whitespace());
            (!blank).then(|| value.trim_end_matches(['\r', '\n']).to_owned())
        }))
    }

    /// The value as it stands, for the few variables where blank means something; `None` only when it is not set.
    ///
    /// # Errors
    /// A value that is not Unicode.
    pub fn get_raw(&self, name: &str) -> Result<Option<String>, VariableError> {
        self.look_up(name)
            .map(|value| {
                value.into_string().map_err(|_| VariableError::NotUnicode {
                    name: name.to_owned(),
                })
            })
            .transpose()
    }

    /// The home directory: `HOME`; on Windows, when that is not set, `USERPROFILE`, then `HOMEDRIVE` followed by
    /// `HOMEPATH`.
    ///
    /// The live view alone asks the operating system when `HOME` is absent, as it is for a daemon. A blank `HOME` is
    /// no home.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.home_on(cfg!(windows))
    }

    fn home_on(&self, windows: bool) -> Option<PathBuf> {
        let blank = |value: &OsString| value.to_str().is_some_and(|text| text.trim().is_empty());
        if let Some(home) = self.look_up("HOME") {
            if !blank(&home) {
                return Some(home.into());
            }
            if !windows {
                return None;
            }
        }
        if windows {
            if let Some(profile) = self.look_up("USERPROFILE").filter(|value| !blank(value)) {
                return Some(profile.into());
            }
            if let (Some(mut drive), Some(path)) = (self.look_up("HOMEDRIVE"), self.look_up("HOMEPATH")) {
                drive.push(path);
                return Some(drive.into());
            }
        }
        match self.0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the door that the rule points to"
            )]
            World::Process => home::home_dir(),
            World::Fixed(_) => None,
        }
    }

    /// The path with a leading `~` component replaced by [`home`](Self::home).
    ///
    /// `~user/x` and `x/~` are left alone, and so is everything when there is no home.
    #[must_use]
    pub fn expand_home(&self, path: &str) -> PathBuf {
        let rest = match path.strip_prefix('~') {
            Some("") => Some(""),
            Some(rest) if rest.starts_with('/') || (cfg!(windows) && rest.starts_with('\\')) => rest.get(1..),
            _ => None,
        };
        match (rest, self.home()) {
            (Some(""), Some(home)) => home,
            (Some(rest), Some(home)) => {
                let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
                home.join(
                    rest.split(separators)
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(MAIN_SEPARATOR_STR),
                )
            }
            _ => PathBuf::from(path),
        }
    }

    fn look_up(&self, name: &str) -> Option<OsString> {
        match &self.0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the door that the rule points to"
            )]
            World::Process => std::env::var_os(name),
            World::Fixed(pairs) => {
                let (_, value) = pairs.iter().find(|(known, _)| known == name)?;
                Some(value.clone())
            }
        }
    }
}

/// Reads a yes-or-no value: `true` or `false` in any case, with white space around it; `None` for any other text.
///
/// ```
/// use credential_core::parse_switch;
///
/// assert_eq!(parse_switch(" TRUE "), Some(true));
/// assert_eq!(parse_switch("yes"), None);
/// ```
#[must_use]
pub fn parse_switch(text: &str) -> Option<bool> {
    match text.trim() {
        word if word.eq_ignore_ascii_case("true") => Some(true),
        word if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut fixed = Vec::new();
        for (name, value) in pairs {
            put(&mut fixed, name.into(), value.into());
        }
        Self(World::Fixed(fixed.into()))
    }
}

/// Of several values of one name the last one counts.
fn put(pairs: &mut Vec<(OsString, OsString)>, name: OsString, value: OsString) {
    match pairs.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => pairs.push((name, value)),
    }
}

impl<N: Into<OsString>, V: Into<OsString>, const LENGTH: usize> From<[(N, V); LENGTH]> for Variables {
    fn from(pairs: [(N, V); LENGTH]) -> Self {
        pairs.into_iter().collect()
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            World::Process => f.write_str("Variables(of the process)"),
            World::Fixed(pairs) => {
                f.write_str("Variables")?;
                f.debug_set().entries(pairs.iter().map(|(name, _)| name)).finish()
            }
        }
    }
}

#[cfg(test)]
mod tests;
