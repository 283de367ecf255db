//! Logging in by device code.

use super::*;
use crate::home::Ended;

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
