use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::{ExitCode, ExitStatus};

use mock_imds::{MockImds, Source};
use tokio::process::{Child, Command};

use super::arguments::Arguments;
use super::signals::{Signal, Signals};
use super::{fail, farewell, no_file, no_signals, say, start};

/// What shells say of a command that is there and cannot be run, and of one that is not there.
const CANNOT_RUN: u8 = 126;
const NO_SUCH_COMMAND: u8 = 127;

/// Where programs find their user's own profiles, which they ask before most other sources.
const FILES: [&str; 2] = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];
const NO_FILE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// Runs a command with the variables that lead it to a server of its own, and ends as it ends.
pub(crate) async fn run(arguments: Arguments, command: Vec<OsString>) -> Result<ExitCode, String> {
    let (source, quiet, says_farewell) = (arguments.source, arguments.quiet, arguments.says_farewell);
    // Before there is a child: a signal must not part us from it.
    let mut signals = Signals::to_hand_on().map_err(|error| no_signals(&error))?;
    let mock = start(arguments)?;
    let mut words = command.into_iter();
    let program = words.next().unwrap_or_default();
    let mut command = Command::new(&program);
    command.args(words).kill_on_drop(true);
    lead(&mut command, &mock, source).map_err(|error| no_file(&error))?;
    if !quiet && process_variable("AWS_ACCESS_KEY_ID").is_some() {
        say("mock-imds: the command sees the server's credentials, not those in AWS_ACCESS_KEY_ID");
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let code = match error.kind() {
                io::ErrorKind::NotFound => NO_SUCH_COMMAND,
                _ => CANNOT_RUN,
            };
            return Ok(fail(code, &format!("cannot run {}: {error}", program.display())));
        }
    };
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.map_err(|error| format!("the command is lost: {error}"))?,
            signal = signals.received() => forward(&mut child, signal).await,
        }
    };
    if says_farewell {
        say(&farewell(&mock));
    }
    Ok(ExitCode::from(code_of(status)))
}

/// Gives the command its environment.
fn lead(command: &mut Command, mock: &MockImds, source: Source) -> io::Result<()> {
    for name in mock.variables_to_unset(source) {
        command.env_remove(name);
    }
    command.env_remove("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    for name in FILES {
        command.env(name, NO_FILE);
    }
    for (name, value) in mock.variables(source)? {
        if name == "NO_PROXY" {
            // It belongs to the user as well. Some programs read it in small letters, and those before the others.
            command.env("NO_PROXY", added_to(process_variable("NO_PROXY"), &value));
            if let Some(theirs) = process_variable("no_proxy") {
                command.env("no_proxy", added_to(Some(theirs), &value));
            }
        } else {
            command.env(name, value);
        }
    }
    Ok(())
}

fn added_to(theirs: Option<OsString>, ours: &str) -> OsString {
    match theirs.filter(|theirs| !theirs.is_empty()) {
        Some(mut list) => {
            list.push(",");
            list.push(ours);
            list
        }
        None => ours.into(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command hands its environment on: this is its one look at it"
)]
fn process_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Hands a signal on, unless the terminal has done so.
async fn forward(child: &mut Child, signal: Signal) {
    let has_terminal = io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal();
    if signal.is_of_terminal() && has_terminal {
        return;
    }
    // None once it has ended: then its number may be another's.
    let Some(process) = child.id() else { return };
    let sent = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", signal.name(), &process.to_string()])
        .env_clear()
        .status();
    let is_sent = sent.await.is_ok_and(|status| status.success());
    if !is_sent {
        let _ = child.start_kill();
    }
}

/// The command's own code, or 128 and the number of the signal that ended it, as shells have it.
fn code_of(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
}
