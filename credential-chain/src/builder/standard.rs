//! AWS's own places, as the builder's settings have them.

use std::sync::Arc;

use credential_container::ContainerProvider;
use credential_environment::EnvironmentProvider;

use super::DefaultCredentialsProviderBuilder;
use crate::assemble::{ConfiguredInstanceMetadata, PlannedProfile, Workshop};
use crate::kept::Kept;
use crate::name;
use crate::slots::Slot;
use crate::web_identity::ConfiguredWebIdentity;

impl DefaultCredentialsProviderBuilder {
    pub(super) fn standard_environment(&self) -> Slot {
        let provider = EnvironmentProvider::new()
            .with_variables(self.selection.variables().clone())
            .with_clock(Arc::clone(&self.clock));
        Slot::new(name::ENVIRONMENT, provider).looking_at(|| {
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and their older names".to_owned()
        })
    }

    pub(super) fn standard_profile(&self) -> Slot {
        let provider = Arc::new(PlannedProfile::new(Workshop {
            selection: self.selection.clone(),
            region: self.region.clone(),
            roles: self.roles.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        }));
        Slot::new(name::PROFILE, Arc::clone(&provider))
            .looking_at(move || provider.looked_at())
            .limiting_itself()
    }

    pub(super) fn standard_web_identity(&self) -> Slot {
        let provider = ConfiguredWebIdentity {
            selection: self.selection.clone(),
            files: self.files(),
            region: self.region.clone(),
            policy: self.policy,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            kept: Kept::default(),
        };
        Slot::new(name::WEB_IDENTITY, provider)
            .looking_at(|| "AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME".to_owned())
    }

    pub(super) fn standard_container(&self) -> Slot {
        let provider = ContainerProvider::new()
            .with_variables(self.selection.variables().clone())
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        Slot::new(name::CONTAINER, provider).looking_at(|| {
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned()
        })
    }

    pub(super) fn standard_instance_metadata(&self) -> Slot {
        let provider = ConfiguredInstanceMetadata {
            selection: self.selection.clone(),
            files: self.files(),
            policy: self.policy,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            kept: Kept::default(),
        };
        Slot::new(name::INSTANCE_METADATA, provider).looking_at(|| {
            "AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT, and the endpoint".to_owned()
        })
    }
}
