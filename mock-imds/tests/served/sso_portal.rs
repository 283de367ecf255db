use std::path::Path;

use credential_core::AwsCredentials;
use mock_imds::{Fault, MockImds, SsoLogin, SsoSettings, Step};
use serde_json::Value;

use crate::support::*;

const CREDENTIALS: &str = "/federation/credentials?role_name=mock-sso-role&account_id=123456789012";

fn portal(mock: &MockImds, path: &str, token: &str) -> Reply {
    ask(mock, &format!("GET {path}"), &[("x-amz-sso_bearer_token", token)])
}

/// What a login leaves behind.
fn file(mock: &MockImds, login: &SsoLogin) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = mock.write_sso_token(folder.path(), login).unwrap();
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn access_token(mock: &MockImds, login: &SsoLogin) -> String {
    file(mock, login)["accessToken"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_gives_the_credentials_of_a_role() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let token = access_token(&mock, &SsoLogin::to_session("dev"));
    let reply = portal(&mock, CREDENTIALS, &token);
    assert_eq!(
        (reply.status, reply.header("Content-Type")),
        (200, Some("application/json"))
    );
    let role = &reply.json()["roleCredentials"];
    assert_eq!(
        role["expiration"], 1_893_502_800_000_i64,
        "milliseconds, in a number"
    );
    let text = |name: &str| role[name].as_str().unwrap().to_owned();
    let key = AwsCredentials::new(text("accessKeyId"), text("secretAccessKey"))
        .with_session_token(text("sessionToken"));
    let arn = who(&mock, &key).element("Arn").to_owned();
    let start = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_mock-sso-role_";
    assert!(arn.starts_with(start) && arn.ends_with("/mock-user"), "{arn}");
    assert_eq!(mock.count(Step::GetRoleCredentials), 1);
}

#[test]
fn what_the_portal_refuses_it_names_in_header_and_body() {
    let settings = SsoSettings::new()
        .assignment("123456789012", "mock-sso-role")
        .assignment("210987654321", "ReadOnly");
    let mock = MockImds::builder()
        .clock_at(noon())
        .sso(settings)
        .start_blocking();
    let token = access_token(&mock, &SsoLogin::to_session("dev"));
    let expired = access_token(&mock, &SsoLogin::to_session("dev").lifetime(seconds(0)));
    for (path, token, status, exception) in [
        (CREDENTIALS, "", 401, "UnauthorizedException"),
        (CREDENTIALS, "unknown", 401, "UnauthorizedException"),
        (CREDENTIALS, &expired, 401, "UnauthorizedException"),
        (
            "/federation/credentials?account_id=123456789012",
            &token,
            400,
            "InvalidRequestException",
        ),
        (
            "/federation/credentials?role_name=mock-sso-role",
            &token,
            400,
            "InvalidRequestException",
        ),
        (
            "/federation/credentials?role_name=mock-sso-role&account_id=1",
            &token,
            400,
            "InvalidRequestException",
        ),
        (
            "/federation/credentials?role_name=ReadOnly&account_id=123456789012",
            &token,
            403,
            "ForbiddenException",
        ),
        (
            "/federation/credentials?role_name=ReadOnly&account_id=999999999999",
            &token,
            404,
            "ResourceNotFoundException",
        ),
        (
            "/assignment/roles?account_id=999999999999",
            &token,
            404,
            "ResourceNotFoundException",
        ),
        ("/assignment/roles", &token, 400, "InvalidRequestException"),
        ("/assignment/accounts", "", 401, "UnauthorizedException"),
        (
            "/assignment/accounts?max_result=0",
            &token,
            400,
            "InvalidRequestException",
        ),
        (
            "/assignment/accounts?max_result=101",
            &token,
            400,
            "InvalidRequestException",
        ),
        (
            "/assignment/accounts?next_token=x",
            &token,
            400,
            "InvalidRequestException",
        ),
        ("/logout", &token, 405, "UnknownOperationException"),
    ] {
        let reply = portal(&mock, path, token);
        assert_eq!(
            (reply.status, reply.header("x-amzn-ErrorType")),
            (status, Some(exception)),
            "{path}"
        );
        assert!(!reply.member("message").is_empty());
        if status != 405 {
            assert!(reply.member("__type").ends_with(exception), "{reply:?}");
        }
    }
    assert_eq!(
        ask(&mock, &format!("GET {CREDENTIALS}"), &[]).status,
        401,
        "no token at all"
    );
}

#[test]
fn a_token_dies_at_its_end_when_revoked_and_with_its_login() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let login = SsoLogin::to_session("dev").lifetime(seconds(60));
    let token = access_token(&mock, &login);
    let status = |token: &str| portal(&mock, CREDENTIALS, token).status;
    mock.clock().advance(seconds(59));
    assert_eq!(status(&token), 200);
    mock.clock().advance(seconds(1));
    assert_eq!(status(&token), 401);

    let token = access_token(&mock, &login);
    mock.revoke_sso_tokens();
    assert_eq!(status(&token), 401);

    let (token, other) = (access_token(&mock, &login), access_token(&mock, &login));
    let log_out = |token: &str| {
        let headers = [("x-amz-sso_bearer_token", token)];
        send(&mock, "POST /logout", &headers, "")
    };
    let reply = log_out(&token);
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(
        (status(&token), status(&other)),
        (401, 200),
        "only this login has ended"
    );
    assert_eq!(log_out(&token).status, 401);
}

