//! Which session a profile's name means.

use super::*;

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
