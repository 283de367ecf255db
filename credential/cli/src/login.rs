use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::pin;
use std::task::Poll;

use credential_chain::sso::{DeviceAuthorization, LoggedIn, SsoLogin};
use credential_chain::{Clock, OffsetDateTime, SystemClock, Variables, format_timestamp, is_invisible};
use snafu::{OptionExt, ResultExt};

use crate::arguments::Options;
use crate::browser::Browser;
use crate::commands::{self, in_runtime};
use crate::error::{Error, GivenUpSnafu, LoginSnafu, LogoutSnafu};
use crate::format::shell_word;
use crate::log;
use crate::session::Session;

/// How a person logs in.
enum Way {
    /// A browser on this machine, which comes back to us: opened here, or by hand.
    Browser(Option<Browser>),
    /// A code, in a browser on any machine; here, if there is one.
    DeviceCode(Option<Browser>),
}

/// Logs a person in to IAM Identity Center. What it says on the way goes to standard error.
pub(crate) fn login(options: &Options, variables: &Variables) -> Result<(), Error> {
    log::show_warnings(variables);
    let session = Session::of(options.profile.as_deref(), variables)?;
    say(&format!("Log in to IAM Identity Center: {}\n", session.name()));
    let way = way(options, &session, variables);
    let logged_in = in_runtime(until_ctrl_c(work(&session.login, way)))?
        .context(GivenUpSnafu)?
        .context(LoginSnafu)?;
    // Without a region STS cannot be asked.
    let command = if session.has_region { "whoami" } else { "export" };
    let next = match &options.profile {
        Some(profile) => format!("credential {command} --profile {}", shell_word(profile)),
        None => format!("credential {command}"),
    };
    let renewed = if logged_in.is_renewable() {
        ", and renewed from then on as long as the session lasts"
    } else {
        ""
    };
    commands::print(&format!(
        "Logged in until {}{renewed}.\nNext: {next}\n",
        until(logged_in.expiration(), SystemClock.now())
    ))
}

/// Ends the session and removes what is kept of it, and of the roles that were assumed with it.
pub(crate) fn logout(options: &Options, variables: &Variables) -> Result<(), Error> {
    log::show_warnings(variables);
    let session = Session::of(options.profile.as_deref(), variables)?;
    let (was_there, kept) = in_runtime(async {
        let was_there = session.login.logout().await;
        (was_there, session.remove_kept(variables).await)
    })?;
    let kept = match kept {
        0 => String::new(),
        1 => "Removed 1 session that was kept in ~/.aws/cli/cache.\n".to_owned(),
        more => format!("Removed {more} sessions that were kept in ~/.aws/cli/cache.\n"),
    };
    let was_there = was_there.inspect_err(|_| say(&kept)).context(LogoutSnafu)?;
    let file = format!("~/.aws/sso/cache/{}", session.session.token_file_name());
    let told = if was_there {
        format!("Logged out of {}: removed {file}\n", session.name())
    } else {
        format!(
            "Nobody was logged in to {}: there was no {file}\n",
            session.name()
        )
    };
    commands::print(&(told + &kept))
}

fn way(options: &Options, session: &Session, variables: &Variables) -> Way {
    let found = Browser::find(variables);
    let browser = found.clone().ok().filter(|_| !options.no_browser);
    if options.use_device_code {
        return Way::DeviceCode(browser);
    }
    if session.session.name().is_none() {
        say("The profile has no sso_session, so a device code is used.\n");
        return Way::DeviceCode(browser);
    }
    match found {
        Ok(_) => Way::Browser(browser),
        Err(reason) => {
            say(&format!(
                "No browser can be opened here ({reason}), so a device code is used.\n"
            ));
            Way::DeviceCode(None)
        }
    }
}

