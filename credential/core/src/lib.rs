#![doc = include_str!("../README.md")]

mod clock;
mod credentials;
mod error;
mod future;
mod invisible;
mod provider;
mod seconds;
mod secret;
mod timestamp;
mod variables;
mod words;

pub use clock::{Clock, ProcessRandom, Random, Sleep, SystemClock};
pub use credentials::{AwsCredentials, Renewal};
pub use error::{CredentialsError, ErrorKind, Report};
pub use future::CredentialsFuture;
pub use invisible::is_invisible;
pub use provider::ProvideAwsCredentials;
pub use seconds::Seconds;
pub use secret::Secret;
pub use timestamp::{format_timestamp, parse_http_date, parse_timestamp};
pub use variables::{VariableError, Variables, parse_switch};
pub use words::Words;
