//! Logging in to IAM Identity Center and out again.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use mock_imds::{MockImds, SsoSettings, TrustedRole};
use serde_json::Value;

use crate::home::{Home, profile};

mod browser;
mod device_code;
mod logout;
mod profiles;
mod renewal;
mod secrets;
mod unwritable;

const SESSION: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The profiles `corp` (with a session), `old` (without one), `role` (from `corp`), `token` (a session alone), `me`
/// (of `aws login`), `tool` (a process) and `keys`.
fn world(settings: SsoSettings) -> (MockImds, Home) {
    let mock = MockImds::builder()
        .sso(settings)
        .trusting(TrustedRole::new("arn:aws:iam::123456789012:role/x"))
        .start_blocking();
    let (account, role) = mock.sso_assignment();
    let start_url = mock.sso_start_url();
    let config = format!(
        "[sso-session corp]\nsso_start_url = {start_url}\nsso_region = us-east-1\n\
         sso_registration_scopes = sso:account:access\n\
         [profile corp]\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = {role}\nregion = us-east-1\n\
         [profile old]\nsso_start_url = {start_url}\nsso_region = us-east-1\nsso_account_id = {account}\n\
         sso_role_name = {role}\n\
         [profile role]\nsource_profile = corp\nrole_arn = arn:aws:iam::123456789012:role/x\n\
         [profile token]\nsso_session = corp\n\
         [profile beside]\nsso_session = corp\ncredential_process = /opt/tool\n\
         [profile me]\nlogin_session = arn:aws:iam::123456789012:user/me\n\
         [profile tool]\ncredential_process = /opt/tool --pin 1234\n"
    );
    (mock, Home::new(&config, &profile("keys", "KEYS")))
}

fn approving() -> (MockImds, Home) {
    world(
        SsoSettings::new()
            .approve_automatically()
            .interval(Duration::from_secs(1)),
    )
}

fn variables(mock: &MockImds) -> [(&'static str, &str); 1] {
    [("AWS_ENDPOINT_URL", mock.endpoint())]
}

fn token_file(home: &Home) -> PathBuf {
    home.path().join(".aws/sso/cache").join(SESSION)
}

fn token_of(home: &Home) -> Value {
    serde_json::from_str(&std::fs::read_to_string(token_file(home)).unwrap()).unwrap()
}
