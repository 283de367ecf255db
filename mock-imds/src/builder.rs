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
use crate::{ExtendedPaths, Fault, MockImds, Record, Rotation, Signatures, Step, TokenMode, TrustedRole};

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

    /// Which versions of instance metadata are spoken. Default: [`TokenMode::Required`].
    #[must_use]
    pub fn tokens(mut self, mode: TokenMode) -> Self {
        self.mode = mode;
        self
    }

    /// The longest life of a metadata token, below what is asked for. Default and most: six hours.
    #[must_use]
    pub fn token_lifetime_cap(mut self, cap: Duration) -> Self {
        let seconds = u32::try_from(cap.as_secs()).unwrap_or(u32::MAX);
        self.settings.token_cap = seconds.clamp(*crate::token::LIFE.start(), *crate::token::LIFE.end());
        self
    }

    /// The role whose credentials instance metadata hands out. Default: `mock-role`. Given several times, there are
    /// several roles.
    #[must_use]
    pub fn role(mut self, name: &str) -> Self {
        if !self.roles_are_given {
            self.roles.clear();
            self.roles_are_given = true;
        }
        self.roles.push(MachineRole::new(name));
        self
    }

    /// No role is attached to the machine: the list of roles is 404.
    #[must_use]
    pub fn no_role(mut self) -> Self {
        self.roles.clear();
        self.roles_are_given = true;
        self
    }

    /// What is answered, with status 200, in place of the credentials of a role. Adds the role if need be.
    #[must_use]
    pub fn answering(mut self, role: &str, text: &str) -> Self {
        if !self.roles.iter().any(|known| known.name == role) {
            self = self.role(role);
        }
        for known in self.roles.iter_mut().filter(|known| known.name == role) {
            known.answer = Some(text.to_owned());
        }
        self
    }

    /// A role that AWS itself may not assume: its document, with status 200, has this `Code` and no credentials, as
    /// `AssumeRoleUnauthorizedAccess`.
    #[must_use]
    pub fn refusing(self, role: &str, code: &str, message: &str) -> Self {
        let text = crate::imds::refusal(code, message, self.clock.now());
        self.answering(role, &text)
    }

    /// What is answered in place of the list of roles, byte for byte.
    #[must_use]
    pub fn role_listing(mut self, text: &str) -> Self {
        self.settings.role_listing = Some(text.to_owned());
        self
    }

    /// The name of the instance profile in `iam/info`. Default: `mock-profile`; it is never the name of the role.
    #[must_use]
    pub fn instance_profile(mut self, name: &str) -> Self {
        name.clone_into(&mut self.settings.instance_profile);
        self
    }

    /// Whether the extended paths exist, which tell the account ID. Default: [`ExtendedPaths::Off`].
    #[must_use]
    pub fn extended_paths(mut self, paths: ExtendedPaths) -> Self {
        self.settings.extended = paths;
        self
    }

    /// The account that everything belongs to. Default: `123456789012`.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        account.clone_into(&mut self.settings.account);
        self
    }

    /// The Region of machine and services, which signatures must name. Default: `us-east-1`.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.settings.region);
        self
    }

    /// How long the credentials of machine and containers live. Default: six hours. Zero: they have expired already.
    #[must_use]
    pub fn credential_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.credential_lifetime = lifetime;
        self
    }

    /// When new credentials follow. Default: five minutes before the old ones end.
    #[must_use]
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.settings.rotation = rotation;
        self
    }

    /// How long past their end credentials are still taken, as AWS does while it has an outage. Default: not at all.
    #[must_use]
    pub fn accepted_past_end(mut self, grace: Duration) -> Self {
        self.settings.accepted_past_end = grace;
        self
    }

    /// Makes the server's clock stand still at this time, until it is moved. Default: the system's clock, running.
    #[must_use]
    pub fn clock_at(self, time: OffsetDateTime) -> Self {
        self.clock.set(time);
        self
    }

    /// How much of a signature is checked. Default: all.
    #[must_use]
    pub fn signatures(mut self, signatures: Signatures) -> Self {
        self.settings.signatures = signatures;
        self
    }

    /// Says of a role who may assume it. Default: every identity may assume every role of the server's account.
    #[must_use]
    pub fn trusting(mut self, role: TrustedRole) -> Self {
        self.settings.trusted.push(role);
        self
    }

    /// An MFA device whose code is always the same.
    #[must_use]
    pub fn mfa_device(mut self, serial: &str, code: &str) -> Self {
        self.settings
            .mfa_devices
            .push((serial.to_owned(), code.to_owned()));
        self
    }

    /// The role of the container, at the ECS and the EKS agent. Default: `mock-task-role`.
    #[must_use]
    pub fn task_role(mut self, name: &str) -> Self {
        name.clone_into(&mut self.settings.task.role);
        self
    }

    /// Makes the ECS agent demand this `Authorization`. Default: it wants none.
    #[must_use]
    pub fn ecs_authorization(mut self, value: &str) -> Self {
        self.settings.ecs_authorization = Some(value.to_owned());
        self
    }

    /// Makes the EKS agent refuse a `Host` that is no literal address of it, as it does in a cluster. Default: off.
    #[must_use]
    pub fn strict_eks_host(mut self) -> Self {
        self.settings.strict_eks_host = true;
        self
    }

    /// Takes the agents' limits away. Default: ECS 40 requests a second and 60 at once, EKS 1000 and 500.
    #[must_use]
    pub fn without_throttling(mut self) -> Self {
        self.settings.throttles = false;
        self
    }

    /// Makes the machine a spot instance, so that EC2 knows a spot request. Default: on demand.
    #[must_use]
    pub fn spot(mut self) -> Self {
        self.settings.spot = true;
        self
    }

    /// Sets what stands at a path below `/latest/`, as `meta-data/tags/instance/Name`. Listings follow.
    #[must_use]
    pub fn value(mut self, path: &str, text: &str) -> Self {
        self.settings
            .values
            .insert(path.to_owned(), Some(text.to_owned()));
        self
    }

    /// Takes a path below `/latest/` away. Listings follow.
    #[must_use]
    pub fn without_value(mut self, path: &str) -> Self {
        self.settings.values.insert(path.to_owned(), None);
        self
    }

    /// The user data, byte for byte. Default: none, 404.
    #[must_use]
    pub fn user_data(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.settings.user_data = Some(bytes.into());
        self
    }

    /// Something that goes wrong from the start; see [`MockImds::fault`].
    #[must_use]
    pub fn fault(mut self, step: Step, fault: Fault) -> Self {
        self.faults.add(step, fault);
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
