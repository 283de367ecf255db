use std::collections::BTreeMap;
use std::io::ErrorKind;

use mock_imds::{MockImds, Source, SsoSettings};

fn variables(mock: &MockImds, source: Source) -> BTreeMap<String, String> {
    mock.variables(source).unwrap().into_iter().collect()
}

#[test]
fn a_home_has_a_profile_for_each_way_to_log_in() {
    let mock = MockImds::builder()
        .region("eu-central-1")
        .sso(SsoSettings::new().assignment("210987654321", "ReadOnly"))
        .start_blocking();
    let home = mock.home().unwrap();
    let config = std::fs::read_to_string(home.join(".aws/config")).unwrap();
    for part in [
        "[profile mock-sso]\nsso_session = mock\nsso_account_id = 210987654321\nsso_role_name = ReadOnly\n",
        "[sso-session mock]\nsso_start_url = https://mock.awsapps.com/start\nsso_region = eu-central-1\n",
        "[profile mock-login]\nlogin_session = arn:aws:sts::123456789012:assumed-role/mock-sign-in-role/mock-user\n",
        "[profile mock-web-identity]\nrole_arn = arn:aws:iam::123456789012:role/mock-web-identity-role\n",
        &format!("[services mock]\nsso =\n  endpoint_url = {}\n", mock.endpoint()),
    ] {
        assert!(config.contains(part), "{part} in {config}");
    }
    for cache in ["sso/cache", "login/cache"] {
        let mut files = std::fs::read_dir(home.join(".aws").join(cache)).unwrap();
        let name = files.next().unwrap().unwrap().file_name();
        assert!(name.to_str().unwrap().ends_with(".json"), "{name:?}");
    }
    assert_eq!(mock.home().unwrap(), home, "it is written once");
    drop(mock);
    assert!(!home.exists(), "it goes with the server");
}

#[test]
fn the_variables_of_a_login_lead_to_its_profile() {
    let mock = MockImds::builder().start_blocking();
    let home = mock.home().unwrap().to_str().unwrap().to_owned();
    let sso = variables(&mock, Source::Sso);
    assert_eq!(sso["AWS_PROFILE"], "mock-sso");
    assert_eq!(sso[if cfg!(windows) { "USERPROFILE" } else { "HOME" }], home);
    assert_eq!(sso["AWS_ENDPOINT_URL_SSO"], mock.endpoint());
    assert_eq!(sso["AWS_ENDPOINT_URL_SSO_OIDC"], mock.endpoint());
    let login = variables(&mock, Source::SignIn);
    assert_eq!(login["AWS_PROFILE"], "mock-login");
    assert!(login["AWS_LOGIN_CACHE_DIRECTORY"].starts_with(&home));
    assert_eq!(login["AWS_ENDPOINT_URL_SIGNIN"], mock.endpoint());
    assert!(!login.contains_key("HOME"), "nothing moves that need not");
    for source in [Source::Sso, Source::SignIn] {
        let (set, unset) = (variables(&mock, source), mock.variables_to_unset(source));
        assert!(unset.contains(&"AWS_ACCESS_KEY_ID") && unset.contains(&"AWS_WEB_IDENTITY_TOKEN_FILE"));
        assert!(unset.iter().all(|name| !set.contains_key(*name)), "{unset:?}");
        assert!(
            set["AWS_CONFIG_FILE"].starts_with(&home)
                && set["AWS_SHARED_CREDENTIALS_FILE"].starts_with(&home)
        );
    }
}

#[test]
fn a_home_that_was_asked_for_stays_and_a_foreign_config_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mock = MockImds::builder().home(folder.path()).start_blocking();
        assert_eq!(mock.home().unwrap(), folder.path());
        drop(mock);
        assert!(folder.path().join(".aws/config").is_file());
    }
    std::fs::write(folder.path().join(".aws/config"), "[default]\n").unwrap();
    let mock = MockImds::builder().home(folder.path()).start_blocking();
    let error = mock.home().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    assert!(mock.variables(Source::Sso).is_err());
    assert_eq!(
        std::fs::read_to_string(folder.path().join(".aws/config")).unwrap(),
        "[default]\n"
    );
}
