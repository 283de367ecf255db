use std::time::Duration;

use time::OffsetDateTime;

use super::{envelope, role, role_session, within_maximum};
use crate::form::Form;
use crate::query::ApiError;
use crate::state::Shared;
use crate::validate::{self, Bounds};
use crate::web_identity::{AUDIENCE, Unusable};
use crate::xml::{element, optional};

const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
const NOT_A_TOKEN: &str = "The ID Token provided is not a valid JWT. \
                           (You may see this error if you sent an Access Token)";
const UNKNOWN: &str = "Couldn't retrieve verification key from your identity provider, please reference \
                       AssumeRoleWithWebIdentity documentation for requirements";

/// Not signed: whoever holds the token is who it says.
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
pub(crate) fn assume_role(shared: &Shared, form: &Form, request_id: &str) -> Result<String, ApiError> {
    let role_arn = validate::required(form, "RoleArn", Bounds::text(20, 2048))?;
    let session = validate::required(form, "RoleSessionName", Bounds::word(2, 64, "=,.@-"))?;
    let token = validate::required(form, "WebIdentityToken", Bounds::text(4, 20_000))?;
    let provider_id = validate::optional(form, "ProviderId", Bounds::text(4, 2048))?;
    let seconds = validate::seconds(form, 900..=43_200)?;
    let packed = validate::policies(form)?.map(|percent| percent.to_string());
    let role = role(&shared.settings, role_arn)?;
    if let Some(provider) = provider_id {
        return Err(invalid(format!(
            "No OpenIDConnect provider found in your account for {provider}"
        )));
    }
    let now = shared.clock.now();
    let found = shared.state().web_identities.find(token, now);
    let identity = found.map_err(|unusable| refusal(&unusable, now))?;
    if identity.audience != AUDIENCE {
        return Err(invalid("Incorrect token audience"));
    }
    let role = role
        .filter(|role| role.admits(&identity.subject, None, None))
        .ok_or_else(|| ApiError::new(403, "AccessDenied", NOT_AUTHORIZED))?;
    let asked = Duration::from_secs(u64::from(seconds.unwrap_or(3600)));
    within_maximum(asked, &role)?;
    let result = element("SubjectFromWebIdentityToken", &identity.subject)
        + &element("Audience", &identity.audience)
        + &role_session(shared, role_arn, session, asked, None)
        + &element("Provider", &identity.issuer)
        + &optional("PackedPolicySize", packed.as_deref());
    Ok(envelope("AssumeRoleWithWebIdentity", &result, request_id))
}

/// In AWS's words.
fn refusal(unusable: &Unusable, now: OffsetDateTime) -> ApiError {
    match unusable {
        Unusable::Expired(end) => {
            let (now, end) = (now.unix_timestamp(), end.unix_timestamp());
            let message = format!(
                "Token expired: current date/time {now} must be before the expiration date/time {end}"
            );
            ApiError::new(400, "ExpiredTokenException", message)
        }
        Unusable::NotAToken => invalid(NOT_A_TOKEN),
        Unusable::Unknown => invalid(UNKNOWN),
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidIdentityToken", message)
}
