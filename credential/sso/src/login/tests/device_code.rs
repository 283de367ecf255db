//! A login by device code.

use credential_core::Clock as _;
use tests_support::{Reply, canary, leaks};

use super::*;
use crate::scripted::{OfOidc as _, Refusing as _};

/// What was written, with the canaries by their names.
fn readable(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["access 1", "refresh 1", "client secret"] {
        text = text.replace(&canary(name), name);
    }
    text
}

#[tokio::test]
async fn a_device_code_is_asked_about_until_a_person_approves_it() {
    let world = World::new().await;
    let clock = world.quick_clock();
    let session = World::named().with_scopes(["sso:account:access"]);
    let login = world.login(session.clone()).with_clock(clock.clone());
    for reply in [
        Reply::refusal(400, "authorization_pending"),
        Reply::with(400, "{}").header("x-amzn-ErrorType: AuthorizationPendingException"),
        Reply::refusal(400, "slow_down"),
        Reply::refusal(400, "authorization_pending"),
    ] {
        world.center.answer_next(TOKEN, reply);
    }

    let mut shown = None;
    let logged_in = login
        .with_device_code(|device| shown = Some(device.clone()))
        .await
        .unwrap();

    let shown = shown.unwrap();
    assert_eq!(shown.user_code(), "ABCD-EFGH");
    assert_eq!(shown.verification_uri(), "https://device.sso.example");
    assert_eq!(
        shown.verification_uri_complete(),
        Some("https://device.sso.example/?user_code=ABCD-EFGH")
    );
    assert_eq!(clock.pauses(), [1, 1, 1, 6, 6].map(Duration::from_secs));

    let register = &world.center.asked(REGISTER)[0];
    assert_eq!(
        register.body,
        "{\"clientName\":\"credential-client-corp\",\"clientType\":\"public\",\"scopes\":[\"sso:account:access\"]}"
    );
    let start = &world.center.asked(DEVICE)[0];
    assert_eq!(
        readable(&start.body),
        format!(
            "{{\"clientId\":\"client-1\",\"clientSecret\":\"client secret\",\"startUrl\":\"{START_URL}\"}}"
        )
    );
    let token = world.center.asked(TOKEN).pop().unwrap();
    assert_eq!(
        token.text("grantType").as_deref(),
        Some("urn:ietf:params:oauth:grant-type:device_code")
    );
    assert_eq!(token.text("deviceCode"), Some(canary("device code")));

    assert_eq!(logged_in.token_file(), world.token_file(&session));
    assert!(logged_in.is_renewable());
    assert_eq!(
        readable(&world.text(&session)),
        format!(
            "{{\"startUrl\":\"{START_URL}\",\"region\":\"eu-central-1\",\"accessToken\":\"access 1\",\
             \"expiresAt\":\"2030-01-01T20:00:15Z\",\"clientId\":\"client-1\",\"clientSecret\":\"client secret\",\
             \"registrationExpiresAt\":\"2030-04-01T12:00:00Z\",\"refreshToken\":\"refresh 1\"}}"
        )
    );
    let registration = std::fs::read_to_string(registration_file(&login)).unwrap();
    assert_eq!(
        readable(&registration),
        "{\"clientId\":\"client-1\",\"clientSecret\":\"client secret\",\"expiresAt\":\"2030-04-01T12:00:00Z\",\
         \"scopes\":[\"sso:account:access\"]}"
    );
    assert!(!leaks(&format!("{shown:?} {login:?} {logged_in:?}")));
    assert!(world.provider(session).load().await.is_ok());
}

#[tokio::test]
async fn a_legacy_session_logs_in_with_a_device_code_and_without_scopes() {
    let world = World::new().await;
    let login = world
        .login(legacy().with_scopes(["sso:account:access"]))
        .with_clock(world.quick_clock());
    let logged_in = login.with_device_code(|_| {}).await.unwrap();
    assert!(!logged_in.is_renewable());
    assert_eq!(
        world.center.asked(REGISTER)[0].body,
        "{\"clientName\":\"credential-client-1893499200\",\"clientType\":\"public\"}"
    );
    assert!(world.provider(legacy()).load().await.is_ok());
}

#[tokio::test]
async fn a_code_that_nobody_approves_comes_to_an_end() {
    let pending = Reply::refusal(400, "authorization_pending");
    type Expected = fn(&Error) -> bool;
    let table: [(Vec<Reply>, Duration, Expected); 5] = [
        (
            vec![Reply::refusal(400, "expired_token")],
            Duration::from_secs(900),
            |error| matches!(error, Error::CodeExpired),
        ),
        (
            vec![Reply::refusal(400, "access_denied")],
            Duration::from_secs(900),
            |error| matches!(error, Error::NotApproved { .. }),
        ),
        (
            vec![Reply::refusal(400, "invalid_grant")],
            Duration::from_secs(900),
            |error| matches!(error, Error::Refused { .. }),
        ),
        (vec![pending.clone(); 700], Duration::from_secs(900), |error| {
            matches!(error, Error::CodeExpired)
        }),
        (
            vec![pending; 700],
            Duration::from_secs(300),
            |error| matches!(error, Error::NobodyCame { limit, .. } if limit.as_secs() == 300),
        ),
    ];
    for (replies, limit, expected) in table {
        let world = World::new().await;
        for reply in replies {
            world.center.answer_next(TOKEN, reply);
        }
        let began = world.clock.monotonic();
        let login = world
            .login(World::named())
            .with_clock(world.quick_clock())
            .with_login_timeout(limit);
        let error = login.with_device_code(|_| {}).await.unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert!(!leaks(&format!("{error} {error:?}")));
        assert!(world.clock.monotonic() - began <= Duration::from_secs(600));
        assert!(!world.token_file(&World::named()).exists());
    }
}

#[tokio::test]
async fn a_limit_without_end_is_a_limit() {
    let world = World::new().await;
    let pending = Reply::refusal(400, "authorization_pending");
    world.center.answer_next(TOKEN, pending);
    let login = world
        .login(World::named())
        .with_clock(world.quick_clock())
        .with_timeout(Duration::MAX)
        .with_login_timeout(Duration::MAX);
    assert!(login.with_device_code(|_| {}).await.is_ok());
    let (result, _) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let code = canary("authorization code").replace('+', "%2B");
        visit(&redirect, &format!("code={code}&state={state}")).await
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert!(login.logout().await.unwrap());
}

#[tokio::test]
async fn trouble_on_the_way_does_not_cost_the_login() {
    let world = World::new().await;
    for _ in 0..4 {
        world.center.answer_next(TOKEN, Reply::with(503, ""));
    }
    world.center.answer_next(TOKEN, Reply::Close);
    let login = world.login(World::named()).with_clock(world.quick_clock());
    assert!(login.with_device_code(|_| {}).await.is_ok());
}

#[test]
fn a_login_can_be_a_task_of_its_own() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let login = SsoLogin::new(World::named());
    drop(is_send(login.with_browser(|_| {})));
    drop(is_send(login.with_device_code(|_| {})));
    drop(is_send(login.logout()));
}
