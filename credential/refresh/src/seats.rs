use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// Who takes part in a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A caller in the runtime where the flight began: drives it whenever it is polled.
    Caller,
    /// A caller in another runtime: waits only, since sockets and timers belong to the runtime that made them.
    Stranger,
    /// A spawned task: drives it while no caller waits.
    Task,
}

/// A place in a flight. It is given back with [`Seats::leave`].
#[derive(Debug)]
pub(crate) struct Seat {
    index: usize,
    pub(crate) role: Role,
}

/// Who is left.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) callers: usize,
    pub(crate) strangers: usize,
    pub(crate) tasks: usize,
}

/// The wakers of all who take part, as one waker: when the work can go on, everybody hears of it and whoever is polled
/// first carries it on. So nobody depends on a leader who might be dropped or never be polled again.
#[derive(Debug, Default)]
pub(crate) struct Seats(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The work can go on, and nobody has carried it on since.
    work_waits: bool,
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
    taken: Taken,
}

impl Seats {
    pub(crate) fn new() -> Arc<Self> {
        let seats = Self::default();
        seats.lock().work_waits = true;
        Arc::new(seats)
    }

    pub(crate) fn take(&self, role: Role) -> Seat {
        let mut inner = self.lock();
        *inner.count(role) += 1;
        let index = match inner.free.pop() {
            Some(index) => index,
            None => {
                inner.wakers.push(None);
                inner.wakers.len() - 1
            }
        };
        Seat { index, role }
    }

    pub(crate) fn leave(&self, seat: &Seat) -> Taken {
        let mut inner = self.lock();
        let count = inner.count(seat.role);
        *count = count.saturating_sub(1);
        let waker = inner.wakers.get_mut(seat.index).and_then(Option::take);
        inner.free.push(seat.index);
        let taken = inner.taken;
        drop(inner);
        // A waker's drop may run anybody's code, this crate's included: never under the lock.
        drop(waker);
        taken
    }

    pub(crate) fn taken(&self) -> Taken {
        self.lock().taken
    }

    pub(crate) fn wait(&self, seat: &Seat, waker: &Waker) {
        let mut inner = self.lock();
        let Some(place) = inner.wakers.get_mut(seat.index) else {
            return;
        };
        let before = match place {
            Some(known) if known.will_wake(waker) => None,
            _ => place.replace(waker.clone()),
        };
        drop(inner);
        drop(before);
    }

    /// Takes on the work if it can go on.
    pub(crate) fn take_work(&self) -> bool {
        std::mem::take(&mut self.lock().work_waits)
    }

    pub(crate) fn work_waits(&self) -> bool {
        self.lock().work_waits
    }

    pub(crate) fn wake_all(&self) {
        let wakers: Vec<Waker> = self.lock().wakers.iter_mut().filter_map(Option::take).collect();
        for waker in wakers {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn count(&mut self, role: Role) -> &mut usize {
        match role {
            Role::Caller => &mut self.taken.callers,
            Role::Stranger => &mut self.taken.strangers,
            Role::Task => &mut self.taken.tasks,
        }
    }
}

impl Wake for Seats {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.lock().work_waits = true;
        self.wake_all();
    }
}
