//! Logging in by browser, on this machine or another.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use mock_imds::Step;

use super::*;
use crate::home::Ended;

#[cfg(unix)]
#[test]
fn a_browser_is_opened_and_comes_back() {
    use std::os::unix::fs::PermissionsExt;
    let (mock, home) = approving();
    // A browser that only notes where it is sent, and is noisy about it; the test goes there instead.
    let (browser, noted) = (home.path().join("browser"), home.path().join("url"));
    std::fs::write(
        &browser,
        "#!/bin/sh\necho noise; echo noise >&2; echo \"$1\" > url.new; mv url.new url\n",
    )
    .unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let child = home
        .command("login --profile corp")
        .envs(variables(&mock))
        .envs([("BROWSER", browser.to_str().unwrap()), ("PATH", "/usr/bin:/bin")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !noted.exists() {
        std::thread::yield_now();
    }
    let url = std::fs::read_to_string(noted).unwrap();
    let answer = visit(url.trim());
    let back = answer
        .lines()
        .find_map(|line| line.strip_prefix("Location: "))
        .unwrap_or_else(|| panic!("{answer}"));
    assert!(back.starts_with("http://127.0.0.1:"), "{answer}");
    assert!(visit(back).starts_with("HTTP/1.1 200"));

    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("The browser opens.") && ended.err.contains(&format!("\n  {url}\n")),
        "{}",
        ended.err
    );
    assert!(ended.out.starts_with("Logged in until "), "{}", ended.out);
    assert!(
        !ended.err.contains("noise") && !ended.out.contains("noise"),
        "{}",
        ended.err
    );
    assert_eq!(
        (
            mock.count(Step::Authorize),
            mock.count(Step::StartDeviceAuthorization)
        ),
        (1, 0)
    );
}

/// What is answered at an `http` address, head and all.
#[cfg(unix)]
fn visit(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn without_a_browser_the_address_is_shown_for_another() {
    let (mock, home) = world(SsoSettings::new());
    let mut child = waiting(&mock, &home, "login --profile corp --no-browser", "/authorize?");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn ctrl_c_gives_up() {
    let (mock, home) = world(SsoSettings::new());
    let mut child = waiting(
        &mock,
        &home,
        "login --profile corp --no-browser",
        "Waiting for the login",
    );
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let mut rest = String::new();
    child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(rest.ends_with("credential: the login was given up\n"), "{rest}");
    assert!(!token_file(&home).exists());
}

/// Starts a login at a desktop, and waits until it has said this.
fn waiting(mock: &MockImds, home: &Home, line: &str, says: &str) -> Child {
    let mut child = home
        .command(line)
        .envs(variables(mock))
        .env("BROWSER", "true")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::with_capacity(1, child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains(says) {
        assert!(said.read_line(&mut text).unwrap() > 0, "{text}");
    }
    child.stderr = Some(said.into_inner());
    child
}
