use std::sync::Arc;

use credential_chain::profile::{
    Error as ProfileError, Plan, Position, Problem, Profile, Profiles, Property, RoleHop, Selection,
    Settings, SourceKind, is_region,
};
use credential_chain::{Report, Variables};

use crate::files;

/// A profile as the list shows it. Nothing in it is a secret.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'static str,
    pub(super) account: Option<&'a str>,
    /// The role's name.
    pub(super) role: Option<&'a str>,
    pub(super) role_arn: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) defined: &'a [Position],
    /// The profiles that its credentials come from, from the next one to the last.
    pub(super) sources: Vec<String>,
    /// The serial numbers of the MFA devices that are asked for.
    pub(super) mfa_serials: Vec<String>,
    /// Why it gives no credentials. A profile of settings alone is not meant to.
    pub(super) errors: Vec<String>,
    pub(super) problems: Vec<Problem>,
    /// What its credentials do not need, and others will.
    pub(super) remarks: Vec<String>,
}

/// What stands in the list for a profile without any key that speaks of credentials.
pub(super) const SETTINGS: &str = "settings";

impl<'a> Row<'a> {
    pub(super) fn of(profiles: &'a Arc<Profiles>, profile: &'a Profile, mut problems: Vec<Problem>) -> Self {
        let name = profile.name();
        let (kind, plan) = match Plan::of(profiles, name, &[]) {
            Ok(plan) => (kind_of(&plan), Ok(plan)),
            Err(error) => (asked_kind(profile), Err(error)),
        };
        let value = |key| profile.value(key).map(Property::value);
        let role_arn = value("role_arn").filter(|_| kind == ROLE || kind == WEB_IDENTITY);
        let (account, role) = match kind {
            ROLE | WEB_IDENTITY => role_arn.map_or((None, None), parts),
            SSO => (value("sso_account_id"), value("sso_role_name")),
            LOGIN => value("login_session").map_or((None, None), parts),
            _ => (value("aws_account_id"), None),
        };
        let (mut sources, mut mfa_serials) = (Vec::new(), Vec::new());
        let (mut errors, mut remarks) = (Vec::new(), Vec::new());
        match plan {
            Ok(plan) => {
                let own = |problem: &&Problem| files::profile_of(problem).is_none_or(|of| of == name);
                problems.extend(plan.problems().iter().filter(own).cloned());
                sources = sources_of(&plan);
                let serials = plan.hops().iter().filter_map(|hop| hop.mfa_serial());
                mfa_serials = serials.map(str::to_owned).collect();
                match settings(profiles, name) {
                    Ok(settings) => {
                        errors = crate::plan::refused(&settings, &plan);
                        remarks.extend(crate::plan::unusable_region(&settings, &plan));
                    }
                    Err(error) => errors.push(Report::of(&error).to_string()),
                }
            }
            Err(ProfileError::NoCredentials { .. }) => {}
            Err(failure) => errors.push(Report::of(&failure).to_string()),
        }
        Self {
            name,
            kind,
            account: account.filter(|account| account.bytes().all(|byte| byte.is_ascii_digit())),
            role: role.filter(|role| is_printable(role)),
            role_arn: role_arn.filter(|arn| is_printable(arn)),
            region: region(profiles, profile).filter(|region| is_region(region)),
            defined: profile.positions(),
            sources,
            mfa_serials,
            errors,
            problems,
            remarks,
        }
    }
}

/// What the files say: variables are another day's.
fn settings(profiles: &Arc<Profiles>, name: &str) -> Result<Settings, ProfileError> {
    let selection = Selection::new()
        .with_variables(Variables::none())
        .with_profile(name);
    Settings::new(Arc::clone(profiles), &selection)
}

const ROLE: &str = "role";
const WEB_IDENTITY: &str = "web identity";
const SSO: &str = "SSO";
const LOGIN: &str = "login";
const PROCESS: &str = "process";
const STATIC_KEYS: &str = "static keys";

fn kind_of(plan: &Plan) -> &'static str {
    match plan.base().kind() {
        _ if !plan.hops().is_empty() => ROLE,
        SourceKind::WebIdentity => WEB_IDENTITY,
        SourceKind::Sso => SSO,
        SourceKind::LoginSession => LOGIN,
        SourceKind::Process => PROCESS,
        _ => STATIC_KEYS,
    }
}

/// What a profile that does not work was meant to be.
fn asked_kind(profile: &Profile) -> &'static str {
    let has = |key| profile.value(key).is_some();
    let speaks_of_sso = profile
        .properties()
        .any(|(key, property)| key.starts_with("sso_") && !property.is_blank());
    if has("web_identity_token_file") {
        WEB_IDENTITY
    } else if has("role_arn") || has("credential_source") {
        ROLE
    } else if speaks_of_sso {
        SSO
    } else if has("login_session") {
        LOGIN
    } else if has("credential_process") {
        PROCESS
    } else if ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]
        .into_iter()
        .any(has)
    {
        STATIC_KEYS
    } else {
        SETTINGS
    }
}

/// Account and name in the ARN of a role, or of a session of it: `arn:aws:iam::123456789012:role/path/ops`.
fn parts(arn: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = arn.splitn(6, ':').skip(4);
    let account = parts.next();
    let role = parts.next().and_then(|resource| match resource.split_once('/') {
        Some(("role", path)) => path.rsplit('/').next(),
        Some(("assumed-role", session)) => session.split('/').next(),
        _ => None,
    });
    (account.filter(|account| !account.is_empty()), role)
}

fn sources_of(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let on_the_way = plan.hops().iter().rev().map(RoleHop::profile);
    for name in on_the_way.chain([plan.base_profile()]) {
        if name != plan.profile() && names.last().is_none_or(|last| last != name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The profile's own, else that of its source profile and so on.
fn region<'a>(profiles: &'a Profiles, profile: &'a Profile) -> Option<&'a str> {
    const FARTHEST: usize = 17;
    let next = |profile: &&'a Profile| profiles.get(profile.value("source_profile")?.value());
    std::iter::successors(Some(profile), next)
        .take(FARTHEST)
        .find_map(|profile| profile.value("region"))
        .map(Property::value)
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
