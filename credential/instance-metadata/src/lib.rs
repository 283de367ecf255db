#![doc = include_str!("../README.md")]

mod client;
mod endpoint;
mod error;
mod provider;
mod role;
mod session;
mod settings;
#[cfg(test)]
mod testing;
mod token;

pub use client::InstanceMetadataClient;
pub use endpoint::EndpointMode;
pub use error::{Attempted, Error};
pub use provider::InstanceMetadataProvider;
pub use role::ExtendedPath;
pub use settings::V1Fallback;
