//! The one door to tokio's timer here. One exchange is measured in real time, also where a program's `Clock` is wound by
//! hand: this crate knows no `Clock`, and the network keeps no other time.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the rule points to"
)]

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Timeout};

pub(crate) fn now() -> Instant {
    Instant::now()
}

/// One step of an exchange. Boxed, so that what it holds is dropped by code of its own, and not again wherever the whole
/// may end.
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) fn timeout<'a, T>(
    limit: Duration,
    step: impl Future<Output = T> + Send + 'a,
) -> Timeout<Step<'a, T>> {
    let step: Step<'a, T> = Box::pin(step);
    tokio::time::timeout(limit, step)
}
