//! The one door to tokio's timer here. What the mock does to its connections takes real time, whatever its own clock says:
//! that one only dates credentials.

#![expect(
    clippy::disallowed_methods,
    reason = "the mock stands apart from credential-core: this is its one door to the timer"
)]

use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::{Instant, Sleep, Timeout};

pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn sleep(duration: Duration) -> Sleep {
    tokio::time::sleep(duration)
}

pub(crate) fn timeout<F: IntoFuture>(limit: Duration, future: F) -> Timeout<F::IntoFuture> {
    tokio::time::timeout(limit, future)
}
