use std::time::Duration;

use serde_json::{Value, json};

use super::session;
use crate::answer::Answer;
use crate::clock::{after, whole_second};
use crate::request::Request;
use crate::rest::{self, Members, RestError};
use crate::state::Shared;
use crate::{dpop, host};

/// How long renewed credentials live.
const LIFETIME: Duration = Duration::from_secs(900);

/// The programs that may ask: where the browser is, and elsewhere.
const CLIENT_IDS: [&str; 2] = [
    "arn:aws:signin:::devtools/same-device",
    "arn:aws:signin:::devtools/cross-device",
];

/// The answer of the service.
///
/// AWS: <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html>
pub(crate) fn answer(shared: &Shared, request: &Request) -> Answer {
    if request.method != "POST" {
        return rest::wrong_method("POST");
    }
    match create_token(shared, request) {
        Ok(document) => rest::document(200, &document).header("cache-control", "no-store"),
        Err(error) => error_answer(&error),
    }
}

/// An error in the service's own form.
pub(crate) fn error_answer(error: &RestError) -> Answer {
    rest::error(error, &json!({"error": error.error, "message": error.message}))
}

/// The exception that goes with a code.
pub(crate) fn error_of(status: u16, code: &str, message: impl Into<String>) -> RestError {
    let exception = match code {
        "TOKEN_EXPIRED" | "AUTHCODE_EXPIRED" | "USER_CREDENTIALS_CHANGED" | "INSUFFICIENT_PERMISSIONS" => {
            "AccessDeniedException"
        }
        _ if status == 429 => "TooManyRequestsError",
        _ if status >= 500 => "InternalServerException",
        _ => "ValidationException",
    };
    let mut error = RestError::new(status, exception, message);
    error.error = Some(code.to_owned());
    error
}

fn create_token(shared: &Shared, request: &Request) -> Result<Value, RestError> {
    let members = Members::of(request).ok_or_else(|| invalid("The body is no JSON object"))?;
    let required = |name: &str| {
        let text = members.text(name);
        text.ok_or_else(|| invalid(format!("{name} is missing")))
    };
    let client_id = required("clientId")?;
    if !CLIENT_IDS.contains(&client_id) {
        return Err(invalid("clientId is none of the known ones"));
    }
    match required("grantType")? {
        "refresh_token" => {}
        "authorization_code" => {
            // Nobody gets a code here, so it can only be an old one.
            let _ = (
                required("code")?,
                required("codeVerifier")?,
                required("redirectUri")?,
            );
            return Err(error_of(
                401,
                "AUTHCODE_EXPIRED",
                "The authorization code has expired",
            ));
        }
        _ => return Err(invalid("grantType is refresh_token or authorization_code")),
    }
    let refresh_token = required("refreshToken")?;
    if refresh_token.len() > 2048 {
        return Err(invalid("refreshToken has more than 2048 characters"));
    }
    let proofs: Vec<&str> = request.headers_named("dpop").collect();
    let [proof] = proofs.as_slice() else {
        return Err(invalid("There has to be one DPoP header"));
    };
    let now = shared.clock.now();
    let url = format!("{}{}", host::base(request, shared), request.path);
    let proof = dpop::verify(proof, &url, now).map_err(|wrong| invalid(format!("The DPoP proof {wrong}")))?;
    let state = &mut *shared.state();
    if !state.sign_ins.is_new(&proof, now) {
        return Err(invalid("The DPoP proof has a jti that was used before"));
    }
    let expired = || error_of(401, "TOKEN_EXPIRED", "The refresh token has expired");
    let session = state.sign_ins.session(refresh_token, now).ok_or_else(expired)?;
    if session.key != proof.key || session.client_id != client_id {
        return Err(invalid("The refresh token belongs to another key or client"));
    }
    let principal = session.principal.clone();
    let next = state.sign_ins.renew(refresh_token).ok_or_else(expired)?;
    state.authority.forget_ended(now);
    let key = state
        .authority
        .issue_temporary(principal, after(whole_second(now), LIFETIME));
    Ok(json!({
        "accessToken": session::access_token(&key),
        "tokenType": "aws_sigv4",
        "expiresIn": LIFETIME.as_secs(),
        "refreshToken": next,
    }))
}

fn invalid(message: impl Into<String>) -> RestError {
    error_of(400, "INVALID_REQUEST", message)
}
