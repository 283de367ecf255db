//! Profiles whose credential process is this very command.

use crate::home::{Home, profile};

/// `PROFILE` → `credential export ARGUMENTS`
fn home(processes: &[(&str, &str)]) -> Home {
    let command = env!("CARGO_BIN_EXE_credential");
    let config: String = processes
        .iter()
        .map(|(name, arguments)| {
            let section = if *name == "default" {
                "default".to_owned()
            } else {
                format!("profile {name}")
            };
            format!("[{section}]\ncredential_process = \"{command}\" export {arguments}\n")
        })
        .collect();
    Home::new(&config, &profile("keys", "KEYS"))
}

#[test]
fn a_profile_that_asks_itself_is_refused_by_name() {
    let home = home(&[("default", "")]);
    for line in ["export", "export --profile default", "whoami"] {
        let ended = home.run(line);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{line}");
        assert!(
            ended
                .err
                .contains("profile `default` runs this command as its own `credential_process`"),
            "{}",
            ended.err
        );
    }
}

#[test]
fn profiles_that_ask_each_other_are_refused_by_name() {
    let home = home(&[("a", "--profile b"), ("b", "--profile c"), ("c", "--profile a")]);
    let ended = home.run("export --profile a");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .err
            .contains("profile `a` runs this command as its own `credential_process`"),
        "{}",
        ended.err
    );
    // Each is told once on the way: nothing was started twice.
    assert_eq!(
        ended.err.matches("no credentials from profile `b`").count(),
        1,
        "{}",
        ended.err
    );
}

#[test]
fn a_profile_may_ask_this_command_for_another() {
    let home = home(&[("a", "--profile b"), ("b", "--profile keys")]);
    let ended = home.run("export --profile a");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.contains("KEYS"), "{}", ended.out);
}
