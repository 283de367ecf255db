#![doc = include_str!("../README.md")]

mod error;
mod names;
mod provider;

pub use error::Error;
pub use provider::EnvironmentProvider;
