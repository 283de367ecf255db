use std::fmt::Write as _;

use credential_core::{CredentialsError, ErrorKind, Variables};
use proptest::prelude::*;
use tests_support::{canary, leaks};

use super::*;
use crate::{ProblemKind, Selection, Settings};

mod properties;
mod shapes;

fn planned(config: &str, own: &[&str]) -> Result<Plan, Error> {
    Plan::of(&Profiles::of_texts(config, "").unwrap(), "a", own)
}

/// What is told about the profile `a`: the plan, or the kind of its error with all reasons.
fn told(config: &str) -> String {
    let text = match planned(config, &["Vault"]) {
        Ok(plan) => plan.to_string(),
        Err(error) => {
            let error = CredentialsError::from(error);
            format!("{:?}: {}", error.kind(), error.report())
        }
    };
    assert!(!leaks(&text), "{text}");
    text.replace("profile is configured wrongly: ", "")
        .replace("profile is not configured: ", "")
}

fn pair(id: &str) -> String {
    format!(
        "aws_access_key_id = {id}\naws_secret_access_key = {}\n",
        canary(id)
    )
}

fn role(name: &str, rest: &str) -> String {
    format!("[profile {name}]\nrole_arn = arn:{name}\n{rest}\n")
}

#[test]
fn each_kind_can_be_the_base_of_a_role() {
    let secret = canary("argument");
    let sso = "sso_account_id = 1\nsso_role_name = r\n";
    let cases = [
        (
            "role_arn = arn:web\nweb_identity_token_file = ~/t",
            "role arn:web with the web identity token in ~/t",
        ),
        ("credential_source = vault", "credential source Vault in config:6"),
        (
            "credential_source = ENVIRONMENT",
            "credential source Environment in config:6",
        ),
        (
            &format!("{sso}sso_region = x\nsso_start_url = https://s"),
            "role r of account 1 in IAM Identity Center, https://s",
        ),
        (
            &format!("{sso}sso_session = s\n[sso-session s]\nsso_region = x\nsso_start_url = u"),
            "role r of account 1 in IAM Identity Center, session `s`",
        ),
        ("login_session = arn:me", "login session of arn:me"),
        (
            &format!("credential_process = /p {secret}"),
            "credential process /p in config:6",
        ),
        (
            &format!("credential_process = '/p {secret}"),
            "credential process in config:6",
        ),
        (&pair("KEY"), "static keys KEY in config:6"),
    ];
    for (lines, base) in cases {
        let config = format!("{}\n[profile b]\n{lines}", role("a", "source_profile = b"));
        assert_eq!(
            told(&config),
            format!("profile `a`: role arn:a, from profile `b`: {base}"),
            "{lines}"
        );
    }
}

#[test]
fn everything_that_a_role_may_say_is_in_its_hop() {
    let secret = canary("external");
    let config = role(
        "a",
        &format!(
            "credential_source = Environment\nexternal_id = {secret}\nmfa_serial = arn:mfa\nrole_session_name = me@home\n\
             duration_seconds = 43200"
        ),
    );
    let plan = planned(&config, &[]).unwrap();
    let [hop] = plan.hops() else { panic!("{plan:?}") };
    assert_eq!(hop.profile(), "a");
    assert_eq!(hop.role_arn(), "arn:a");
    assert_eq!(hop.external_id().unwrap().expose(), secret);
    assert_eq!(hop.mfa_serial(), Some("arn:mfa"));
    assert_eq!(hop.role_session_name(), Some("me@home"));
    assert_eq!(hop.duration().unwrap().as_secs(), 43_200);
    assert_eq!(hop.position().to_string(), "config:2");
    assert_eq!(
        plan.to_string(),
        "profile `a`: role arn:a with an external ID and the MFA device arn:mfa for 43200 s, from credential source \
         Environment in config:3"
    );
    assert!(!leaks(&format!("{plan:?}")));
}

