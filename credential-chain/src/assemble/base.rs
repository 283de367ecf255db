//! Where a plan starts → the provider that is asked there.

use std::sync::Arc;
use std::time::Duration;

use credential_container::ContainerProvider;
use credential_core::{CredentialsError, CredentialsFuture, ProvideAwsCredentials};
use credential_environment::EnvironmentProvider;
use credential_login::LoginProvider;
use credential_process::ProcessProvider;
use credential_profile::{
    Base, CredentialSource, LoginSession, ProcessCommand, SourceKind, SsoRole, WebIdentityRole,
};
use credential_sso::{SsoProvider, SsoSession};

use super::blueprint::Blueprint;
use super::services::Service;
use super::web_identity::WebIdentity;
use super::workshop::{Provider, Workshop};
use crate::name;

/// What a process may need beyond its own limit, to be ended.
const AFTER_A_PROCESS: Duration = Duration::from_secs(5);

impl Workshop {
    /// The provider, and how long one answer of it may take.
    pub(super) fn base(&self, blueprint: &Blueprint) -> (Provider, Duration) {
        let provider: Provider = match (blueprint.plan.base(), &blueprint.service) {
            (Base::StaticKeys(keys), _) => Arc::new(keys.to_credentials()),
            (Base::CredentialSource(source), _) => self.credential_source(source, blueprint),
            (Base::WebIdentity(role), Some(sts)) => self.web_identity(role, sts),
            (Base::Sso(role), Some(sso)) => Arc::new(self.sso(role, sso, blueprint)),
            (Base::LoginSession(session), Some(signin)) => Arc::new(self.login(session, signin, blueprint)),
            (Base::Process(command), _) => {
                let limit = self.roles.process_timeout.saturating_add(AFTER_A_PROCESS);
                return (Arc::new(self.process(command)), limit);
            }
            (base, _) => nobody(base.kind()),
        };
        (provider, self.roles.timeout)
    }

    fn credential_source(&self, source: &CredentialSource, blueprint: &Blueprint) -> Provider {
        let variables = self.selection.variables();
        match source {
            CredentialSource::Environment { .. } => Arc::new(
                EnvironmentProvider::new()
                    .with_variables(variables.clone())
                    .with_clock(Arc::clone(&self.clock)),
            ),
            CredentialSource::EcsContainer { .. } => Arc::new(
                ContainerProvider::new()
                    .with_variables(variables.clone())
                    .with_clock(Arc::clone(&self.clock))
                    .with_random(Arc::clone(&self.random)),
            ),
            CredentialSource::Ec2InstanceMetadata { .. } => {
                super::instance_metadata(&blueprint.instance_metadata, variables, &self.clock, &self.random)
            }
            own => {
                let mut sources = self.roles.credential_sources.iter();
                match sources.find(|(name, _)| name == own.name()) {
                    Some((_, provider)) => Arc::clone(provider),
                    None => nobody(SourceKind::CredentialSource),
                }
            }
        }
    }

    fn web_identity(&self, role: &WebIdentityRole, sts: &Service) -> Provider {
        let role = WebIdentity {
            token_file: &self.selection.variables().expand_home(role.token_file()),
            role_arn: role.role_arn(),
            role_session_name: role.role_session_name(),
            duration: role.duration(),
        };
        role.provider(sts, &self.clock, &self.random)
    }

    fn sso(&self, role: &SsoRole, sso: &Service, blueprint: &Blueprint) -> SsoProvider {
        let variables = self.selection.variables();
        let session = match role.session() {
            Some(name) => SsoSession::named(name, role.start_url(), role.region()),
            None => SsoSession::legacy(role.start_url(), role.region()),
        };
        let session = session.with_scopes(role.scopes().iter().map(String::as_str));
        let mut provider = SsoProvider::new(session, role.account_id(), role.role_name())
            .with_variables(variables.clone())
            .with_profile(blueprint.plan.base_profile())
            .with_http_client(sso.http_client())
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        if let Some(endpoint) = &sso.endpoint {
            provider = provider.with_portal_endpoint(endpoint);
        }
        if let Some(endpoint) = &blueprint.oidc_endpoint {
            provider = provider.with_oidc_endpoint(endpoint);
        }
        if sso.fips {
            provider = provider.with_fips();
        }
        if sso.dual_stack {
            provider = provider.with_dual_stack();
        }
        match sso.max_attempts {
            Some(attempts) => provider.with_max_attempts(attempts),
            None => provider,
        }
    }

    fn login(&self, session: &LoginSession, signin: &Service, blueprint: &Blueprint) -> LoginProvider {
        let variables = self.selection.variables();
        let mut provider = LoginProvider::new(session.arn())
            .with_variables(variables.clone())
            .with_profile(blueprint.plan.base_profile())
            .with_http_client(signin.http_client())
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        if !signin.region.is_empty() {
            provider = provider.with_region(&signin.region);
        }
        if let Some(endpoint) = &signin.endpoint {
            provider = provider.with_endpoint(endpoint);
        }
        if signin.fips {
            provider = provider.with_fips();
        }
        if signin.dual_stack {
            provider = provider.with_dual_stack();
        }
        match signin.max_attempts {
            Some(attempts) => provider.with_max_attempts(attempts),
            None => provider,
        }
    }

    fn process(&self, command: &ProcessCommand) -> ProcessProvider {
        let mut provider = ProcessProvider::new(command.command_line().expose())
            .with_timeout(self.roles.process_timeout)
            .with_clock(Arc::clone(&self.clock));
        if let Some(account_id) = command.account_id() {
            provider = provider.with_account_id(account_id);
        }
        self.roles
            .process_variables
            .iter()
            .fold(provider, |provider, (name, value)| {
                provider.with_variable(name, value.expose())
            })
    }
}

/// The provider of what no plan should ask for.
fn nobody(kind: SourceKind) -> Provider {
    Arc::new(Nobody(kind))
}

#[derive(Debug)]
struct Nobody(SourceKind);

impl ProvideAwsCredentials for Nobody {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let reason = format!("{} cannot be provided here", self.0);
        CredentialsFuture::ready(Err(CredentialsError::invalid_configuration(
            name::PROFILE,
            reason,
        )))
    }
}
