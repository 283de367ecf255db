//! Assumed roles: their MFA codes, and the sessions that are kept for the AWS CLI and for the next command.

use std::path::{Path, PathBuf};

use mock_imds::{MockImds, Step, TrustedRole};
use serde_json::Value;

use tests_support::canary;

use crate::home::{Ended, Home};

const DEVICE: &str = "arn:aws:iam::123456789012:mfa/jo";

/// A user `base`, who may assume `ops`, with a code `secure`, and from `ops` on `far`.
fn world() -> (MockImds, Home) {
    let mock = MockImds::builder()
        .mfa_device(DEVICE, "123456")
        .trusting(TrustedRole::new("arn:aws:iam::123456789012:role/ops"))
        .trusting(TrustedRole::new("arn:aws:iam::123456789012:role/secure").mfa(DEVICE))
        .trusting(TrustedRole::new("arn:aws:iam::123456789012:role/far"))
        .start_blocking();
    let config = format!(
        "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = base\nregion = us-east-1\n\
         [profile secure]\nrole_arn = arn:aws:iam::123456789012:role/secure\nsource_profile = base\n\
         mfa_serial = {DEVICE}\nregion = us-east-1\n\
         [profile far]\nrole_arn = arn:aws:iam::123456789012:role/far\nsource_profile = ops\nregion = us-east-1\n"
    );
    let credentials = format!(
        "[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        mock.user().access_key_id(),
        mock.user().secret_access_key()
    );
    (mock, Home::new(&config, &credentials))
}

fn run(mock: &MockImds, home: &Home, line: &str) -> Ended {
    home.run_with(line, &[("AWS_ENDPOINT_URL", mock.endpoint())])
}

fn kept(home: &Home) -> Vec<PathBuf> {
    let folder = home.path().join(".aws/cli/cache");
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

fn document(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_role_is_assumed_once_for_many_commands() {
    let (mock, home) = world();
    let first = run(&mock, &home, "export --profile ops");
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""));
    let second = run(&mock, &home, "export --profile ops");
    assert_eq!(second.out, first.out);
    assert_eq!(mock.count(Step::AssumeRole), 1);

    // The name is the one that botocore gives.
    let [file] = &*kept(&home) else {
        panic!("{:?}", kept(&home))
    };
    assert!(
        file.ends_with("22683b67d5bd46b0335d9327094666b8be5b5cd5.json"),
        "{file:?}"
    );
    let printed: Value = serde_json::from_str(&first.out).unwrap();
    let session = &document(file)["Credentials"];
    for key in [
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
        "AccountId",
    ] {
        assert_eq!(session[key], printed[key], "{key}");
    }
}

#[test]
fn each_role_on_the_way_is_kept() {
    let (mock, home) = world();
    assert_eq!(run(&mock, &home, "export --profile far").code, Some(0));
    assert_eq!((kept(&home).len(), mock.count(Step::AssumeRole)), (2, 2));
    assert_eq!(run(&mock, &home, "export --profile ops").code, Some(0));
    assert_eq!(mock.count(Step::AssumeRole), 2);
}

#[test]
fn a_session_that_the_aws_cli_left_is_used() {
    let (mock, home) = world();
    let folder = home.path().join(".aws/cli/cache");
    std::fs::create_dir_all(&folder).unwrap();
    let text = r#"{"Credentials": {"AccessKeyId": "ASIACLI", "SecretAccessKey": "SECRET", "SessionToken": "TOKEN",
        "Expiration": "2099-01-01T00:00:00UTC", "AccountId": "123456789012"}, "AssumedRoleUser": {"AssumedRoleId":
        "AROA:botocore-session-1", "Arn": "arn:aws:sts::123456789012:assumed-role/secure/botocore-session-1"},
        "ResponseMetadata": {"HTTPStatusCode": 200}}"#;
    let text = text
        .replace("SECRET", &canary("secret"))
        .replace("TOKEN", &canary("token"));
    let key = "d97f3f2dae033793250f26bf68b193ad5fb5a505";
    std::fs::write(folder.join(format!("{key}.json")), text).unwrap();
    let ended = run(&mock, &home, "export --profile secure");
    assert!(
        ended.out.contains("ASIACLI") && ended.err.is_empty(),
        "{}",
        ended.err
    );
    assert_eq!(mock.count(Step::AssumeRole), 0);
}

