use std::fmt;
use std::time::Duration;

use credential_cache::{CacheFile, Fault, Object};
use credential_core::{Secret, format_timestamp};
use snafu::{OptionExt, ResultExt};
use time::OffsetDateTime;

use crate::call::printable;
use crate::error::{AnotherLoginSnafu, Error, NotLoggedInSnafu, ReadTokenSnafu, TokenFileSnafu};
use crate::oidc::{Client, Grant};
use crate::settings::Settings;
use crate::timestamp;

/// A token is renewed when it has this long to live, or less.
const WINDOW: Duration = Duration::from_secs(300);

/// What a login leaves in a file for all of AWS's tools: a token, and perhaps the means to renew it.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) access_token: Secret,
    pub(crate) expiration: OffsetDateTime,
    document: Object,
}

/// Why a token cannot be renewed.
///
/// ```
/// use credential_sso::{Error, NotRenewable};
///
/// fn advice(error: &Error) -> Option<&'static str> {
///     match error {
///         Error::Expired { reason: NotRenewable::Legacy, .. } => Some("give the profile an sso_session"),
///         Error::Expired { .. } => Some("log in again"),
///         _ => None,
///     }
/// }
///
/// assert_eq!(NotRenewable::Legacy.to_string(), "the profile names no sso_session");
/// assert_eq!(advice(&Error::NoHome), None);
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRenewable {
    /// The profile has no `sso_session`.
    Legacy,
    /// The file lacks what renewing needs, as after a login that did not ask for it.
    Incomplete(
        /// What is missing.
        Fault,
    ),
    /// The program that logged in is no longer registered.
    RegistrationExpired(
        /// Since when.
        OffsetDateTime,
    ),
}

impl fmt::Display for NotRenewable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Legacy => f.write_str("the profile names no sso_session"),
            Self::Incomplete(fault) => write!(f, "{fault}"),
            Self::RegistrationExpired(at) => {
                write!(f, "its client registration expired at {}", format_timestamp(*at))
            }
        }
    }
}

/// How a token stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Good,
    /// Still good, and to be renewed.
    Ending,
    Expired,
}

/// What renewing takes.
#[derive(Debug)]
pub(crate) struct Renewable {
    pub(crate) client: Client,
    pub(crate) refresh_token: Secret,
}

impl Token {
    pub(crate) fn parse(text: &Secret) -> Result<Self, Fault> {
        let document = Object::parse(text.expose())?;
        let access_token = document.text("accessToken")?.clone();
        if access_token.expose().contains(char::is_control) {
            // No header could hold it: the file is damaged.
            return Err(Fault::WrongType {
                key: "accessToken",
                expected: "printable text",
            });
        }
        Ok(Self {
            access_token,
            expiration: instant(&document, "expiresAt")?,
            document,
        })
    }

    /// The token of a new login.
    pub(crate) fn of_login(
        grant: &Grant,
        client: &Client,
        registration_expiration: OffsetDateTime,
        settings: &Settings,
    ) -> Self {
        let document = Object::default()
            .with("startUrl", settings.session.start_url())
            .with("region", settings.session.region())
            .with("accessToken", &grant.access_token)
            .with("expiresAt", format_timestamp(grant.expiration))
            .with("clientId", &client.id)
            .with("clientSecret", &client.secret)
            .with("registrationExpiresAt", format_timestamp(registration_expiration));
        Self::granted(document, grant)
    }

    /// The token that came for this one. What we do not know stays, and so does the refresh token when no other came.
    pub(crate) fn renewed(&self, grant: &Grant, settings: &Settings) -> Self {
        let document = self
            .document
            .clone()
            .with("startUrl", settings.session.start_url())
            .with("region", settings.session.region())
            .with("accessToken", &grant.access_token)
            .with("expiresAt", format_timestamp(grant.expiration));
        Self::granted(document, grant)
    }

    fn granted(mut document: Object, grant: &Grant) -> Self {
        if let Some(refresh_token) = &grant.refresh_token {
            document.set("refreshToken", refresh_token);
        }
        Self {
            access_token: grant.access_token.clone(),
            expiration: grant.expiration,
            document,
        }
    }

    pub(crate) fn contents(&self) -> Secret {
        self.document.to_secret()
    }

    pub(crate) fn standing(&self, now: OffsetDateTime) -> Standing {
        if now >= self.expiration {
            Standing::Expired
        } else if self.expiration - now <= WINDOW {
            Standing::Ending
        } else {
            Standing::Good
        }
    }

    pub(crate) fn renewable(&self, settings: &Settings) -> Result<Renewable, NotRenewable> {
        if settings.session.name().is_none() {
            return Err(NotRenewable::Legacy);
        }
        let text = |key| self.document.text(key).cloned();
        let complete = || {
            let renewable = Renewable {
                refresh_token: text("refreshToken")?,
                client: Client {
                    id: text("clientId")?,
                    secret: text("clientSecret")?,
                },
            };
            Ok((renewable, instant(&self.document, "registrationExpiresAt")?))
        };
        let (renewable, until) = complete().map_err(NotRenewable::Incomplete)?;
        if settings.clock.now() >= until {
            return Err(NotRenewable::RegistrationExpired(until));
        }
        Ok(renewable)
    }
}

/// The token that stands in the file now.
pub(crate) async fn read(settings: &Settings, file: &CacheFile) -> Result<Token, Error> {
    let path = file.path();
    let text = file.read().await.context(ReadTokenSnafu { path })?;
    let text = text.with_context(|| NotLoggedInSnafu {
        path,
        remedy: settings.remedy(),
    })?;
    let unusable = |fault| {
        TokenFileSnafu {
            path,
            fault,
            remedy: settings.remedy(),
        }
        .build()
    };
    let token = Token::parse(&text).map_err(unusable)?;
    let expected = settings.session.start_url();
    let found = token.document.optional_text("startUrl").map_err(unusable)?;
    // A token goes to nobody but whose it is. Not all tools say that. The region is no part of it: a session may be
    // used in several.
    if let Some(found) = found.filter(|found| !same_page(found.expose(), expected)) {
        return AnotherLoginSnafu {
            path,
            found: shown(found.expose()),
            expected: shown(expected),
            remedy: settings.remedy(),
        }
        .fail();
    }
    Ok(token)
}

/// Whether two start URLs are the same but for how they are written: `https://corp.awsapps.com/start` and
/// `https://Corp.awsapps.com/start/#/`.
fn same_page(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

fn normal(url: &str) -> String {
    let url = url.trim().trim_end_matches(['/', '#']);
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(host..).and_then(|rest| rest.find('/'));
    let (host, path) = url
        .split_at_checked(path.map_or(url.len(), |at| host + at))
        .unwrap_or((url, ""));
    host.to_ascii_lowercase() + path
}

/// No more than tells them apart.
fn shown(text: &str) -> String {
    printable(text.split('?').next().unwrap_or_default(), &[])
}

pub(crate) fn instant(document: &Object, key: &'static str) -> Result<OffsetDateTime, Fault> {
    timestamp::parse(document.text(key)?.expose()).ok_or(Fault::Time { key })
}

#[cfg(test)]
mod tests;
