//! The session of IAM Identity Center that a profile logs in to.

use std::cell::Cell;

use credential_chain::http::{HttpClient, Proxies};
use credential_chain::profile::{
    Base, Error as ProfileError, Plan, Profiles, Property, Selection, Settings, SsoRole,
};
use credential_chain::sso::{SsoLogin, SsoSession};
use credential_chain::{VariableError, Variables};

use crate::commands::in_runtime;
use crate::error::{AwsLoginSnafu, Error, NoLoginSnafu};
use crate::plan::selection;
use crate::role_cache;

/// A session, and everything that is needed to log in to it.
pub(crate) struct Session {
    pub(crate) session: SsoSession,
    pub(crate) login: SsoLogin,
    profiles: Profiles,
    /// Whether the selected profile has a region for its own requests.
    pub(crate) has_region: bool,
}

impl Session {
    /// The session that the profile, or the last of its source profiles, gets its credentials from.
    pub(crate) fn of(profile: Option<&str>, variables: &Variables) -> Result<Self, Error> {
        let selection = selection(profile, variables);
        let settings = in_runtime(Settings::load(&selection))??;
        let (session, profile) = match settings.plan(&[]) {
            Ok(plan) => match (of_plan(&plan), of_section(&settings)) {
                // What it says of a session beside other credentials is still somebody to log in.
                (Err(Error::NoLogin { .. }), Some(session)) if plan.hops().is_empty() => {
                    (session, plan.profile().to_owned())
                }
                (session, _) => (session?, plan.base_profile().to_owned()),
            },
            // Without account and role there is still somebody to log in.
            Err(error @ ProfileError::SsoTokenOnly { .. }) => {
                let session = of_section(&settings).ok_or(error)?;
                (session, settings.profile_name().value().clone())
            }
            Err(error) => return Err(error.into()),
        };
        let login = login(&session, &settings, &selection)?.with_profile(profile);
        Ok(Self {
            session,
            login,
            profiles: settings.profiles().clone(),
            has_region: settings.region().is_ok_and(|region| region.is_some()),
        })
    }

    /// Removes the sessions of roles that are kept and began with this one. How many there were.
    pub(crate) async fn remove_kept(&self, variables: &Variables) -> usize {
        let file = self.session.token_file_name();
        match role_cache::folder(variables) {
            Some(folder) => {
                role_cache::remove(&folder, &self.profiles, |role| {
                    of_role(role).token_file_name() == file
                })
                .await
            }
            None => 0,
        }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> String {
        match self.session.name() {
            Some(name) => format!("session `{name}` ({})", self.session.start_url()),
            None => self.session.start_url().to_owned(),
        }
    }
}

fn of_plan(plan: &Plan) -> Result<SsoSession, Error> {
    let profile = plan.base_profile();
    match plan.base() {
        Base::Sso(role) => Ok(of_role(role)),
        Base::LoginSession(_) => AwsLoginSnafu { profile }.fail(),
        _ => NoLoginSnafu {
            profile,
            start: plan.start().to_string(),
        }
        .fail(),
    }
}

fn of_role(role: &SsoRole) -> SsoSession {
    let session = match role.session() {
        Some(name) => SsoSession::named(name, role.start_url(), role.region()),
        None => SsoSession::legacy(role.start_url(), role.region()),
    };
    session.with_scopes(role.scopes().iter().map(String::as_str))
}

/// The section that the selected profile names.
fn of_section(settings: &Settings) -> Option<SsoSession> {
    let profile = settings.selected().ok()?;
    let section = settings
        .profiles()
        .sso_session(profile.value("sso_session")?.value())?;
    let value = |key| section.value(key).map(Property::value);
    let scopes = value("sso_registration_scopes").unwrap_or_default();
    let session = SsoSession::named(section.name(), value("sso_start_url")?, value("sso_region")?);
    Some(session.with_scopes(scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty())))
}

/// With the endpoints, proxies and certificates that the selected profile and the variables say.
fn login(session: &SsoSession, settings: &Settings, selection: &Selection) -> Result<SsoLogin, Error> {
    let variables = selection.variables();
    let mut login = SsoLogin::new(session.clone())
        .with_variables(variables.clone())
        .with_http_client(http_client(settings, variables)?);
    if let Some(endpoint) = settings.endpoint_url("sso")? {
        login = login.with_portal_endpoint(endpoint.value());
    }
    if let Some(endpoint) = settings.endpoint_url("sso_oidc")? {
        login = login.with_oidc_endpoint(endpoint.value());
    }
    if settings.use_fips()? {
        login = login.with_fips();
    }
    if settings.use_dualstack()? {
        login = login.with_dual_stack();
    }
    if let Some(attempts) = settings.max_attempts()? {
        login = login.with_max_attempts(*attempts.value());
    }
    Ok(login)
}

fn http_client(settings: &Settings, variables: &Variables) -> Result<HttpClient, Error> {
    let unreadable = Cell::new(None);
    let proxies = Proxies::from_lookup(|name| {
        variables.get_raw(name).unwrap_or_else(|error| {
            unreadable.set(Some(error));
            None
        })
    });
    if let Some(error) = unreadable.into_inner() {
        return Err(error.into());
    }
    let mut http = HttpClient::new().with_proxies(proxies);
    if let Some(path) = system_roots(variables)? {
        http = http.with_system_roots_from(path);
    }
    if let Some(path) = settings.ca_bundle()? {
        http = http.with_ca_bundle(path.value());
    }
    Ok(http)
}

fn system_roots(variables: &Variables) -> Result<Option<String>, VariableError> {
    match variables.get_path("SSL_CERT_FILE")? {
        Some(path) => Ok(Some(path)),
        None => variables.get_path("SSL_CERT_DIR"),
    }
}
