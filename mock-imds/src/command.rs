mod arguments;
mod duration;
mod log;
mod shell;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use mock_imds::{ImdsVersion, MockImds, Source};

use arguments::{Arguments, Asked};
use shell::Format;

/// The exit codes besides 0, as the help text names them.
const USAGE: u8 = 2;
const CANNOT_START: u8 = 4;

/// The whole command.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match arguments::parse(arguments) {
        Ok(Asked::Help) => print(include_str!("command/help.txt")),
        Ok(Asked::Version) => print(concat!("mock-imds ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Asked::Serve(arguments)) => serve(*arguments),
        Err(error) => {
            say(&format!("mock-imds: {error}\nTry 'mock-imds --help'."));
            ExitCode::from(USAGE)
        }
    }
}

fn serve(arguments: Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(CANNOT_START, &format!("cannot start: {error}")),
    };
    match runtime.block_on(serve_until_told(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(CANNOT_START, &message),
    }
}

async fn serve_until_told(arguments: Arguments) -> Result<(), String> {
    let (quiet, source, print_env) = (arguments.quiet, arguments.source, arguments.print_env);
    let address = arguments.address;
    let summary = arguments.summary();
    // Before anything is printed: whoever reads it may stop us at once.
    let mut signals = Signals::new().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let log = log::Log::open(&arguments).map_err(|error| format!("cannot write the access log: {error}"))?;
    let mock = arguments
        .builder()
        .access_log(move |record| log.line(record))
        .try_start()
        .map_err(|error| cannot_listen(address, &error))?;
    if !address.ip().is_loopback() {
        say("warning: other machines can reach this server, and it hands credentials to whoever asks");
    }
    let no_file = |error: io::Error| format!("cannot write the files of --source: {error}");
    if !quiet {
        // With `--print-env` the variables, secrets among them, go to standard output alone.
        let shown = print_env.is_none().then_some(source);
        say(&banner(&mock, shown, &summary).map_err(no_file)?);
    }
    if let Some(format) = print_env {
        print(&environment(&mock, source, format).map_err(no_file)?);
    }
    signals.received().await;
    let farewell = farewell(&mock);
    drop(mock);
    if !quiet {
        // The terminal has just written `^C` on the line.
        let line = if io::stderr().is_terminal() { "\n" } else { "" };
        say(&format!("{line}{farewell}"));
    }
    Ok(())
}

/// Ctrl-C, and the request to end that service managers send.
#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ))
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn received(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// All lines for a shell: what has to go, then what has to be set.
fn environment(mock: &MockImds, source: Source, format: Format) -> io::Result<String> {
    let mut text = format.unset(&mock.variables_to_unset(source));
    for (name, value) in mock.variables(source)? {
        text += &format.set(&name, &value);
    }
    Ok(text)
}

/// What a person sees at the start.
fn banner(mock: &MockImds, source: Option<Source>, summary: &str) -> io::Result<String> {
    let mut text = format!("mock-imds listens on {}\n  {summary}\n", mock.endpoint());
    let Some(source) = source else {
        return Ok(text + "Ctrl-C stops it.\n");
    };
    text += "\nTo send a program there, in bash or zsh:\n";
    for line in environment(mock, source, Format::Bash)?.lines() {
        let _ = writeln!(text, "  {line}");
    }
    text += "\nOther shells: --print-env fish, --print-env powershell. \
         Other sources: --source ecs, eks, web-identity, sso, login, env.\n";
    text += "Ctrl-C stops it.\n";
    Ok(text)
}

fn farewell(mock: &MockImds) -> String {
    let requests = mock.requests();
    let version_1 = requests
        .iter()
        .filter(|record| record.imds_version() == Some(ImdsVersion::V1))
        .count();
    let requests = requests.len();
    format!(
        "mock-imds has stopped: {requests} requests, {version_1} of them by version 1 of instance metadata"
    )
}

fn cannot_listen(address: std::net::SocketAddr, error: &io::Error) -> String {
    let port = address.port();
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is taken (`ss -ltnp 'sport = :{port}'` shows by whom on Linux); --port 0 takes any free one"
        ),
        _ => format!("cannot listen on {address}: {error}"),
    }
}

fn fail(code: u8, message: &str) -> ExitCode {
    say(&format!("mock-imds: {message}"));
    ExitCode::from(code)
}

/// For people: on standard error.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// What was asked for: on standard output.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
