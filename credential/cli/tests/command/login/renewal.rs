//! Renewed while a command runs.

use std::io::{BufRead, BufReader};

use credential_chain::{Clock, SystemClock, format_timestamp};
use mock_imds::Step;

use super::*;
use crate::home::Ended;

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
