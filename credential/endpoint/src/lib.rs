#![doc = include_str!("../README.md")]

mod partition;
mod region;

pub use partition::Partition;
pub use region::is_region;
