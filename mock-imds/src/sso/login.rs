use std::time::Duration;

use serde_json::json;

use super::client::Client;
use crate::clock::{after, rfc3339};
use crate::digest;
use crate::state::Shared;

/// A login that has been done already, whose token is to be found in a file; for
/// [`MockImds::write_sso_token`](crate::MockImds::write_sso_token).
///
/// ```
/// use std::time::Duration;
/// use mock_imds::{MockImds, SsoLogin};
///
/// let mock = MockImds::builder().start_blocking();
/// let folder = std::env::temp_dir().join(format!("sso-login-{}", std::process::id()));
/// let expired = SsoLogin::to_session("dev").lifetime(Duration::ZERO);
/// let path = mock.write_sso_token(&folder, &expired)?;
/// assert_eq!(path.file_name().unwrap(), expired.file_name(&mock).as_str());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug)]
pub struct SsoLogin {
    /// `None`: to the start URL, with nothing to renew it by.
    session: Option<String>,
    lifetime: Option<Duration>,
    registration_lifetime: Option<Duration>,
    is_renewable: bool,
}

impl SsoLogin {
    /// A login to an `[sso-session NAME]`: the token can be renewed.
    #[must_use]
    pub fn to_session(name: &str) -> Self {
        Self {
            session: Some(name.to_owned()),
            lifetime: None,
            registration_lifetime: None,
            is_renewable: true,
        }
    }

    /// A login to the start URL that stands in the profile itself, as before there were sessions: it ends with its
    /// token.
    #[must_use]
    pub fn to_start_url() -> Self {
        Self {
            session: None,
            is_renewable: false,
            ..Self::to_session("")
        }
    }

    /// How long the token has still to live. Default: as the server's tokens, eight hours. Zero: it has expired
    /// already.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// How long the registration of the program that logged in has still to live. Default: as the server's
    /// registrations, 90 days. Zero: it has expired already.
    #[must_use]
    pub fn registration_lifetime(mut self, lifetime: Duration) -> Self {
        self.registration_lifetime = Some(lifetime);
        self
    }

    /// Leaves out what the token could be renewed by. Default: it is there.
    #[must_use]
    pub fn without_refresh_token(mut self) -> Self {
        self.is_renewable = false;
        self
    }

    /// The name of the file: SHA-1 of the session's name, or of the start URL, and `.json`.
    #[must_use]
    pub fn file_name(&self, mock: &crate::MockImds) -> String {
        let text = self.session.as_deref().unwrap_or(mock.sso_start_url());
        format!("{}.json", digest::sha1_hex(text))
    }
}

/// The file of a login, whose tokens the server takes from now on. It is a secret.
pub(crate) fn document(shared: &Shared, login: &SsoLogin) -> String {
    let settings = &shared.settings.sso;
    let now = shared.clock.now();
    let end = after(now, login.lifetime.unwrap_or(settings.token_lifetime));
    let center = &mut shared.state().sso;
    let session = center.new_session();
    let mut document = json!({
        "startUrl": settings.start_url,
        "region": shared.settings.region,
        "accessToken": center.access_token(session, end, now),
        "expiresAt": rfc3339(end),
    });
    if login.is_renewable
        && let Some(members) = document.as_object_mut()
    {
        let mut client = Client::with_scopes(&mut center.random, settings, now);
        let lifetime = login
            .registration_lifetime
            .unwrap_or(settings.registration_lifetime);
        client.end = after(now, lifetime);
        center.keep_client(&client, now);
        let refresh_end = after(now, settings.refresh_token_lifetime);
        let refresh_token = center.refresh_token(session, &client.id, refresh_end);
        members.insert("clientId".to_owned(), client.id.into());
        members.insert("clientSecret".to_owned(), client.secret.into());
        members.insert("registrationExpiresAt".to_owned(), rfc3339(client.end).into());
        members.insert("refreshToken".to_owned(), refresh_token.into());
    }
    document.to_string()
}
