//! AWS sign-in: the service behind `aws login`, which renews the credentials of whoever is signed in to the console.

mod session;
mod token;

pub(crate) use session::{SignIns, begin};
pub(crate) use token::{answer, error_answer, error_of};

pub use session::SignIn;
