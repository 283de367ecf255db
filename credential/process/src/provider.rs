use std::fmt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, CredentialsFuture, ProvideAwsCredentials, Renewal, Secret};
use credential_json::{Document, Required, Version};
use credential_runtime::{TokioClock, in_runtime, within};
use snafu::{IntoError, ResultExt, ensure};

use crate::child::{self, Failure, Group, MOST_OUTPUT, can_watch};
use crate::command::{CommandLine, Words};
use crate::error::{
    CommandLineSnafu, DocumentSnafu, Error, ExitSnafu, ExpiredSnafu, NoOutputSnafu, NoRuntimeSnafu,
    StartSnafu, TimedOutSnafu, TooMuchOutputSnafu, VersionSnafu, WatchSnafu,
};
use crate::said::{Said, Tail};

/// The provider's name in errors and logs.
pub(crate) const NAME: &str = "Process";

/// Provides the credentials that an external command prints, as `credential_process` names it in a profile.
///
/// The command is run at each call; no credentials are kept, `AutoRefreshingProvider` of `credential-refresh` does that.
/// What it prints without an expiration is never asked for again: the command may ask a person. `Debug` shows the
/// program and never its arguments.
///
/// ```
/// use credential_process::ProcessProvider;
///
/// # #[cfg(unix)]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let provider = ProcessProvider::new(
///     r#"echo '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret"}'"#,
/// );
/// assert_eq!(provider.load().await?.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), credential_process::Error>(())
/// # }).unwrap();
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Clone)]
pub struct ProcessProvider {
    command_line: CommandLine,
    limit: Duration,
    account_id: Option<String>,
    clock: Arc<dyn Clock>,
    /// `None`: as the world asks for.
    group: Option<Group>,
}

impl ProcessProvider {
    /// A provider that runs this command line: a program and its arguments, with blanks between them.
    ///
    /// What has blanks in it stands in double quotes. There is no shell: no variables, no `~`, no pipes. On Unix, words
    /// are split as a POSIX shell does it; on Windows as programs there split their own command line, so backslashes in
    /// paths stay as they are. The program is looked for in `PATH`.
    ///
    /// # Errors
    /// A command line that cannot be split shows as [`Error::CommandLine`] from [`load`](Self::load).
    #[must_use]
    pub fn new(command_line: impl Into<String>) -> Self {
        Self {
            command_line: CommandLine::new(command_line.into()),
            limit: Duration::from_secs(60),
            account_id: None,
            clock: Arc::new(TokioClock),
            group: None,
        }
    }

    /// How long the command may take. Default: 60 seconds, long enough to ask a person for a code.
    ///
    /// # Errors
    /// Past it the command is killed and [`load`](Self::load) gives [`Error::TimedOut`].
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Hands the text as it stands to a shell, for pipes and variables: `sh -c`, on Windows `cmd.exe /D /S /C`.
    /// Default: no shell.
    ///
    /// The AWS command line interface uses none either, so a text that needs one works here only. It must not hold
    /// anything that others may write: a shell runs it all.
    #[must_use]
    pub fn with_shell(mut self) -> Self {
        self.command_line.through_shell();
        self
    }

    /// The account that the credentials belong to, twelve digits, where the document names none. Default: unknown.
    ///
    /// It is `aws_account_id` of the profile.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-account-endpoints.html>
    #[must_use]
    pub fn with_account_id(mut self, id: impl Into<String>) -> Self {
        self.account_id = Some(id.into());
        self
    }

