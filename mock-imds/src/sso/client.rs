use serde_json::{Value, json};
use time::OffsetDateTime;

use super::center::{Center, make_room};
use super::grant::{self, Grant};
use crate::clock::after;
use crate::random::Random;
use crate::rest::{Members, RestError};
use crate::state::Shared;
use crate::{SsoSettings, base64};

/// A program that has registered.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) end: OffsetDateTime,
    scopes: Vec<String>,
    /// Empty: it did not say, so any.
    grants: Vec<String>,
    redirect_uris: Vec<String>,
}

impl Client {
    pub(super) fn new(random: &mut Random, settings: &SsoSettings, now: OffsetDateTime) -> Self {
        Self {
            id: base64::url_unpadded(&random.bytes::<24>()),
            secret: format!("{}EXAMPLEKEY", base64::url_unpadded(&random.bytes::<96>())),
            end: after(now, settings.registration_lifetime),
            scopes: Vec::new(),
            grants: Vec::new(),
            redirect_uris: Vec::new(),
        }
    }

    /// A client as the AWS CLI registers it.
    pub(super) fn with_scopes(random: &mut Random, settings: &SsoSettings, now: OffsetDateTime) -> Self {
        Self {
            scopes: vec!["sso:account:access".to_owned()],
            ..Self::new(random, settings, now)
        }
    }

    /// Without scopes there is no refresh token, as for programs from before there were any.
    pub(super) fn may_refresh(&self) -> bool {
        !self.scopes.is_empty() && self.may_use(Grant::RefreshToken)
    }

    pub(super) fn may_use(&self, grant: Grant) -> bool {
        self.grants.is_empty() || self.grants.iter().any(|known| known == grant.name())
    }

    /// The port of an address on this machine is free to differ.
    ///
    /// RFC 8252: <https://www.rfc-editor.org/rfc/rfc8252#section-7.3>
    pub(super) fn redirects_to(&self, uri: &str) -> bool {
        let asked = loopback(uri);
        asked.is_some() && self.redirect_uris.iter().any(|known| loopback(known) == asked)
    }
}

impl Center {
    pub(super) fn keep_client(&mut self, client: &Client, now: OffsetDateTime) {
        make_room(&mut self.clients, |client| now < client.end);
        self.clients.insert(client.id.clone(), client.clone());
    }

    /// The client of a call, by its ID and its secret.
    pub(super) fn client(&self, members: &Members, now: OffsetDateTime) -> Result<Client, RestError> {
        let id = grant::required(members, "clientId")?;
        let secret = grant::required(members, "clientSecret")?;
        let client = self.clients.get(id).filter(|client| client.secret == secret);
        let refused = |message| Err(RestError::oauth(401, "invalid_client", message));
        match client {
            Some(client) if now < client.end => Ok(client.clone()),
            Some(_) => refused("Client registration has expired"),
            None => refused("Invalid client credentials provided"),
        }
    }
}

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>
pub(super) fn register(shared: &Shared, members: &Members, base: &str) -> Result<Value, RestError> {
    let settings = &shared.settings.sso;
    let now = shared.clock.now();
    grant::required(members, "clientName")?;
    if grant::required(members, "clientType")? != "public" {
        return Err(RestError::oauth(
            400,
            "invalid_client_metadata",
            "clientType has to be public",
        ));
    }
    let list = |name: &str| {
        let message = format!("{name} has to be a list of texts");
        members
            .texts(name)
            .ok_or_else(|| RestError::oauth(400, "invalid_request", message))
    };
    let (scopes, grants, redirect_uris) = (list("scopes")?, list("grantTypes")?, list("redirectUris")?);
    if scopes.iter().any(|scope| !is_scope(scope)) {
        return Err(RestError::oauth(400, "invalid_scope", "Invalid scopes"));
    }
    if grants.iter().any(|name| Grant::named(name).is_none()) {
        return Err(RestError::oauth(
            400,
            "unsupported_grant_type",
            "Unsupported grant type",
        ));
    }
    if redirect_uris.iter().any(|uri| loopback(uri).is_none()) {
        return Err(RestError::oauth(
            400,
            "invalid_redirect_uri",
            "Invalid redirect URI",
        ));
    }
    if members
        .text("issuerUrl")
        .is_some_and(|url| url != settings.start_url)
    {
        return Err(RestError::oauth(400, "invalid_request", "Invalid issuer URL"));
    }
    let client = Client {
        scopes,
        grants,
        redirect_uris,
        ..Client::new(&mut shared.state().sso.random, settings, now)
    };
    shared.state().sso.keep_client(&client, now);
    Ok(json!({
        "clientId": client.id,
        "clientSecret": client.secret,
        "clientIdIssuedAt": now.unix_timestamp(),
        "clientSecretExpiresAt": client.end.unix_timestamp(),
        "authorizationEndpoint": format!("{base}/authorize"),
        "tokenEndpoint": format!("{base}/token"),
    }))
}

/// `sso:account:access` and its like.
fn is_scope(scope: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b":_-.*/".contains(&byte);
    (scope.contains(':') || scope == "openid") && scope.bytes().all(fits)
}

/// The path of an address on this machine, with its host but without its port.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let host = crate::host::without_port(authority);
    let is_local = ["127.0.0.1", "[::1]", "localhost"].contains(&host);
    (is_local && !path.contains('#')).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_local_address_is_free() {
        let client = Client {
            redirect_uris: vec!["http://127.0.0.1/oauth/callback".to_owned()],
            ..Client::new(
                &mut Random::of_system(),
                &SsoSettings::new(),
                OffsetDateTime::UNIX_EPOCH,
            )
        };
        for (uri, fits) in [
            ("http://127.0.0.1/oauth/callback", true),
            ("http://127.0.0.1:40123/oauth/callback", true),
            ("http://127.0.0.1:40123/other", false),
            ("http://[::1]:40123/oauth/callback", false),
            ("https://127.0.0.1/oauth/callback", false),
            ("http://127.0.0.1@evil.example/oauth/callback", false),
            ("http://evil.example/oauth/callback", false),
            ("", false),
        ] {
            assert_eq!(client.redirects_to(uri), fits, "{uri}");
        }
    }
}
