use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credential_core::{AwsCredentials, ProvideAwsCredentials};

use crate::decision::{Action, Airborne, decide};
use crate::flight::{Flight, Limits, Need, Outcome, Place};
use crate::health::Health;
use crate::landing::give_up;
use crate::moment::Now;
use crate::seats::Role;
use crate::settings::Settings;
use crate::state::{Answer, State};
use crate::wait::{Wait, Waited};
use crate::window;

/// Ties the state, the flight and the callers together.
///
/// Two kinds of lock: this one, around state and flight, and those inside a flight, which may be taken under it and
/// never the other way round. Under none of them is the provider asked, a future polled or dropped, or a waker woken.
pub(crate) struct Engine {
    pub(crate) source: Arc<dyn ProvideAwsCredentials>,
    pub(crate) settings: Settings,
    shared: Mutex<Shared>,
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) state: State,
    pub(crate) flight: Option<Arc<Flight>>,
}

/// What a caller does next.
enum Step<'a> {
    Answer(Answer),
    Wait(Wait<'a>),
    /// Something that takes a poll.
    NotYet,
}

/// How far a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    /// Has called, and is not polled yet.
    Calls,
    /// Is polled for the first time.
    Begins,
    /// Has waited before, for a flight that was given up.
    Returns,
    /// Has waited long enough to take what is kept.
    GaveUp,
}