#[test]
fn a_kept_session_without_a_possible_end_is_replaced() {
    let (mock, home) = world();
    assert_eq!(run(&mock, &home, "export --profile ops").code, Some(0));
    let [file] = &*kept(&home) else {
        panic!("{:?}", kept(&home))
    };
    let mut session = document(file);
    // In UTC, a year that has five digits.
    session["Credentials"]["Expiration"] = Value::from("9999-12-31T23:59:59-01:00");
    std::fs::write(file, session.to_string()).unwrap();
    for format in ["process", "env"] {
        let ended = run(&mock, &home, &format!("export --profile ops --format {format}"));
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    }
    assert_eq!(mock.count(Step::AssumeRole), 2);
}

#[test]
fn a_session_of_one_server_is_not_used_at_another() {
    let (first, home) = world();
    let (second, _) = world();
    let credentials = home.path().join(".aws/credentials");
    assert_eq!(run(&first, &home, "export --profile ops").code, Some(0));
    std::fs::write(
        &credentials,
        format!(
            "[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            second.user().access_key_id(),
            second.user().secret_access_key()
        ),
    )
    .unwrap();
    for _ in 0..2 {
        let ended = run(&second, &home, "whoami --profile ops");
        assert_eq!(ended.code, Some(0), "{}", ended.err);
    }
    assert_eq!(
        (first.count(Step::AssumeRole), second.count(Step::AssumeRole)),
        (1, 1)
    );
}

#[test]
fn the_log_tells_where_a_session_is_kept_and_holds_no_secret() {
    let (mock, home) = world();
    for kept in [false, true] {
        let variables = [("AWS_ENDPOINT_URL", mock.endpoint()), ("CREDENTIAL_LOG", "trace")];
        let ended = home.run_with("whoami --profile ops", &variables);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(
            ended.err.contains("a kept session is used"),
            kept,
            "{}",
            ended.err
        );
        // All secrets of this server hold one of these.
        for secret in ["EXAMPLEKEY", "EXAMPLETOKEN"] {
            assert!(!ended.err.contains(secret), "{}", ended.err);
        }
    }
}

#[test]
fn whoami_speaks_as_the_role() {
    let (mock, home) = world();
    let ended = run(&mock, &home, "whoami --profile ops");
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains(":assumed-role/ops/"), "{}", ended.out);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_terminal_nobody_can_be_asked_for_a_code() {
    let (mock, home) = world();
    let mut command = home.command("export --profile secure");
    command.env("AWS_ENDPOINT_URL", mock.endpoint());
    let ended = crate::home::without_terminal(&command);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    for part in [
        DEVICE,
        "mfa_serial of profile `secure` asks for its code, and there is no terminal to ask at",
        "credential export --profile secure",
    ] {
        assert!(ended.err.contains(part), "{}", ended.err);
    }
    assert_eq!(mock.count(Step::AssumeRole), 0);
}

#[cfg(target_os = "linux")]
mod at_a_terminal {
    use super::*;

    #[test]
    fn a_code_is_asked_for_at_the_terminal_and_once_for_many_commands() {
        let (mock, home) = world();
        let said = terminal(&mock, &home, "export --profile secure > out.json", "123456\n");
        assert!(
            said.contains(&format!("MFA code of {DEVICE} for profile `secure`: ")),
            "{said}"
        );
        let out = std::fs::read_to_string(home.path().join("out.json")).unwrap();
        assert!(out.starts_with("{\"Version\":1,"), "{out}");
        assert!(!said.contains("SecretAccessKey"), "{said}");
        let ended = run(&mock, &home, "export --profile secure");
        assert_eq!((ended.code, ended.out), (Some(0), out));
        assert_eq!(mock.count(Step::AssumeRole), 1);
    }

    #[test]
    fn a_typing_mistake_is_told_and_asked_again() {
        let (mock, home) = world();
        let said = terminal(&mock, &home, "whoami --profile secure", "12345\n123 456\n");
        assert!(said.contains("A code is six digits"), "{said}");
        assert!(said.contains(":assumed-role/secure/"), "{said}");
    }

    #[test]
    fn a_wrong_code_is_refused_by_sts_and_named() {
        let (mock, home) = world();
        let said = terminal(&mock, &home, "export --profile secure", "654321\n");
        assert!(
            said.contains("MultiFactorAuthentication failed with invalid MFA one time pass code")
                && said.contains("; wait for the next code and try again")
                && !said.contains("trust policy"),
            "{said}"
        );
    }

    fn terminal(mock: &MockImds, home: &Home, line: &str, typed: &str) -> String {
        home.at_a_terminal(line, &[("AWS_ENDPOINT_URL", mock.endpoint())], typed)
    }
}
