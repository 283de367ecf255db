//! Logging out again.

use mock_imds::{Fault, Step};

use super::*;
use crate::home::Ended;

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
