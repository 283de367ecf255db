//! What the tests of all crates share: a clock wound by hand, randomness that is fixed, canary secrets, and with the
//! feature `server` a server on loopback that answers by a script.
//!
//! Every secret in a test comes from [`canary`], so that one search finds any that leaked into an error, a log line or a
//! command's output.

mod abandon;
#[cfg(feature = "server")]
mod black_hole;
mod canary;
mod clock;
mod log;
mod pausing;
mod printed;
#[cfg(feature = "server")]
mod received;
#[cfg(feature = "server")]
mod reply;
#[cfg(feature = "server")]
mod server;
mod trace;

pub use abandon::abandon;
#[cfg(feature = "server")]
pub use black_hole::BlackHole;
pub use canary::{CANARY, canary, forms_of, leaks};
pub use clock::{FixedRandom, ManualClock};
pub use log::Log;
pub use pausing::PausingClock;
pub use printed::printed;
#[cfg(feature = "server")]
pub use received::Received;
#[cfg(feature = "server")]
pub use reply::Reply;
#[cfg(feature = "server")]
pub use server::Server;
