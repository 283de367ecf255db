use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::MockImds;

/// The identity provider whose tokens STS takes for `AssumeRoleWithWebIdentity`.
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
impl MockImds {
    /// The role that is meant for it, for `AWS_ROLE_ARN`; see
    /// [`Builder::web_identity_role`](crate::Builder::web_identity_role).
    #[must_use]
    pub fn web_identity_role_arn(&self) -> String {
        self.role_arn(&self.shared.settings.web_identity.role)
    }

    /// The token that is in the file at present. It is a secret.
    #[must_use]
    pub fn web_identity_token(&self) -> String {
        self.shared.state().web_identities.current().to_owned()
    }

    /// The file that holds it, for `AWS_WEB_IDENTITY_TOKEN_FILE`; written when first asked for, in a folder of its own
    /// for temporary files, and removed with the server.
    ///
    /// # Errors
    /// It could not be written.
    pub fn web_identity_token_file(&self) -> io::Result<PathBuf> {
        self.shared.state().web_identities.file()
    }

    /// Replaces the token, and its file if there is one. The one before is taken until its own end.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn rotate_web_identity_token(&self) -> io::Result<()> {
        let (settings, now) = (&self.shared.settings, self.shared.clock.now());
        self.shared.state().web_identities.rotate(settings, now)
    }

    /// A token beside the one in the file, for this subject, audience and time to live: what STS takes has the audience
    /// `sts.amazonaws.com`. With no time to live it has expired already. It is a secret.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let mock = mock_imds::MockImds::builder().start_blocking();
    /// let token = mock.issue_web_identity_token("repo:mock/mock", "sts.amazonaws.com", Duration::from_secs(300));
    /// assert_eq!(token.split('.').count(), 3);
    /// ```
    #[must_use]
    pub fn issue_web_identity_token(&self, subject: &str, audience: &str, lifetime: Duration) -> String {
        let now = self.shared.clock.now();
        let mut state = self.shared.state();
        state.web_identities.issue(subject, audience, lifetime, now)
    }

    /// Ends all tokens issued so far: `ExpiredTokenException` from now on, until the next rotation.
    pub fn expire_web_identity_tokens(&self) {
        let now = self.shared.clock.now();
        self.shared.state().web_identities.expire(now);
    }
}
