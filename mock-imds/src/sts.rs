pub(crate) mod user;
pub(crate) mod web_identity;

use std::time::Duration;

use crate::authority::{AccessKey, Kind, Principal};
use crate::clock::{after, rfc3339, whole_second};
use crate::published::session_arn;
use crate::query::{ApiError, Call};
use crate::settings::Settings;
use crate::state::Shared;
use crate::trust::TrustedRole;
use crate::validate::{self, Bounds};
use crate::xml::{element, optional};

/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(crate) fn assume_role(call: &Call<'_>) -> Result<String, ApiError> {
    let form = call.form;
    let role_arn = validate::required(form, "RoleArn", Bounds::text(20, 2048))?;
    let session = validate::required(form, "RoleSessionName", Bounds::word(2, 64, "=,.@-"))?;
    let seconds = validate::seconds(form, 900..=43_200)?;
    let external_id = validate::optional(form, "ExternalId", Bounds::word(2, 1224, "=,.@:/-"))?;
    let source_identity = validate::optional(form, "SourceIdentity", Bounds::word(2, 64, "=,.@-"))?;
    let packed = validate::policies(form)?;
    validate::tags(form)?;
    let device = device(call)?;
    if session_is_reserved(source_identity) {
        return Err(validate::error("SourceIdentity must not begin with aws:"));
    }
    let role = admitted_role(call, role_arn, external_id, device)?;
    let asked = Duration::from_secs(u64::from(seconds.unwrap_or(3600)));
    if call.caller.kind == Kind::RoleSession && asked > Duration::from_secs(3600) {
        return Err(validate::error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    within_maximum(asked, &role)?;
    let source_identity = match (&call.caller.source_identity, source_identity) {
        (Some(theirs), Some(asked)) if theirs != asked => {
            return Err(denied(call, "sts:SetSourceIdentity", role_arn));
        }
        (Some(theirs), _) => Some(theirs.clone()),
        (None, asked) => asked.map(str::to_owned),
    };
    let packed = packed.map(|percent| percent.to_string());
    let result = role_session(call.shared, role_arn, session, asked, source_identity.as_deref())
        + &optional("PackedPolicySize", packed.as_deref())
        + &optional("SourceIdentity", source_identity.as_deref());
    Ok(envelope("AssumeRole", &result, call.request_id))
}

/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(crate) fn get_caller_identity(call: &Call<'_>) -> String {
    let caller = &call.caller;
    let result = element("Arn", &caller.arn)
        + &element("UserId", &caller.user_id)
        + &element("Account", &caller.account);
    envelope("GetCallerIdentity", &result, call.request_id)
}

/// Issues a session of a role: `Credentials` and `AssumedRoleUser`.
fn role_session(
    shared: &Shared,
    role_arn: &str,
    session: &str,
    duration: Duration,
    source_identity: Option<&str>,
) -> String {
    let state = &mut *shared.state();
    let role_id = format!("{}:{session}", state.authority.role_id(role_arn));
    let arn = session_arn(role_arn, session);
    let principal = Principal {
        kind: Kind::RoleSession,
        arn: arn.clone(),
        user_id: role_id.clone(),
        account: role_arn.split(':').nth(4).unwrap_or_default().to_owned(),
        source_identity: source_identity.map(str::to_owned),
    };
    let now = whole_second(shared.clock.now());
    state.authority.forget_ended(now);
    let key = state.authority.issue_temporary(principal, after(now, duration));
    let user = element("AssumedRoleId", &role_id) + &element("Arn", &arn);
    credentials(&key) + &format!("<AssumedRoleUser>{user}</AssumedRoleUser>")
}

/// The role, if the table of roles lets this caller assume it.
fn admitted_role(
    call: &Call<'_>,
    role_arn: &str,
    external_id: Option<&str>,
    mfa_serial: Option<&str>,
) -> Result<TrustedRole, ApiError> {
    role(&call.shared.settings, role_arn)?
        // Federated users cannot assume roles, whatever the trust policy says.
        .filter(|_| call.caller.kind != Kind::Federated)
        .filter(|role| role.admits(&call.caller.arn, external_id, mfa_serial))
        .ok_or_else(|| denied(call, "sts:AssumeRole", role_arn))
}

/// A role as the table of roles has it; one of the server's own account need not be there.
fn role(settings: &Settings, role_arn: &str) -> Result<Option<TrustedRole>, ApiError> {
    if !is_role_arn(role_arn) {
        return Err(validate::error(format!("{role_arn} is invalid")));
    }
    let declared = settings.trusted.iter().find(|role| role.arn == role_arn).cloned();
    let is_own = role_arn.starts_with(&settings.role_arn(""));
    Ok(declared.or_else(|| is_own.then(|| TrustedRole::undeclared(role_arn))))
}

/// Refuses a session that is longer than its role allows.
fn within_maximum(asked: Duration, role: &TrustedRole) -> Result<(), ApiError> {
    if asked > role.max_duration {
        return Err(validate::error(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}

/// The MFA device of a call, its code checked. Serial number and code come together or not at all.
fn device<'a>(call: &'a Call<'_>) -> Result<Option<&'a str>, ApiError> {
    let serial = validate::optional(call.form, "SerialNumber", Bounds::word(9, 256, "=/:,.@-"))?;
    let code = validate::optional(call.form, "TokenCode", Bounds::digits(6))?;
    let refused = |text: &str| Err(ApiError::new(403, "AccessDenied", text));
    match (serial, code) {
        (None, None) => Ok(None),
        (Some(serial), Some(code)) => {
            let devices = &call.shared.settings.mfa_devices;
            match devices.iter().find(|(known, _)| known == serial) {
                Some((_, right)) if right == code => Ok(Some(serial)),
                Some(_) => refused("MultiFactorAuthentication failed with invalid MFA one time pass code."),
                None => refused("MultiFactorAuthentication failed, unable to validate MFA code."),
            }
        }
        _ => refused(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        ),
    }
}

fn denied(call: &Call<'_>, action: &str, role_arn: &str) -> ApiError {
    let caller = &call.caller.arn;
    let message = format!("User: {caller} is not authorized to perform: {action} on resource: {role_arn}");
    ApiError::new(403, "AccessDenied", message)
}

fn session_is_reserved(source_identity: Option<&str>) -> bool {
    source_identity.is_some_and(|text| text.starts_with("aws:"))
}

/// `arn:PARTITION:iam::ACCOUNT:role/…`
fn is_role_arn(arn: &str) -> bool {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(fields.as_slice(), ["arn", partition, "iam", "", account, name]
        if partition.starts_with("aws")
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && name.strip_prefix("role/").is_some_and(|name| !name.is_empty() && !name.ends_with('/')))
}

fn credentials(key: &AccessKey) -> String {
    let members = element("AccessKeyId", key.access_key_id())
        + &element("SecretAccessKey", key.secret_access_key())
        + &optional("SessionToken", key.session_token())
        + &optional("Expiration", key.expiration().map(rfc3339).as_deref());
    format!("<Credentials>{members}</Credentials>")
}

fn envelope(action: &str, result: &str, request_id: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
         <{action}Result>{result}</{action}Result>\n  \
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\n</{action}Response>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arn_of_a_role_is_one() {
        assert!(is_role_arn("arn:aws-cn:iam::123456789012:role/team/deploy"));
        for arn in [
            "arn:aws:iam::123456789012:user/deploy",
            "arn:aws:iam::12345678901:role/deploy",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:sts::123456789012:role/deploy",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(!is_role_arn(arn), "{arn}");
        }
    }
}