#[test]
fn accounts_and_roles_are_listed_page_by_page() {
    let settings = SsoSettings::new()
        .assignment("333333333333", "c")
        .assignment("111111111111", "b")
        .assignment("111111111111", "a")
        .assignment("222222222222", "d");
    let mock = MockImds::builder().sso(settings).start_blocking();
    let token = access_token(&mock, &SsoLogin::to_session("dev"));
    let first = portal(&mock, "/assignment/accounts?max_result=2", &token).json();
    assert_eq!(first["accountList"].as_array().unwrap().len(), 2);
    assert_eq!(first["accountList"][0]["accountId"], "111111111111");
    let next = first["nextToken"].as_str().unwrap();
    let last = portal(
        &mock,
        &format!("/assignment/accounts?max_result=2&next_token={next}"),
        &token,
    )
    .json();
    assert_eq!(last["accountList"][0]["accountId"], "333333333333");
    assert!(last["nextToken"].is_null());
    let roles = portal(&mock, "/assignment/roles?account_id=111111111111", &token).json();
    assert_eq!(roles["roleList"][0]["roleName"], "a");
    assert_eq!(roles["roleList"][1]["roleName"], "b");
}

#[test]
fn a_login_leaves_the_file_that_the_aws_cli_leaves() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let session = file(&mock, &SsoLogin::to_session("dev"));
    for (name, value) in [
        ("startUrl", "https://mock.awsapps.com/start"),
        ("region", "us-east-1"),
        ("expiresAt", "2030-01-01T20:00:00Z"),
        ("registrationExpiresAt", "2030-04-01T12:00:00Z"),
    ] {
        assert_eq!(session[name], value, "{name}");
    }
    for name in ["accessToken", "refreshToken", "clientId", "clientSecret"] {
        assert!(session[name].is_string(), "{name}");
    }
    for login in [
        SsoLogin::to_start_url(),
        SsoLogin::to_session("dev").without_refresh_token(),
    ] {
        let members = file(&mock, &login);
        assert!(members["accessToken"].is_string());
        assert_eq!(members.as_object().unwrap().len(), 4, "nothing to renew it by");
    }
    // SHA-1 of `dev` and of the start URL.
    assert_eq!(
        SsoLogin::to_session("dev").file_name(&mock),
        "34c6fceca75e456f25e7e99531e2425c6c1de443.json"
    );
    assert_eq!(
        SsoLogin::to_start_url().file_name(&mock),
        "f11a8b46c7850368360244977bdc41c5d94300c8.json"
    );
}

#[cfg(unix)]
#[test]
fn the_file_of_a_login_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mock = MockImds::builder().start_blocking();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join(".aws/sso/cache");
    let path = mock
        .write_sso_token(&cache, &SsoLogin::to_session("dev"))
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&cache)), (0o600, 0o700));
}

#[test]
fn faults_take_the_form_of_the_portal() {
    let mock = MockImds::builder().start_blocking();
    let token = access_token(&mock, &SsoLogin::to_session("dev"));
    for (fault, status, exception) in [
        (Fault::status(429), 429, "TooManyRequestsException"),
        (Fault::status(500), 500, "InternalServerException"),
        (
            Fault::aws_error(401, "UnauthorizedException"),
            401,
            "UnauthorizedException",
        ),
    ] {
        mock.fault(Step::GetRoleCredentials, fault.times(1));
        let reply = portal(&mock, CREDENTIALS, &token);
        assert_eq!(
            (reply.status, reply.header("x-amzn-errortype")),
            (status, Some(exception))
        );
    }
    assert_eq!(portal(&mock, CREDENTIALS, &token).status, 200);
}
