#![doc = include_str!("../README.md")]

mod dpop;
mod endpoint;
mod error;
mod exchange;
#[cfg(fuzzing)]
pub mod fuzzing;
mod location;
mod provider;
mod refusal;
mod session;
mod state;
#[cfg(test)]
mod testing;

pub use error::{Error, Fault};
pub use provider::LoginProvider;
pub use refusal::Said;
