use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use credential_core::Sleep;

use crate::engine::Engine;
use crate::flight::{Flight, Outcome, Place};
use crate::seats::Seat;

/// A caller who waits for a flight, and drives it if it is at home in the caller's runtime.
pub(crate) struct Wait<'a> {
    pub(crate) engine: &'a Arc<Engine>,
    pub(crate) flight: Arc<Flight>,
    pub(crate) seat: Seat,
    /// Where it is polled.
    pub(crate) place: Place,
    /// Ends when the caller has waited long enough; `None`: the flight's own limit is enough.
    pub(crate) patience: Option<Sleep>,
}

/// How a wait ended.
#[derive(Debug)]
pub(crate) enum Waited {
    Over(Outcome),
    /// Not over, but it is time to look whether what is kept will do.
    LongEnough,
}

impl Future for Wait<'_> {
    type Output = Waited;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited> {
        let this = &mut *self;
        if this.place != Place::here() {
            // This future has moved to another runtime since it was last polled: neither the flight nor the timer need
            // be at home there.
            return Poll::Ready(Waited::Over(Outcome::Again));
        }
        if let Poll::Ready(outcome) = this.engine.drive(&this.flight, &this.seat, context) {
            return Poll::Ready(Waited::Over(outcome));
        }
        match &mut this.patience {
            Some(sleep) => sleep.as_mut().poll(context).map(|()| Waited::LongEnough),
            None => Poll::Pending,
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.engine.leave(&self.flight, &self.seat);
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("flight", &self.flight)
            .finish_non_exhaustive()
    }
}

/// Drives a flight that no caller waits for. It keeps nothing alive: when the last handle of the provider goes, the
/// flight goes with it and this task ends.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) engine: Weak<Engine>,
    pub(crate) flight: Weak<Flight>,
    pub(crate) seat: Seat,
}

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (Some(engine), Some(flight)) = (self.engine.upgrade(), self.flight.upgrade()) else {
            return Poll::Ready(());
        };
        engine.drive(&flight, &self.seat, context).map(|_| ())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let (Some(engine), Some(flight)) = (self.engine.upgrade(), self.flight.upgrade()) {
            engine.leave(&flight, &self.seat);
        }
    }
}
