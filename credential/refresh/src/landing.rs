//! How a flight goes on, who carries it on, and how it ends.

use std::sync::Arc;
use std::task::{Context, Poll};

use credential_runtime::Runtime;

use crate::engine::Engine;
use crate::error::Error;
use crate::flight::{Flight, Outcome};
use crate::moment::Now;
use crate::note::Note;
use crate::seats::{Role, Seat};
use crate::state::Answer;
use crate::wait::Task;

impl Engine {
    /// Carries a flight on, from a seat in it.
    pub(crate) fn drive(
        &self,
        flight: &Arc<Flight>,
        seat: &Seat,
        context: &mut Context<'_>,
    ) -> Poll<Outcome> {
        if let Some(outcome) = flight.outcome() {
            return Poll::Ready(outcome);
        }
        // First the waker, then the look: whatever happens after the look wakes.
        flight.seats.wait(seat, context.waker());
        if seat.role != Role::Stranger
            && let Some(answer) = flight.advance()
        {
            self.land(flight, answer);
        } else {
            self.call_off_overdue(Now::of(&*self.settings.clock));
        }
        flight.outcome().map_or(Poll::Pending, Poll::Ready)
    }

    /// Takes in what a flight brought, if it is still the one that counts.
    fn land(&self, flight: &Arc<Flight>, answer: Answer) {
        let now = Now::of(&*self.settings.clock);
        let name = self.source.name();
        let mut shared = self.lock();
        let (outcome, note) = if shared.is_current(flight) {
            shared.flight = None;
            let (answer, note) = shared.state.settle(now, &self.settings, name, answer);
            (Outcome::Answer(answer), note)
        } else {
            (Outcome::Again, Note::Late)
        };
        let leftover = flight.end(outcome);
        drop(shared);
        flight.release(leftover);
        note.tell(name);
    }

    /// Ends the current flight if its time is over: nobody may have polled it for long.
    pub(crate) fn call_off_overdue(&self, now: Now) {
        let shared = self.lock();
        let Some(flight) = shared.flight.clone().filter(|_| shared.is_overdue(now)) else {
            return;
        };
        drop(shared);
        if flight.is_driven() {
            let limit = self.settings.load_timeout.unwrap_or_default();
            self.land(&flight, Err(Error::TimedOut { limit }.of(self.source.name())));
        } else {
            self.abandon(&flight);
        }
    }

    /// Gives a seat back. Whoever leaves last hands the work over.
    pub(crate) fn leave(self: &Arc<Self>, flight: &Arc<Flight>, seat: &Seat) {
        let left = flight.seats.leave(seat);
        if left.callers + left.tasks > 0 || flight.is_over() {
            return;
        }
        match &flight.home.0 {
            // Strangers do not know whether the work goes on where they cannot see it: they begin their own.
            _ if left.strangers > 0 => self.abandon(flight),
            Some(runtime) if seat.role == Role::Caller => {
                let seat = flight.seats.take(Role::Task);
                self.spawn(runtime, flight, seat);
            }
            Some(_) => self.abandon(flight),
            // Outside a runtime it lies here until the next caller takes it up.
            None => {}
        }
    }

    pub(crate) fn spawn(self: &Arc<Self>, runtime: &Runtime, flight: &Arc<Flight>, seat: Seat) {
        let task = Task {
            engine: Arc::downgrade(self),
            flight: Arc::downgrade(flight),
            seat,
        };
        runtime.spawn(Box::pin(task));
    }

    fn abandon(&self, flight: &Arc<Flight>) {
        let now = Now::of(&*self.settings.clock);
        let mut shared = self.lock();
        if shared.is_current(flight) {
            shared.flight = None;
            shared.state.abandon(now, &self.settings, flight.need);
        }
        drop(shared);
        give_up(Some(Arc::clone(flight)));
    }
}

/// Ends a flight that another one has replaced; those who waited for it decide anew.
pub(crate) fn give_up(flight: Option<Arc<Flight>>) {
    if let Some(flight) = flight {
        let leftover = flight.end(Outcome::Again);
        flight.release(leftover);
    }
}