    /// A variable for the command, beside the environment that it inherits. Default: none.
    ///
    /// `Debug` and errors show its name only.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.command_line.set_variable(name.into(), value.into());
        self
    }

    /// The clock that measures the limit and tells what has expired. Default: the system's, sleeping on tokio's timer.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Whether the command line can be split into words. It starts nothing, and does not look for the program.
    ///
    /// ```
    /// use credential_process::ProcessProvider;
    ///
    /// assert!(ProcessProvider::new("tool --role ops").check().is_ok());
    /// # if cfg!(unix) {
    /// let error = ProcessProvider::new("tool 'half a word").check().unwrap_err();
    /// assert_eq!(error.to_string(), "the command line of the credential process tool cannot be read");
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::CommandLine`].
    pub fn check(&self) -> Result<(), Error> {
        self.words().map(drop)
    }

    fn words(&self) -> Result<Words, Error> {
        self.command_line.words().context(CommandLineSnafu {
            program: self.command_line.program(),
        })
    }

    /// Runs the command and reads the credentials that it prints.
    ///
    /// Dropping the future kills the command.
    ///
    /// # Errors
    /// See [`Error`]; each names the program.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        let program = self.command_line.program();
        let words = self.words()?;
        ensure!(in_runtime() && can_watch(), NoRuntimeSnafu);
        let hidden = words.hidden();
        let started = self.clock.monotonic();
        let mut tail = Tail::default();
        tracing::debug!(program, "a credential process is started");

        let limit = self.limit;
        let running = child::run(words, self.group, &*self.clock, &mut tail);
        let ended = within(self.clock.sleep(limit), running).await;
        let said = Said::of(&tail, &hidden);
        let took = self.clock.monotonic().saturating_sub(started);
        let Some(ended) = ended else {
            tracing::debug!(program, ?took, "a credential process took too long and is killed");
            return TimedOutSnafu { program, limit, said }.fail();
        };
        let (status, output) = ended.map_err(|failure| failed(&program, failure))?;
        tracing::debug!(program, %status, ?took, "a credential process has ended");
        self.read(program, status, output, said)
    }

    fn read(
        &self,
        program: String,
        status: ExitStatus,
        output: Vec<u8>,
        said: Said,
    ) -> Result<AwsCredentials, Error> {
        // Wiped when it is dropped.
        let output = String::from_utf8(output).map(Secret::new);
        ensure!(
            status.success(),
            ExitSnafu {
                program,
                status,
                said
            }
        );
        let output = output
            .map_err(|_| credential_json::Error::NotUtf8)
            .context(DocumentSnafu { program: &program })?;
        ensure!(
            !output.expose().trim().is_empty(),
            NoOutputSnafu { program, said }
        );
        let document = Document::parse(output.expose().as_bytes())
            .context(DocumentSnafu { program: &program })?
            .with_exact_names_first();
        let found = document.version();
        ensure!(found == Version::Number(1), VersionSnafu { program, found });
        let mut credentials = document
            .into_credentials(Required::KEYS)
            .context(DocumentSnafu { program: &program })?;
        if let Some(expiration) = credentials.expiration()
            && credentials.is_expired_at(self.clock.now())
        {
            return ExpiredSnafu { program, expiration }.fail();
        }
        if let Some(account_id) = self
            .account_id
            .as_ref()
            .filter(|_| credentials.account_id().is_none())
        {
            credentials = credentials.with_account_id(account_id);
        }
        // Without an expiration there is no reason to run it again: it may ask a person.
        Ok(credentials.with_source(NAME).with_renewal(Renewal::NEVER))
    }
}

fn failed(program: &str, failure: Failure) -> Error {
    match failure {
        Failure::Start(error) => StartSnafu { program }.into_error(error),
        Failure::Watch(error) => WatchSnafu { program }.into_error(error),
        Failure::TooMuch => {
            let limit = MOST_OUTPUT;
            TooMuchOutputSnafu { program, limit }.build()
        }
    }
}

impl ProvideAwsCredentials for ProcessProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { Ok(self.load().await?) })
    }

    fn name(&self) -> &str {
        NAME
    }
}

impl fmt::Debug for ProcessProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessProvider")
            .field("program", &self.command_line.program())
            .field("shell", &self.command_line.uses_shell())
            .field("limit", &self.limit)
            .field("account_id", &self.account_id)
            .field(
                "variables",
                &self.command_line.variable_names().collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
