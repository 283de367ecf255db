//! Being written.

mod attempt;
mod chain;
mod error;
mod explanation;
mod hints;
pub mod name;
mod slots;

pub use attempt::Attempt;
pub use chain::ChainProvider;
pub use credential_core::*;
pub use credential_environment::EnvironmentProvider;
pub use error::Error;
pub use explanation::{ExplainedSource, Explanation, Standing};
