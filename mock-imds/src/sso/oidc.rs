use serde_json::{Value, json};

use super::center::{Decision, Device, seconds};
use super::{client, grant};
use crate::answer::Answer;
use crate::clock::after;
use crate::request::Request;
use crate::rest::{self, Members, RestError};
use crate::state::Shared;
use crate::{Step, base64, host};

/// The answer of the OIDC service to a program.
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html>
pub(crate) fn answer(shared: &Shared, request: &Request, step: Step) -> Answer {
    if request.method != "POST" {
        return rest::wrong_method("POST");
    }
    let base = host::base(request, shared);
    let result = match Members::of(request) {
        None => Err(RestError::oauth(
            400,
            "invalid_request",
            "The body is no JSON object",
        )),
        Some(members) => match step {
            Step::RegisterClient => client::register(shared, &members, &base),
            Step::StartDeviceAuthorization => start_device_authorization(shared, &members, &base),
            _ => grant::create_token(shared, &members),
        },
    };
    match result {
        // No cache may keep a token.
        Ok(document) => rest::document(200, &document).header("cache-control", "no-store"),
        Err(error) => error_answer(&error),
    }
}

/// An error in the form of OAuth 2.0.
pub(crate) fn error_answer(error: &RestError) -> Answer {
    let body = json!({"error": error.error, "error_description": error.message});
    rest::error(error, &body)
}

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>
fn start_device_authorization(shared: &Shared, members: &Members, base: &str) -> Result<Value, RestError> {
    let settings = &shared.settings.sso;
    let now = shared.clock.now();
    let center = &mut shared.state().sso;
    let client = center.client(members, now)?;
    if !client.may_use(grant::Grant::DeviceCode) {
        let message = "Client did not register for device codes";
        return Err(RestError::oauth(400, "unauthorized_client", message));
    }
    if grant::required(members, "startUrl")? != settings.start_url {
        return Err(RestError::oauth(
            400,
            "invalid_request",
            "Invalid start URL provided",
        ));
    }
    let user_code = format!(
        "{}-{}",
        center.random.base32_letters(4),
        center.random.base32_letters(4)
    );
    let secret = base64::url_unpadded(&center.random.bytes::<48>());
    let decision = if settings.approves_automatically {
        Decision::Approved
    } else {
        Decision::Pending
    };
    let device = Device {
        device_code: format!("{secret}EXAMPLETOKEN"),
        user_code: user_code.clone(),
        client_id: client.id,
        end: after(now, settings.device_code_lifetime),
        decision,
        interval: settings.interval,
        asked: None,
    };
    let document = json!({
        "deviceCode": device.device_code,
        "userCode": user_code,
        "verificationUri": format!("{base}/device"),
        "verificationUriComplete": format!("{base}/device?user_code={user_code}"),
        "expiresIn": seconds(settings.device_code_lifetime),
        "interval": seconds(settings.interval),
    });
    // Those that ended an hour ago are of no interest to anybody.
    let long_ago = now - std::time::Duration::from_secs(3600);
    center.devices.retain(|device| device.end > long_ago);
    center.devices.push(device);
    Ok(document)
}
