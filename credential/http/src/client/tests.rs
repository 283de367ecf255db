use std::time::Duration;

use super::*;

mod bad_input;
mod connecting;
mod kept_alive;
mod plain;
mod through_proxies;

/// The limit under test where a server is silent.
const SHORT: Duration = Duration::from_millis(50);

fn get(url: Url) -> Request {
    Request::get(url)
}

/// An error with all its causes, as people see it, and as `Debug` shows it.
fn told(error: &Error) -> String {
    let mut text = format!("{error:?} {error:#?} {error}");
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
