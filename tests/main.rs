//! What only shows when the crates meet. One binary, so one link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod arrows;
mod rusoto;
mod scenario;
mod secrecy;
