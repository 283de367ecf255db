use std::sync::Arc;
use std::time::Duration;

use credential_core::{Clock, ProvideAwsCredentials, Random};
use credential_http::HttpClient;
use credential_profile::{Base, CredentialSource, Error as ProfileError, Plan, RoleHop, Selection, Settings};
use credential_refresh::AutoRefreshingProvider;
use credential_sts::{AssumeRoleProvider, StsClient};

use super::blueprint::Blueprint;
use super::roles::Roles;
use super::services::Service;
use super::step::Step;

/// Makes the providers that fulfil a plan.
#[derive(Clone, Debug)]
pub(crate) struct Workshop {
    pub(crate) selection: Selection,
    pub(crate) region: Option<String>,
    pub(crate) roles: Roles,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

pub(crate) type Provider = Arc<dyn ProvideAwsCredentials>;

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
        let (provider, limit) = self.base(blueprint);
        let mut step = self.first(provider, plan, limit);
        let Some(sts) = &blueprint.sts else {
            return Arc::new(step);
        };
        let http = sts.http_client();
        let mut is_at_hand = is_at_hand(plan.base());
        for hop in plan.hops() {
            let (limit, asks_a_person) = (step.limit, step.asks_a_person);
            let source: Provider = if is_at_hand {
                Arc::new(step)
            } else {
                Arc::new(self.keep(step))
            };
            is_at_hand = false;
            step = Step {
                provider: self.role(hop, sts, &http, source),
                what: format!("role {} of profile `{}`", hop.role_arn(), hop.profile()),
                limit: limit.saturating_add(self.limit_of(hop)),
                clock: Arc::clone(&self.clock),
                asks_a_person: asks_a_person || hop.mfa_serial().is_some(),
            };
        }
        Arc::new(step)
    }

    fn first(&self, provider: Provider, plan: &Plan, limit: Duration) -> Step {
        Step {
            provider,
            what: format!("profile `{}` ({})", plan.base_profile(), plan.start()),
            limit,
            clock: Arc::clone(&self.clock),
            asks_a_person: false,
        }
    }

    /// A step has its own limit.
    fn keep(&self, provider: Step) -> AutoRefreshingProvider {
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
}

/// Whether asking again costs nothing, so that there is nothing to keep.
fn is_at_hand(base: &Base) -> bool {
    matches!(
        base,
        Base::StaticKeys(_) | Base::CredentialSource(CredentialSource::Environment { .. })
    )
}
