#![doc = include_str!("../README.md")]

mod child;
mod command;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod provider;
mod said;
mod split;

pub use error::Error;
pub use provider::ProcessProvider;
pub use said::Said;
pub use split::SplitError;
