use credential_core::{CredentialsError, ErrorKind};

use super::*;

mod abandoned;
mod attempts;
mod bad_answers;
mod bad_files;
mod cache;
mod in_time;
mod proof;
mod renewing;
mod secrets;
mod shared_file;
mod sign_in;
#[cfg(target_os = "linux")]
mod unwritable;

const HOUR: i64 = 3600;

fn report(error: &Error) -> String {
    CredentialsError::from(error.clone()).report().to_string()
}

fn kind(error: &Error) -> ErrorKind {
    CredentialsError::from(error.clone()).kind()
}
