use std::fmt::Write as _;
use std::time::Duration;

use credential_cache::{CacheFile, Fault, Object};
use credential_core::format_timestamp;
use time::OffsetDateTime;

use crate::call::{Call, Operation};
use crate::error::Error;
use crate::oidc::{self, Client};
use crate::session::file_name_of;
use crate::settings::Settings;
use crate::token_file::instant;

/// The scope of a login in the browser when none is given.
pub(super) const DEFAULT_SCOPE: &str = "sso:account:access";

/// Where the browser comes back to, as it is registered: any port is good.
const REDIRECT_URI: &str = "http://127.0.0.1/oauth/callback";

const GRANT_TYPES: &[&str] = &["authorization_code", "refresh_token"];

/// A registration that ends this soon is not used for another login.
const LEAST_LIFE: Duration = Duration::from_secs(900);

/// This program, as IAM Identity Center knows it: for some months, and for all logins to one session.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) client: Client,
    pub(super) expiration: OffsetDateTime,
}

/// A registration serves one way to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Browser,
    DeviceCode,
}

impl Registration {
    /// The one in the file, left by us or by the AWS CLI, else a new one.
    pub(super) async fn of(settings: &Settings, way: Way) -> Result<Self, Error> {
        let file = file(settings)?;
        match file.read().await {
            Ok(Some(text)) => {
                let known = Object::parse(text.expose()).and_then(|document| Self::known(&document, way));
                match known {
                    Ok(Some(known)) if known.expiration - settings.clock.now() > LEAST_LIFE => {
                        return Ok(known);
                    }
                    Ok(_) => {}
                    Err(fault) => {
                        tracing::debug!(path = %file.path().display(), %fault, "the client registration cannot be used");
                    }
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(path = %file.path().display(), %error, "the client registration cannot be read");
            }
        }
        Self::new(settings, way).await
    }

    /// A new one, instead of any in the file.
    pub(super) async fn new(settings: &Settings, way: Way) -> Result<Self, Error> {
        let scopes = scopes(settings, way);
        let mut body = Object::default()
            .with("clientName", client_name(settings))
            .with("clientType", "public");
        if way == Way::Browser {
            body = body
                .with("grantTypes", GRANT_TYPES)
                .with("redirectUris", &[REDIRECT_URI][..])
                .with("issuerUrl", settings.session.start_url());
        }
        if !scopes.is_empty() {
            body.set("scopes", &*scopes);
        }
        let call = Call {
            operation: Operation::RegisterClient,
            request: oidc::post(settings, "/client/register", &body)?,
            secrets: Vec::new(),
            slows_down: true,
            in_vain: None,
        };
        let answer = call.ask(settings, settings.deadline()).await?;
        let registration = Self::registered(&answer).map_err(|fault| call.cannot_use(fault))?;
        registration.keep(settings, way, &scopes).await?;
        Ok(registration)
    }

    fn registered(answer: &Object) -> Result<Self, Fault> {
        let key = "clientSecretExpiresAt";
        Ok(Self {
            client: client(answer)?,
            expiration: OffsetDateTime::from_unix_timestamp(answer.number(key)?)
                .map_err(|_| Fault::Range { key })?,
        })
    }

    /// `None` for one that serves another way.
    fn known(document: &Object, way: Way) -> Result<Option<Self>, Fault> {
        let serves_browsers = document.lists("grantTypes", "authorization_code");
        if serves_browsers != (way == Way::Browser) {
            return Ok(None);
        }
        Ok(Some(Self {
            client: client(document)?,
            expiration: instant(document, "expiresAt")?,
        }))
    }

    /// In the form of the AWS CLI. A registration that cannot be kept serves this login all the same.
    async fn keep(&self, settings: &Settings, way: Way, scopes: &[String]) -> Result<(), Error> {
        let mut document = Object::default()
            .with("clientId", &self.client.id)
            .with("clientSecret", &self.client.secret)
            .with("expiresAt", format_timestamp(self.expiration));
        if !scopes.is_empty() {
            document.set("scopes", scopes);
        }
        if way == Way::Browser {
            document.set("grantTypes", GRANT_TYPES);
        }
        let file = file(settings)?;
        if let Err(error) = file.replace(&document.to_secret()).await {
            tracing::warn!(path = %file.path().display(), %error, "the client registration cannot be written");
        }
        Ok(())
    }
}

fn client(document: &Object) -> Result<Client, Fault> {
    Ok(Client {
        id: document.text("clientId")?.clone(),
        secret: document.text("clientSecret")?.clone(),
    })
}

/// What is asked for. A legacy session asks for nothing, and then there is no refresh token.
pub(super) fn scopes(settings: &Settings, way: Way) -> Vec<String> {
    match (given_scopes(settings), way) {
        ([], Way::Browser) => vec![DEFAULT_SCOPE.to_owned()],
        (scopes, _) => scopes.to_vec(),
    }
}

fn given_scopes(settings: &Settings) -> &[String] {
    match settings.session.name() {
        Some(_) => settings.session.scopes(),
        None => &[],
    }
}

fn client_name(settings: &Settings) -> String {
    match settings.session.name() {
        Some(name) => format!("credential-client-{name}"),
        None => format!("credential-client-{}", settings.clock.now().unix_timestamp()),
    }
}

/// The file of the registration, which is the AWS CLI's as well: named after the SHA-1 of a JSON text as Python writes it.
pub(super) fn file(settings: &Settings) -> Result<CacheFile, Error> {
    Ok(CacheFile::new(settings.folder()?.join(file_name(settings))))
}

fn file_name(settings: &Settings) -> String {
    let session = &settings.session;
    let scopes = match given_scopes(settings) {
        [] => "null".to_owned(),
        scopes => {
            let scopes: Vec<String> = scopes.iter().map(|scope| as_python(scope)).collect();
            format!("[{}]", scopes.join(", "))
        }
    };
    let name = session.name().map_or_else(|| "null".to_owned(), as_python);
    file_name_of(&format!(
        "{{\"region\": {}, \"scopes\": {scopes}, \"session_name\": {name}, \"startUrl\": {}, \"tool\": \"botocore\"}}",
        as_python(session.region()),
        as_python(session.start_url()),
    ))
}

/// A JSON string in the spelling of Python's `json.dumps`: ASCII alone.
fn as_python(text: &str) -> String {
    let mut written = String::from("\"");
    let mut units = [0; 2];
    for letter in text.chars() {
        match letter {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            ' '..='~' => written.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut units) {
                    let _ = write!(written, "\\u{unit:04x}");
                }
            }
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SsoSession;

    #[test]
    fn a_registration_has_the_file_name_that_the_aws_cli_gives_it() {
        let url = "https://corp.awsapps.com/start";
        let table = [
            // Made with `SSOTokenFetcher._registration_cache_key` of the AWS CLI 2.36.
            (
                SsoSession::named("corp", url, "eu-central-1"),
                "00f5372d48a2c6a221c5a68a33caf46b053d0ab4.json",
            ),
            (
                SsoSession::named("corp", url, "eu-central-1")
                    .with_scopes(["sso:account:access", "codewhisperer:completions"]),
                "5e007c8941524fff0eaf3c3e1defb4157a6a8a5a.json",
            ),
            (
                SsoSession::legacy(url, "us-east-1"),
                "ffb6eff0a547e7a6123046d5853a4c054139b507.json",
            ),
            (
                SsoSession::legacy(url, "us-east-1").with_scopes(["not for legacy sessions"]),
                "ffb6eff0a547e7a6123046d5853a4c054139b507.json",
            ),
            (
                SsoSession::named("Zürich \"🏔\"\t\u{1}\u{7f}", url, "eu-central-1"),
                "61550306dbb8a06230084af384549a682daada3a.json",
            ),
        ];
        for (session, name) in table {
            assert_eq!(file_name(&Settings::new(session.clone())), name, "{session:?}");
        }
    }
}
