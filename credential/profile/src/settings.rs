use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use credential_core::{Variables, parse_switch};

use crate::error::{NoDefaultProfileSnafu, NoSuchProfileSnafu, refused};
use crate::{Error, Origin, Plan, Profile, Profiles, Property, Selection, Setting, Source, endpoint, region};

mod check;

/// The settings that hold for the selected profile: an environment variable first, then the profile's own key.
///
/// Each value knows where it was made. Without the profile, the variables still count.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::{Profiles, Selection, Settings};
///
/// let selection = Selection::new().with_variables(Variables::from([("AWS_USE_FIPS_ENDPOINT", "true")]));
/// let profiles = Profiles::of_texts("[default]\nregion = us-gov-west-1\nuse_dualstack_endpoint = true", "")?;
/// let settings = Settings::new(profiles, &selection)?;
///
/// assert_eq!(settings.region()?.unwrap().value(), "us-gov-west-1");
/// assert!(settings.use_fips()? && settings.use_dualstack()?);
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
#[derive(Clone, Debug)]
pub struct Settings {
    variables: Variables,
    profile: Setting,
    profiles: Arc<Profiles>,
}

impl Settings {
    /// Reads the files of this selection now, off the async threads.
    ///
    /// # Errors
    /// Those of [`Profiles::load`], and [`Error::Variable`]. A profile that is missing is no error here: see
    /// [`selected`](Self::selected).
    pub async fn load(selection: &Selection) -> Result<Self, Error> {
        Self::loading(selection).await
    }

