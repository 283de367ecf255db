use std::fmt;
use std::time::Duration;

use crate::Step;
use crate::answer::Answer;

/// Something that goes wrong on purpose, at a step, on the byte stream.
///
/// It strikes every request of the step until told otherwise: [`times`](Self::times) limits it, [`after`](Self::after)
/// lets some requests through first. Several faults at one step are tried in the order they were set.
///
/// ```
/// use mock_imds::{Fault, MockImds, Step};
///
/// let mock = MockImds::builder()
///     .fault(Step::Token, Fault::status(503).times(2))
///     .fault(Step::Credentials, Fault::truncate(10).after(1))
///     .start_blocking();
/// mock.fault(Step::RoleList, Fault::reset());
/// mock.clear_faults();
/// ```
#[derive(Clone)]
pub struct Fault {
    strike: Strike,
    skip: usize,
    left: Option<usize>,
    has_struck: bool,
}

/// What a fault does to a request.
#[derive(Clone)]
pub(crate) struct Strike {
    pub(crate) action: Action,
    /// How long the answer is held back.
    pub(crate) delay: Duration,
    /// Headers that are changed or added, or left out.
    headers: Vec<(String, Option<String>)>,
}

#[derive(Clone)]
pub(crate) enum Action {
    /// The proper answer, perhaps with other headers.
    Proper,
    /// This status with the error body of the service.
    Status(u16),
    /// This status with a code of the query protocol.
    AwsError(u16, String),
    /// This status and exactly this body.
    Answer(u16, Vec<u8>),
    /// No answer while the server lives.
    NeverAnswer,
    /// A connection reset in place of an answer.
    Reset,
    /// An orderly end in place of an answer.
    Close,
    /// The proper answer, but this many bytes of its body and then the end.
    Truncate(usize),
    /// The same, but no end comes.
    Stall(usize),
    /// The proper answer, its body a few bytes at a time.
    Drip(usize, Duration),
    /// These bytes in place of an answer.
    Raw(Vec<u8>),
}

impl Fault {
    fn new(action: Action) -> Self {
        Self {
            strike: Strike {
                action,
                delay: Duration::ZERO,
                headers: Vec::new(),
            },
            skip: 0,
            left: None,
            has_struck: false,
        }
    }

    /// An answer with this status and the body that the service sends with it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Action::Status(status))
    }

    /// An answer with this status and this error code, in the form of the service: `(400, "Throttling")` for STS,
    /// `(401, "UnauthorizedException")` for the SSO portal, `(400, "invalid_grant")` for SSO OIDC,
    /// `(403, "USER_CREDENTIALS_CHANGED")` for sign-in.
    #[must_use]
    pub fn aws_error(status: u16, code: &str) -> Self {
        Self::new(Action::AwsError(status, code.to_owned()))
    }

    /// An answer with this status and exactly this body, and otherwise the headers of the proper answer.
    pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(Action::Answer(status, body.into()))
    }

    /// The proper answer, for the sake of [`with_header`](Self::with_header) and
    /// [`without_header`](Self::without_header).
    #[must_use]
    pub fn proper() -> Self {
        Self::new(Action::Proper)
    }

    /// The request is read and never answered; the connection stays open until the server or the client goes.
    #[must_use]
    pub fn never_answer() -> Self {
        Self::new(Action::NeverAnswer)
    }

    /// The request is read, then the connection is reset.
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Action::Reset)
    }

    /// The request is read, then the connection is closed in good order, with no byte sent.
    #[must_use]
    pub fn close() -> Self {
        Self::new(Action::Close)
    }

    /// The proper head with the full `Content-Length`, but only this many bytes of the body, then the end.
    #[must_use]
    pub fn truncate(body_bytes: usize) -> Self {
        Self::new(Action::Truncate(body_bytes))
    }

    /// The same, but in place of the end nothing comes while the server lives.
    #[must_use]
    pub fn stall(body_bytes: usize) -> Self {
        Self::new(Action::Stall(body_bytes))
    }

    /// The proper answer, but after the head its body comes in pieces of so many bytes, with so much real time before
    /// each of them.
    #[must_use]
    pub fn drip(bytes: usize, every: Duration) -> Self {
        Self::new(Action::Drip(bytes, every))
    }

    /// Exactly these bytes in place of an answer, head and all, then the end: for whatever no server should send, as a
    /// length that is none, a head without end, or a chunk that is cut off.
    ///
    /// ```
    /// use mock_imds::{Fault, MockImds, Step};
    ///
    /// let mock = MockImds::builder().start_blocking();
    /// mock.fault(Step::Token, Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\ntoken"));
    /// ```
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Action::Raw(bytes.into()))
    }

    /// Changes or adds a header of whatever is answered. Default: the proper ones.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.strike
            .headers
            .push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// Leaves a header out of whatever is answered. Default: none.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.strike.headers.push((name.to_owned(), None));
        self
    }

    /// Lets this much real time pass before it does what it does; with [`proper`](Self::proper), a slow answer. A test
    /// that wants to act while a request is under way is quicker with [`MockImds::pause`](crate::MockImds::pause).
    #[must_use]
    pub fn delayed_by(mut self, delay: Duration) -> Self {
        self.strike.delay = delay;
        self
    }

    /// How many requests it strikes. Default: all.
    #[must_use]
    pub fn times(mut self, requests: usize) -> Self {
        self.left = Some(requests);
        self
    }

    /// How many requests pass before it strikes. Default: none.
    #[must_use]
    pub fn after(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }
}

