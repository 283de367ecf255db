use std::time::Duration;

use serde_json::{Value, json};

use super::center::{Center, Decision, Tokens};
use super::client::Client;
use crate::clock::after;
use crate::rest::{Members, RestError};
use crate::state::Shared;
use crate::{SsoSettings, digest};

/// What a client shows in exchange for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    AuthorizationCode,
    DeviceCode,
    RefreshToken,
}

impl Grant {
    const ALL: [Self; 3] = [Self::AuthorizationCode, Self::DeviceCode, Self::RefreshToken];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
pub(super) fn create_token(shared: &Shared, members: &Members) -> Result<Value, RestError> {
    let now = shared.clock.now();
    let settings = &shared.settings.sso;
    let center = &mut shared.state().sso;
    let client = center.client(members, now)?;
    let name = required(members, "grantType")?;
    let grant = Grant::named(name)
        .ok_or_else(|| RestError::oauth(400, "unsupported_grant_type", "Unsupported grant type"))?;
    if !client.may_use(grant) {
        return Err(RestError::oauth(
            400,
            "unauthorized_client",
            "Client did not register for this grant type",
        ));
    }
    let tokens = match grant {
        Grant::AuthorizationCode => by_code(center, settings, &client, members, now)?,
        Grant::DeviceCode => by_device(center, settings, &client, members, now)?,
        Grant::RefreshToken => center
            .renew(settings, &client, required(members, "refreshToken")?, now)
            .ok_or_else(|| RestError::oauth(400, "invalid_grant", "Invalid refresh token provided"))?,
    };
    let mut document = json!({
        "accessToken": tokens.access_token,
        "expiresIn": tokens.expires_in,
        "tokenType": "Bearer",
    });
    if let (Some(refresh_token), Some(members)) = (tokens.refresh_token, document.as_object_mut()) {
        members.insert("refreshToken".to_owned(), refresh_token.into());
    }
    Ok(document)
}

fn by_device(
    center: &mut Center,
    settings: &SsoSettings,
    client: &Client,
    members: &Members,
    now: time::OffsetDateTime,
) -> Result<Tokens, RestError> {
    let code = required(members, "deviceCode")?;
    let found = center
        .devices
        .iter()
        .position(|device| device.device_code == code);
    let at = found.filter(|at| {
        center
            .devices
            .get(*at)
            .is_some_and(|device| device.client_id == client.id)
    });
    let Some(device) = at.and_then(|at| center.devices.get_mut(at)) else {
        return Err(RestError::oauth(
            400,
            "invalid_grant",
            "Invalid device code provided",
        ));
    };
    if now >= device.end {
        return Err(RestError::oauth(400, "expired_token", "Device code has expired"));
    }
    let is_hasty = device
        .asked
        .is_some_and(|asked| now < after(asked, device.interval));
    device.asked = Some(now);
    if is_hasty {
        device.interval += Duration::from_secs(5);
        let seconds = device.interval.as_secs();
        let message = format!("Polling too fast: wait {seconds} s from now on");
        return Err(RestError::oauth(400, "slow_down", message));
    }
    match device.decision {
        Decision::Pending => Err(RestError::oauth(
            400,
            "authorization_pending",
            "Nobody has approved yet",
        )),
        Decision::Denied => Err(RestError::oauth(400, "access_denied", "The user has said no")),
        Decision::Approved => {
            center.devices.retain(|device| device.device_code != code);
            Ok(center.log_in(settings, client, now))
        }
    }
}

fn by_code(
    center: &mut Center,
    settings: &SsoSettings,
    client: &Client,
    members: &Members,
    now: time::OffsetDateTime,
) -> Result<Tokens, RestError> {
    let code = required(members, "code")?;
    let redirect_uri = required(members, "redirectUri")?;
    let verifier = required(members, "codeVerifier")?;
    if !is_verifier(verifier) {
        return Err(RestError::oauth(400, "invalid_request", "Invalid code verifier"));
    }
    // Whoever shows a code spends it, even with the wrong verifier.
    let known = center.codes.remove(code).filter(|known| {
        known.client_id == client.id
            && known.redirect_uri == redirect_uri
            && known.challenge == digest::challenge(verifier)
            && now < known.end
    });
    match known {
        Some(_) => Ok(center.log_in(settings, client, now)),
        None => Err(RestError::oauth(
            400,
            "invalid_grant",
            "Invalid authorization code provided",
        )),
    }
}

/// RFC 7636: <https://www.rfc-editor.org/rfc/rfc7636#section-4.1>
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A member that has to be there.
pub(super) fn required<'a>(members: &'a Members, name: &str) -> Result<&'a str, RestError> {
    members
        .text(name)
        .ok_or_else(|| RestError::oauth(400, "invalid_request", format!("{name} is missing")))
}
