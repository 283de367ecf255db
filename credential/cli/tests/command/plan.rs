use tests_support::canary;

use crate::home::{Home, profile};

const ROLES: &str = "\
[default]
region = eu-west-1
[profile ops]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
role_session_name = nightly
external_id = EXTERNAL-ID
mfa_serial = arn:aws:iam::123456789012:mfa/jo
region = eu-west-2
[profile far]
role_arn = arn:aws:iam::210987654321:role/far
source_profile = ops
duration_seconds = 7200
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
[profile sso]
sso_session = corp
sso_account_id = 012345678901
sso_role_name = Admin
[profile me]
login_session = arn:aws:iam::123456789012:user/me
[profile half]
role_arn = arn:aws:iam::123456789012:role/half
[profile tool]
credential_process = /opt/tool --pin PIN
";

fn home() -> Home {
    let config = ROLES
        .replace("EXTERNAL-ID", &canary("external ID"))
        .replace("PIN", &canary("pin"));
    Home::new(
        &config,
        &(profile("default", "DEFAULT") + &profile("base", "BASE")),
    )
}

#[test]
fn a_plan_tells_the_start_and_each_role_in_order() {
    let home = home();
    let ended = home.run("plan --profile far");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(
        ended.out,
        "\
profile    far (--profile)
files      ~/.aws/config and ~/.aws/credentials
region     eu-west-2 (~/.aws/config:9)

1. start   static keys BASE in ~/.aws/credentials:5
           profile `base` in ~/.aws/credentials:4
2. role    arn:aws:iam::123456789012:role/ops
           profile `ops` in ~/.aws/config:4
           with session name `nightly`, an external ID
           asks for a code of the MFA device arn:aws:iam::123456789012:mfa/jo
3. role    arn:aws:iam::210987654321:role/far
           profile `far` in ~/.aws/config:11
           with sessions of 3600 s

warnings
  ~/.aws/config:11: duration_seconds of profile `far` is cut to one hour: its role is assumed with a role's session
"
    );
}

#[test]
fn a_plan_names_the_profile_the_variables_select_and_who_selects_it() {
    let home = home();
    let of_variable = home.run_with("plan", &[("AWS_PROFILE", "tool"), ("AWS_REGION", "us-east-2")]);
    assert!(
        of_variable.out.starts_with("profile    tool (AWS_PROFILE)\n")
            && of_variable.out.contains("\nregion     us-east-2 (AWS_REGION)\n")
            && of_variable
                .out
                .contains("credential process /opt/tool in ~/.aws/config:"),
        "{}",
        of_variable.out
    );
    assert!(!tests_support::leaks(&of_variable.out), "{}", of_variable.out);
    let of_nobody = home.run("plan");
    assert!(
        of_nobody.out.starts_with("profile    default (the default)\n"),
        "{}",
        of_nobody.out
    );
}

#[test]
fn a_plan_says_which_login_it_needs() {
    let home = home();
    for (profile, login) in [
        ("sso", "needs a login: credential login --profile sso"),
        ("me", "needs a login: aws login --profile me"),
    ] {
        let ended = home.run(&format!("plan --profile {profile}"));
        assert!(ended.out.contains(login), "{}", ended.out);
    }
}

#[test]
fn a_plan_warns_where_the_environment_counts_before_it() {
    let home = home();
    let keys = [("AWS_ACCESS_KEY_ID", "ENVIRONMENT")];
    let ended = home.run_with("plan", &keys);
    assert!(
        ended
            .out
            .contains("AWS_ACCESS_KEY_ID is set, and the environment counts before the profile"),
        "{}",
        ended.out
    );
    let named = home.run_with("plan --profile default", &keys);
    assert!(!named.out.contains("warnings"), "{}", named.out);
}

#[test]
fn a_profile_that_cannot_work_is_an_error_that_says_why() {
    let home = home();
    for (line, says) in [
        (
            "plan --profile half",
            "but no source_profile or credential_source",
        ),
        (
            "plan --profile nope",
            "credential: no profile `nope`, which --profile names, in ~/.aws/config",
        ),
    ] {
        let ended = home.run(line);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{line}");
        assert!(ended.err.contains(says), "{}", ended.err);
    }
    let broken = Home::new("[default\n", "").run("plan");
    assert_eq!(broken.code, Some(1));
    assert!(
        broken.err.contains("~/.aws/config:1: a section line must end"),
        "{}",
        broken.err
    );
}

#[test]
fn warnings_come_in_the_order_of_files_and_lines() {
    let config = "\
[profile far]
role_arn = arn:aws:iam::210987654321:role/far
source_profile = ops
duration_seconds = 7200
sso_region = us-east-1
[profile ops]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
credential_process = /opt/tool
[stray]
region = us-east-1
[stray]
";
    let ended = Home::new(config, &profile("base", "BASE")).run("plan --profile far");
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let (_, warnings) = ended.out.split_once("\nwarnings\n").unwrap();
    let lines: Vec<u32> = warnings
        .lines()
        .map(|line| {
            let line = line.trim_start().strip_prefix("~/.aws/config:").unwrap();
            line.split_once(':').unwrap().0.parse().unwrap()
        })
        .collect();
    assert!(lines.len() > 2 && lines.is_sorted(), "{}", ended.out);
}

#[test]
fn settings_that_a_call_would_refuse_are_errors_of_the_plan() {
    let config = "\
[profile ops]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
region = eu west
endpoint_url = sts.example.com
max_attempts = 0
retry_mode = eager
sts_regional_endpoints = global
[profile keys]
max_attempts = 0
endpoint_url = sts.example.com
aws_access_key_id = KEYS
aws_secret_access_key = SECRET
";
    let home = Home::new(
        &config.replace("SECRET", &canary("keys")),
        &profile("base", "BASE"),
    );
    let ended = home.run("plan --profile ops");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(
        ended.out.contains("\nregion     none that can be used\n"),
        "{}",
        ended.out
    );
    let (_, errors) = ended.out.split_once("\nerrors\n").unwrap();
    for part in [
        " region ",
        "retry_mode",
        "max_attempts",
        "sts_regional_endpoints",
        "endpoint_url",
    ] {
        let place = |line: &&str| line.contains(part) && line.contains("~/.aws/config:");
        assert_eq!(errors.lines().filter(place).count(), 1, "{part}: {errors}");
    }
    let exported = home.run("export --profile ops");
    assert_eq!(exported.code, Some(1));
    // Nobody is called for keys.
    let keys = home.run("plan --profile keys");
    assert!(!keys.out.contains("errors"), "{}", keys.out);
    assert_eq!(home.run("export --profile keys").code, Some(0));
}

#[test]
fn a_command_line_that_cannot_be_split_is_an_error_of_the_plan() {
    let config = "[profile tool]\ncredential_process = \"/opt/my tool --pin PIN\n";
    let home = Home::new(&config.replace("PIN", &canary("pin")), "");
    let ended = home.run("plan --profile tool");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(
        ended.out.ends_with(
            "\nerrors\n  credential_process in ~/.aws/config:2: the command line of the credential process /opt/my \
             cannot be read: a quote (\") is opened and not closed\n"
        ),
        "{}",
        ended.out
    );
    assert!(!tests_support::leaks(&ended.out));
    assert_eq!(home.run("export --profile tool").code, Some(1));
}
