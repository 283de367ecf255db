//! Logging in to IAM Identity Center and out again.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use credential_chain::{Clock, SystemClock, format_timestamp};
use mock_imds::{Fault, MockImds, SsoSettings, Step, TrustedRole};
use serde_json::Value;

use crate::home::{Ended, Home, profile};

const SESSION: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The profiles `corp` (with a session), `old` (without one), `role` (from `corp`), `token` (a session alone), `me`
/// (of `aws login`), `tool` (a process) and `keys`.
fn world(settings: SsoSettings) -> (MockImds, Home) {
    let mock = MockImds::builder()
        .sso(settings)
        .trusting(TrustedRole::new("arn:aws:iam::123456789012:role/x"))
        .start_blocking();
    let (account, role) = mock.sso_assignment();
    let start_url = mock.sso_start_url();
    let config = format!(
        "[sso-session corp]\nsso_start_url = {start_url}\nsso_region = us-east-1\n\
         sso_registration_scopes = sso:account:access\n\
         [profile corp]\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = {role}\nregion = us-east-1\n\
         [profile old]\nsso_start_url = {start_url}\nsso_region = us-east-1\nsso_account_id = {account}\n\
         sso_role_name = {role}\n\
         [profile role]\nsource_profile = corp\nrole_arn = arn:aws:iam::123456789012:role/x\n\
         [profile token]\nsso_session = corp\n\
         [profile beside]\nsso_session = corp\ncredential_process = /opt/tool\n\
         [profile me]\nlogin_session = arn:aws:iam::123456789012:user/me\n\
         [profile tool]\ncredential_process = /opt/tool --pin 1234\n"
    );
    (mock, Home::new(&config, &profile("keys", "KEYS")))
}

fn approving() -> (MockImds, Home) {
    world(
        SsoSettings::new()
            .approve_automatically()
            .interval(Duration::from_secs(1)),
    )
}

