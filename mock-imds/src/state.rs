use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::Step;
use crate::authority::{AccessKey, Authority, Kind, Principal};
use crate::clock::{MockClock, after};
use crate::container::{Agents, Bucket, HostTokens};
use crate::fault::Faults;
use crate::home::Home;
use crate::published::{Document, Endpoint, Place, Published};
use crate::random::Random;
use crate::record::{Record, Records};
use crate::settings::{MachineRole, Settings, TokenMode};
use crate::sign_in::SignIns;
use crate::spot::{Interruption, SpotPlan};
use crate::sso::Center;
use crate::token::Tokens;
use crate::under_way::UnderWay;
use crate::web_identity::WebIdentityTokens;

/// What is told of each request once it is over.
pub(crate) type AccessLog = Box<dyn Fn(&Record) + Send + Sync>;

/// What the handle and the server's thread have in common.
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) settings: Settings,
    pub(crate) clock: MockClock,
    pub(crate) started: OffsetDateTime,
    pub(crate) user: AccessKey,
    pub(crate) host_tokens: HostTokens,
    pub(crate) connections: AtomicU64,
    pub(crate) under_way: UnderWay,
    pub(crate) access_log: Option<AccessLog>,
    /// A request has come in.
    pub(crate) arrived: Notify,
    /// A step is no longer held back.
    pub(crate) resumed: Notify,
    state: Mutex<State>,
}

/// What changes while the server runs. Locked for moments only, never while waiting.
pub(crate) struct State {
    pub(crate) mode: TokenMode,
    pub(crate) roles: Vec<MachineRole>,
    pub(crate) spot: SpotPlan,
    pub(crate) tokens: Tokens,
    pub(crate) request_ids: Random,
    pub(crate) authority: Authority,
    pub(crate) published: Published,
    pub(crate) agents: Agents,
    pub(crate) web_identities: WebIdentityTokens,
    pub(crate) sso: Center,
    pub(crate) sign_ins: SignIns,
    pub(crate) home: Home,
    pub(crate) faults: Faults,
    pub(crate) records: Records,
    pub(crate) paused: BTreeSet<Step>,
}

impl Shared {
    pub(crate) fn new(
        address: SocketAddr,
        settings: Settings,
        clock: MockClock,
        (mode, roles): (TokenMode, Vec<MachineRole>),
        (faults, access_log): (Faults, Option<AccessLog>),
    ) -> Self {
        let started = clock.now();
        let mut authority = Authority::new(settings.session_token_length, settings.seed);
        let user_id = authority.user_id();
        let user = authority.issue_long_term(Principal {
            kind: Kind::User,
            arn: format!(
                "arn:{}:iam::{}:user/mock-user",
                settings.partition(),
                settings.account
            ),
            user_id,
            account: settings.account.clone(),
            source_identity: None,
        });
        let random = |purpose| Random::new(settings.seed, purpose);
        let service_account_tokens = random("service account tokens");
        let host_tokens = HostTokens::new(random("container tokens"));
        let agents = Agents {
            ecs_bucket: Bucket::new(60.0, 40.0, started),
            eks_bucket: Bucket::new(500.0, 1000.0, started),
            tokens: crate::service_account::ServiceAccountTokens::new(
                &settings.region,
                started,
                service_account_tokens,
            ),
        };
        let tokens = Tokens::new(random("metadata tokens"));
        let published = Published::new(random("lifetimes"));
        let request_ids = random("request IDs");
        let sso = Center::new(random("sso"));
        let sign_ins = SignIns::new(random("sign-in"));
        let spot = SpotPlan {
            interruption: settings
                .interruption
                .map(|(action, wait)| Interruption::new(action, after(started, wait))),
            rebalance: settings.rebalance.map(|wait| after(started, wait)),
        };
        let web_identities = WebIdentityTokens::new(&settings, started);
        Self {
            address,
            settings,
            clock,
            started,
            user,
            host_tokens,
            connections: AtomicU64::new(0),
            under_way: UnderWay::default(),
            access_log,
            arrived: Notify::new(),
            resumed: Notify::new(),
            state: Mutex::new(State {
                mode,
                roles,
                spot,
                tokens,
                request_ids,
                authority,
                published,
                agents,
                web_identities,
                sso,
                sign_ins,
                home: Home::default(),
                faults,
                records: Records::default(),
                paused: BTreeSet::new(),
            }),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the machine is a spot instance.
    pub(crate) fn is_spot(&self) -> bool {
        self.settings.spot || self.state().spot.interruption.is_some()
    }

    /// What AWS's answers are told apart by.
    pub(crate) fn request_id(&self) -> String {
        self.state().request_ids.uuid()
    }

    /// The credentials that an endpoint hands out for a role now.
    pub(crate) fn document(&self, endpoint: Endpoint, role: &str) -> Document {
        self.document_for(endpoint, role, endpoint.session(&self.settings))
    }

    /// The same for a session of another name.
    pub(crate) fn document_for(&self, endpoint: Endpoint, role: &str, session: &str) -> Document {
        let now = self.clock.now();
        let place = Place {
            endpoint,
            role: role.to_owned(),
            session: session.to_owned(),
        };
        let state = &mut *self.state();
        state
            .published
            .current(place, &self.settings, &mut state.authority, now)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
