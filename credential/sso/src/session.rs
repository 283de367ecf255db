use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

/// Where people log in: an `[sso-session]` of the config file, or the older form that stands in the profile itself.
///
/// ```
/// use credential_sso::SsoSession;
///
/// let session = SsoSession::named("corp", "https://corp.awsapps.com/start", "eu-central-1");
/// assert_eq!(session.name(), Some("corp"));
/// assert_eq!(session.token_file_name(), "ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoSession {
    name: Option<String>,
    start_url: String,
    region: String,
    scopes: Vec<String>,
}

impl SsoSession {
    /// The section `[sso-session NAME]`, with its `sso_start_url` and `sso_region`. Its token can be renewed.
    pub fn named(name: impl Into<String>, start_url: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::legacy(start_url, region)
        }
    }

    /// `sso_start_url` and `sso_region` of a profile without `sso_session`. Its token cannot be renewed: a person logs in
    /// again when it is over.
    pub fn legacy(start_url: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            name: None,
            start_url: start_url.into(),
            region: region.into(),
            scopes: Vec::new(),
        }
    }

    /// What a login asks for: `sso_registration_scopes`, split at its commas. Default: nothing is said, which IAM
    /// Identity Center takes for `sso:account:access`. A legacy session says none.
    ///
    /// AWS: `sso_registration_scopes`,
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The name of the section; `None` for a legacy session.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address of the page where people log in.
    #[must_use]
    pub fn start_url(&self) -> &str {
        &self.start_url
    }

    /// The region of IAM Identity Center: `sso_region`. `AWS_REGION` plays no part.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The scopes that were given.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The name of the file that holds the token, below `~/.aws/sso/cache`: the SHA-1 of the session's name, of a legacy
    /// session's start URL exactly as it is written.
    #[must_use]
    pub fn token_file_name(&self) -> String {
        file_name_of(self.name.as_deref().unwrap_or(&self.start_url))
    }

    pub(crate) fn token_file(&self, folder: &Path) -> PathBuf {
        folder.join(self.token_file_name())
    }
}

/// What AWS's tools name a file after whose content belongs to this text.
pub(crate) fn file_name_of(text: &str) -> String {
    let mut name = String::with_capacity(45);
    for byte in Sha1::digest(text.as_bytes()) {
        let _ = write!(name, "{byte:02x}");
    }
    name.push_str(".json");
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_file_is_named_after_the_session_and_after_the_start_url_of_a_legacy_one() {
        let url = "https://d-92671207e4.awsapps.com/start";
        let table = [
            // The names that botocore's own tests expect.
            (
                SsoSession::legacy(url, "us-east-1"),
                "13f9d35043871d073ab260e020f0ffde092cb14b.json",
            ),
            (
                SsoSession::named("admin", url, "us-east-1"),
                "d033e22ae348aeb5660fc2140aec35850c4da997.json",
            ),
        ];
        for (session, name) in table {
            assert_eq!(session.token_file_name(), name);
        }
    }

    #[test]
    fn a_start_url_is_hashed_as_it_is_written() {
        let with = |url: &str| SsoSession::legacy(url, "us-east-1").token_file_name();
        assert_ne!(
            with("https://x.awsapps.com/start"),
            with("https://x.awsapps.com/start/")
        );
        let named = |url: &str| SsoSession::named("x", url, "us-east-1").token_file_name();
        assert_eq!(
            named("https://x.awsapps.com/start"),
            named("https://other.example")
        );
    }
}
