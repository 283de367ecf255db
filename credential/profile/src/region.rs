use std::path::PathBuf;

use credential_core::Variables;
use credential_endpoint::is_region;

use crate::error::refused;
use crate::plan::LIMIT;
use crate::settings::{of_property, of_variable};
use crate::{Error, Origin, Profiles, Selection, Setting};

/// Finds the region, as signing and the choice of an endpoint need it.
///
/// In this order: the one given in code, `AWS_REGION`, `AWS_DEFAULT_REGION`, `region` of the selected profile, that of
/// its `source_profile` and so on. It opens no connection: instance metadata is not asked.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::RegionProvider;
///
/// # async fn example() -> Result<(), credential_profile::Error> {
/// let variables = Variables::from([("AWS_REGION", "eu-west-1")]);
/// let region = RegionProvider::new().with_variables(variables).load().await?;
/// assert_eq!(region.unwrap().value(), "eu-west-1");
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
#[derive(Clone, Debug, Default)]
pub struct RegionProvider {
    region: Option<String>,
    selection: Selection,
}

impl RegionProvider {
    /// Looks where the process's own environment points.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at this selection.
    #[must_use]
    pub fn of(selection: Selection) -> Self {
        Self {
            region: None,
            selection,
        }
    }

    /// Gives this region and looks nowhere. Default: none given, so variables and files are asked.
    ///
    /// What is no region shows as [`Error::Setting`] from [`load`](Self::load), not here.
    ///
    /// AWS: `region`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Reads these environment variables. Default: the process's own. See [`Selection::with_variables`].
    #[must_use]
    pub fn with_variables(mut self, variables: Variables) -> Self {
        self.selection = self.selection.with_variables(variables);
        self
    }

    /// Selects the profile of this name, which is case-sensitive. Default: the one that `AWS_PROFILE` names, else
    /// `AWS_DEFAULT_PROFILE`, else `default`. See [`Selection::with_profile`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.selection = self.selection.with_profile(profile);
        self
    }

    /// Reads this config file, which has to be readable. Default: the one that `AWS_CONFIG_FILE` names, else
    /// `~/.aws/config`. See [`Selection::with_config_file`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    #[must_use]
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.selection = self.selection.with_config_file(path);
        self
    }

    /// Reads this credentials file, which has to be readable. Default: the one that `AWS_SHARED_CREDENTIALS_FILE`
    /// names, else `~/.aws/credentials`. See [`Selection::with_credentials_file`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    #[must_use]
    pub fn with_credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.selection = self.selection.with_credentials_file(path);
        self
    }

    /// Looks now; reads the files only when neither code nor variables say a region. `None` when nobody says one.
    ///
    /// # Errors
    /// [`Error::Setting`] for a text that is no region: it would become part of a host name. Those of
    /// [`Profiles::load`].
    pub async fn load(&self) -> Result<Option<Setting>, Error> {
        if let Some(region) = &self.region {
            return checked(Setting::new(region.clone(), Origin::Code)).map(Some);
        }
        if let Some(region) = of_variables(self.selection.variables())? {
            return Ok(Some(region));
        }
        let name = self.selection.profile()?;
        let profiles = Profiles::load(&self.selection.locations()?).await?;
        of_profile(&profiles, name.value())
    }
}

pub(crate) fn of_variables(variables: &Variables) -> Result<Option<Setting>, Error> {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(region) = of_variable(variables, name)? {
            return checked(region).map(Some);
        }
    }
    Ok(None)
}

/// The profile's region, else that of its source profile and so on, as far as a plan can go.
pub(crate) fn of_profile(profiles: &Profiles, name: &str) -> Result<Option<Setting>, Error> {
    let mut next = profiles.get(name);
    for _ in 0..=LIMIT {
        let Some(profile) = next else {
            break;
        };
        if let Some(region) = profile.value("region") {
            return checked(of_property("region", region)).map(Some);
        }
        next = profile
            .value("source_profile")
            .and_then(|source| profiles.get(source.value()));
    }
    Ok(None)
}

fn checked(region: Setting) -> Result<Setting, Error> {
    if is_region(region.value()) {
        Ok(region)
    } else {
        Err(refused(region.origin(), REGION_RULE))
    }
}

pub(crate) const REGION_RULE: &str =
    "must be a region such as eu-west-1: letters, digits and hyphens, at most 63";
