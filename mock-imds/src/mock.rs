mod faults;
mod machine;
mod sign_in;
mod sso;
mod web_identity;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::container::Host;
use crate::expectation;
use crate::home::Home;
use crate::server::Server;
use crate::state::Shared;
use crate::variables::{self, Source};
use crate::{AccessKey, Builder, MockClock, Record, Refusal, Step};

/// A running server. Dropping it ends it and every connection, the stalled ones too.
///
/// It answers from a thread of its own, so its owner may block, use any async runtime or none.
///
/// ```
/// use mock_imds::{MockImds, Source};
///
/// let mock = MockImds::builder().role("web").start_blocking();
/// for (name, value) in mock.variables(Source::InstanceMetadata).unwrap() {
///     println!("{name}={value}");
/// }
/// assert_eq!(mock.connections(), 0, "nobody has asked anything yet");
/// ```
pub struct MockImds {
    endpoint: String,
    shared: Arc<Shared>,
    _server: Server,
}

impl MockImds {
    /// A server to be described, then started.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(server: Server, shared: Arc<Shared>) -> Self {
        Self {
            endpoint: crate::host::endpoint(shared.address),
            shared,
            _server: server,
        }
    }

    /// The base of every URL here, as `http://127.0.0.1:40123`, without a final slash. All services share it.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.shared.address.port()
    }

    /// The environment variables that lead a program here for its credentials, and on to STS and EC2.
    ///
    /// The library sets none of them: hand them to the code under test, or to a child process.
    ///
    /// # Errors
    /// For sources with files, [`Source::Eks`], [`Source::WebIdentity`], [`Source::Sso`] and [`Source::SignIn`]: one
    /// could not be written.
    pub fn variables(&self, source: Source) -> io::Result<Vec<(String, String)>> {
        variables::of(self, source)
    }

    /// A folder that a program takes for the home of its user: `.aws/config` in it has the profiles `mock-sso`,
    /// `mock-login` and `mock-web-identity`, and the token files of SSO and sign-in are in their places. Written when
    /// first asked for, in a temporary folder that is removed with the server, or where [`Builder::home`] says.
    ///
    /// # Errors
    /// It could not be written, or there is a config file of somebody else's.
    pub fn home(&self) -> io::Result<PathBuf> {
        if let Some(path) = self.shared.state().home.path() {
            return Ok(path.to_owned());
        }
        let written = Home::write(self, self.shared.settings.home.as_deref())?;
        let home = &mut self.shared.state().home;
        // Of two who ask at the same time, the first one's stays.
        if home.path().is_none() {
            *home = written;
        }
        Ok(home.path().map(Path::to_owned).unwrap_or_default())
    }

    /// The variables that would keep a program from asking here: they have to be unset.
    #[must_use]
    pub fn variables_to_unset(&self, source: Source) -> Vec<&'static str> {
        variables::to_unset(self, source)
    }

    /// The server's clock.
    #[must_use]
    pub fn clock(&self) -> &MockClock {
        &self.shared.clock
    }

    /// A user with a long-term key, which STS and EC2 know: `arn:aws:iam::123456789012:user/mock-user`.
    #[must_use]
    pub fn user(&self) -> &AccessKey {
        &self.shared.user
    }

    /// The Region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.shared.settings.region
    }

    /// The account ID.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.shared.settings.account
    }

    /// The ARN of a role of the server's account.
    #[must_use]
    pub fn role_arn(&self, name: &str) -> String {
        self.shared.settings.role_arn(name)
    }

    /// The path of the container's credentials at the ECS agent, for `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`.
    #[must_use]
    pub fn ecs_path(&self) -> String {
        format!("/v2/credentials/{}", self.shared.settings.task.id)
    }

    /// What the ECS agent demands as `Authorization`, if it demands any.
    pub(crate) fn ecs_authorization(&self) -> Option<String> {
        self.shared.settings.ecs_authorization.clone()
    }

    /// Where the ECS agent tells of the container, if it does.
    pub(crate) fn task_metadata_uri(&self) -> Option<String> {
        let settings = &self.shared.settings;
        let uri = format!("{}/v4/{}", self.endpoint, settings.task.id);
        settings.task_metadata.then_some(uri)
    }

    /// What Greengrass, SnapStart or CloudShell demands as `Authorization`.
    pub(crate) fn host_token(&self, host: Host) -> String {
        self.shared.host_tokens.of(host).to_owned()
    }

    /// The service-account token that the EKS agent takes at present. It is a secret.
    #[must_use]
    pub fn eks_token(&self) -> String {
        self.shared.state().agents.tokens.current().to_owned()
    }

    /// The file that holds it, for `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`; written when first asked for, in a folder
    /// of its own for temporary files, and removed with the server.
    ///
    /// # Errors
    /// It could not be written.
    pub fn eks_token_file(&self) -> io::Result<PathBuf> {
        self.shared.state().agents.tokens.file()
    }

    /// Replaces the service-account token, and its file if there is one. The one before is taken for 30 seconds more.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn rotate_eks_token(&self) -> io::Result<()> {
        let now = self.shared.clock.now();
        self.shared.state().agents.tokens.rotate(now)
    }

    /// How many connections there have been, counted before a byte is read.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// The most requests that have been under way at the same time: tells whether callers share one, and keep to a limit.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.under_way.most()
    }

    /// How many requests there have been for this step.
    #[must_use]
    pub fn count(&self, step: Step) -> u64 {
        self.shared.state().records.count(step)
    }

    /// The requests so far, oldest first, the last 10,000 at most.
    #[must_use]
    pub fn requests(&self) -> Vec<Record> {
        self.shared.state().records.all()
    }

    /// Forgets the requests and the counts of them.
    pub fn forget_requests(&self) {
        self.shared.state().records.forget();
    }

    /// Makes sure that the requests so far were for these steps, in this order, and that there were no others.
    ///
    /// ```
    /// let mock = mock_imds::MockImds::builder().start_blocking();
    /// // … the code under test runs …
    /// mock.assert_steps(&[]);
    /// ```
    ///
    /// # Panics
    /// When they were not, with a list of what was expected and one of what came.
    #[track_caller]
    pub fn assert_steps(&self, expected: &[Step]) {
        expectation::assert_steps(&self.requests(), expected);
    }

    /// Waits until there have been this many requests for a step, answered or not.
    pub async fn wait_for(&self, step: Step, count: u64) {
        loop {
            let arrived = self.shared.arrived.notified();
            if self.count(step) >= count {
                return;
            }
            arrived.await;
        }
    }

    /// Publishes new credentials for machine and containers. Those handed out before stay good until their own end.
    pub fn rotate(&self) {
        self.shared.state().published.clear();
    }

    /// Ends all temporary credentials handed out so far, `ExpiredToken` from now on, and publishes new ones.
    pub fn expire(&self) {
        self.revoke_all(Refusal::Expired);
    }

    /// Makes STS and EC2 refuse all temporary credentials handed out so far, and publishes new ones.
    pub fn revoke_all(&self, refusal: Refusal) {
        let mut state = self.shared.state();
        state.authority.revoke_temporary(refusal);
        state.published.clear();
    }

    /// Makes STS and EC2 refuse one key. Gives whether it is known.
    pub fn revoke(&self, access_key_id: &str, refusal: Refusal) -> bool {
        self.shared.state().authority.revoke(access_key_id, refusal)
    }
}

impl fmt::Debug for MockImds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockImds")
            .field("endpoint", &self.endpoint)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}
