use std::process::{Command, Stdio};

use tests_support::canary;

use crate::home::{Ended, Home, profile, serve_once};

fn session() -> [(&'static str, String); 5] {
    [
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", canary("secret")),
        ("AWS_SESSION_TOKEN", canary("token")),
        (
            "AWS_CREDENTIAL_EXPIRATION",
            "2099-01-01T02:00:00.5+02:00".to_owned(),
        ),
        ("AWS_ACCOUNT_ID", "012345678901".to_owned()),
    ]
}

#[test]
fn a_pipe_gets_the_document_of_credential_process_and_nothing_else() {
    let home = Home::new("", "");
    let ended = Ended::of(home.command("export").envs(session()).output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(ended.out.lines().count(), 1, "{}", ended.out);
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "Version": 1,
            "AccessKeyId": "ASIAEXAMPLE",
            "SecretAccessKey": canary("secret"),
            "SessionToken": canary("token"),
            "Expiration": "2099-01-01T00:00:00Z",
            "AccountId": "012345678901",
        })
    );
}

#[test]
fn what_is_not_known_is_left_out_of_the_document() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run("export --format process");
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let members: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(members, ["AccessKeyId", "SecretAccessKey", "Version"]);
}

#[test]
fn the_json_format_adds_the_source() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run("export --format json");
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        (&document["Source"], &document["Version"]),
        (&"Profile".into(), &1.into())
    );
    assert!(ended.out.starts_with("{\n  \"Version\": 1,\n"), "{}", ended.out);
}

#[test]
fn each_shell_gets_lines_that_set_what_there_is_and_unset_what_there_is_not() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let secret = canary("AKIDEXAMPLE");
    for (format, expected) in [
        (
            "env",
            format!(
                "export AWS_ACCESS_KEY_ID='AKIDEXAMPLE'\nexport AWS_SECRET_ACCESS_KEY='{secret}'\n\
                 unset AWS_SESSION_TOKEN\nunset AWS_CREDENTIAL_EXPIRATION\nunset AWS_ACCOUNT_ID\n\
                 unset AWS_SECURITY_TOKEN\n"
            ),
        ),
        (
            "fish",
            format!(
                "set -gx AWS_ACCESS_KEY_ID 'AKIDEXAMPLE'\nset -gx AWS_SECRET_ACCESS_KEY '{secret}'\n\
                 set -eg AWS_SESSION_TOKEN\nset -eg AWS_CREDENTIAL_EXPIRATION\nset -eg AWS_ACCOUNT_ID\n\
                 set -eg AWS_SECURITY_TOKEN\n"
            ),
        ),
        (
            "powershell",
            format!(
                "$Env:AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE'\n$Env:AWS_SECRET_ACCESS_KEY = '{secret}'\n\
                 $Env:AWS_SESSION_TOKEN = $null\n$Env:AWS_CREDENTIAL_EXPIRATION = $null\n\
                 $Env:AWS_ACCOUNT_ID = $null\n$Env:AWS_SECURITY_TOKEN = $null\n"
            ),
        ),
    ] {
        let ended = home.run(&format!("export --format {format}"));
        assert_eq!((ended.code, ended.out), (Some(0), expected));
    }
}

#[cfg(unix)]
#[test]
fn a_posix_shell_ends_up_with_the_very_credentials() {
    let home = Home::new("", "");
    let odd = format!("{}'\"$(touch oops)`touch oops`\\ !", canary("odd"));
    let exported = Ended::of(
        home.command("export --format env")
            .envs([
                ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", &odd),
            ])
            .output()
            .unwrap(),
    );
    let script = format!(
        "AWS_SESSION_TOKEN=stale; export AWS_SESSION_TOKEN\n{}\nprintf %s \"$AWS_SECRET_ACCESS_KEY|${{AWS_SESSION_TOKEN-none}}\"",
        exported.out
    );
    let shell = Command::new("/bin/sh")
        .arg("-c")
        .arg(script)
        .env_clear()
        .current_dir(home.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(shell.stdout).unwrap(), format!("{odd}|none"));
    assert!(!home.path().join("oops").exists());
}

