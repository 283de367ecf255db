use std::net::Ipv4Addr;
use std::time::Duration;

use credential_runtime::within;
use snafu::{OptionExt, ResultExt};
use tokio::net::TcpListener;

use super::callback::{self, Callback};
use super::pkce::Pkce;
use super::registration::{self, Registration, Way};
use crate::endpoint::Service;
use crate::error::{CodeExpiredSnafu, EndpointSnafu, Error, ListenSnafu, NobodyCameSnafu, NotApprovedSnafu};
use crate::oidc::{self, Grant, Proof};
use crate::portal::percent_encoded;
use crate::settings::Settings;

pub(super) async fn log_in(
    settings: &Settings,
    limit: Duration,
    open: impl FnOnce(&str),
) -> Result<(Grant, Registration), Error> {
    // This machine alone may come, and before anybody is asked it shows whether anybody could.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context(ListenSnafu)?;
    let port = listener.local_addr().context(ListenSnafu)?.port();
    let redirect_uri = format!("http://127.0.0.1:{port}{}", callback::PATH);
    let registration = Registration::of(settings, Way::Browser).await?;
    let pkce = Pkce::new()?;
    open(&authorize_url(settings, &registration, &pkce, &redirect_uri)?);
    let waiting = settings.clock.sleep(limit);
    let mut stray = None;
    let callback = callback::wait(&listener, &pkce.state, &settings.clock, &mut stray);
    let came = within(waiting, callback).await;
    drop(listener);
    let nobody = NobodyCameSnafu {
        limit,
        said: stray.unwrap_or_default(),
    };
    let code = match came.context(nobody)?.context(ListenSnafu)? {
        Callback::Code(code) => code,
        Callback::Refused(said) => return NotApprovedSnafu { said }.fail(),
    };
    let proof = Proof::AuthorizationCode {
        code: &code,
        verifier: &pkce.verifier,
        redirect_uri: &redirect_uri,
    };
    match oidc::create_token(settings, &registration.client, proof, settings.deadline()).await {
        Ok(grant) => Ok((grant, registration)),
        Err(Error::Refused { said, .. }) if said.is(&["ExpiredToken"]) => CodeExpiredSnafu.fail(),
        Err(Error::Refused { said, .. }) if said.is(&["AccessDenied"]) => NotApprovedSnafu { said }.fail(),
        Err(error) => {
            if matches!(&error, Error::Refused { said, .. } if said.is(&["InvalidClient", "UnauthorizedClient"]))
            {
                // The registration in the file is known no more: the next login makes a new one.
                let _ = registration::file(settings)?.remove().await;
            }
            Err(error)
        }
    }
}

/// The address of the page where the person logs in.
fn authorize_url(
    settings: &Settings,
    registration: &Registration,
    pkce: &Pkce,
    redirect_uri: &str,
) -> Result<String, Error> {
    let service = Service::Oidc;
    let page = settings.url(service)?.join("/authorize").context(EndpointSnafu {
        service: service.words(),
    })?;
    let scopes = registration::scopes(settings, Way::Browser).join(" ");
    let query: Vec<String> = [
        ("response_type", "code"),
        ("client_id", registration.client.id.expose()),
        ("redirect_uri", redirect_uri),
        ("state", pkce.state.expose()),
        ("code_challenge_method", "S256"),
        ("scopes", &scopes),
        ("code_challenge", &pkce.challenge),
    ]
    .iter()
    .map(|(name, value)| format!("{name}={}", percent_encoded(value)))
    .collect();
    Ok(format!("{page}?{}", query.join("&")))
}
