#![doc = include_str!("../README.md")]

mod call;
mod endpoint;
mod error;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod login;
mod oidc;
mod portal;
mod provider;
mod renewal;
#[cfg(test)]
mod scripted;
mod session;
mod settings;
mod timestamp;
mod token_file;

pub use credential_cache::Fault;

pub use call::{Operation, Said};
pub use error::Error;
pub use login::{DeviceAuthorization, LoggedIn, SsoLogin};
pub use provider::SsoProvider;
pub use session::SsoSession;
pub use token_file::NotRenewable;