async fn work(login: &SsoLogin, way: Way) -> Result<LoggedIn, credential_chain::sso::Error> {
    match way {
        Way::Browser(browser) => {
            login
                .with_browser(|url| show_address(url, browser.as_ref()))
                .await
        }
        Way::DeviceCode(browser) => {
            login
                .with_device_code(|device| show_code(device, browser.as_ref()))
                .await
        }
    }
}

fn show_address(url: &str, browser: Option<&Browser>) {
    match browser.map(|browser| browser.open(url)) {
        Some(Ok(())) => say("The browser opens. If it does not, open this address in one on this machine:"),
        Some(Err(error)) => say(&format!(
            "No browser could be started ({error}). Open this address in one on this machine:"
        )),
        None => say("Open this address in a browser on this machine:"),
    }
    say(&format!("\n\n  {url}\n\n{WAITING}"));
}

fn show_code(device: &DeviceAuthorization, browser: Option<&Browser>) {
    let (page, code) = (plain(device.verification_uri()), plain(device.user_code()));
    let address = device.verification_uri_complete().map(plain);
    let best = address.as_deref().unwrap_or(&page);
    let opened = browser.is_some_and(|browser| browser.open(best).is_ok());
    let lead = if opened {
        "The browser opens. If it does not, open this address in one on any machine"
    } else {
        "Open this address in a browser on any machine"
    };
    say(&match &address {
        Some(address) => format!(
            "{lead}, and check that it shows the code {code}:\n\n  {address}\n\nOr enter the code at {page}.\n"
        ),
        None => format!("{lead}, and enter the code {code}:\n\n  {page}\n\n"),
    });
    say(WAITING);
}

const WAITING: &str = "Waiting for the login; Ctrl-C gives up.\n";

/// What a server says, without anything that a terminal would obey or that deceives the eye.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !is_invisible(*letter)).collect()
}

/// Standard error may be closed: there is nobody left to tell then.
fn say(text: &str) {
    let _ = write!(io::stderr(), "{text}");
}

/// `None`: somebody pressed Ctrl-C. The work is dropped then, and with it what it holds open.
async fn until_ctrl_c<T>(work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut stop) = (pin!(work), pin!(tokio::signal::ctrl_c()));
    let mut watched = true;
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        if watched && let Poll::Ready(pressed) = stop.as_mut().poll(context) {
            if pressed.is_ok() {
                say("\n");
                return Poll::Ready(None);
            }
            // The system watches no signals; Ctrl-C ends us the hard way then.
            watched = false;
        }
        Poll::Pending
    })
    .await
}

/// `2026-11-28T09:00:00Z (in 8 h 0 min)`
fn until(expiration: OffsetDateTime, now: OffsetDateTime) -> String {
    let minutes = ((expiration - now).whole_seconds().max(0) + 59) / 60;
    let left = match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    format!("{} (in {left})", format_timestamp(expiration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_no_server() {
        assert_eq!(plain("AB\u{1b}[2J\r\n\u{9b}CD"), "AB[2JCD");
        assert_eq!(
            plain("https://a.b/\u{202e}x\u{200b}\u{2066}\u{ad}y"),
            "https://a.b/xy"
        );
    }

    #[test]
    fn the_end_is_told_as_a_time_and_as_what_is_left() {
        let now = OffsetDateTime::UNIX_EPOCH;
        for (minutes, expected) in [
            (0, "1970-01-01T00:00:00Z (in 0 min)"),
            (59, "1970-01-01T00:59:00Z (in 59 min)"),
            (60, "1970-01-01T01:00:00Z (in 1 h)"),
            (480, "1970-01-01T08:00:00Z (in 8 h)"),
            (61, "1970-01-01T01:01:00Z (in 1 h 1 min)"),
        ] {
            assert_eq!(until(now + time::Duration::minutes(minutes), now), expected);
        }
        let just_now = now + time::Duration::seconds(1);
        assert!(until(now + time::Duration::HOUR, just_now).ends_with("(in 1 h)"));
        assert!(until(now, now + time::Duration::HOUR).ends_with("(in 0 min)"));
    }
}
