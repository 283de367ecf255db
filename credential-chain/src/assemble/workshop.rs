use std::sync::Arc;
use std::time::Duration;

use credential_container::ContainerProvider;
use credential_core::{Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials, Random};
use credential_environment::EnvironmentProvider;
use credential_http::HttpClient;
use credential_process::ProcessProvider;
use credential_profile::{
    Base, CredentialSource, Error as ProfileError, Plan, ProcessCommand, RoleHop, Selection, Settings,
    SourceKind, WebIdentityRole,
};
use credential_refresh::AutoRefreshingProvider;
use credential_sts::{AssumeRoleProvider, StsClient, WebIdentityProvider, WebIdentityToken};

use super::blueprint::Blueprint;
use super::roles::Roles;
use super::services::Service;
use super::step::Step;
use crate::name;

/// Makes the providers that fulfil a plan.
#[derive(Clone, Debug)]
pub(crate) struct Workshop {
    pub(crate) selection: Selection,
    pub(crate) region: Option<String>,
    pub(crate) roles: Roles,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

/// What a process may need beyond its own limit, to be ended.
const AFTER_A_PROCESS: Duration = Duration::from_secs(5);

type Provider = Arc<dyn ProvideAwsCredentials>;

impl Workshop {
    pub(crate) fn blueprint(&self, settings: &Settings) -> Result<Blueprint, ProfileError> {
        let names = self.roles.credential_source_names();
        Blueprint::of(
            settings,
            self.selection.variables(),
            self.region.as_deref(),
            &names,
        )
    }

    /// The provider of the plan's last step. Those before it keep what they get, each as long as it is good; the last
    /// does not, since whoever asks here does.
    pub(crate) fn build(&self, blueprint: &Blueprint) -> Provider {
        let plan = &blueprint.plan;
        let (base, mut limit) = self.base(blueprint);
        let mut provider = self.step(base, what_starts(plan), limit);
        let Some(sts) = &blueprint.sts else {
            return provider;
        };
        let http = sts.http_client(self.selection.variables());
        let mut is_kept = is_at_hand(plan.base());
        for hop in plan.hops() {
            if !is_kept {
                provider = Arc::new(self.keep(provider));
            }
            is_kept = false;
            limit = limit.saturating_add(self.limit_of(hop));
            let role = self.role(hop, sts, &http, provider);
            let what = format!("role {} of profile `{}`", hop.role_arn(), hop.profile());
            provider = self.step(role, what, limit);
        }
        provider
    }

    fn step(&self, provider: Provider, what: String, limit: Duration) -> Provider {
        Arc::new(Step {
            provider,
            what,
            limit,
            clock: Arc::clone(&self.clock),
        })
    }

    /// A step has its own limit.
    fn keep(&self, provider: Provider) -> AutoRefreshingProvider {
        AutoRefreshingProvider::new(provider)
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random))
            .without_load_timeout()
    }

    /// A person who reads a code from a device has a limit of their own.
    fn limit_of(&self, hop: &RoleHop) -> Duration {
        match hop.mfa_serial() {
            Some(_) => self.roles.timeout.saturating_add(self.roles.mfa_timeout),
            None => self.roles.timeout,
        }
    }

    fn role(&self, hop: &RoleHop, sts: &Service, http: &HttpClient, source: Provider) -> Provider {
        let client = sts
            .client_of(StsClient::new(&sts.region, source), http.clone())
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        let mut role =
            AssumeRoleProvider::new(client, hop.role_arn()).with_mfa_timeout(self.roles.mfa_timeout);
        if let Some(name) = hop.role_session_name() {
            role = role.with_role_session_name(name);
        }
        if let Some(external_id) = hop.external_id() {
            role = role.with_external_id(external_id.clone());
        }
        if let Some(duration) = hop.duration() {
            role = role.with_duration(duration);
        }
        if let Some(serial) = hop.mfa_serial() {
            role = role.with_mfa_serial(serial);
        }
        if let Some(prompt) = &self.roles.mfa_prompt {
            role = role.with_mfa_prompt(prompt.clone());
        }
        match &self.roles.wrap {
            Some(wrap) => wrap.wrap(hop, Arc::new(role)),
            None => Arc::new(role),
        }
    }

    /// Where the plan starts, and how long that may take.
    fn base(&self, blueprint: &Blueprint) -> (Provider, Duration) {
        let variables = self.selection.variables();
        let provider: Provider = match blueprint.plan.base() {
            Base::StaticKeys(keys) => Arc::new(keys.to_credentials()),
            Base::CredentialSource(CredentialSource::Environment { .. }) => Arc::new(
                EnvironmentProvider::new()
                    .with_variables(variables.clone())
                    .with_clock(Arc::clone(&self.clock)),
            ),
            Base::CredentialSource(CredentialSource::EcsContainer { .. }) => Arc::new(
                ContainerProvider::new()
                    .with_variables(variables.clone())
                    .with_clock(Arc::clone(&self.clock))
                    .with_random(Arc::clone(&self.random)),
            ),
            Base::CredentialSource(CredentialSource::Ec2InstanceMetadata { .. }) => Arc::new(
                super::instance_metadata(&blueprint.instance_metadata, variables, &self.clock, &self.random),
            ),
            Base::CredentialSource(source) => self.own(source),
            Base::WebIdentity(role) => match &blueprint.sts {
                Some(sts) => Arc::new(self.web_identity(role, sts)),
                None => nobody(SourceKind::WebIdentity),
            },
            Base::Process(command) => {
                let limit = self.roles.process_timeout.saturating_add(AFTER_A_PROCESS);
                return (Arc::new(self.process(command)), limit);
            }
            base => nobody(base.kind()),
        };
        (provider, self.roles.timeout)
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
                provider.with_variable(name, value)
            })
    }

    fn own(&self, source: &CredentialSource) -> Provider {
        let own = self
            .roles
            .credential_sources
            .iter()
            .find(|(name, _)| name == source.name());
        own.map_or_else(
            || nobody(SourceKind::CredentialSource),
            |(_, provider)| Arc::clone(provider),
        )
    }

    fn web_identity(&self, role: &WebIdentityRole, sts: &Service) -> WebIdentityProvider {
        let variables = self.selection.variables();
        let client = sts
            .client_of(StsClient::unsigned(&sts.region), sts.http_client(variables))
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        let token = WebIdentityToken::file(variables.expand_home(role.token_file()));
        let mut provider = WebIdentityProvider::new(client, role.role_arn(), token);
        if let Some(name) = role.role_session_name() {
            provider = provider.with_role_session_name(name);
        }
        if let Some(duration) = role.duration() {
            provider = provider.with_duration(duration);
        }
        provider
    }
}

/// The provider of what a plan cannot ask for.
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

/// Whether asking again costs nothing, so that there is nothing to keep.
fn is_at_hand(base: &Base) -> bool {
    matches!(
        base,
        Base::StaticKeys(_) | Base::CredentialSource(CredentialSource::Environment { .. })
    )
}

fn what_starts(plan: &Plan) -> String {
    format!("profile `{}` ({})", plan.base_profile(), plan.start())
}
