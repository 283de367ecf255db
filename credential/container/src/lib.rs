#![doc = include_str!("../README.md")]

mod authorization;
mod endpoint;
mod error;
mod provider;

pub use authorization::{Fault, Place};
pub use endpoint::may_receive_token;
pub use error::{Error, Said};
pub use provider::ContainerProvider;
