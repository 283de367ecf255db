//! The one door to tokio's timer here. One exchange is measured in real time, also where a program's `Clock` is wound by
//! hand: this crate knows no `Clock`, and the network keeps no other time.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the rule points to"
)]

use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::{Instant, Timeout};

pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn timeout<F: IntoFuture>(limit: Duration, future: F) -> Timeout<F::IntoFuture> {
    tokio::time::timeout(limit, future)
}