    /// Boxed, so that its future is compiled here and not in each crate that loads settings.
    fn loading(selection: &Selection) -> Pin<Box<dyn Future<Output = Result<Self, Error>> + Send + '_>> {
        Box::pin(async { Self::new(Profiles::load(&selection.locations()?).await?, selection) })
    }

    /// The settings of a selected profile of profiles that are at hand; those that several settings share stand in an
    /// [`Arc`].
    ///
    /// # Errors
    /// [`Error::Variable`].
    pub fn new(profiles: impl Into<Arc<Profiles>>, selection: &Selection) -> Result<Self, Error> {
        Ok(Self {
            variables: selection.variables().clone(),
            profile: selection.profile()?,
            profiles: profiles.into(),
        })
    }

    /// Everything in the files.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The name of the selected profile, and who named it.
    #[must_use]
    pub fn profile_name(&self) -> &Setting {
        &self.profile
    }

    /// The selected profile.
    ///
    /// # Errors
    /// [`Error::NoSuchProfile`] for one that was named, in code or by a variable; [`Error::NoDefaultProfile`].
    pub fn selected(&self) -> Result<&Profile, Error> {
        let name = self.profile.value();
        self.profiles.get(name).ok_or_else(|| {
            let searched = Box::new(self.profiles.searched().clone());
            match self.profile.origin() {
                Origin::Default => NoDefaultProfileSnafu { searched }.build(),
                Origin::Code | Origin::Argument(_) | Origin::Variable(_) | Origin::File { .. } => {
                    NoSuchProfileSnafu {
                        profile: name,
                        named_by: self.profile.origin().clone(),
                        searched,
                        hint: self.profiles.hint(name),
                    }
                    .build()
                }
            }
        })
    }

    /// What the selected profile asks for.
    ///
    /// # Errors
    /// Those of [`selected`](Self::selected) and of [`Source::of`].
    pub fn source(&self) -> Result<Source, Error> {
        Source::of(&self.profiles, self.selected()?)
    }

    /// How the selected profile gets its credentials. The names are those of credential sources beside AWS's own.
    ///
    /// # Errors
    /// Those of [`selected`](Self::selected) and of [`Plan::of`].
    pub fn plan(&self, credential_sources: &[&str]) -> Result<Plan, Error> {
        let profile = self.selected()?;
        Plan::of(&self.profiles, profile.name(), credential_sources)
    }

    /// The region: `AWS_REGION`, then `AWS_DEFAULT_REGION`, then `region` of the profile, then that of its
    /// `source_profile` and so on. `None` when nobody says one.
    ///
    /// # Errors
    /// [`Error::Setting`] for a text that is no region: it would become part of a host name.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
    pub fn region(&self) -> Result<Option<Setting>, Error> {
        match region::of_variables(&self.variables)? {
            Some(region) => Ok(Some(region)),
            None => region::of_profile(&self.profiles, self.profile.value()),
        }
    }

    /// The endpoint for a service, as `sts`, `sso` or `sso_oidc`: `AWS_ENDPOINT_URL_{SERVICE}`, `AWS_ENDPOINT_URL`, the
    /// service's `endpoint_url` in the profile's `services` section, then the profile's own `endpoint_url`.
    ///
    /// `None` when nobody says one, or where `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or the profile's
    /// `ignore_configured_endpoint_urls` is true.
    ///
    /// # Errors
    /// [`Error::Setting`] for what is no http or https address, and for `sso`, `sso_oidc` and `signin`, which send the
    /// tokens of logins, where an address for all services is plain http to another machine; [`Error::NoSuchServices`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    pub fn endpoint_url(&self, service: &str) -> Result<Option<Setting>, Error> {
        endpoint::of(self, service, endpoint::Carries::Usual)
    }

    /// The endpoint for a call that carries a token as it is, such as a web identity token to `sts`: as
    /// [`endpoint_url`](Self::endpoint_url), but an address for all services, perhaps set for one that signs its requests,
    /// must not be plain http to another machine.
    ///
    /// # Errors
    /// Those of [`endpoint_url`](Self::endpoint_url), and [`Error::Setting`] for such an address.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    pub fn token_endpoint_url(&self, service: &str) -> Result<Option<Setting>, Error> {
        endpoint::of(self, service, endpoint::Carries::Token)
    }

    /// Whether endpoints that conform to FIPS 140 are wanted: `AWS_USE_FIPS_ENDPOINT`, then `use_fips_endpoint`.
    /// Default: no. A text other than true or false is ignored with a warning.
    ///
    /// # Errors
    /// [`Error::Variable`].
    pub fn use_fips(&self) -> Result<bool, Error> {
        self.switch("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    }

    /// Whether endpoints for IPv4 and IPv6 are wanted: `AWS_USE_DUALSTACK_ENDPOINT`, then `use_dualstack_endpoint`.
    /// Default: no. A text other than true or false is ignored with a warning.
    ///
    /// # Errors
    /// [`Error::Variable`].
    pub fn use_dualstack(&self) -> Result<bool, Error> {
        self.switch("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    }

    /// Which endpoints of STS are wanted: `AWS_STS_REGIONAL_ENDPOINTS`, then `sts_regional_endpoints`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a text other than `regional` and `legacy`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html>
    pub fn sts_regional_endpoints(&self) -> Result<Option<Setting<StsRegionalEndpoints>>, Error> {
        self.choice(
            "AWS_STS_REGIONAL_ENDPOINTS",
            "sts_regional_endpoints",
            "must be regional or legacy",
            |text| match text {
                "regional" => Some(StsRegionalEndpoints::Regional),
                "legacy" => Some(StsRegionalEndpoints::Legacy),
                _ => None,
            },
        )
    }

    /// A file of certificates to trust instead of the system's: `AWS_CA_BUNDLE`, then `ca_bundle`. A leading `~` is the
    /// home directory.
    ///
    /// # Errors
    /// [`Error::Variable`].
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>
    pub fn ca_bundle(&self) -> Result<Option<Setting<PathBuf>>, Error> {
        let path = match self.path_of_variable("AWS_CA_BUNDLE")? {
            Some(path) => Some(path),
            None => self.of_profile("ca_bundle"),
        };
        Ok(path.map(|path| path.map(|path| self.variables.expand_home(&path))))
    }

    /// How often a call is tried at most: `AWS_MAX_ATTEMPTS`, then `max_attempts`; 1 or more.
    ///
    /// # Errors
    /// [`Error::Setting`] for anything else.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
    pub fn max_attempts(&self) -> Result<Option<Setting<u32>>, Error> {
        self.choice(
            "AWS_MAX_ATTEMPTS",
            "max_attempts",
            "must be a whole number, 1 or more",
            |text| text.parse().ok().filter(|attempts| *attempts > 0),
        )
    }

    /// How calls are tried again: `AWS_RETRY_MODE`, then `retry_mode`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a text other than `standard`, `adaptive` and `legacy`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
    pub fn retry_mode(&self) -> Result<Option<Setting<RetryMode>>, Error> {
        self.choice(
            "AWS_RETRY_MODE",
            "retry_mode",
            "must be standard, adaptive or legacy",
            |text| match text {
                "standard" => Some(RetryMode::Standard),
                "adaptive" => Some(RetryMode::Adaptive),
                "legacy" => Some(RetryMode::Legacy),
                _ => None,
            },
        )
    }

    /// What the selected profile says under this key, unless it is blank. It may be a secret.
    #[must_use]
    pub fn profile_value(&self, key: &str) -> Option<Setting> {
        self.of_profile(key)
    }

    /// What the selected profile says about instance metadata, key by key: `ec2_metadata_…`, `metadata_service_…`,
    /// `disable_ec2_metadata`, and `ec2_instance_profile_name`, which is an error where it is blank and so is given
    /// then too.
    ///
    /// ```
    /// use credential_core::Variables;
    /// use credential_profile::{Profiles, Selection, Settings};
    ///
    /// let profiles = Profiles::of_texts("[default]\nec2_metadata_service_endpoint_mode = IPv6", "")?;
    /// let nothing: [(&str, &str); 0] = [];
    /// let selection = Selection::new().with_variables(Variables::from(nothing));
    /// for (key, setting) in Settings::new(profiles, &selection)?.instance_metadata() {
    ///     assert_eq!(key, "ec2_metadata_service_endpoint_mode");
    ///     assert_eq!(setting.value(), "IPv6");
    ///     assert_eq!(setting.origin().to_string(), "ec2_metadata_service_endpoint_mode in config:2");
    /// }
    /// # Ok::<(), credential_profile::Error>(())
    /// ```
    pub fn instance_metadata(&self) -> impl Iterator<Item = (&str, Setting)> {
        self.profiles
            .get(self.profile.value())
            .into_iter()
            .flat_map(|profile| profile.properties())
            .filter(|(key, property)| {
                let known = key.starts_with("ec2_metadata_")
                    || key.starts_with("metadata_service_")
                    || *key == "disable_ec2_metadata";
                *key == "ec2_instance_profile_name" || (known && !property.is_blank())
            })
            .map(|(key, property)| (key, of_property(key, property)))
    }

    pub(crate) fn path_of_variable(&self, name: &str) -> Result<Option<Setting>, Error> {
        let path = self.variables.get_path(name)?;
        Ok(path.map(|path| Setting::new(path, Origin::Variable(name.to_owned().into()))))
    }

    pub(crate) fn of_profile(&self, key: &str) -> Option<Setting> {
        let property = self.profiles.get(self.profile.value())?.value(key)?;
        Some(of_property(key, property))
    }

    pub(crate) fn switch(&self, variable: &str, key: &str) -> Result<bool, Error> {
        for setting in [of_variable(&self.variables, variable)?, self.of_profile(key)]
            .into_iter()
            .flatten()
        {
            if let Some(switch) = parse_switch(setting.value()) {
                return Ok(switch);
            }
            tracing::warn!("{} is neither true nor false: it is ignored", setting.origin());
        }
        Ok(false)
    }

    fn choice<T>(
        &self,
        variable: &str,
        key: &str,
        rule: &'static str,
        read: fn(&str) -> Option<T>,
    ) -> Result<Option<Setting<T>>, Error> {
        let Some(setting) = self.of_either(variable, key)? else {
            return Ok(None);
        };
        match read(&setting.value().to_ascii_lowercase()) {
            Some(value) => Ok(Some(setting.map(|_| value))),
            None => Err(refused(setting.origin(), rule)),
        }
    }

    fn of_either(&self, variable: &str, key: &str) -> Result<Option<Setting>, Error> {
        let setting = of_variable(&self.variables, variable)?;
        Ok(setting.or_else(|| self.of_profile(key)))
    }
}

pub(crate) fn of_variable(variables: &Variables, name: &str) -> Result<Option<Setting>, Error> {
    let value = variables.get(name)?;
    Ok(value.map(|value| Setting::new(value, Origin::Variable(name.to_owned().into()))))
}

pub(crate) fn of_property(key: &str, property: &Property) -> Setting {
    Setting::new(
        property.value().to_owned(),
        Origin::File {
            key: key.to_ascii_lowercase(),
            position: property.position().clone(),
        },
    )
}

/// Which endpoints of STS are wanted. AWS's SDKs have used regional ones for either word since July 2025.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::{Profiles, Selection, Settings, StsRegionalEndpoints};
///
/// let variables = Variables::from([("AWS_STS_REGIONAL_ENDPOINTS", "legacy")]);
/// let selection = Selection::new().with_variables(variables);
/// let settings = Settings::new(Profiles::of_texts("", "")?, &selection)?;
/// let wanted = settings.sts_regional_endpoints()?.unwrap();
/// assert_eq!(*wanted.value(), StsRegionalEndpoints::Legacy);
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StsRegionalEndpoints {
    /// That of the region.
    Regional,
    /// The global one, for the oldest regions.
    Legacy,
}

/// How calls are tried again.
///
/// ```
/// use credential_core::Variables;
/// use credential_profile::{Profiles, RetryMode, Selection, Settings};
///
/// let nothing: [(&str, &str); 0] = [];
/// let selection = Selection::new().with_variables(Variables::from(nothing));
/// let settings = Settings::new(Profiles::of_texts("[default]\nretry_mode = adaptive", "")?, &selection)?;
/// let mode = settings.retry_mode()?.map_or(RetryMode::Standard, |mode| mode.into_value());
/// assert_eq!(mode, RetryMode::Adaptive);
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// What all of AWS's SDKs agree on.
    Standard,
    /// The same, with fewer calls after a service asked for fewer.
    Adaptive,
    /// What an SDK did before the other two.
    Legacy,
}

#[cfg(test)]
mod tests;
