use std::io;

use credential_chain::{CredentialsError, Report, VariableError, sts};
use snafu::Snafu;

/// Why the command prints nothing.
#[derive(Debug, Snafu)]
#[snafu(visibility(pub(crate)))]
pub(crate) enum Error {
    #[snafu(display(
        "profile `{profile}` runs this command as its own `credential_process`, which would never end; name another \
         profile there with --profile"
    ))]
    Repeated { profile: String },
    #[snafu(transparent)]
    Variable { source: VariableError },
    #[snafu(transparent)]
    Credentials { source: CredentialsError },
    #[snafu(display("AWS did not say whose credentials they are"))]
    Identity {
        #[snafu(source(from(sts::Error, Box::new)))]
        source: Box<sts::Error>,
    },
    #[snafu(display("the asynchronous runtime does not start"))]
    Runtime { source: io::Error },
    #[snafu(display("standard output takes no more"))]
    Output { source: io::Error },
}

impl Error {
    /// The whole story. What the chain says stands for itself, from its first word on.
    pub(crate) fn story(&self) -> String {
        match self {
            Self::Credentials { source } => match source.cause().downcast_ref::<credential_chain::Error>() {
                Some(list) => list.to_string(),
                None => source.report().to_string(),
            },
            Self::Repeated { .. }
            | Self::Variable { .. }
            | Self::Identity { .. }
            | Self::Runtime { .. }
            | Self::Output { .. } => Report::of(self).to_string(),
        }
    }
}