#[test]
fn nothing_of_one_profile_leaks_into_another() {
    let config = format!(
        "{}{}[profile c]\n{}",
        role("a", "source_profile = b\nexternal_id = x\nmfa_serial = m"),
        role(
            "b",
            "source_profile = c\nrole_session_name = bb\nduration_seconds = 900"
        ),
        pair("KEY")
    );
    let plan = planned(&config, &[]).unwrap();
    let [inner, outer] = plan.hops() else {
        panic!("{plan:?}")
    };
    assert_eq!(
        (
            inner.profile(),
            inner.external_id(),
            inner.mfa_serial(),
            inner.role_session_name()
        ),
        ("b", None, None, Some("bb"))
    );
    assert_eq!(
        (outer.profile(), outer.role_session_name(), outer.duration()),
        ("a", None, None)
    );
    assert_eq!(plan.base_profile(), "c");
}

#[test]
fn a_role_of_a_roles_session_asks_for_one_hour_at_most_and_the_plan_says_so() {
    let long = "duration_seconds = 7200";
    let web = "role_arn = arn:w\nweb_identity_token_file = t\nduration_seconds = 7200";
    let sso = "sso_account_id = 1\nsso_role_name = r\nsso_region = x\nsso_start_url = u";
    let cases = [
        (format!("credential_source = Environment\n{long}"), 7200),
        (format!("credential_source = Vault\n{long}"), 7200),
        (format!("credential_source = EcsContainer\n{long}"), 3600),
        (format!("credential_source = Ec2InstanceMetadata\n{long}"), 3600),
        (
            "credential_source = EcsContainer\nduration_seconds = 900".to_owned(),
            900,
        ),
        (
            format!("source_profile = b\n{long}\n[profile b]\n{}", pair("KEY")),
            7200,
        ),
        (
            format!("source_profile = b\n{long}\n[profile b]\ncredential_process = p"),
            7200,
        ),
        (format!("source_profile = b\n{long}\n[profile b]\n{web}"), 3600),
        (format!("source_profile = b\n{long}\n[profile b]\n{sso}"), 3600),
        (
            format!("source_profile = b\n{long}\n[profile b]\nlogin_session = arn:aws:iam::1:user/me"),
            7200,
        ),
        (
            format!(
                "source_profile = b\n{long}\n[profile b]\nlogin_session = arn:aws:sts::1:assumed-role/r/me"
            ),
            3600,
        ),
        (
            format!(
                "source_profile = b\n{long}\n{}{long}",
                role("b", "credential_source = Environment")
            ),
            3600,
        ),
    ];
    for (lines, seconds) in cases {
        let plan = planned(&role("a", &lines), &["Vault"]).unwrap();
        let outer = plan.hops().last().unwrap();
        assert_eq!(outer.duration().unwrap().as_secs(), seconds, "{lines}");
        let cut = outer.duration() != outer.asked_duration();
        let says: Vec<&ProblemKind> = plan.problems().iter().map(crate::Problem::kind).collect();
        let cut_kind = ProblemKind::CutToAnHour { profile: "a".into() };
        assert_eq!(says.contains(&&cut_kind), cut, "{lines}");
        assert_eq!(plan.to_string().contains("AWS's limit"), cut, "{plan}");
    }
}

