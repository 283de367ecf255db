use mock_imds::{Fault, MockImds, RefreshTokens, SsoLogin, SsoSettings, Step};
use serde_json::{Value, json};
use tests_support::canary;

use crate::support::*;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const START_URL: &str = "https://mock.awsapps.com/start";
/// The pair in the standard's appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn register(mock: &MockImds) -> Value {
    let body = json!({
        "clientName": "a program",
        "clientType": "public",
        "scopes": ["sso:account:access"],
        "redirectUris": ["http://127.0.0.1/oauth/callback"],
    });
    let reply = post_json(mock, "/client/register", &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// What a client says of itself, with more; `null` takes a member away.
fn of(client: &Value, more: &Value) -> Value {
    let mut body = json!({"clientId": client["clientId"], "clientSecret": client["clientSecret"]});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    body
}

fn start(mock: &MockImds, client: &Value) -> Value {
    let body = of(client, &json!({"startUrl": START_URL}));
    let reply = post_json(mock, "/device_authorization", &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn poll(mock: &MockImds, client: &Value, device: &Value) -> Reply {
    let grant = json!({"grantType": DEVICE_CODE, "deviceCode": device["deviceCode"]});
    post_json(mock, "/token", &of(client, &grant))
}

fn refresh(mock: &MockImds, client: &Value, refresh_token: &Value) -> Reply {
    let grant = json!({"grantType": "refresh_token", "refreshToken": refresh_token});
    post_json(mock, "/token", &of(client, &grant))
}

/// Status and code of an error, whose exception has to go with it.
fn refused(reply: &Reply) -> (u16, String) {
    let code = reply.member("error");
    let words: String = code
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    assert_eq!(
        reply.header("x-amzn-errortype"),
        Some(format!("{words}Exception").as_str())
    );
    assert!(!reply.member("error_description").is_empty());
    (reply.status, code)
}

fn token_works(mock: &MockImds, tokens: &Value) -> bool {
    let path = "GET /assignment/accounts";
    let token = tokens["accessToken"].as_str().unwrap();
    ask(mock, path, &[("x-amz-sso_bearer_token", token)]).status == 200
}

fn mock() -> MockImds {
    MockImds::builder().clock_at(noon()).start_blocking()
}

#[test]
fn a_device_is_logged_in_once_its_code_is_approved() {
    let mock = mock();
    let client = register(&mock);
    assert_eq!(client["clientSecretExpiresAt"], 1_893_499_200 + 90 * 24 * 3600);
    assert_eq!(
        client["authorizationEndpoint"],
        format!("{}/authorize", mock.endpoint())
    );
    let device = start(&mock, &client);
    assert_eq!(
        (&device["interval"], &device["expiresIn"]),
        (&json!(1), &json!(600))
    );
    let code = device["userCode"].as_str().unwrap();
    let uri = device["verificationUri"].as_str().unwrap();
    assert_eq!(
        device["verificationUriComplete"],
        format!("{uri}?user_code={code}")
    );
    assert_eq!(mock.pending_user_codes(), [code]);

    assert_eq!(
        refused(&poll(&mock, &client, &device)),
        (400, "authorization_pending".into())
    );
    assert!(mock.approve_user_code(code));
    assert!(!mock.approve_user_code(code), "nothing waits any more");
    mock.clock().advance(seconds(1));
    let reply = poll(&mock, &client, &device);
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, Some("no-store"))
    );
    let tokens = reply.json();
    assert_eq!(
        (&tokens["tokenType"], &tokens["expiresIn"]),
        (&json!("Bearer"), &json!(28800))
    );
    assert!(tokens["refreshToken"].is_string() && token_works(&mock, &tokens));
    mock.clock().advance(seconds(1));
    assert_eq!(
        refused(&poll(&mock, &client, &device)).1,
        "invalid_grant",
        "a code works once"
    );
    assert_eq!(mock.count(Step::CreateToken), 3);
}

#[test]
fn a_device_that_asks_too_often_is_slowed_down() {
    let mock = mock();
    let client = register(&mock);
    let device = start(&mock, &client);
    let code = || refused(&poll(&mock, &client, &device)).1;
    assert_eq!(code(), "authorization_pending");
    assert_eq!(code(), "slow_down");
    mock.clock().advance(seconds(5));
    assert_eq!(code(), "slow_down", "it is six seconds now");
    mock.clock().advance(seconds(11));
    assert_eq!(code(), "authorization_pending");
}

#[test]
fn a_login_can_be_denied_and_its_code_ends() {
    let mock = mock();
    let client = register(&mock);
    let device = start(&mock, &client);
    assert!(mock.deny_user_code(device["userCode"].as_str().unwrap()));
    assert_eq!(
        refused(&poll(&mock, &client, &device)),
        (400, "access_denied".into())
    );
    let device = start(&mock, &client);
    mock.clock().advance(seconds(600));
    assert!(
        !mock.approve_user_code(device["userCode"].as_str().unwrap()),
        "too late"
    );
    assert_eq!(
        refused(&poll(&mock, &client, &device)),
        (400, "expired_token".into())
    );
}

#[test]
fn logins_can_be_approved_automatically() {
    let settings = SsoSettings::new().approve_automatically();
    let mock = MockImds::builder().sso(settings).start_blocking();
    let client = register(&mock);
    let device = start(&mock, &client);
    assert!(token_works(&mock, &poll(&mock, &client, &device).json()));
}

#[test]
fn a_page_approves_a_code() {
    let mock = mock();
    let client = register(&mock);
    assert!(
        ask(&mock, "GET /device", &[])
            .body
            .contains("<input name=\"user_code\">")
    );
    for (decision, method, answer) in [
        ("approve", "POST", "ok"),
        ("deny", "POST", "access_denied"),
        ("approve", "GET", "ok"),
    ] {
        let device = start(&mock, &client);
        let code = device["userCode"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .replace('-', "");
        let page = ask(&mock, &format!("GET /device?user_code={code}"), &[]);
        assert!(
            page.body
                .contains(&format!("name=\"user_code\" value=\"{code}\"")),
            "{page:?}"
        );
        let form = format!("user_code={code}&decision={decision}");
        let reply = match method {
            "GET" => ask(&mock, &format!("GET /device?{form}"), &[]),
            _ => send(
                &mock,
                "POST /device",
                &[("Content-Type", "application/x-www-form-urlencoded")],
                &form,
            ),
        };
        assert_eq!(reply.status, 200, "{reply:?}");
        let reply = poll(&mock, &client, &device);
        let answered = if reply.status == 200 {
            "ok".into()
        } else {
            refused(&reply).1
        };
        assert_eq!(answered, answer, "{method} {decision}");
    }
    for query in [
        "user_code=AAAA-AAAA",
        "user_code=AAAA-AAAA&decision=approve",
        "user_code=A&decision=maybe",
    ] {
        assert_eq!(
            ask(&mock, &format!("GET /device?{query}"), &[]).status,
            400,
            "{query}"
        );
    }
}

fn authorize(mock: &MockImds, client: &Value, more: &str) -> Reply {
    let id = client["clientId"].as_str().unwrap();
    let query = format!(
        "response_type=code&client_id={id}&redirect_uri=http%3A%2F%2F127.0.0.1%3A40123%2Foauth%2Fcallback\
         &state=a%20b&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess&code_challenge={CHALLENGE}{more}"
    );
    ask(mock, &format!("GET /authorize?{query}"), &[])
}

/// The code in the address that the browser is sent to.
fn code(reply: &Reply) -> String {
    let location = reply.header("Location").unwrap();
    let rest = location.strip_prefix("http://127.0.0.1:40123/oauth/callback?code=");
    let code = rest.and_then(|rest| rest.strip_suffix("&state=a%20b"));
    code.unwrap_or_else(|| panic!("{location}")).to_owned()
}

#[test]
fn a_browser_is_sent_back_with_a_code_for_whoever_made_the_challenge() {
    let settings = SsoSettings::new().approve_automatically();
    let mock = MockImds::builder()
        .clock_at(noon())
        .sso(settings)
        .start_blocking();
    let client = register(&mock);
    let redeem = |code: &str, more: Value| {
        let mut grant = json!({
            "grantType": "authorization_code",
            "code": code,
            "redirectUri": "http://127.0.0.1:40123/oauth/callback",
            "codeVerifier": VERIFIER,
        });
        grant
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        post_json(&mock, "/token", &of(&client, &grant))
    };
    let reply = authorize(&mock, &client, "");
    assert_eq!(reply.status, 302);
    let good = code(&reply);
    let tokens = redeem(&good, json!({}));
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert!(token_works(&mock, &tokens.json()) && tokens.json()["refreshToken"].is_string());
    assert_eq!(
        refused(&redeem(&good, json!({}))).1,
        "invalid_grant",
        "a code works once"
    );

    let other = "x".repeat(43);
    for (more, error) in [
        (json!({"codeVerifier": other}), "invalid_grant"),
        (json!({"codeVerifier": "short"}), "invalid_request"),
        (json!({"codeVerifier": null}), "invalid_request"),
        (
            json!({"redirectUri": "http://127.0.0.1:1/oauth/callback"}),
            "invalid_grant",
        ),
        (json!({"code": "unknown"}), "invalid_grant"),
    ] {
        let reply = redeem(&code(&authorize(&mock, &client, "")), more.clone());
        assert_eq!(refused(&reply), (400, error.into()), "{more}");
    }
    let late = code(&authorize(&mock, &client, ""));
    mock.clock().advance(seconds(600));
    assert_eq!(refused(&redeem(&late, json!({}))).1, "invalid_grant");
}

#[test]
fn without_automatic_approval_there_is_a_page_to_click_on() {
    let mock = mock();
    let client = register(&mock);
    let page = authorize(&mock, &client, "");
    assert_eq!(
        (page.status, page.header("Content-Type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let (_, link) = page.body.split_once("<a href=\"").unwrap();
    let link = link.split_once('"').unwrap().0.replace("&amp;", "&");
    assert!(link.ends_with("&decision=approve"), "{link}");
    code(&ask(&mock, &format!("GET {link}"), &[]));
    let denied = authorize(&mock, &client, "&decision=deny");
    assert!(
        denied
            .header("Location")
            .unwrap()
            .ends_with("?error=access_denied&state=a%20b")
    );
}

#[test]
fn a_browser_is_never_sent_to_an_address_that_was_not_registered() {
    let mock = mock();
    let client = register(&mock);
    let id = client["clientId"].as_str().unwrap();
    for query in [
        "client_id=unknown".to_owned(),
        format!("client_id={id}&redirect_uri=https%3A%2F%2Fevil.example%2F"),
        format!("client_id={id}&redirect_uri=http%3A%2F%2F127.0.0.1%2Felsewhere"),
        format!("client_id={id}"),
    ] {
        let reply = ask(&mock, &format!("GET /authorize?{query}"), &[]);
        assert_eq!((reply.status, reply.header("Location")), (400, None), "{query}");
    }
    let back = format!("client_id={id}&redirect_uri=http%3A%2F%2F127.0.0.1%2Foauth%2Fcallback");
    for (query, error) in [
        ("", "unsupported_response_type"),
        ("&response_type=code", "invalid_request"),
        (
            "&response_type=code&code_challenge=plain&code_challenge_method=plain",
            "invalid_request",
        ),
    ] {
        let reply = ask(&mock, &format!("GET /authorize?{back}{query}"), &[]);
        assert_eq!(
            reply.header("Location"),
            Some(format!("http://127.0.0.1/oauth/callback?error={error}").as_str())
        );
    }
}

#[test]
fn a_refresh_token_works_once_or_as_often_as_the_settings_say() {
    for (kind, second_use, mentioned) in [
        (RefreshTokens::SingleUse, 400, true),
        (RefreshTokens::Reusable, 200, true),
        (RefreshTokens::Unmentioned, 200, false),
    ] {
        let settings = SsoSettings::new().refresh_tokens(kind).approve_automatically();
        let mock = MockImds::builder()
            .clock_at(noon())
            .sso(settings)
            .start_blocking();
        let client = register(&mock);
        let first = poll(&mock, &client, &start(&mock, &client)).json();
        let second = refresh(&mock, &client, &first["refreshToken"]);
        assert_eq!(second.status, 200, "{second:?}");
        let second = second.json();
        assert!(token_works(&mock, &first) && token_works(&mock, &second));
        assert_ne!(first["accessToken"], second["accessToken"]);
        assert_eq!(second["refreshToken"].is_string(), mentioned, "{kind:?}");
        assert_eq!(
            refresh(&mock, &client, &first["refreshToken"]).status,
            second_use,
            "{kind:?}"
        );
        if kind == RefreshTokens::SingleUse {
            assert_ne!(first["refreshToken"], second["refreshToken"]);
            assert_eq!(
                refresh(&mock, &client, &second["refreshToken"]).status,
                200,
                "the next one works"
            );
        }
    }
}

#[test]
fn without_scopes_there_is_no_refresh_token() {
    let settings = SsoSettings::new().approve_automatically();
    let mock = MockImds::builder().sso(settings).start_blocking();
    let client = post_json(
        &mock,
        "/client/register",
        &json!({"clientName": "old", "clientType": "public"}),
    )
    .json();
    let tokens = poll(&mock, &client, &start(&mock, &client)).json();
    assert!(token_works(&mock, &tokens) && tokens["refreshToken"].is_null());
}

#[test]
fn the_file_of_a_login_renews_itself() {
    let mock = mock();
    let folder = tempfile::tempdir().unwrap();
    let read = |login: &SsoLogin| -> Value {
        let path = mock.write_sso_token(folder.path(), login).unwrap();
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let file = read(&SsoLogin::to_session("dev").lifetime(seconds(0)));
    assert!(!token_works(&mock, &file));
    let tokens = refresh(&mock, &file, &file["refreshToken"]).json();
    assert!(token_works(&mock, &tokens));
    mock.revoke_sso_refresh_tokens();
    assert!(token_works(&mock, &tokens));
    assert_eq!(
        refused(&refresh(&mock, &file, &tokens["refreshToken"])),
        (400, "invalid_grant".into())
    );
    let file = read(&SsoLogin::to_session("dev").registration_lifetime(seconds(0)));
    assert_eq!(
        refused(&refresh(&mock, &file, &file["refreshToken"])),
        (401, "invalid_client".into())
    );
}

#[test]
fn a_refresh_token_belongs_to_its_client_and_ends() {
    let settings = SsoSettings::new()
        .approve_automatically()
        .refresh_token_lifetime(seconds(60));
    let mock = MockImds::builder()
        .clock_at(noon())
        .sso(settings)
        .start_blocking();
    let (client, other) = (register(&mock), register(&mock));
    let tokens = poll(&mock, &client, &start(&mock, &client)).json();
    assert_eq!(
        refused(&refresh(&mock, &other, &tokens["refreshToken"])).1,
        "invalid_grant"
    );
    mock.clock().advance(seconds(60));
    assert_eq!(
        refused(&refresh(&mock, &client, &tokens["refreshToken"])).1,
        "invalid_grant"
    );
}

#[test]
fn what_is_wrong_with_a_registration_is_said() {
    let mock = mock();
    let good = json!({"clientName": "a", "clientType": "public"});
    for (more, error) in [
        (json!({"clientName": null}), "invalid_request"),
        (json!({"clientType": null}), "invalid_request"),
        (json!({"clientType": "confidential"}), "invalid_client_metadata"),
        (json!({"scopes": ["no scope"]}), "invalid_scope"),
        (json!({"scopes": "sso:account:access"}), "invalid_request"),
        (json!({"grantTypes": ["password"]}), "unsupported_grant_type"),
        (
            json!({"redirectUris": ["https://example.com/"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"issuerUrl": "https://other.awsapps.com/start"}),
            "invalid_request",
        ),
    ] {
        let mut body = good.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let reply = post_json(&mock, "/client/register", &body);
        assert_eq!(refused(&reply), (400, error.into()), "{more}");
    }
    assert_eq!(
        refused(&send(&mock, "POST /client/register", &[], "[]")).1,
        "invalid_request"
    );
    assert_eq!(ask(&mock, "GET /client/register", &[]).status, 405);
}

#[test]
fn what_is_wrong_with_a_question_for_a_token_is_said() {
    let mock = mock();
    let client = register(&mock);
    let narrow = json!({"clientName": "a", "clientType": "public", "grantTypes": ["refresh_token"]});
    let narrow = post_json(&mock, "/client/register", &narrow).json();
    let device = start(&mock, &client);
    let by_device = json!({"grantType": DEVICE_CODE, "deviceCode": device["deviceCode"]});
    let stranger = json!({"clientId": client["clientId"], "clientSecret": canary("client")});
    let unknown = json!({"clientId": "unknown", "clientSecret": canary("client")});
    for (who, grant, status, error) in [
        (&client, json!({}), 400, "invalid_request"),
        (
            &client,
            json!({"grantType": "password"}),
            400,
            "unsupported_grant_type",
        ),
        (&client, json!({"grantType": DEVICE_CODE}), 400, "invalid_request"),
        (
            &client,
            json!({"grantType": DEVICE_CODE, "deviceCode": canary("device")}),
            400,
            "invalid_grant",
        ),
        (
            &client,
            json!({"grantType": "refresh_token"}),
            400,
            "invalid_request",
        ),
        (
            &client,
            json!({"grantType": "refresh_token", "refreshToken": canary("refresh")}),
            400,
            "invalid_grant",
        ),
        (&narrow, by_device.clone(), 400, "unauthorized_client"),
        (&register(&mock), by_device.clone(), 400, "invalid_grant"),
        (&stranger, by_device.clone(), 401, "invalid_client"),
        (&unknown, by_device.clone(), 401, "invalid_client"),
        (&json!({"clientId": "a"}), by_device, 400, "invalid_request"),
    ] {
        let reply = post_json(&mock, "/token", &of(who, &grant));
        assert_eq!(refused(&reply), (status, error.into()), "{reply:?}");
    }
    let wrong = of(&client, &json!({"startUrl": "https://mock.awsapps.com/start/"}));
    assert_eq!(
        refused(&post_json(&mock, "/device_authorization", &wrong)),
        (400, "invalid_request".into())
    );
    let body = of(&narrow, &json!({"startUrl": START_URL}));
    assert_eq!(
        refused(&post_json(&mock, "/device_authorization", &body)).1,
        "unauthorized_client"
    );
}

#[test]
fn faults_take_the_form_of_oauth() {
    let mock = mock();
    for (fault, status, error) in [
        (Fault::aws_error(400, "invalid_grant"), 400, "invalid_grant"),
        (Fault::aws_error(400, "SlowDownException"), 400, "slow_down"),
        (Fault::status(401), 401, "invalid_client"),
    ] {
        mock.fault(Step::CreateToken, fault.times(1));
        assert_eq!(
            refused(&post_json(&mock, "/token", &json!({}))),
            (status, error.into())
        );
    }
    mock.fault(Step::CreateToken, Fault::status(500).times(1));
    let reply = post_json(&mock, "/token", &json!({}));
    assert_eq!(reply.header("x-amzn-errortype"), Some("InternalServerException"));
    assert_eq!(
        (reply.status, reply.member("error").as_str()),
        (500, "server_error")
    );
}
