#![doc = include_str!("../README.md")]

mod authorization;
mod canonical;
mod encode;
mod error;
mod key;
mod refusal;
mod request;
mod signer;
mod timestamp;
#[cfg(test)]
mod vectors;
mod verifier;

pub use authorization::{Authorization, Form, Scope};
pub use encode::{form_encode, percent_encode};
pub use error::Error;
pub use refusal::{Part, Refusal};
pub use request::SignableRequest;
pub use signer::{Presigned, Signed, SignedHeader, Signer};
pub use verifier::Verifier;