impl Engine {
    pub(crate) fn new(source: Arc<dyn ProvideAwsCredentials>, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            source,
            settings,
            shared: Mutex::default(),
        })
    }

    /// The answer for a caller who need not wait. With fresh credentials this allocates nothing.
    pub(crate) fn at_once(self: &Arc<Self>) -> Option<Answer> {
        match self.step(Caller::Calls) {
            Step::Answer(answer) => Some(answer),
            Step::Wait(_) | Step::NotYet => None,
        }
    }

    /// The answer for a caller who waits if it must.
    pub(crate) async fn in_time(self: &Arc<Self>) -> Answer {
        let mut caller = Caller::Begins;
        loop {
            let wait = match self.step(caller) {
                Step::Answer(answer) => return answer,
                Step::Wait(wait) => wait,
                Step::NotYet => continue,
            };
            caller = match wait.await {
                Waited::Over(Outcome::Answer(answer)) => return answer,
                Waited::Over(Outcome::Again) => Caller::Returns,
                Waited::LongEnough => Caller::GaveUp,
            };
        }
    }

    fn step(self: &Arc<Self>, caller: Caller) -> Step<'_> {
        let now = Now::of(&*self.settings.clock);
        let mut shared = self.lock();
        if shared.is_overdue(now) {
            drop(shared);
            self.call_off_overdue(now);
            shared = self.lock();
        }
        let airborne = match &shared.flight {
            _ if caller == Caller::GaveUp => Airborne::Late,
            Some(flight) if !flight.is_driven() => Airborne::None,
            Some(flight) if flight.is_late(now.monotonic) => Airborne::Late,
            Some(_) => Airborne::Driven,
            None => Airborne::None,
        };
        match decide(shared.state.situation(now, &self.settings, airborne)) {
            Action::Serve => match shared.state.serve() {
                Some(credentials) => Step::Answer(Ok(credentials)),
                None => Step::NotYet,
            },
            Action::Recall => match shared.state.recall(now) {
                Some(error) => Step::Answer(Err(error.clone())),
                None => Step::NotYet,
            },
            Action::Renew => self.renew(shared, caller),
            _ if caller == Caller::Calls => Step::NotYet,
            action => self.wait(shared, now, caller, action == Action::WaitBriefly),
        }
    }

    /// Begins a renewal in the background, where there is a background; else the caller carries it out.
    fn renew<'a>(self: &'a Arc<Self>, mut shared: MutexGuard<'_, Shared>, caller: Caller) -> Step<'a> {
        let here = Place::here();
        let Some(runtime) = here.0.clone() else {
            if caller == Caller::Calls {
                return Step::NotYet;
            }
            let (flight, given_up) = self.join_or_begin(&mut shared, Need::Soft, &here);
            let seat = flight.board(&here);
            drop(shared);
            give_up(given_up);
            return Step::Wait(Wait {
                engine: self,
                flight,
                seat,
                place: here,
                patience: None,
            });
        };
        let Some(credentials) = shared.state.serve() else {
            return Step::NotYet;
        };
        let (flight, given_up) = self.join_or_begin(&mut shared, Need::Soft, &here);
        let seat = flight.seats.take(Role::Task);
        drop(shared);
        give_up(given_up);
        self.spawn(&runtime, &flight, seat);
        Step::Answer(Ok(credentials))
    }

    fn wait<'a>(
        self: &'a Arc<Self>,
        mut shared: MutexGuard<'_, Shared>,
        now: Now,
        caller: Caller,
        briefly: bool,
    ) -> Step<'a> {
        if caller == Caller::Begins {
            shared.state.counts.waits += 1;
        }
        let here = Place::here();
        let was_driven = shared.flight.as_ref().is_some_and(|flight| flight.is_driven());
        let (flight, given_up) = self.join_or_begin(&mut shared, Need::Urgent, &here);
        let seat = flight.board(&here);
        drop(shared);
        let from = if was_driven && given_up.is_none() {
            flight.began
        } else {
            now.monotonic
        };
        give_up(given_up);
        let until = if briefly {
            Some(from + window::WAIT_AT_MOST)
        } else if seat.role == Role::Stranger {
            // Those who drive it may be asleep for good.
            flight.deadline
        } else {
            None
        };
        Step::Wait(Wait {
            engine: self,
            flight,
            seat,
            place: here,
            patience: until.map(|until| self.settings.clock.sleep(until.saturating_sub(now.monotonic))),
        })
    }

    /// The flight under way if it serves this need from here, else a new one in its place.
    fn join_or_begin(
        &self,
        shared: &mut Shared,
        need: Need,
        here: &Place,
    ) -> (Arc<Flight>, Option<Arc<Flight>>) {
        if let Some(flight) = &shared.flight {
            let serves = flight.need == need || need == Need::Soft;
            // In another runtime a task may be frozen for good; a caller there is likely to go on.
            let moves = flight.home == *here || flight.seats.taken().callers > 0;
            if serves && moves && !flight.is_over() {
                return (Arc::clone(flight), None);
            }
        }
        let start_delay = match shared.state.counts.fetches {
            0 => window::draw(&*self.settings.random, Duration::ZERO, self.settings.start_delay),
            _ => Duration::ZERO,
        };
        shared.state.counts.fetches += 1;
        let limits = Limits {
            start_delay,
            load_timeout: self.settings.load_timeout,
        };
        let flight = Flight::new(&self.source, &self.settings.clock, need, here.clone(), limits);
        let before = shared.flight.replace(Arc::clone(&flight));
        (flight, before)
    }

    pub(crate) fn invalidate(&self, credentials: &AwsCredentials) {
        let now = Now::of(&*self.settings.clock);
        let mut shared = self.lock();
        if !shared.state.invalidate(now, credentials) {
            return;
        }
        // What is under way may bring the very credentials that were refused.
        let before = shared.flight.take();
        drop(shared);
        give_up(before);
        tracing::info!(
            provider = self.source.name(),
            access_key_id = credentials.access_key_id(),
            "a service refused these credentials; renewing them"
        );
        self.source.invalidate(credentials);
    }

    pub(crate) fn health(&self) -> Health {
        let now = Now::of(&*self.settings.clock);
        let shared = self.lock();
        shared.state.health(now, shared.flight.is_some())
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    pub(crate) fn is_overdue(&self, now: Now) -> bool {
        self.flight
            .as_ref()
            .and_then(|flight| flight.deadline)
            .is_some_and(|deadline| now.monotonic >= deadline)
    }

    pub(crate) fn is_current(&self, flight: &Arc<Flight>) -> bool {
        self.flight
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, flight))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = Now::of(&*self.settings.clock);
        let shared = self.lock();
        f.debug_struct("AutoRefreshingProvider")
            .field("provider", &self.source.name())
            .field("phase", &shared.state.phase(now))
            .field("health", &shared.state.health(now, shared.flight.is_some()))
            .finish_non_exhaustive()
    }
}
