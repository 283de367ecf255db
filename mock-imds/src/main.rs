//! The command `mock-imds`: a server to point programs at, on a laptop or in a test of another language.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(std::env::args_os().skip(1))
}