fn variables(mock: &MockImds) -> [(&'static str, &str); 1] {
    [("AWS_ENDPOINT_URL", mock.endpoint())]
}

fn token_file(home: &Home) -> PathBuf {
    home.path().join(".aws/sso/cache").join(SESSION)
}

fn token_of(home: &Home) -> Value {
    serde_json::from_str(&std::fs::read_to_string(token_file(home)).unwrap()).unwrap()
}

#[test]
fn a_login_by_device_code_serves_the_next_command() {
    let (mock, home) = approving();
    let before = home.run_with("export --profile corp", &variables(&mock));
    assert_eq!(before.code, Some(1));
    assert!(
        before.err.contains("run `credential login --profile corp`"),
        "{}",
        before.err
    );

    let ended = home.run_with("login --profile corp", &variables(&mock));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for part in [
        "Log in to IAM Identity Center: session `corp` (",
        "No browser can be opened here (neither DISPLAY nor WAYLAND_DISPLAY is set), so a device code is used.",
        "Open this address in a browser on any machine, and check that it shows the code ",
        "Ctrl-C gives up",
    ] {
        assert!(ended.err.contains(part), "{}", ended.err);
    }
    assert!(ended.out.starts_with("Logged in until "), "{}", ended.out);
    assert!(
        ended.out.contains(", and renewed from then on")
            && ended.out.ends_with("\nNext: credential whoami --profile corp\n"),
        "{}",
        ended.out
    );
    let token = token_of(&home);
    for key in ["accessToken", "refreshToken", "clientSecret"] {
        let secret = token[key].as_str().unwrap();
        assert!(
            !ended.out.contains(secret) && !ended.err.contains(secret),
            "{key}"
        );
    }
    let after = home.run_with("export --profile corp", &variables(&mock));
    assert_eq!(after.code, Some(0), "{}", after.err);
}

#[test]
fn a_renewal_under_way_ends_before_the_command() {
    let (mock, home) = approving();
    assert_eq!(
        home.run_with("login --profile corp", &variables(&mock)).code,
        Some(0)
    );
    // It is still good, so nobody waits for another longer than five seconds.
    let mut token = token_of(&home);
    let ending = SystemClock.now() + Duration::from_secs(240);
    token["expiresAt"] = Value::from(format_timestamp(ending));
    std::fs::write(token_file(&home), token.to_string()).unwrap();
    mock.pause(Step::CreateToken);
    let mut child = home
        .command("export --profile corp")
        .envs(variables(&mock))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(line.contains("AccessKeyId"), "{line}");
    assert_eq!(token_of(&home), token);
    assert!(child.try_wait().unwrap().is_none());

    mock.resume();
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    for key in ["accessToken", "refreshToken", "expiresAt"] {
        assert_ne!(token_of(&home)[key], token[key], "{key}");
    }
}

#[cfg(unix)]
#[test]
fn a_renewed_login_that_cannot_be_written_is_told_to_people() {
    for (line, prints) in [
        ("export --profile corp", "AccessKeyId"),
        ("whoami --profile corp", "account "),
    ] {
        let (mock, home) = approving();
        assert_eq!(
            home.run_with("login --profile corp", &variables(&mock)).code,
            Some(0)
        );
        let mut token = token_of(&home);
        let ending = SystemClock.now() + Duration::from_secs(240);
        token["expiresAt"] = Value::from(format_timestamp(ending));
        std::fs::write(token_file(&home), token.to_string()).unwrap();

        let ended = run_without_room(&mock, &home, line);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(ended.out.contains(prints), "{}", ended.out);
        let says = format!(
            "credential: the renewed token of IAM Identity Center cannot be written: other programs may need a new \
             login ({}: ",
            token_file(&home).display()
        );
        assert!(ended.err.starts_with(&says), "{}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    }
}

/// Runs the command where no file takes a byte, for the superuser neither.
#[cfg(unix)]
fn run_without_room(mock: &MockImds, home: &Home, line: &str) -> Ended {
    let command = home.command(line);
    let mut limited = std::process::Command::new("/bin/sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .envs(variables(mock))
        .current_dir(home.path())
        .stdin(Stdio::null());
    Ended::of(limited.output().unwrap())
}

#[test]
fn the_log_of_a_login_and_a_logout_holds_no_secret() {
    let (mock, home) = approving();
    let variables = [("AWS_ENDPOINT_URL", mock.endpoint()), ("CREDENTIAL_LOG", "trace")];
    for line in [
        "login --profile corp",
        "whoami --profile corp",
        "logout --profile corp",
    ] {
        let ended = home.run_with(line, &variables);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(
            !ended.err.contains("EXAMPLETOKEN") && !ended.err.contains("EXAMPLEKEY"),
            "{}",
            ended.err
        );
    }
}

#[test]
fn profiles_without_a_session_log_in_by_device_code() {
    let (mock, home) = approving();
    let ended = home.run_with("login --profile old", &variables(&mock));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("The profile has no sso_session, so a device code is used."),
        "{}",
        ended.err
    );
    assert!(!ended.out.contains("renewed"), "{}", ended.out);
    assert_eq!(
        home.run_with("export --profile old", &variables(&mock)).code,
        Some(0)
    );
}

#[test]
fn a_role_and_a_bare_session_log_in_where_their_credentials_start() {
    for name in ["role", "token", "beside"] {
        let (mock, home) = approving();
        let ended = home.run_with(
            &format!("login --profile {name} --use-device-code"),
            &variables(&mock),
        );
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(token_file(&home).exists());
    }
}

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

#[test]
fn a_login_that_is_denied_says_so() {
    let (mock, home) = world(SsoSettings::new().interval(Duration::from_secs(1)));
    let mut child = home
        .command("login --profile corp --use-device-code")
        .envs(variables(&mock))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let code = loop {
        if let Some(code) = mock.pending_user_codes().pop() {
            break code;
        }
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    };
    assert!(mock.deny_user_code(&code));
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains(&code), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("credential: the login failed: the login was not approved"),
        "{}",
        ended.err
    );
}

#[test]
fn a_profile_that_needs_another_login_or_none_says_what_to_do() {
    let (mock, home) = world(SsoSettings::new());
    for (name, says) in [
        (
            "me",
            "profile `me` signs in with another command: run `aws login --profile me`",
        ),
        (
            "tool",
            "profile `tool` needs no login: its credentials come from credential process /opt/tool in ~/.aws/config:",
        ),
        (
            "keys",
            "profile `keys` needs no login: its credentials come from static keys KEYS in ",
        ),
        ("nope", "no profile `nope`, which --profile names, in "),
    ] {
        for command in ["login", "logout"] {
            let ended = home.run_with(&format!("{command} --profile {name}"), &variables(&mock));
            assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
            assert!(
                ended.err.contains(&format!("credential: {says}")),
                "{}",
                ended.err
            );
        }
    }
}

#[test]
fn a_logout_ends_the_session_and_says_what_it_removed() {
    let (mock, home) = approving();
    assert_eq!(
        home.run_with("login --profile corp", &variables(&mock)).code,
        Some(0)
    );
    let ended = home.run_with("logout --profile corp", &variables(&mock));
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(
        ended.out,
        format!(
            "Logged out of session `corp` ({}): removed ~/.aws/sso/cache/{SESSION}\n",
            mock.sso_start_url()
        )
    );
    assert!(!token_file(&home).exists());
    assert_eq!(mock.count(Step::Logout), 1);

    let again = home.run_with("logout --profile corp", &variables(&mock));
    assert_eq!(again.code, Some(0));
    assert!(
        again.out.starts_with("Nobody was logged in to session `corp`"),
        "{}",
        again.out
    );
}

#[test]
fn a_logout_removes_the_sessions_that_began_with_it_and_no_others() {
    let (mock, home) = approving();
    assert_eq!(
        home.run_with("login --profile corp", &variables(&mock)).code,
        Some(0)
    );
    let ended = home.run_with("export --profile role", &variables(&mock));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let folder = home.path().join(".aws/cli/cache");
    // What the AWS CLI keeps of profile `corp` itself.
    std::fs::write(folder.join("dd13ba453ebc6f176f66e4fa962bf8e0e9f13f61.json"), "{}").unwrap();
    std::fs::write(folder.join("another.json"), "{}").unwrap();

    let ended = home.run_with("logout --profile corp", &variables(&mock));
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(
        ended
            .out
            .ends_with("\nRemoved 2 sessions that were kept in ~/.aws/cli/cache.\n"),
        "{}",
        ended.out
    );
    let left: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .filter(|name| !name.to_string_lossy().ends_with(".lock"))
        .collect();
    assert_eq!(left, ["another.json"]);
    let after = home.run_with("export --profile role", &variables(&mock));
    assert_eq!(after.code, Some(1));
}

#[test]
fn a_token_that_could_not_be_ended_is_told_and_removed_all_the_same() {
    let (mock, home) = approving();
    assert_eq!(
        home.run_with("login --profile corp", &variables(&mock)).code,
        Some(0)
    );
    mock.fault(Step::Logout, Fault::status(403));
    let ended = home.run_with("logout --profile corp", &variables(&mock));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("credential: the token could not be ended; it lives on until it expires ("),
        "{}",
        ended.err
    );
    assert!(
        ended.out.starts_with("Logged out") && !token_file(&home).exists(),
        "{}",
        ended.out
    );
}

#[test]
fn a_login_that_could_not_be_written_ends_before_a_code_is_shown() {
    let (mock, home) = approving();
    std::fs::write(home.path().join(".aws/sso"), "no folder").unwrap();
    let ended = home.run_with("login --profile corp", &variables(&mock));
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(
        ended.err.contains(&format!(
            "credential: the login failed: the token file {} cannot be written: ",
            token_file(&home).display()
        )) && !ended.err.contains("Open this address"),
        "{}",
        ended.err
    );
    assert_eq!(mock.count(Step::RegisterClient), 0);
}

#[test]
fn a_logout_that_cannot_remove_the_token_ends_the_session_and_removes_what_began_with_it() {
    let (mock, home) = approving();
    for line in ["login --profile corp", "export --profile role"] {
        assert_eq!(home.run_with(line, &variables(&mock)).code, Some(0));
    }
    mock.pause(Step::Logout);
    let child = home
        .command("logout --profile corp")
        .envs(variables(&mock))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while mock.count(Step::Logout) == 0 {
        std::thread::yield_now();
    }
    // No file can be removed where there is a folder.
    std::fs::remove_file(token_file(&home)).unwrap();
    std::fs::create_dir(token_file(&home)).unwrap();
    mock.resume();
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    for part in [
        "Removed 1 session that was kept in ~/.aws/cli/cache.\n".to_owned(),
        format!(
            "credential: the logout failed: the file {} cannot be removed; the session itself is ended: ",
            token_file(&home).display()
        ),
    ] {
        assert!(ended.err.contains(&part), "{}", ended.err);
    }
}
