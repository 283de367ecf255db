use std::io;

use credential_chain::{CredentialsError, Report, VariableError, profile, sso, sts};
use snafu::Snafu;

use crate::format::shell_word;

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
    #[snafu(transparent)]
    Profile {
        #[snafu(source(from(profile::Error, Box::new)))]
        source: Box<profile::Error>,
    },
    #[snafu(display("AWS did not say whose credentials they are"))]
    Identity {
        #[snafu(source(from(sts::Error, Box::new)))]
        source: Box<sts::Error>,
    },
    /// Another error, with `~` in its paths.
    #[snafu(display("{story}"))]
    Told { story: String },
    #[snafu(display(
        "profile `{profile}` signs in with another command: run `aws login --profile {}`",
        shell_word(profile)
    ))]
    AwsLogin { profile: String },
    #[snafu(display("profile `{profile}` needs no login: its credentials come from {start}"))]
    NoLogin { profile: String, start: String },
    #[snafu(display("the login failed"))]
    Login {
        #[snafu(source(from(sso::Error, Box::new)))]
        source: Box<sso::Error>,
    },
    #[snafu(display("the login was given up"))]
    GivenUp,
    #[snafu(display("the logout failed"))]
    Logout {
        #[snafu(source(from(sso::Error, Box::new)))]
        source: Box<sso::Error>,
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
                Some(list) => without_code(&list.to_string()),
                None => without_code(&source.report().to_string()),
            },
            Self::Identity { source } if matches!(**source, sts::Error::NoRegion) => NO_REGION.to_owned(),
            Self::Profile { source } => Report::of(&**source).to_string(),
            Self::Repeated { .. }
            | Self::Variable { .. }
            | Self::Identity { .. }
            | Self::Told { .. }
            | Self::AwsLogin { .. }
            | Self::NoLogin { .. }
            | Self::Login { .. }
            | Self::GivenUp
            | Self::Logout { .. }
            | Self::Runtime { .. }
            | Self::Output { .. } => Report::of(self).to_string(),
        }
    }
}

const NO_REGION: &str = "STS needs a region: set AWS_REGION, or `region` in the profile";

/// The library's sentence speaks of code, which nobody writes here.
fn without_code(story: &str) -> String {
    story.replace(&sts::Error::NoRegion.to_string(), NO_REGION)
}
