#![doc = include_str!("../README.md")]

mod fault;
mod file;
mod lock;
mod object;
mod replace;

pub use fault::Fault;
pub use file::CacheFile;
pub use lock::Lock;
pub use object::{Number, Object, Value};
