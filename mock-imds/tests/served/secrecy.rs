use std::sync::{Arc, Mutex};

use credential_core::AwsCredentials;
use credential_sigv4::{SignableRequest, Signer};
use mock_imds::{Fault, MockImds, Source, SsoLogin, SsoSettings, Step};
use serde_json::{Value, json};
use tests_support::{canary, leaks};

use crate::support::*;

/// Everything that is secret here holds one of these.
fn shows_a_secret(text: &str) -> bool {
    leaks(text)
        || [
            "EXAMPLEKEY",
            "EXAMPLETOKEN",
            "Signature=",
            "AWS4-HMAC",
            "i-am-a-header",
        ]
        .iter()
        .any(|word| text.contains(word))
}

#[test]
fn what_hosts_of_containers_demand_is_known_for_a_secret() {
    let mock = MockImds::builder().start_blocking();
    for source in [Source::Greengrass, Source::SnapStart, Source::CloudShell] {
        let variables = mock.variables(source).unwrap();
        let (_, token) = variables
            .iter()
            .find(|(name, _)| name.ends_with("_TOKEN"))
            .unwrap();
        assert!(shows_a_secret(token), "{source:?}");
    }
}

#[test]
fn neither_the_access_log_nor_any_debug_shows_a_secret() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&lines);
    let authorization = canary("authorization");
    let mock = MockImds::builder()
        .ecs_authorization(&authorization)
        .mfa_device("arn:aws:iam::123456789012:mfa/alice", &canary("code"))
        .answering("web", &canary("document"))
        .fault(Step::RoleList, Fault::answer(200, canary("body")).times(1))
        .access_log(move |record| theirs.lock().unwrap().push(record.to_string()))
        .start_blocking();
    let token = token(&mock);
    for path in [
        "/",
        ROLES,
        "/latest/meta-data/iam/security-credentials/web",
        "/%zz?secret=EXAMPLEKEY",
    ] {
        ask(
            &mock,
            &format!("GET {path}"),
            &[(TOKEN, &token), ("X-Custom", "i-am-a-header")],
        );
    }
    ask(
        &mock,
        &format!("GET {}", mock.ecs_path()),
        &[("Authorization", &authorization)],
    );
    ask(
        &mock,
        "GET /v1/credentials",
        &[("Authorization", &mock.eks_token())],
    );
    let assumed = assume(&mock, &user(&mock), &[("ExternalId", &canary("external"))]);
    let assumed: AwsCredentials = session(&assumed);
    who(&mock, &assumed);
    who(
        &mock,
        &AwsCredentials::new(assumed.access_key_id(), canary("wrong")),
    );
    let host = format!("127.0.0.1:{}", mock.port());
    let headers = [("host", host.as_str())];
    let query = "Action=GetCallerIdentity&Version=2011-06-15";
    let request = SignableRequest {
        method: "GET",
        path: "/",
        query,
        headers: &headers,
        body: b"",
    };
    let signed = Signer::new("sts", "us-east-1");
    let signed = signed
        .presign(&request, &assumed, mock.clock().now(), seconds(60))
        .unwrap();
    assert_eq!(
        ask(&mock, &format!("GET /?{}", signed.query().expose()), &[]).status,
        200
    );

    let lines = lines.lock().unwrap().join("\n");
    assert_eq!(lines.lines().count(), mock.requests().len(), "{lines}");
    let debug = format!(
        "{:?} {:?} {:?} {mock:?} {:?}",
        mock.requests(),
        mock.user(),
        mock.clock(),
        MockImds::builder()
    );
    for text in [&lines, &debug] {
        assert!(!shows_a_secret(text), "{text}");
        assert!(!text.contains(&token), "{text}");
    }
    for shown in [
        "token#1",
        mock.user().access_key_id(),
        "AssumeRole",
        "v2  200  PUT  /latest/api/token",
    ] {
        assert!(lines.contains(shown), "{shown} in {lines}");
    }
}

#[test]
fn a_line_of_the_log_stays_one_line() {
    let mock = MockImds::builder().start_blocking();
    ask(&mock, &format!("GET /{}", "a".repeat(5000)), &[]);
    let line = mock.requests()[0].to_string();
    assert!(line.len() < 400 && line.contains('…'), "{line}");
}

#[test]
fn no_login_shows_in_the_access_log_or_in_any_debug() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&lines);
    let settings = SsoSettings::new().approve_automatically();
    let mock = MockImds::builder()
        .sso(settings.clone())
        .web_identity_token(&canary("web-identity"))
        .access_log(move |record| theirs.lock().unwrap().push(record.to_string()))
        .start_blocking();
    let folder = tempfile::tempdir().unwrap();
    let login = SsoLogin::to_session("dev");
    let path = mock.write_sso_token(folder.path(), &login).unwrap();
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut refresh = json!({"grantType": "refresh_token"});
    for name in ["clientId", "clientSecret", "refreshToken"] {
        refresh[name] = file[name].clone();
    }
    let tokens = post_json(&mock, "/token", &refresh).json();
    let bearer = [("x-amz-sso_bearer_token", tokens["accessToken"].as_str().unwrap())];
    let path = "/federation/credentials?role_name=mock-sso-role&account_id=123456789012";
    assert_eq!(ask(&mock, &format!("GET {path}"), &bearer).status, 200);
    assert_eq!(ask(&mock, "GET /device?user_code=AAAA-BBBB", &[]).status, 400);
    let sign_in = mock.sign_in("alice", seconds(900));
    let cache: Value = serde_json::from_str(sign_in.document()).unwrap();
    let renewal = json!({
        "clientId": cache["clientId"],
        "grantType": "refresh_token",
        "refreshToken": cache["refreshToken"],
    });
    let refusals = [
        post_json(&mock, "/token", &refresh).body,
        ask(
            &mock,
            &format!("GET {path}"),
            &[("x-amz-sso_bearer_token", &canary("bearer"))],
        )
        .body,
        send(
            &mock,
            "POST /v1/token",
            &[("DPoP", &canary("proof"))],
            &renewal.to_string(),
        )
        .body,
        post(
            &mock,
            &[("Host", "127.0.0.1")],
            &form(
                "AssumeRoleWithWebIdentity",
                "2011-06-15",
                &[("RoleArn", "x"), ("WebIdentityToken", &canary("web-identity"))],
            ),
        )
        .body,
    ];
    let lines = lines.lock().unwrap().join("\n");
    let debug = format!(
        "{:?} {mock:?} {login:?} {settings:?} {sign_in:?}",
        mock.requests()
    );
    let key = cache["dpopKey"].as_str().unwrap().lines().nth(1).unwrap();
    for text in [lines, debug, refusals.join("\n")] {
        assert!(!shows_a_secret(&text) && !text.contains(key), "{text}");
    }
}
