//! What a user with a long-term key can ask for.

use std::time::Duration;

use super::{credentials, device, envelope};
use crate::authority::{Kind, Principal};
use crate::clock::{after, whole_second};
use crate::query::{ApiError, Call};
use crate::validate::{self, Bounds};
use crate::xml::{element, optional};

/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(crate) fn get_session_token(call: &Call<'_>) -> Result<String, ApiError> {
    let seconds = validate::seconds(call.form, 900..=129_600)?.unwrap_or(43_200);
    if call.caller.kind != Kind::User {
        return Err(not_with_a_session("GetSessionToken"));
    }
    device(call)?;
    let principal = Principal {
        kind: Kind::UserSession,
        ..call.caller.clone()
    };
    let end = after(
        whole_second(call.shared.clock.now()),
        Duration::from_secs(seconds.into()),
    );
    let key = call.shared.state().authority.issue_temporary(principal, end);
    Ok(envelope("GetSessionToken", &credentials(&key), call.request_id))
}

/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
pub(crate) fn get_federation_token(call: &Call<'_>) -> Result<String, ApiError> {
    let name = validate::required(call.form, "Name", Bounds::word(2, 32, "=,.@-"))?;
    let seconds = validate::seconds(call.form, 900..=129_600)?.unwrap_or(43_200);
    let packed = validate::policies(call.form)?.map(|percent| percent.to_string());
    validate::tags(call.form)?;
    if call.caller.kind != Kind::User {
        return Err(not_with_a_session("GetFederationToken"));
    }
    let (account, partition) = (&call.caller.account, call.shared.settings.partition());
    let principal = Principal {
        kind: Kind::Federated,
        arn: format!("arn:{partition}:sts::{account}:federated-user/{name}"),
        user_id: format!("{account}:{name}"),
        ..call.caller.clone()
    };
    let user = element("FederatedUserId", &principal.user_id) + &element("Arn", &principal.arn);
    let end = after(
        whole_second(call.shared.clock.now()),
        Duration::from_secs(seconds.into()),
    );
    let key = call.shared.state().authority.issue_temporary(principal, end);
    let result = credentials(&key)
        + &format!("<FederatedUser>{user}</FederatedUser>")
        + &optional("PackedPolicySize", packed.as_deref());
    Ok(envelope("GetFederationToken", &result, call.request_id))
}

/// Whose key it is, alive or not.
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
pub(crate) fn get_access_key_info(call: &Call<'_>) -> Result<String, ApiError> {
    let access_key_id = validate::required(call.form, "AccessKeyId", Bounds::word(16, 128, ""))?;
    if matches!(call.caller.kind, Kind::UserSession | Kind::Federated) {
        return Err(not_with_a_session("GetAccessKeyInfo"));
    }
    let state = call.shared.state();
    let issued = state.authority.find(access_key_id);
    let issued = issued.ok_or_else(|| validate::error("Invalid Access Key ID"))?;
    let result = element("Account", &issued.principal.account);
    Ok(envelope("GetAccessKeyInfo", &result, call.request_id))
}

fn not_with_a_session(action: &str) -> ApiError {
    let message = format!("Cannot call {action} with session credentials");
    ApiError::new(403, "AccessDenied", message)
}