/// Bodies and headers may stand for secrets, so they stay out.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.strike)
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        if self.delay > Duration::ZERO {
            write!(f, ", {:?} late", self.delay)?;
        }
        for (name, value) in &self.headers {
            let done = if value.is_some() { "set" } else { "left out" };
            write!(f, ", header {name} {done}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::AwsError(status, code) => write!(f, "status {status} {code}"),
            Self::Answer(status, _) => write!(f, "status {status} with a body of its own"),
            Self::Proper => f.write_str("proper"),
            Self::NeverAnswer => f.write_str("never answered"),
            Self::Reset => f.write_str("reset"),
            Self::Close => f.write_str("closed"),
            Self::Truncate(bytes) => write!(f, "cut after {bytes} bytes"),
            Self::Stall(bytes) => write!(f, "stalled after {bytes} bytes"),
            Self::Drip(bytes, every) => write!(f, "{bytes} bytes every {every:?}"),
            Self::Raw(bytes) => write!(f, "{} bytes of its own", bytes.len()),
        }
    }
}

impl Strike {
    /// What a fault does to an answer before it goes out.
    pub(crate) fn spoil(&self, mut answer: Answer) -> Answer {
        if let Action::Answer(status, body) = &self.action {
            answer.status = *status;
            answer.body.clone_from(body);
        }
        for (name, value) in &self.headers {
            answer.set_header(name, value.as_deref());
        }
        answer
    }
}

/// The faults that have been set, in order.
#[derive(Default)]
pub(crate) struct Faults(Vec<(Step, Fault)>);

impl Faults {
    pub(crate) fn add(&mut self, step: Step, fault: Fault) {
        self.0.push((step, fault));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Those that have met no request yet.
    pub(crate) fn idle(&self) -> impl Iterator<Item = (Step, &Strike)> {
        let idle = self.0.iter().filter(|(_, fault)| !fault.has_struck);
        idle.map(|(step, fault)| (*step, &fault.strike))
    }

    /// The fault that strikes this request, counted down.
    pub(crate) fn strike(&mut self, step: Step) -> Option<Strike> {
        for (theirs, fault) in &mut self.0 {
            if *theirs != step || fault.left == Some(0) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(left) = &mut fault.left {
                *left -= 1;
            }
            fault.has_struck = true;
            return Some(fault.strike.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_then_strikes_as_often_as_told() {
        let mut faults = Faults::default();
        faults.add(Step::Token, Fault::status(503).after(1).times(2));
        faults.add(Step::Token, Fault::reset().after(1));
        let mut strike = || faults.strike(Step::Token).map(|strike| strike.to_string());
        assert_eq!(strike(), None);
        assert_eq!(strike().as_deref(), Some("status 503"));
        assert_eq!(strike().as_deref(), Some("status 503"));
        assert_eq!(strike().as_deref(), Some("reset"));
        assert!(faults.strike(Step::RoleList).is_none());
    }
}
