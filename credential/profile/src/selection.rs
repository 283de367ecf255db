use std::borrow::Cow;
use std::path::PathBuf;

use credential_core::Variables;

use crate::{Error, Locations, Origin, Setting};

/// Which profile of which files: what a [`ProfileProvider`](crate::ProfileProvider), the
/// [`Settings`](crate::Settings) and a [`RegionProvider`](crate::RegionProvider) have to agree on.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::Selection;
///
/// let selection = Selection::new().with_variables(Variables::from([("AWS_PROFILE", "ops")]));
/// assert_eq!(selection.profile()?.value(), "ops");
/// assert_eq!(selection.with_profile("deploy").profile()?.value(), "deploy");
/// # Ok::<(), credential_profile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Selection {
    variables: Variables,
    profile: Option<(String, Origin)>,
    config_file: Option<PathBuf>,
    credentials_file: Option<PathBuf>,
}

impl Selection {
    /// What the process's own environment selects.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads these variables. Default: the process's own.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self
    }

    /// Selects this profile. Default: the one that `AWS_PROFILE` names, else `AWS_DEFAULT_PROFILE`, else `default`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some((profile.into(), Origin::Code));
        self
    }

    /// Selects this profile as [`with_profile`](Self::with_profile) does, and says which argument of the program named it,
    /// for errors: `--profile`.
    ///
    /// ```
    /// use credential_profile::Selection;
    ///
    /// let selection = Selection::new().with_profile_from("ops", "--profile");
    /// assert_eq!(selection.profile()?.origin().to_string(), "--profile");
    /// # Ok::<(), credential_profile::Error>(())
    /// ```
    #[must_use]
    pub fn with_profile_from(
        mut self,
        profile: impl Into<String>,
        argument: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.profile = Some((profile.into(), Origin::Argument(argument.into())));
        self
    }

    /// Reads this config file. Default: the one that `AWS_CONFIG_FILE` names, else `~/.aws/config`.
    ///
    /// A leading `~` is the home directory. A file given here has to be readable.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    #[must_use]
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Reads this credentials file. Default: the one that `AWS_SHARED_CREDENTIALS_FILE` names, else
    /// `~/.aws/credentials`.
    ///
    /// A leading `~` is the home directory. A file given here has to be readable.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    #[must_use]
    pub fn with_credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials_file = Some(path.into());
        self
    }

    /// The variables that are read.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Whether the profile was named in code or by an argument, and not by a variable.
    #[must_use]
    pub fn names_profile_in_code(&self) -> bool {
        self.profile.is_some()
    }

    /// The name of the selected profile, and who named it.
    ///
    /// # Errors
    /// [`Error::Variable`].
    pub fn profile(&self) -> Result<Setting, Error> {
        if let Some((name, origin)) = &self.profile {
            return Ok(Setting::new(name.clone(), origin.clone()));
        }
        for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            if let Some(name) = self.variables.get(variable)? {
                return Ok(Setting::new(name, Origin::Variable(variable.into())));
            }
        }
        Ok(Setting::new("default".to_owned(), Origin::Default))
    }

    /// Where the two files are.
    ///
    /// # Errors
    /// [`Error::Variable`].
    pub fn locations(&self) -> Result<Locations, Error> {
        Locations::of(
            &self.variables,
            self.config_file.as_deref(),
            self.credentials_file.as_deref(),
        )
    }
}
