use credential_chain::Report;
use credential_chain::profile::{Base, Error, Plan, Settings};

use crate::files::Files;

/// The settings that those who are asked on the way would refuse, each with its place and its rule.
pub(super) fn refused(settings: &Settings, plan: &Plan, files: &Files) -> Vec<String> {
    let mut errors: Vec<Error> = Vec::new();
    // Whoever gets the credentials needs one, too.
    errors.extend(settings.region().err());
    let services = services(plan);
    if !services.is_empty() {
        errors.extend(settings.retry_mode().err());
        errors.extend(settings.max_attempts().err());
    }
    if services.contains(&"sts") {
        errors.extend(settings.sts_regional_endpoints().err());
    }
    if matches!(plan.base(), Base::WebIdentity(_)) {
        errors.extend(settings.token_endpoint_url("sts").err());
    }
    for service in services {
        errors.extend(settings.endpoint_url(service).err());
    }
    let mut told: Vec<String> = Vec::new();
    for error in errors {
        let error = files.shorten(&Report::of(&error).to_string());
        // One address may serve many services.
        if !told.contains(&error) {
            told.push(error);
        }
    }
    told
}

/// Who is asked for these credentials.
fn services(plan: &Plan) -> Vec<&'static str> {
    let mut services = match plan.base() {
        Base::WebIdentity(_) => vec!["sts"],
        Base::Sso(_) => vec!["sso", "sso_oidc"],
        Base::LoginSession(_) => vec!["signin"],
        _ => Vec::new(),
    };
    if !plan.hops().is_empty() && !services.contains(&"sts") {
        services.push("sts");
    }
    services
}
