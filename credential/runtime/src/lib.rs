#![doc = include_str!("../README.md")]

mod blocking;
mod clock;
mod flight;
mod runtime;
mod shared_task;
mod unfinished;

pub use blocking::{blocking, in_runtime, read_file};
pub use clock::TokioClock;
pub use flight::{Flight, within};
pub use runtime::Runtime;
pub use shared_task::{Missed, SharedTask};
pub use unfinished::settled;