#[test]
fn a_value_that_aws_would_refuse_is_an_error_with_key_and_line() {
    let secret = canary("wrong");
    let long = "x".repeat(65);
    for (line, key) in [
        ("duration_seconds = 899", "duration_seconds"),
        ("duration_seconds = 43201", "duration_seconds"),
        ("duration_seconds = 1h", "duration_seconds"),
        ("duration_seconds = +900", "duration_seconds"),
        ("duration_seconds = 900.0", "duration_seconds"),
        ("duration_seconds = 99999999999999999999", "duration_seconds"),
        (&format!("duration_seconds = {secret}"), "duration_seconds"),
        ("role_session_name = x", "role_session_name"),
        ("role_session_name = a b", "role_session_name"),
        ("role_session_name = jörg", "role_session_name"),
        (&format!("role_session_name = {long}"), "role_session_name"),
        (&format!("role_session_name = {secret}"), "role_session_name"),
        (&format!("external_id = {secret}\n {secret}"), "external_id"),
        ("mfa_serial = m\n m", "mfa_serial"),
    ] {
        for base in ["credential_source = Environment", "web_identity_token_file = /t"] {
            if base.starts_with("web") && (key == "external_id" || key == "mfa_serial") {
                continue;
            }
            let told = told(&role("a", &format!("{base}\n{line}")));
            assert!(told.starts_with("InvalidConfiguration: "), "{told}");
            assert!(told.contains(key) && told.contains("config:4"), "{told}");
        }
    }
}

#[test]
fn a_blank_key_is_absent_and_a_remark_is_made() {
    let plan = planned(
        &format!(
            "[profile a]\nrole_arn =\nexternal_id =\nsource_profile = \n{}",
            pair("KEY")
        ),
        &[],
    )
    .unwrap();
    assert!(matches!(plan.base(), Base::StaticKeys(_)) && plan.hops().is_empty());
    let remarks: Vec<String> = plan.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "config:2: role_arn is blank: it counts as absent",
            "config:4: source_profile is blank: it counts as absent",
            "config:3: external_id is blank: it counts as absent"
        ]
    );
}

