mod machine;
mod services;
mod web_identity;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use crate::clock::MockClock;
use crate::fault::Faults;
use crate::server::Server;
use crate::settings::{MachineRole, Settings};
use crate::state::{AccessLog, Shared};
use crate::{Fault, MockImds, Record, Scenario, Step, TokenMode};

/// What a server is to be like; from [`MockImds::builder`].
///
/// As it stands it is strict: version 2 of instance metadata alone, signatures checked in full, `127.0.0.1` and a port
/// that the system picks.
///
/// ```
/// use mock_imds::MockImds;
///
/// let mock = MockImds::builder().role("web").region("eu-central-1").start_blocking();
/// assert!(mock.endpoint().starts_with("http://127.0.0.1:"));
/// ```
pub struct Builder {
    address: SocketAddr,
    settings: Settings,
    mode: TokenMode,
    roles: Vec<MachineRole>,
    roles_are_given: bool,
    faults: Faults,
    clock: MockClock,
    access_log: Option<AccessLog>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            settings: Settings::default(),
            mode: TokenMode::Required,
            roles: vec![MachineRole::new("mock-role")],
            roles_are_given: false,
            faults: Faults::default(),
            clock: MockClock::running(),
            access_log: None,
        }
    }

    /// Starts the server. It listens when this returns, on a thread of its own; dropping it ends it.
    ///
    /// # Panics
    /// When the address cannot be had: a test that has no server has nothing to go on with. See
    /// [`try_start`](Self::try_start).
    #[expect(
        clippy::unused_async,
        reason = "so that it reads like other servers, and may wait one day"
    )]
    pub async fn start(self) -> MockImds {
        self.start_blocking()
    }

    /// The same for a plain `#[test]`, and anywhere else without `async`.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[must_use]
    #[expect(
        clippy::panic,
        reason = "documented: a test that has no server has nothing to go on with"
    )]
    pub fn start_blocking(self) -> MockImds {
        let address = self.address;
        match self.try_start() {
            Ok(mock) => mock,
            Err(error) => panic!("mock-imds cannot listen on {address}: {error}"),
        }
    }

    /// The same for those who can do something about an address that is taken.
    ///
    /// # Errors
    /// What the system says to listening there.
    pub fn try_start(self) -> io::Result<MockImds> {
        let (settings, mode, roles) = (self.settings, self.mode, self.roles);
        let (clock, faults, access_log) = (self.clock, self.faults, self.access_log);
        let (server, shared) = Server::start(self.address, move |address| {
            Arc::new(Shared::new(
                address,
                settings,
                clock,
                (mode, roles),
                (faults, access_log),
            ))
        })?;
        Ok(MockImds::new(server, shared))
    }

    /// Where to listen. Default: `127.0.0.1`, port 0, which is any free port.
    #[must_use]
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// The port to listen on. Default: 0, any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// Listens on `::1` in place of `127.0.0.1`.
    #[must_use]
    pub fn ipv6(mut self) -> Self {
        self.address.set_ip(IpAddr::V6(Ipv6Addr::LOCALHOST));
        self
    }

    /// Makes the server's clock stand still at this time, until it is moved. Default: the system's clock, running.
    #[must_use]
    pub fn clock_at(self, time: OffsetDateTime) -> Self {
        self.clock.set(time);
        self
    }

    /// Draws keys, tokens and request IDs from this number, so that the same calls in the same order get the same ones
    /// again. Whoever knows it knows them all. Default: the system's randomness, which nobody can guess. The proof keys
    /// of [`MockImds::sign_in`] and the names of temporary folders never come from it.
    ///
    /// ```
    /// use mock_imds::MockImds;
    ///
    /// let [a, b] = [1, 1].map(|seed| MockImds::builder().seed(seed).start_blocking());
    /// assert_eq!(a.user(), b.user());
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Something that goes wrong from the start; see [`MockImds::fault`].
    #[must_use]
    pub fn fault(mut self, step: Step, fault: Fault) -> Self {
        self.faults.add(step, fault);
        self
    }

    /// A trouble that people meet, with all that belongs to it. May be given several times, for several.
    #[must_use]
    pub fn scenario(self, scenario: Scenario) -> Self {
        scenario.apply(self)
    }

    /// The same fault at each of these steps.
    pub(crate) fn faults(mut self, steps: &[Step], fault: &Fault) -> Self {
        for step in steps {
            self.faults.add(*step, fault.clone());
        }
        self
    }

    /// Lets the server's clock run ahead of the system's.
    pub(crate) fn clock_ahead(self, by: Duration) -> Self {
        self.clock.advance(by);
        self
    }

    /// One more name that may stand in `Host`. Default: the addresses and names that are known to be ours.
    #[must_use]
    pub fn allow_host(mut self, name: &str) -> Self {
        self.settings.allowed_hosts.push(name.to_owned());
        self
    }

    /// Keeps connections open between requests. Default: each ends with its answer, as instance metadata does it.
    #[must_use]
    pub fn keep_alive(mut self) -> Self {
        self.settings.keep_alive = true;
        self
    }

    /// Writes `HTTP/1.0` in status lines, as old hosts do.
    #[must_use]
    pub fn http_1_0(mut self) -> Self {
        self.settings.http_1_0 = true;
        self
    }

    /// Is told of each request once it is over. `Display` of a [`Record`] is a line for a log, with no secret in it.
    #[must_use]
    pub fn access_log(mut self, log: impl Fn(&Record) + Send + Sync + 'static) -> Self {
        self.access_log = Some(Box::new(log));
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("tokens", &self.mode)
            .finish_non_exhaustive()
    }
}
