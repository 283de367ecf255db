use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::{self, TemporaryFolder};
use crate::{MockImds, SsoLogin};

/// The profiles in the config file.
pub(crate) const SSO_PROFILE: &str = "mock-sso";
pub(crate) const LOGIN_PROFILE: &str = "mock-login";
const WEB_IDENTITY_PROFILE: &str = "mock-web-identity";

/// By it a file is known that may be written over.
const FIRST_LINE: &str = "# Written by mock-imds: its profiles work while it runs.";

/// A folder that a program takes for the home of its user: config file, SSO token and sign-in cache lead to a server.
#[derive(Default)]
pub(crate) enum Home {
    #[default]
    NotWritten,
    Ours(TemporaryFolder),
    Theirs(PathBuf),
}

impl Home {
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::NotWritten => None,
            Self::Ours(folder) => Some(folder.path()),
            Self::Theirs(path) => Some(path),
        }
    }

    /// Writes it where it was asked for, else in a temporary folder.
    pub(crate) fn write(mock: &MockImds, wanted: Option<&Path>) -> io::Result<Self> {
        let home = match wanted {
            Some(path) => Self::Theirs(path.to_owned()),
            None => Self::Ours(TemporaryFolder::new()?),
        };
        if let Some(path) = home.path() {
            fill(mock, path)?;
        }
        Ok(home)
    }
}

pub(crate) fn config_file(home: &Path) -> PathBuf {
    home.join(".aws").join("config")
}

pub(crate) fn login_cache(home: &Path) -> PathBuf {
    home.join(".aws").join("login").join("cache")
}

fn fill(mock: &MockImds, home: &Path) -> io::Result<()> {
    let path = config_file(home);
    let is_foreign = match std::fs::read_to_string(&path) {
        Ok(text) => !text.starts_with(FIRST_LINE),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    if is_foreign {
        let message = format!("{} is there, and is not one of mock-imds's own", path.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    let tokens = home.join(".aws").join("sso").join("cache");
    mock.write_sso_token(&tokens, &SsoLogin::to_session("mock"))?;
    let sign_in = mock.sign_in("mock-user", Duration::from_secs(900));
    sign_in.write(&login_cache(home))?;
    let text = config(mock, sign_in.login_session(), &mock.web_identity_token_file()?);
    files::replace(&path, &text)
}

fn config(mock: &MockImds, login_session: &str, token_file: &Path) -> String {
    let (region, endpoint) = (mock.region(), mock.endpoint());
    let (account_id, role_name) = mock.sso_assignment();
    let mut text = format!("{FIRST_LINE}\n");
    let mut section = |name: &str, lines: &[(&str, &str)]| {
        text += &format!("\n[{name}]\n");
        for (key, value) in lines {
            text += &format!("{key} = {value}\n");
        }
    };
    let (in_region, by_services) = (("region", region), ("services", "mock"));
    section(
        &format!("profile {SSO_PROFILE}"),
        &[
            ("sso_session", "mock"),
            ("sso_account_id", &account_id),
            ("sso_role_name", &role_name),
            in_region,
            by_services,
        ],
    );
    section(
        "sso-session mock",
        &[
            ("sso_start_url", mock.sso_start_url()),
            ("sso_region", region),
            ("sso_registration_scopes", "sso:account:access"),
        ],
    );
    section(
        &format!("profile {LOGIN_PROFILE}"),
        &[("login_session", login_session), in_region, by_services],
    );
    section(
        &format!("profile {WEB_IDENTITY_PROFILE}"),
        &[
            ("role_arn", &mock.web_identity_role_arn()),
            ("web_identity_token_file", &token_file.to_string_lossy()),
            in_region,
            by_services,
        ],
    );
    text += "\n[services mock]\n";
    for service in ["sso", "sso_oidc", "signin", "sts", "ec2"] {
        text += &format!("{service} =\n  endpoint_url = {endpoint}\n");
    }
    text
}
