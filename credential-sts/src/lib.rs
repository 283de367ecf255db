#![doc = include_str!("../README.md")]

mod assume_role;
mod call;
mod client;
mod device;
mod endpoint;
mod error;
mod exchange;
mod form;
#[cfg(fuzzing)]
pub mod fuzzing;
mod mfa;
mod refusal;
mod request;
mod response;
#[cfg(test)]
mod scripted;
mod sent;
mod session_token;
mod web_identity;

pub use assume_role::{AssumeRoleProvider, StsAssumeRoleSessionCredentialsProvider};
pub use call::Operation;
pub use client::StsClient;
pub use endpoint::Endpoint;
pub use error::Error;
pub use mfa::MfaPrompt;
pub use request::{AssumeRole, GetSessionToken};
pub use response::{AnswerError, AssumedRole, CallerIdentity};
pub use session_token::{SessionTokenProvider, StsSessionCredentialsProvider};
pub use web_identity::{
    AssumeRoleWithWebIdentity, TokenFault, TokenPlace, WebIdentityProvider, WebIdentityToken,
};
