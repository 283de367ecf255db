use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use time::OffsetDateTime;

use crate::request::Request;
use crate::{ImdsVersion, Service, Step};

/// How many requests are remembered; counters go on.
const KEPT: usize = 10_000;

/// A request that the server got, and what it said.
///
/// What was sent can be asked for ([`header`](Self::header), [`body`](Self::body), [`query`](Self::query)), but `Debug`
/// and `Display` show none of it: no token, no signature, no body.
///
/// ```
/// use mock_imds::{ImdsVersion, MockImds};
///
/// let mock = MockImds::builder().start_blocking();
/// // … the code under test runs …
/// assert!(mock.requests().iter().all(|record| record.imds_version() != Some(ImdsVersion::V1)));
/// ```
#[derive(Clone)]
pub struct Record {
    pub(crate) number: u64,
    pub(crate) connection: u64,
    pub(crate) peer: SocketAddr,
    pub(crate) time: OffsetDateTime,
    pub(crate) step: Step,
    pub(crate) request: Request,
    pub(crate) status: Option<u16>,
    pub(crate) token: Option<u64>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) fault: Option<String>,
    pub(crate) duration: Duration,
}

impl Record {
    /// The number of the request, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The number of the connection it came over, from 1.
    #[must_use]
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// The other end of the connection.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// When it came, by the server's clock.
    #[must_use]
    pub fn time(&self) -> OffsetDateTime {
        self.time
    }

    /// Who was asked.
    #[must_use]
    pub fn service(&self) -> Service {
        self.step.service()
    }

    /// What was asked for.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Which version of instance metadata it belongs to; `None` for the other services.
    #[must_use]
    pub fn imds_version(&self) -> Option<ImdsVersion> {
        (self.service() == Service::InstanceMetadata).then(|| self.request.imds_version())
    }

    /// The method, as `GET`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.request.method
    }

    /// The path as it was sent, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.request.path
    }

    /// The query as it was sent. It may hold secrets.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.request.query.as_deref()
    }

    /// The first header of this name. It may hold a secret.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// The names of the headers, in lower case, in the order they came in.
    #[must_use]
    pub fn header_names(&self) -> Vec<&str> {
        self.request
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The body, cut off past 64 KiB. It may hold secrets.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }

    /// A parameter of an STS or EC2 call, as `RoleArn`. It may hold a secret.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let form = crate::form::Form::of(&self.request);
        form.get(name).map(str::to_owned)
    }

    /// The status of the answer; `None` while there is none, or when a fault kept it back.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Which of the server's metadata tokens it carried, counted from 1: tells tokens apart without showing them.
    #[must_use]
    pub fn token_number(&self) -> Option<u64> {
        self.token
    }

    /// The access key ID that it was signed with.
    #[must_use]
    pub fn access_key_id(&self) -> Option<&str> {
        self.access_key_id.as_deref()
    }

    /// The fault that met it.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("number", &self.number)
            .field("connection", &self.connection)
            .field("step", &self.step)
            .field("imds_version", &self.imds_version())
            .field("method", &self.method())
            .field("path", &self.path())
            .field("header_names", &self.header_names())
            .field("status", &self.status)
            .field("token_number", &self.token)
            .field("access_key_id", &self.access_key_id)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// One line of an access log.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = crate::clock::rfc3339(self.time);
        write!(f, "{time}  {:<4}", self.service())?;
        match self.imds_version() {
            Some(version) => write!(f, "  {version}")?,
            None => f.write_str("    ")?,
        }
        match self.status {
            Some(status) => write!(f, "  {status}")?,
            None => f.write_str("  ---")?,
        }
        write!(f, "  {:<4} {}", printable(self.method()), printable(self.path()))?;
        if matches!(self.service(), Service::Sts | Service::Ec2) {
            write!(f, "  {}", self.step)?;
        }
        if let Some(token) = self.token {
            write!(f, "  token#{token}")?;
        }
        if let Some(key) = &self.access_key_id {
            write!(f, "  {}", printable(key))?;
        }
        if let Some(fault) = &self.fault {
            write!(f, "  fault: {fault}")?;
        }
        write!(f, "  {:.1} ms", self.duration.as_secs_f64() * 1000.0)
    }
}

/// Foreign text on one line of a log: no control characters, and not without end.
fn printable(text: &str) -> String {
    const AT_MOST: usize = 200;
    let mut shown: String = text
        .chars()
        .take(AT_MOST)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// The latest requests, and counters of them all.
#[derive(Default)]
pub(crate) struct Records {
    kept: VecDeque<Record>,
    total: u64,
    steps: BTreeMap<Step, u64>,
}

impl Records {
    pub(crate) fn next_number(&self) -> u64 {
        self.total + 1
    }

    pub(crate) fn add(&mut self, record: Record) {
        self.total = record.number;
        *self.steps.entry(record.step).or_default() += 1;
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(record);
    }

    /// Changes a record, and gives it as it is then; `None` once it has been forgotten.
    pub(crate) fn update(&mut self, number: u64, change: impl FnOnce(&mut Record)) -> Option<Record> {
        let first = self.kept.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        let record = self.kept.get_mut(index)?;
        change(record);
        Some(record.clone())
    }

    pub(crate) fn count(&self, step: Step) -> u64 {
        self.steps.get(&step).copied().unwrap_or(0)
    }

    pub(crate) fn all(&self) -> Vec<Record> {
        self.kept.iter().cloned().collect()
    }

    pub(crate) fn forget(&mut self) {
        self.kept.clear();
        self.steps.clear();
    }
}
