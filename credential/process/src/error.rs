use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{CredentialsError, ErrorKind, Report, format_timestamp};
use credential_json::Version;
use snafu::Snafu;
use time::OffsetDateTime;

use crate::provider::NAME;
use crate::said::Said;
use crate::split::SplitError;

/// Why a credential process gave no credentials.
///
/// None is *not configured*: where a command is named, it is meant. An error names the program, never its arguments and
/// never what it wrote to standard output.
///
/// ```
/// use credential_core::{CredentialsError, ErrorKind, format_timestamp};
/// use credential_process::{Error, ProcessProvider};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let error = ProcessProvider::new("tool 'half a word").load().await.unwrap_err();
/// # if cfg!(unix) {
/// assert!(matches!(error, Error::CommandLine { .. }));
/// assert_eq!(CredentialsError::from(error).kind(), ErrorKind::InvalidConfiguration);
/// # }
/// # });
/// ```
#[derive(Clone, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// The command line is not one. *Invalid configuration*; all others but the last are *failed*.
    #[snafu(display("the command line of the credential process{} cannot be read", named(program)))]
    CommandLine {
        /// The program, as far as it can be told.
        program: String,
        /// What is wrong.
        source: SplitError,
    },
    /// Called outside a tokio runtime, or in one without I/O.
    #[snafu(display(
        "a credential process can only be run inside a tokio runtime with I/O: build it with `enable_all()`"
    ))]
    NoRuntime,
    /// The program cannot be started: it is not there, may not be run, ….
    #[snafu(display("the credential process {program} cannot be started{}", hint(program, source)))]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// The program was started, but its end or its output cannot be watched.
    #[snafu(display("the credential process {program} cannot be watched"))]
    Watch {
        /// The program.
        program: String,
        /// What the system says.
        #[snafu(source(from(io::Error, Arc::new)))]
        source: Arc<io::Error>,
    },
    /// The program ended with a status other than 0, or a signal ended it.
    #[snafu(display("the credential process {program} ended with {status}{said}"))]
    Exit {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said about it.
        said: Said,
    },
    /// The program wrote nothing, or only blanks, to standard output.
    #[snafu(display("the credential process {program} printed nothing on standard output{said}"))]
    NoOutput {
        /// The program.
        program: String,
        /// What it said instead.
        said: Said,
    },
    /// The program wrote without end to standard output, and was killed.
    #[snafu(display("the credential process {program} printed more than {limit} bytes and was stopped"))]
    TooMuchOutput {
        /// The program.
        program: String,
        /// How much it may print.
        limit: usize,
    },
    /// What the program printed is no document with credentials in it.
    #[snafu(display("the credential process {program} printed no usable credentials"))]
    Document {
        /// The program.
        program: String,
        /// What is wrong.
        source: credential_json::Error,
    },
    /// The document is not of version 1.
    #[snafu(display(
        "the credential process {program} printed a document whose Version is {found}; it must be the number 1"
    ))]
    Version {
        /// The program.
        program: String,
        /// What stands there.
        found: Version,
    },
    /// The credentials were dead on arrival. If the program keeps credentials, it keeps them too long.
    #[snafu(display(
        "the credential process {program} returned expired credentials: they ended at {}",
        format_timestamp(*expiration)
    ))]
    Expired {
        /// The program.
        program: String,
        /// When they expired.
        expiration: OffsetDateTime,
    },
    /// The program took longer than its limit, and was killed. *Timed out.*
    #[snafu(display(
        "the credential process {program} timed out: it took over {limit:?} and was stopped{said}"
    ))]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
        /// What it said until then.
        said: Said,
    },
}

/// What people read: this error and its causes on one line, as `unwrap` or a `main` that returns it shows them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Report::of(self), f)
    }
}

fn named(program: &str) -> String {
    if program.is_empty() {
        String::new()
    } else {
        format!(" {program}")
    }
}

/// What may help, where the system's own words do not tell.
fn hint(program: &str, error: &io::Error) -> &'static str {
    /// "Exec format error": the same number on all of Unix.
    const ENOEXEC: i32 = 8;
    match error.kind() {
        io::ErrorKind::NotFound if is_assignment(program) => {
            "; an assignment needs a shell: write `env NAME=… TOOL`"
        }
        io::ErrorKind::NotFound if program.contains(['~', '$', '%']) => {
            "; without a shell neither `~` nor variables are replaced: write its whole path"
        }
        io::ErrorKind::NotFound => {
            "; write its whole path, or put its folder into PATH (a script also needs the program in its first line)"
        }
        io::ErrorKind::PermissionDenied => "; it must be a file that may be executed",
        _ if cfg!(unix) && error.raw_os_error() == Some(ENOEXEC) => {
            "; a script needs a first line such as #!/bin/sh"
        }
        _ => "",
    }
}

/// Whether it is `NAME=VALUE`, which only a shell takes for a variable.
fn is_assignment(program: &str) -> bool {
    program.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

impl Error {
    /// What a chain makes of it. No `_` arm: whoever adds a variant decides.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::CommandLine { .. } => ErrorKind::InvalidConfiguration,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::NoRuntime
            | Self::Start { .. }
            | Self::Watch { .. }
            | Self::Exit { .. }
            | Self::NoOutput { .. }
            | Self::TooMuchOutput { .. }
            | Self::Document { .. }
            | Self::Version { .. }
            | Self::Expired { .. } => ErrorKind::Failed,
        }
    }

    /// Whether it may pass with nobody doing anything: a time-out, a system short of processes, files or memory.
    ///
    /// A status other than 0 is not: nobody but the program knows what it means.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TimedOut { .. } => true,
            Self::Start { source, .. } | Self::Watch { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::WouldBlock
                    | io::ErrorKind::OutOfMemory
                    | io::ErrorKind::ExecutableFileBusy
                    | io::ErrorKind::Interrupted
            ),
            Self::CommandLine { .. }
            | Self::NoRuntime
            | Self::Exit { .. }
            | Self::NoOutput { .. }
            | Self::TooMuchOutput { .. }
            | Self::Document { .. }
            | Self::Version { .. }
            | Self::Expired { .. } => false,
        }
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        let (kind, transient) = (error.kind(), error.is_transient());
        Self::new(kind, NAME, error).with_transient(transient)
    }
}