#[test]
fn kinds_that_do_not_count_are_remarked_on() {
    let sso = "sso_account_id = 1\nsso_role_name = r\nsso_region = x\nsso_start_url = u\n";
    let cases: [(String, &[&str]); 6] = [
        (pair("KEY"), &[]),
        (
            format!("{}credential_process = p\nlogin_session = l\n{sso}", pair("KEY")),
            &["login session", "credential process", "static keys"],
        ),
        (
            format!(
                "role_arn = arn:x\nweb_identity_token_file = t\nsource_profile = zzz\n{}",
                pair("KEY")
            ),
            &["assumed role", "static keys"],
        ),
        (
            format!(
                "role_arn = arn:x\nsource_profile = b\n{}[profile b]\n{}",
                pair("KEY"),
                pair("B")
            ),
            &["static keys"],
        ),
        // Its own keys are what the role is assumed with.
        (
            format!("role_arn = arn:x\nsource_profile = a\n{}", pair("KEY")),
            &[],
        ),
        (
            format!(
                "role_arn = arn:x\nsource_profile = b\n[profile b]\nrole_arn = arn:y\nsource_profile = zzz\n\
                 credential_process = p\n{}",
                pair("B")
            ),
            &["assumed role", "credential process"],
        ),
    ];
    for (lines, expected) in cases {
        let plan = planned(&format!("[profile a]\n{lines}"), &[]).unwrap();
        let unused: Vec<String> = plan
            .problems()
            .iter()
            .filter_map(|problem| match problem.kind() {
                ProblemKind::NotUsed { kind, .. } => Some(kind.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(unused.len(), expected.len(), "{lines}: {unused:?}");
        for (unused, expected) in unused.iter().zip(expected) {
            assert!(unused.contains(expected), "{unused} {expected}");
        }
    }
}

#[test]
fn one_of_ones_own_sources_may_stand_in_for_aws_s() {
    let config = role("a", "credential_source = environment");
    let own = planned(&config, &["Environment"]).unwrap();
    assert!(
        matches!(own.base(), Base::CredentialSource(CredentialSource::Own { name, .. }) if name == "Environment"),
        "{own:?}"
    );
}

#[test]
fn plans_are_equal_that_lead_to_the_same_credentials_wherever_their_lines_stand() {
    let config = format!("{}[profile b]\n{}", role("a", "source_profile = b"), pair("KEY"));
    let plan = planned(&config, &[]).unwrap();
    for (change, same) in [
        (format!("# a comment\n\n{config}"), true),
        (format!("[profile other]\n{config}"), true),
        (
            config.replace("[profile b]", "[profile b]\ncredential_process = x"),
            true,
        ),
        (config.replace("KEY", "OTHER"), false),
        (config.replace("arn:a", "arn:b"), false),
        (config.replace("arn:a", "arn:a\nexternal_id = x"), false),
        (
            config.replace("profile b", "profile c").replace("= b", "= c"),
            false,
        ),
    ] {
        assert_eq!(planned(&change, &[]).unwrap() == plan, same, "{change}");
    }
}

#[test]
fn sixteen_roles_are_assumed_one_with_the_other_and_no_more() {
    for (roles, fine) in [(1, true), (16, true), (17, false), (1000, false)] {
        let mut config = role("a", "source_profile = r1");
        for index in 1..roles {
            config.push_str(&role(
                &format!("r{index}"),
                &format!("source_profile = r{}", index + 1),
            ));
        }
        write!(config, "[profile r{roles}]\n{}", pair("KEY")).unwrap();
        match planned(&config, &[]) {
            Ok(plan) => assert!(fine && plan.hops().len() == roles),
            Err(Error::TooManyRoles { hops, limit, .. }) => assert!(!fine && hops == roles && limit == 16),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn loops_are_found_whatever_their_length() {
    for length in [2, 3, 20, 500] {
        let mut config = role("a", "source_profile = p1");
        for index in 1..length {
            let next = if index + 1 == length {
                "a".into()
            } else {
                format!("p{}", index + 1)
            };
            config.push_str(&role(&format!("p{index}"), &format!("source_profile = {next}")));
        }
        let error = planned(&config, &[]).unwrap_err();
        let Error::Loop { visited, repeated } = &error else {
            panic!("{error}")
        };
        assert_eq!((visited.len(), repeated.as_str()), (length, "a"));
        assert!(error.to_string().len() < 300, "{error}");
    }
    assert_eq!(
        told(&format!(
            "{}{}{}",
            role("a", "source_profile = b"),
            role("b", "source_profile = c"),
            role("c", "source_profile = b")
        )),
        "InvalidConfiguration: the source profiles form a loop: `a`, `b`, `c`, and then `b` again"
    );
}

#[test]
fn the_selected_profile_is_planned_with_the_error_that_fits_who_named_it() {
    let nothing: [(&str, &str); 0] = [];
    for (variables, kind) in [
        (Variables::from(nothing), ErrorKind::NotConfigured),
        (
            Variables::from([("AWS_PROFILE", "missing")]),
            ErrorKind::InvalidConfiguration,
        ),
    ] {
        let selection = Selection::new().with_variables(variables);
        let settings = Settings::new(Profiles::of_texts("", "").unwrap(), &selection).unwrap();
        let error = CredentialsError::from(settings.plan(&[]).unwrap_err());
        assert_eq!(error.kind(), kind);
    }
}

#[test]
fn the_home_directory_is_shown_as_people_know_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".aws")).unwrap();
    std::fs::write(
        folder.path().join(".aws/credentials"),
        format!("[default]\n{}", pair("KEY")),
    )
    .unwrap();
    let variables = Variables::from([("HOME", folder.path().to_str().unwrap())]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let settings = runtime.block_on(Settings::load(&Selection::new().with_variables(variables)));
    assert_eq!(
        settings.unwrap().plan(&[]).unwrap().to_string(),
        "profile `default`: static keys KEY in ~/.aws/credentials:2"
    );
}

#[test]
fn all_profiles_can_be_planned_one_by_one() {
    let config = format!(
        "[default]\n{}{}[profile c]\n",
        pair("KEY"),
        role("b", "source_profile = zzz")
    );
    let profiles = Profiles::of_texts(&config, "").unwrap();
    let plans: Vec<(&str, bool)> = profiles
        .names()
        .map(|name| (name, Plan::of(&profiles, name, &[]).is_ok()))
        .collect();
    assert_eq!(plans, [("b", false), ("c", false), ("default", true)]);
}
