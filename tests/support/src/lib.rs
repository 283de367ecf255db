//! What the tests of all crates share: a clock wound by hand, randomness that is fixed, and canary secrets.
//!
//! Every secret in a test comes from [`canary`], so that one search finds any that leaked into an error, a log line or a
//! command's output.

mod canary;
mod clock;
mod log;
mod trace;

pub use canary::{CANARY, canary, forms_of, leaks};
pub use clock::{FixedRandom, ManualClock};
pub use log::Log;
