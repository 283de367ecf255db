#![doc = include_str!("../README.md")]

mod file;
mod lock;
mod replace;

pub use file::CacheFile;
pub use lock::Lock;
