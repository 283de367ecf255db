#![doc = include_str!("../README.md")]

mod blocking;
mod clock;

pub use blocking::{blocking, in_runtime, read_file};
pub use clock::TokioClock;
