#![doc = include_str!("../README.md")]

mod auto_refreshing;
mod decision;
mod engine;
mod error;
mod flight;
mod health;
mod kept;
mod landing;
mod moment;
mod note;
mod seats;
mod settings;
mod state;
mod wait;
mod window;

pub use auto_refreshing::AutoRefreshingProvider;
pub use error::Error;
pub use health::{FailureCounts, Health};
pub use settings::StaticStability;

#[cfg(test)]
mod tests;
