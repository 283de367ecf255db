use serde_json::{Value, json};
use tests_support::canary;

use crate::home::{Home, profile};

const CONFIG: &str = "\
[default]
region = eu-west-1
[profile ops]
role_arn = arn:aws:iam::123456789012:role/service/ops
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/jo
[profile a]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = b
[profile b]
role_arn = arn:aws:iam::123456789012:role/b
source_profile = a
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
[profile sso]
sso_session = corp
sso_account_id = 012345678901
sso_role_name = Admin
[profile me]
login_session = arn:aws:sts::123456789012:assumed-role/Dev/me
[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = /token
[profile tool]
credential_process = /opt/tool --pin PIN
aws_account_id = 123456789012
[profile region]
region = eu-west-1
[deploy]
region = eu-west-1
";

fn home() -> Home {
    let credentials = profile("default", "DEFAULT") + &profile("base", "BASE") + "region = us-east-1\n";
    Home::new(&CONFIG.replace("PIN", &canary("pin")), &credentials)
}

#[test]
fn all_profiles_are_listed_with_what_is_wrong_below() {
    let ended = home().run("profiles");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(
        ended.out,
        "\
PROFILE  KIND          ACCOUNT       ROLE   REGION     DEFINED IN
a        role          123456789012  a      -          config:7
  error: the source profiles form a loop: `a`, `b`, and then `a` again
b        role          123456789012  b      -          config:10
  error: the source profiles form a loop: `b`, `a`, and then `b` again
base     static keys   -             -      us-east-1  credentials:4
default  static keys   -             -      eu-west-1  config:1 credentials:1
me       login         123456789012  Dev    -          config:20
ops      role          123456789012  ops    us-east-1  config:3
region   settings      -             -      eu-west-1  config:28
sso      SSO           012345678901  Admin  -          config:16
tool     process       123456789012  -      -          config:25
web      web identity  123456789012  web    -          config:22

config is ~/.aws/config, credentials is ~/.aws/credentials
  note: ~/.aws/config:30: [deploy] is ignored; a profile here is called [profile deploy]
"
    );
}

#[test]
fn programs_get_an_object_for_each_profile() {
    let home = home();
    let ended = home.run("profiles --json");
    assert_eq!(ended.code, Some(0));
    assert!(!tests_support::leaks(&ended.out), "{}", ended.out);
    let list: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(list.len(), 10);
    let named = |name: &str| list.iter().find(|object| object["name"] == name).unwrap();
    assert_eq!(
        named("ops"),
        &json!({
            "name": "ops",
            "kind": "role",
            "gives_credentials": true,
            "account_id": "123456789012",
            "role_name": "ops",
            "role_arn": "arn:aws:iam::123456789012:role/service/ops",
            "region": "us-east-1",
            "source_profiles": ["base"],
            "mfa_serials": ["arn:aws:iam::123456789012:mfa/jo"],
            "defined": [{"file": home.path().join(".aws/config"), "line": 3}],
            "errors": [],
            "problems": [],
        })
    );
    assert_eq!(named("a")["gives_credentials"], false);
    assert_eq!(
        named("a")["errors"],
        json!(["the source profiles form a loop: `a`, `b`, and then `a` again"])
    );
    assert_eq!(
        (&named("region")["gives_credentials"], &named("region")["errors"]),
        (&json!(false), &json!([]))
    );
    assert_eq!(
        ended.err,
        "credential: ~/.aws/config:30: [deploy] is ignored; a profile here is called [profile deploy]\n"
    );
}

#[test]
fn what_calls_would_refuse_is_listed_below_its_profile() {
    let config = "\
[profile ops]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
retry_mode = often
sts_regional_endpoints = local
[profile tool]
credential_process = \"/opt/my tool --pin PIN
";
    let home = Home::new(&config.replace("PIN", &canary("pin")), &profile("base", "BASE"));
    let ended = home.run("profiles");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(!tests_support::leaks(&ended.out), "{}", ended.out);
    assert_eq!(
        ended.out,
        "\
PROFILE  KIND         ACCOUNT       ROLE  REGION  DEFINED IN
base     static keys  -             -     -       credentials:1
ops      role         123456789012  ops   -       config:1
  error: retry_mode in ~/.aws/config:4 must be standard, adaptive or legacy
  error: sts_regional_endpoints in ~/.aws/config:5 must be regional or legacy
tool     process      -             -     -       config:6
  error: credential_process in ~/.aws/config:7: the command line of the credential process /opt/my
         cannot be read: a quote (\") is opened and not closed

config is ~/.aws/config, credentials is ~/.aws/credentials
"
    );
    let list: Vec<Value> = serde_json::from_str(&home.run("profiles --json").out).unwrap();
    assert_eq!(list[1]["gives_credentials"], false);
    assert_eq!(list[1]["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn a_region_that_the_credentials_do_not_need_is_a_note() {
    let home = Home::new("[profile a]\nregion = nowhere!\n", &profile("a", "A"));
    let ended = home.run("profiles");
    assert!(
        ended
            .out
            .contains("\n  note: region in ~/.aws/config:2 must be a region"),
        "{}",
        ended.out
    );
    let list: Vec<Value> = serde_json::from_str(&home.run("profiles --json").out).unwrap();
    assert_eq!(list[0]["gives_credentials"], true);
    assert_eq!(list[0]["problems"].as_array().unwrap().len(), 1);
    let planned = home.run("plan --profile a").out;
    assert!(
        planned.contains("\nwarnings\n  region in ~/.aws/config:2 must be") && !planned.contains("errors"),
        "{planned}"
    );
    assert_eq!(home.run("export --profile a").code, Some(0));
}

#[test]
fn the_variables_of_today_do_not_count_in_the_list() {
    let config = "[profile a]\nregion = nowhere!\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = base\n";
    let home = Home::new(config, &profile("base", "BASE"));
    for variables in [vec![], vec![("AWS_REGION", "eu-west-1")]] {
        let ended = home.run_with("profiles", &variables);
        assert!(
            ended.out.contains("error: region in ~/.aws/config:2 must be"),
            "{}",
            ended.out
        );
    }
}

#[test]
fn a_machine_without_profiles_has_an_empty_list() {
    let home = Home::new("", "");
    let table = home.run("profiles");
    assert_eq!((table.code, table.out.as_str()), (Some(0), ""));
    assert!(
        table.err.starts_with("credential: no profiles in "),
        "{}",
        table.err
    );
    assert_eq!(home.run("profiles --json").out, "[]\n");
}

#[test]
fn a_file_that_nobody_understands_is_an_error_with_its_line() {
    let ended = Home::new("[default\n", "").run("profiles --json");
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(
        ended.err.contains("~/.aws/config:1: a section line must end"),
        "{}",
        ended.err
    );
}

#[test]
fn a_value_that_is_no_region_account_or_role_is_not_shown() {
    let secret = canary("pasted");
    let config = format!(
        "[profile x]\nregion = {secret}/\naws_account_id = {secret}\ncredential_process = /opt/tool {secret}\n"
    );
    let home = Home::new(&config, "");
    for line in ["profiles", "profiles --json"] {
        let ended = home.run(line);
        assert_eq!(ended.code, Some(0));
        assert!(!tests_support::leaks(&ended.out), "{}", ended.out);
    }
}

#[test]
fn a_narrow_terminal_has_the_names_above_the_rest_and_whole_errors() {
    let ended = home().run_with("profiles", &[("COLUMNS", "48")]);
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.out.starts_with(
            "\
a
  role  123456789012  a  config:7
  error: the source profiles form a loop: `a`,
         `b`, and then `a` again
b
"
        ) && ended
            .out
            .contains("\nweb\n  web identity  123456789012  web  config:22\n"),
        "{}",
        ended.out
    );
}
