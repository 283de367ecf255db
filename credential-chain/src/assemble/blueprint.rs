use credential_core::Variables;
use credential_profile::{Base, CredentialSource, Error as ProfileError, Plan, Settings};

use super::Said;
use super::services::{Service, endpoint};

/// All that the providers of a plan are made from. The same blueprint makes the same providers, so those that are there
/// stay in use as long as it does not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blueprint {
    pub(crate) plan: Plan,
    /// STS for the roles.
    pub(crate) sts: Option<Service>,
    /// The service that is asked where the plan starts: STS, SSO or sign-in.
    pub(crate) service: Option<Service>,
    /// The second service of SSO, which renews tokens.
    pub(crate) oidc_endpoint: Option<String>,
    pub(crate) instance_metadata: Said,
}

impl Blueprint {
    /// Only the settings that the plan needs are looked at: what is wrong in others harms nobody here.
    pub(crate) fn of(
        settings: &Settings,
        variables: &Variables,
        region: Option<&str>,
        credential_sources: &[&str],
    ) -> Result<Self, ProfileError> {
        let plan = settings.plan(credential_sources)?;
        let sts = if plan.hops().is_empty() {
            None
        } else {
            Some(Service::sts(settings, variables, region)?)
        };
        let mut blueprint = Self {
            plan,
            sts,
            service: None,
            oidc_endpoint: None,
            instance_metadata: Said::new(),
        };
        match blueprint.plan.base() {
            Base::WebIdentity(_) => {
                blueprint.service = Some(Service::sts_for_a_token(settings, variables, region)?);
            }
            Base::Sso(role) => {
                blueprint.service = Some(Service::of("sso", settings, variables, Some(role.region()))?);
                blueprint.oidc_endpoint = endpoint("sso_oidc", settings)?;
            }
            Base::LoginSession(_) => {
                blueprint.service = Some(Service::of("signin", settings, variables, region)?);
            }
            Base::CredentialSource(CredentialSource::Ec2InstanceMetadata { .. }) => {
                blueprint.instance_metadata = instance_metadata(settings);
            }
            _ => {}
        }
        Ok(blueprint)
    }
}

/// What the selected profile says about instance metadata.
pub(crate) fn instance_metadata(settings: &Settings) -> Said {
    settings
        .instance_metadata()
        .map(|(key, setting)| {
            let origin = setting.origin().to_string();
            (key.to_owned(), setting.into_value(), origin)
        })
        .collect()
}
