//! Logins that cannot be written.

use credential_chain::{Clock, SystemClock, format_timestamp};
use mock_imds::Step;

use super::*;
use crate::home::Ended;

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
