use std::io;
use std::path::{Path, PathBuf};

use crate::sso::{self, Decision};
use crate::{MockImds, SsoLogin, files};

/// IAM Identity Center: the portal and its OIDC service.
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html>
impl MockImds {
    /// The start URL, for `sso_start_url`.
    #[must_use]
    pub fn sso_start_url(&self) -> &str {
        &self.shared.settings.sso.start_url
    }

    /// A role that the user has, for `sso_account_id` and `sso_role_name`: the first of the assignments.
    #[must_use]
    pub fn sso_assignment(&self) -> (String, String) {
        let assignments = self.shared.settings.sso_assignments();
        assignments.into_iter().next().unwrap_or_default()
    }

    /// Writes the file that `aws sso login` leaves behind, with tokens that the server takes, as `FOLDER/HASH.json`;
    /// programs look for it in `~/.aws/sso/cache`. The folder is made if need be; the file is for its owner alone.
    /// Gives its path.
    ///
    /// # Errors
    /// It could not be written.
    pub fn write_sso_token(&self, folder: &Path, login: &SsoLogin) -> io::Result<PathBuf> {
        let path = folder.join(login.file_name(self));
        files::replace(&path, &sso::document(&self.shared, login))?;
        Ok(path)
    }

    /// The codes of the logins that wait for their approval, oldest first.
    #[must_use]
    pub fn pending_user_codes(&self) -> Vec<String> {
        let now = self.shared.clock.now();
        self.shared.state().sso.pending_user_codes(now)
    }

    /// Approves the login of a device. Gives whether one waits under this code.
    pub fn approve_user_code(&self, user_code: &str) -> bool {
        self.decide(user_code, Decision::Approved)
    }

    /// Denies the login of a device: `access_denied`. Gives whether one waits under this code.
    pub fn deny_user_code(&self, user_code: &str) -> bool {
        self.decide(user_code, Decision::Denied)
    }

    fn decide(&self, user_code: &str, decision: Decision) -> bool {
        let now = self.shared.clock.now();
        self.shared.state().sso.decide(user_code, decision, now)
    }

    /// Makes the portal refuse all access tokens handed out so far. Refresh tokens live on.
    pub fn revoke_sso_tokens(&self) {
        self.shared.state().sso.revoke_access_tokens();
    }

    /// Makes the OIDC service refuse all refresh tokens handed out so far: `invalid_grant`. Access tokens live on.
    pub fn revoke_sso_refresh_tokens(&self) {
        self.shared.state().sso.revoke_refresh_tokens();
    }
}
