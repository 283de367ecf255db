use std::time::Duration;

use credential_cache::{Fault, Object};
use credential_core::Secret;
use credential_http::Request;
use snafu::ResultExt;
use time::OffsetDateTime;

use crate::call::{Call, InVain, Operation};
use crate::endpoint::Service;
use crate::error::{EndpointSnafu, Error};
use crate::settings::Settings;

/// A program that people can log in to, as IAM Identity Center knows it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: Secret,
    pub(crate) secret: Secret,
}

/// A token that was given.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) access_token: Secret,
    pub(crate) expiration: OffsetDateTime,
    pub(crate) refresh_token: Option<Secret>,
}

/// What a token is asked for with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof<'a> {
    RefreshToken(&'a Secret),
    DeviceCode(&'a Secret),
    AuthorizationCode {
        code: &'a Secret,
        verifier: &'a Secret,
        redirect_uri: &'a str,
    },
}

/// The codes with which CreateToken says that no other attempt with this refresh token can help.
pub(crate) const LOGIN_IS_OVER: &[&str] = &[
    "ExpiredToken",
    "InvalidGrant",
    "InvalidClient",
    "UnauthorizedClient",
    "AccessDenied",
];

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
pub(crate) async fn create_token(
    settings: &Settings,
    client: &Client,
    proof: Proof<'_>,
    deadline: Duration,
) -> Result<Grant, Error> {
    create_token_unless(None, settings, client, proof, deadline).await
}

/// The same, which may be in vain.
pub(crate) async fn create_token_unless<'a>(
    in_vain: Option<InVain<'a>>,
    settings: &Settings,
    client: &'a Client,
    proof: Proof<'a>,
    deadline: Duration,
) -> Result<Grant, Error> {
    let body = Object::default()
        .with("clientId", &client.id)
        .with("clientSecret", &client.secret);
    let (body, mut secrets) = match proof {
        Proof::RefreshToken(token) => (
            body.with("grantType", "refresh_token")
                .with("refreshToken", token),
            vec![token],
        ),
        Proof::DeviceCode(code) => (
            body.with("grantType", "urn:ietf:params:oauth:grant-type:device_code")
                .with("deviceCode", code),
            vec![code],
        ),
        Proof::AuthorizationCode {
            code,
            verifier,
            redirect_uri,
        } => (
            body.with("grantType", "authorization_code")
                .with("code", code)
                .with("codeVerifier", verifier)
                .with("redirectUri", redirect_uri),
            vec![code, verifier],
        ),
    };
    secrets.push(&client.secret);
    let call = Call {
        operation: Operation::CreateToken,
        request: post(settings, "/token", &body)?.not_repeatable(),
        secrets,
        slows_down: !matches!(proof, Proof::DeviceCode(_)),
        in_vain,
    };
    let answer = call.ask(settings, deadline).await?;
    grant(&answer, settings.clock.now()).map_err(|fault| call.cannot_use(fault))
}

fn grant(answer: &Object, now: OffsetDateTime) -> Result<Grant, Fault> {
    Ok(Grant {
        access_token: answer.text("accessToken")?.clone(),
        expiration: after_seconds(answer, "expiresIn", now)?,
        refresh_token: answer.optional_text("refreshToken")?.cloned(),
    })
}

/// The instant that is so many seconds away, at least one.
pub(crate) fn after_seconds(
    answer: &Object,
    key: &'static str,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Fault> {
    let seconds = answer.number(key)?;
    let instant = now.checked_add(time::Duration::seconds(seconds));
    instant.filter(|_| seconds > 0).ok_or(Fault::Range { key })
}

/// A call to the OIDC service: nothing signs it.
pub(crate) fn post(settings: &Settings, path: &str, body: &Object) -> Result<Request, Error> {
    let service = Service::Oidc;
    let url = settings.url(service)?.join(path).context(EndpointSnafu {
        service: service.words(),
    })?;
    Ok(Request::post(url)
        .with_header("content-type", "application/json")
        .with_header("accept", "application/json")
        .with_body(body.to_secret().expose().as_bytes().to_vec()))
}
