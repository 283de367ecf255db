use credential_core::Variables;
use credential_profile::{Base, CredentialSource, Error as ProfileError, Plan, Settings};

use super::services::Service;

/// All that the providers of a plan are made from. The same blueprint makes the same providers, so those that are there
/// stay in use as long as it does not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blueprint {
    pub(crate) plan: Plan,
    pub(crate) sts: Option<Service>,
    /// Key, value and where it was said.
    pub(crate) instance_metadata: Vec<(String, String, String)>,
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
        let needs_sts = !plan.hops().is_empty() || matches!(plan.base(), Base::WebIdentity(_));
        let sts = needs_sts
            .then(|| Service::sts(settings, variables, region))
            .transpose()?;
        let needs_metadata = matches!(
            plan.base(),
            Base::CredentialSource(CredentialSource::Ec2InstanceMetadata { .. })
        );
        Ok(Self {
            sts,
            instance_metadata: if needs_metadata {
                instance_metadata(settings)
            } else {
                Vec::new()
            },
            plan,
        })
    }
}

/// What the selected profile says about instance metadata.
pub(crate) fn instance_metadata(settings: &Settings) -> Vec<(String, String, String)> {
    settings
        .instance_metadata()
        .map(|(key, setting)| {
            let origin = setting.origin().to_string();
            (key.to_owned(), setting.into_value(), origin)
        })
        .collect()
}
