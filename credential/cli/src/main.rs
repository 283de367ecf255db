//! The `credential` command: prints AWS credentials for programs, shells and people.

mod arguments;
mod browser;
mod commands;
mod error;
mod files;
mod format;
mod help;
mod log;
mod login;
mod mfa;
mod plan;
mod profiles;
mod repeat;
mod role_cache;
mod session;
mod terminal;

use std::io::{self, Write};
use std::process::ExitCode;

use credential_chain::Variables;

use crate::arguments::{Misuse, Request};

fn main() -> ExitCode {
    let request = match arguments::parse(std::env::args_os()) {
        Ok(request) => request,
        Err(Misuse { message, see }) => {
            complain(&format!("{message}\nSee `{see} --help`."));
            return ExitCode::from(2);
        }
    };
    let variables = Variables::of_process();
    log::start(&variables);
    let done = match request {
        Request::Show(text) => commands::print(&text),
        Request::Export(options) => commands::export(&options, &variables),
        Request::WhoAmI(options) => commands::who_am_i(&options, &variables),
        Request::Plan(options) => plan::plan(options.profile.as_deref(), &variables),
        Request::Login(options) => login::login(&options, &variables),
        Request::Logout(options) => login::logout(&options, &variables),
        Request::Profiles(options) => profiles::profiles(options.json, &variables),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.story());
            ExitCode::FAILURE
        }
    }
}

/// Standard error may be closed: there is nobody left to tell then.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "credential: {text}");
}
