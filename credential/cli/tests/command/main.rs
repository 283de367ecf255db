//! Runs the real command, with nothing of the machine's own environment.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail as loudly as the tests"
)]

mod export;
mod home;
mod login;
mod plan;
mod profiles;
mod recursion;
mod roles;