#[test]
fn a_failure_lists_every_source_on_standard_error_alone() {
    let home = Home::new("", "");
    let ended = home.run_with("export", &[("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    let lines: Vec<&str> = ended.err.lines().collect();
    assert_eq!(lines[0], "credential: no credentials in 5 places");
    for (line, start) in lines[1..].iter().zip([
        "  environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
        "  profile: no profile `default` in ",
        "  web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "  container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor",
        "  instance metadata: AWS_EC2_METADATA_DISABLED switches",
        "hint: set AWS_SECRET_ACCESS_KEY as well",
    ]) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn a_profile_that_is_not_there_is_blamed_on_the_option() {
    let home = Home::new("", "");
    let secret = canary("environment");
    for command in ["export", "whoami"] {
        let ended = home.run_with(
            &format!("{command} -p nope"),
            &[("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", &secret)],
        );
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
        for part in [
            "no profile `nope`, which --profile names, in ",
            "hint: --profile names a profile, so AWS_ACCESS_KEY_ID and its companions are passed over",
        ] {
            assert!(ended.err.contains(part), "{}", ended.err);
        }
    }
}

#[test]
fn a_profile_named_on_the_command_line_passes_over_keys_in_the_environment() {
    let home = Home::new("", &profile("deploy", "DEPLOY"));
    let secret = canary("environment");
    let keys = [
        ("AWS_ACCESS_KEY_ID", "ENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", &*secret),
    ];
    assert!(home.run_with("export", &keys).out.contains("ENVIRONMENT"));
    assert!(
        home.run_with("export --profile deploy", &keys)
            .out
            .contains("DEPLOY")
    );
}

#[test]
fn a_broken_profile_is_an_error_with_file_and_line() {
    let home = Home::new("", "[default]\naws_access_key_id = AKIDEXAMPLE\n");
    let ended = home.run("export");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains("credentials:2, but no aws_secret_access_key"),
        "{}",
        ended.err
    );
}

#[test]
fn keys_that_count_before_the_chosen_profile_are_told_to_who_asks() {
    let home = Home::new("", &profile("ops", "OPS"));
    let secret = canary("environment");
    let variables = [
        ("AWS_PROFILE", "ops"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", secret.as_str()),
    ];
    let ended = home.run_with("export --verbose", &variables);
    let (warning, _) = ended.err.split_once('\n').unwrap();
    assert_eq!(
        warning,
        "credential: AWS_PROFILE is set, and so are keys in the environment: the keys are used, not the profile"
    );
    assert_eq!(home.run_with("export", &variables).err, "");
}

#[test]
fn verbose_tells_what_was_asked_on_standard_error() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run("export -v");
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.err.contains("environment: AWS_ACCESS_KEY_ID is not set ("),
        "{}",
        ended.err
    );
    assert!(
        ended
            .err
            .contains("profile: access key ID AKIDEXAMPLE, no expiration ("),
        "{}",
        ended.err
    );
    assert!(
        serde_json::from_str::<serde_json::Value>(&ended.out).is_ok(),
        "{}",
        ended.out
    );
}

#[test]
fn the_log_goes_to_standard_error_and_holds_no_secret() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run_with("export", &[("CREDENTIAL_LOG", "trace")]);
    assert!(
        ended.err.contains("DEBUG credential_chain::chain: asking"),
        "{}",
        ended.err
    );
    assert!(
        serde_json::from_str::<serde_json::Value>(&ended.out).is_ok(),
        "{}",
        ended.out
    );
}

#[test]
fn a_mistyped_log_is_no_reason_to_go_without_credentials() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run_with("export", &[("CREDENTIAL_LOG", "a=b=c")]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.err.contains("CREDENTIAL_LOG is neither"), "{}", ended.err);
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_where_to_read_on() {
    let home = Home::new("", "");
    for (line, says) in [
        ("", "a command is missing\nSee `credential --help`."),
        ("exprot", "there is no command `exprot`"),
        (
            "export --format yaml",
            "there is no format `yaml`; there are process, env, fish, powershell, json",
        ),
        ("export --profile", "See `credential export --help`."),
        ("whoami extra", "See `credential whoami --help`."),
    ] {
        let ended = home.run(line);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{line}");
        assert!(ended.err.contains(says), "{}", ended.err);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let home = Home::new("", "");
    for (line, says) in [
        ("--help", "Usage: credential <command> [options]"),
        ("help", "Usage: credential <command> [options]"),
        ("export --help", "Usage: credential export [options]"),
        ("help export", "Usage: credential export [options]"),
        ("whoami -h", "Usage: credential whoami [options]"),
        ("--version", concat!("credential ", env!("CARGO_PKG_VERSION"))),
    ] {
        let ended = home.run(line);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{line}");
        assert!(
            ended.out.contains(says) && ended.out.ends_with('\n'),
            "{}",
            ended.out
        );
        assert!(ended.out.lines().all(|line| line.len() <= 120), "{}", ended.out);
    }
}

#[test]
fn a_profile_in_progress_is_refused_by_name() {
    let home = Home::new(
        "",
        &(profile("default", "DEFAULT") + &profile("deploy", "DEPLOY")),
    );
    let mark = |profiles| [("CREDENTIAL_PROFILES_IN_PROGRESS", profiles)];
    for line in ["export", "whoami"] {
        let ended = home.run_with(line, &mark("other\ndefault"));
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
        assert!(
            ended
                .err
                .contains("profile `default` runs this command as its own `credential_process`")
        );
    }
    assert!(
        home.run_with("export --profile deploy", &mark("default"))
            .out
            .contains("DEPLOY")
    );
}

#[test]
fn a_closed_standard_output_is_a_failure() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let mut child = home
        .command("export")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The pipe's only reader goes away before or while the command writes. A write into the void may still succeed
    // when it comes first, so only a clean end is asked for: no panic, no signal.
    drop(child.stdout.take());
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
}

#[test]
fn whoami_prints_what_sts_says() {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::123456789012:user/jo</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    let (url, server) = serve_once("200 OK", body.to_owned());
    let config = format!(
        "[profile jo]\nregion = eu-west-1\nservices = mine\n[services mine]\nsts =\n  endpoint_url = {url}\n"
    );
    let home = Home::new(&config, &profile("jo", "AKIDEXAMPLE"));

    let ended = home.run("whoami --profile jo");

    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(
        ended.out,
        "account        123456789012\nARN            arn:aws:iam::123456789012:user/jo\nuser ID        AIDAEXAMPLE\n\
         access key ID  AKIDEXAMPLE\nsource         Profile\n"
    );
    let request = server.join().unwrap();
    assert!(
        request.contains("Action=GetCallerIdentity") && request.contains("/eu-west-1/sts/aws4_request"),
        "{request}"
    );
}

#[test]
fn whoami_says_why_aws_refused() {
    let body = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the \
                request is invalid.</Message></Error></ErrorResponse>";
    let (url, server) = serve_once("403 Forbidden", body.to_owned());
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run_with(
        "whoami",
        &[("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL_STS", &url)],
    );
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("InvalidClientTokenId"), "{}", ended.err);
    server.join().unwrap();
}

#[test]
fn whoami_without_a_region_says_how_to_set_one() {
    let home = Home::new("", &profile("default", "AKIDEXAMPLE"));
    let ended = home.run("whoami");
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("AWS_REGION"), "{}", ended.err);
}

#[test]
fn without_a_region_a_person_is_not_told_of_code() {
    let config = "[profile t]\nrole_arn = arn:aws:iam::123456789012:role/t\nsource_profile = base\n";
    let ended = Home::new(config, &profile("base", "BASE")).run("export -p t");
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(
        ended
            .err
            .contains("STS needs a region: set AWS_REGION, or `region` in the profile")
            && !ended.err.contains("StsClient"),
        "{}",
        ended.err
    );
}
