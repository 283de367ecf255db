mod arguments;
mod duration;
mod exec;
mod log;
mod ready;
mod shell;
mod signals;
mod values;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use mock_imds::{ImdsVersion, MockImds, Source};

use arguments::{Arguments, Asked};
use shell::Format;
use signals::Signals;

/// The exit codes besides 0, as the help text names them.
const USAGE: u8 = 2;
const CANNOT_START: u8 = 4;

/// The whole command.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match arguments::parse(arguments) {
        Ok(Asked::Help) => print(include_str!("command/help.txt")),
        Ok(Asked::Version) => print(concat!("mock-imds ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Asked::Serve(arguments)) => in_runtime(serve_until_told(*arguments)),
        Ok(Asked::Exec(arguments, command)) => in_runtime(exec::run(*arguments, command)),
        Err(error) => {
            say(&format!("mock-imds: {error}\nTry 'mock-imds --help'."));
            ExitCode::from(USAGE)
        }
    }
}

fn in_runtime(work: impl Future<Output = Result<ExitCode, String>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(CANNOT_START, &format!("cannot start: {error}")),
    };
    match runtime.block_on(work) {
        Ok(code) => code,
        Err(message) => fail(CANNOT_START, &message),
    }
}

async fn serve_until_told(arguments: Arguments) -> Result<ExitCode, String> {
    let (quiet, source, print_env) = (arguments.quiet, arguments.source, arguments.print_env);
    let says_farewell = arguments.says_farewell;
    let (summary, ready_file) = (arguments.summary(), arguments.ready_file.clone());
    // Before anything is printed: whoever reads it may stop us at once.
    let mut signals = Signals::to_end().map_err(|error| no_signals(&error))?;
    let mock = start(arguments)?;
    let ready = ready_file
        .map(|path| ready::ReadyFile::write(&path, &mock))
        .transpose()
        .map_err(|error| format!("cannot write the file of --ready-file: {error}"))?;
    if !quiet {
        // With `--print-env` the variables, secrets among them, go to standard output alone.
        let shown = print_env.is_none().then_some(source);
        say(&banner(&mock, shown, &summary).map_err(|error| no_file(&error))?);
    }
    if let Some(format) = print_env {
        print(&environment(&mock, source, format).map_err(|error| no_file(&error))?);
    }
    signals.received().await;
    drop(ready);
    let farewell = farewell(&mock);
    drop(mock);
    if !quiet || says_farewell {
        // The terminal has just written `^C` on the line.
        let line = if io::stderr().is_terminal() { "\n" } else { "" };
        say(&format!("{line}{farewell}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn start(arguments: Arguments) -> Result<MockImds, String> {
    let address = arguments.address;
    let log = log::Log::open(&arguments).map_err(|error| format!("cannot write the access log: {error}"))?;
    let mock = arguments
        .builder()
        .access_log(move |record| log.line(record))
        .try_start()
        .map_err(|error| cannot_listen(address, &error))?;
    if !address.ip().is_loopback() {
        say("warning: other machines can reach this server, and it hands credentials to whoever asks");
    }
    Ok(mock)
}

fn no_signals(error: &io::Error) -> String {
    format!("cannot listen for signals: {error}")
}

fn no_file(error: &io::Error) -> String {
    format!("cannot write the files of --source: {error}")
}

/// All lines for a shell: what has to go, then what has to be set.
fn environment(mock: &MockImds, source: Source, format: Format) -> io::Result<String> {
    Ok(format.all(&mock.variables_to_unset(source), &mock.variables(source)?))
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
    let met_a_fault = requests.iter().any(|record| record.fault().is_some());
    let mut by_service: BTreeMap<String, BTreeMap<Option<u16>, usize>> = BTreeMap::new();
    for record in &requests {
        let statuses = by_service.entry(record.service().to_string()).or_default();
        *statuses.entry(record.status()).or_default() += 1;
    }
    let requests = requests.len();
    let mut text = format!(
        "mock-imds has stopped: {requests} requests, {version_1} of them by version 1 of instance metadata"
    );
    for (service, statuses) in &by_service {
        let counts: Vec<String> = statuses
            .iter()
            .map(|(status, count)| match status {
                Some(status) => format!("{count} × {status}"),
                None => format!("{count} unanswered"),
            })
            .collect();
        let _ = write!(text, "\n  {service}: {}", counts.join(", "));
    }
    if !met_a_fault && !mock.idle_faults().is_empty() {
        text += "\nNo request met what goes wrong in the scenario.";
    }
    text
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
