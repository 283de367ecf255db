#![doc = include_str!("../README.md")]

mod auto_refreshing;
mod error;
mod health;
mod settings;
mod window;

pub use auto_refreshing::AutoRefreshingProvider;
pub use error::Error;
pub use health::{FailureCounts, Health};
pub use settings::StaticStability;
