//! What the programs in `src/bin` share.

mod log;

pub use log::log;
