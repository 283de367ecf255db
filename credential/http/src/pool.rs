use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::{Connection, Purpose};
use crate::proxies::Proxy;
use crate::timer::now;
use crate::url::{Host, Scheme, Url};

/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(15);

/// From how many hosts on those without any connection are forgotten.
const HOSTS: usize = 32;

/// The connections of a client, by host.
pub(crate) struct Pool {
    most: usize,
    hosts: Mutex<Vec<Arc<Connections>>>,
}

/// The connections to one host.
struct Connections {
    scheme: Scheme,
    host: Host,
    port: u16,
    permits: Arc<Semaphore>,
    /// Those in no use, oldest first.
    idle: Mutex<Vec<Connection>>,
}

/// The right to one connection to a host.
pub(crate) struct Slot {
    most: usize,
    connections: Arc<Connections>,
    _permit: OwnedSemaphorePermit,
}

/// What a request needs of a connection.
pub(crate) struct Need<'a> {
    pub(crate) runtime: runtime::Id,
    pub(crate) addresses: Option<&'a [IpAddr]>,
    pub(crate) proxy: Option<&'a Arc<Proxy>>,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.clamp(1, Semaphore::MAX_PERMITS),
            hosts: Mutex::default(),
        }
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    #[cfg(test)]
    pub(crate) fn hosts(&self) -> usize {
        lock(&self.hosts).len()
    }

    /// Makes all unused connections as old as if they had been kept for the longest time.
    #[cfg(test)]
    pub(crate) fn age(&self) {
        for connections in lock(&self.hosts).iter() {
            for connection in &mut *lock(&connections.idle) {
                connection.idle_since -= IDLE;
            }
        }
    }

    /// Waits until there may be one more connection to this host.
    pub(crate) async fn slot(&self, url: &Url) -> Option<Slot> {
        let connections = self.connections(url);
        let permit = Arc::clone(&connections.permits).acquire_owned().await.ok()?;
        Some(Slot {
            most: self.most,
            connections,
            _permit: permit,
        })
    }

    fn connections(&self, url: &Url) -> Arc<Connections> {
        let mut hosts = lock(&self.hosts);
        if let Some(known) = hosts.iter().find(|connections| connections.lead_to(url)) {
            return Arc::clone(known);
        }
        if hosts.len() >= HOSTS {
            hosts.retain(|connections| {
                Arc::strong_count(connections) > 1 || !lock(&connections.idle).is_empty()
            });
        }
        let new = Arc::new(Connections {
            scheme: url.scheme(),
            host: url.host().clone(),
            port: url.port(),
            permits: Arc::new(Semaphore::new(self.most)),
            idle: Mutex::default(),
        });
        hosts.push(Arc::clone(&new));
        new
    }
}

impl Connections {
    fn lead_to(&self, url: &Url) -> bool {
        self.scheme == url.scheme() && self.port == url.port() && self.host == *url.host()
    }
}

impl Slot {
    /// A connection that is open already and serves this need.
    pub(crate) async fn reuse(&self, need: &Need<'_>) -> Option<Connection> {
        while let Some(mut connection) = self.take(need) {
            if connection.is_usable().await {
                return Some(connection);
            }
        }
        None
    }

    fn take(&self, need: &Need<'_>) -> Option<Connection> {
        let mut idle = lock(&self.connections.idle);
        let old = idle.partition_point(|connection| connection.idle_since.elapsed() >= IDLE);
        let old: Vec<Connection> = idle.drain(..old).collect();
        // The one used last is the likeliest to be open still.
        let found = idle.iter().rposition(|connection| need.is_met_by(connection));
        let found = found.map(|place| idle.remove(place));
        drop(idle);
        drop(old);
        found
    }

    /// Closes unused connections, oldest first, until a new one is within the limit.
    pub(crate) fn make_room(&self) {
        let used = self
            .most
            .saturating_sub(self.connections.permits.available_permits());
        let mut idle = lock(&self.connections.idle);
        let surplus = (used + idle.len()).saturating_sub(self.most).min(idle.len());
        let closed: Vec<Connection> = idle.drain(..surplus).collect();
        drop(idle);
        drop(closed);
    }

    /// Keeps a connection for later.
    pub(crate) fn keep(self, mut connection: Connection) {
        let mut idle = lock(&self.connections.idle);
        connection.idle_since = now();
        idle.push(connection);
    }
}

impl Need<'_> {
    /// What a connection to this address, opened for this need, may serve.
    pub(crate) fn purpose(&self, peer: IpAddr) -> Purpose {
        Purpose {
            runtime: self.runtime,
            peer,
            pinned: self.addresses.is_some(),
            proxy: self.proxy.cloned(),
        }
    }

    fn is_met_by(&self, connection: &Connection) -> bool {
        let purpose = &connection.opened_for;
        let same_proxy = match (self.proxy, &purpose.proxy) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        let same_end = match self.addresses {
            Some(addresses) => purpose.pinned && addresses.contains(&purpose.peer),
            None => !purpose.pinned,
        };
        purpose.runtime == self.runtime && same_proxy && same_end
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
