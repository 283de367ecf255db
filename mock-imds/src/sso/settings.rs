use std::time::Duration;

/// What IAM Identity Center is to be like; for [`Builder::sso`](crate::Builder::sso).
///
/// ```
/// use std::time::Duration;
/// use mock_imds::{MockImds, SsoSettings};
///
/// let settings = SsoSettings::new()
///     .start_url("https://example.awsapps.com/start")
///     .assignment("210987654321", "ReadOnly")
///     .token_lifetime(Duration::from_secs(3600))
///     .approve_automatically();
/// let mock = MockImds::builder().sso(settings).start_blocking();
/// assert_eq!(mock.sso_start_url(), "https://example.awsapps.com/start");
/// ```
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html>
#[derive(Clone, Debug)]
pub struct SsoSettings {
    pub(crate) start_url: String,
    pub(crate) user: String,
    /// Account IDs and role names.
    pub(crate) assignments: Vec<(String, String)>,
    pub(crate) session_duration: Duration,
    pub(crate) token_lifetime: Duration,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) refresh_token_lifetime: Duration,
    pub(crate) registration_lifetime: Duration,
    pub(crate) device_code_lifetime: Duration,
    pub(crate) interval: Duration,
    pub(crate) approves_automatically: bool,
}

/// How often a refresh token can be used.
///
/// ```
/// use mock_imds::{MockImds, RefreshTokens, SsoSettings};
///
/// let settings = SsoSettings::new().refresh_tokens(RefreshTokens::Reusable);
/// let mock = MockImds::builder().sso(settings).start_blocking();
/// # let _ = mock;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// Once: each renewal spends it and gives the next one. The default, and the stricter of what clients have to
    /// expect.
    SingleUse,
    /// Until it ends: a renewal sends it back again.
    Reusable,
    /// Until it ends, and a renewal says nothing of it: the client is to keep the one that it has.
    Unmentioned,
}

impl SsoSettings {
    /// One account, the server's own, with one role, `mock-sso-role`; refresh tokens that work once; people who have to
    /// approve.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start_url: "https://mock.awsapps.com/start".into(),
            user: "mock-user".into(),
            assignments: Vec::new(),
            session_duration: Duration::from_secs(3600),
            token_lifetime: Duration::from_secs(8 * 3600),
            refresh_tokens: RefreshTokens::SingleUse,
            refresh_token_lifetime: Duration::from_secs(90 * 24 * 3600),
            registration_lifetime: Duration::from_secs(90 * 24 * 3600),
            device_code_lifetime: Duration::from_secs(600),
            interval: Duration::from_secs(1),
            approves_automatically: false,
        }
    }

    /// The start URL, which clients have to give letter by letter. Default: `https://mock.awsapps.com/start`.
    #[must_use]
    pub fn start_url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.start_url);
        self
    }

    /// Who is logged in: the session name of the roles. Default: `mock-user`.
    #[must_use]
    pub fn user(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user);
        self
    }

    /// A role that the user has in an account. Can be given several times. Default: the server's own account and
    /// `mock-sso-role`.
    #[must_use]
    pub fn assignment(mut self, account_id: &str, role_name: &str) -> Self {
        self.assignments
            .push((account_id.to_owned(), role_name.to_owned()));
        self
    }

    /// How long the credentials of a role live. Default: one hour, as a permission set has it. Zero: they have expired
    /// already.
    #[must_use]
    pub fn session_duration(mut self, duration: Duration) -> Self {
        self.session_duration = duration;
        self
    }

    /// How long access tokens live. Default: eight hours.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How often a refresh token can be used. Default: once.
    #[must_use]
    pub fn refresh_tokens(mut self, refresh_tokens: RefreshTokens) -> Self {
        self.refresh_tokens = refresh_tokens;
        self
    }

    /// How long refresh tokens live. Default: 90 days.
    #[must_use]
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_token_lifetime = lifetime;
        self
    }

    /// How long the registration of a client lives. Default: 90 days.
    #[must_use]
    pub fn registration_lifetime(mut self, lifetime: Duration) -> Self {
        self.registration_lifetime = lifetime;
        self
    }

    /// How long a device code waits for its approval. Default: ten minutes.
    #[must_use]
    pub fn device_code_lifetime(mut self, lifetime: Duration) -> Self {
        self.device_code_lifetime = lifetime;
        self
    }

    /// How much time a client has to leave between its questions for a token, whole seconds. Default: one second. Who
    /// is faster has to leave five seconds more from then on.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Approves every login at once. Default: somebody has to, by [`MockImds::approve_user_code`], or on the page that
    /// the client shows to its user.
    ///
    /// [`MockImds::approve_user_code`]: crate::MockImds::approve_user_code
    #[must_use]
    pub fn approve_automatically(mut self) -> Self {
        self.approves_automatically = true;
        self
    }
}

impl Default for SsoSettings {
    fn default() -> Self {
        Self::new()
    }
}
