use std::future::Future;
use std::sync::{Arc, Mutex};

use credential_cache::Object;
use credential_core::Clock;
use tests_support::{Reply, abandon, canary, leaks};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::scripted::{OfOidc as _, Refusing as _, START_URL, World};

const TOKEN: &str = "/token";
const REGISTER: &str = "/client/register";
const DEVICE: &str = "/device_authorization";

fn legacy() -> SsoSession {
    SsoSession::legacy(START_URL, "eu-central-1")
}

/// What was written, with the canaries by their names.
fn readable(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["access 1", "refresh 1", "client secret"] {
        text = text.replace(&canary(name), name);
    }
    text
}

fn registration_file(login: &SsoLogin) -> PathBuf {
    registration::file(&login.settings).unwrap().path().to_owned()
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

#[tokio::test]
async fn a_registration_serves_again_while_it_lives_and_only_for_its_own_way() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    let log_in = async || login.with_device_code(|_| {}).await.unwrap();
    let registered = || world.center.asked(REGISTER).len();
    let file = registration_file(&login);
    let left_by_the_cli = |rest: &str| {
        let secret = canary("client secret");
        let text = format!("{{\"clientId\": \"client-cli\", \"clientSecret\": \"{secret}\", {rest}}}");
        std::fs::write(&file, text).unwrap();
    };
    log_in().await;
    log_in().await;
    assert_eq!(registered(), 1);

    left_by_the_cli("\"expiresAt\": \"2030-01-02T00:00:00Z\"");
    log_in().await;
    assert_eq!(registered(), 1);
    let last = world.center.asked(DEVICE).pop().unwrap();
    assert_eq!(last.text("clientId").as_deref(), Some("client-cli"));

    for rest in [
        "\"expiresAt\": \"2030-01-01T12:15:00Z\"",
        "\"expiresAt\": \"soon\"",
        "\"other\": 1",
        "\"expiresAt\": \"2030-03-01T00:00:00Z\", \"grantTypes\": [\"authorization_code\", \"refresh_token\"]",
    ] {
        let before = registered();
        left_by_the_cli(rest);
        log_in().await;
        assert_eq!(registered(), before + 1, "{rest}");
    }
    std::fs::write(&file, "no json").unwrap();
    let before = registered();
    log_in().await;
    assert_eq!(registered(), before + 1);
}

#[tokio::test]
async fn a_registration_that_is_known_no_more_is_replaced() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    login.with_device_code(|_| {}).await.unwrap();
    world
        .center
        .answer_next(DEVICE, Reply::refusal(401, "invalid_client"));
    login.with_device_code(|_| {}).await.unwrap();
    assert_eq!(world.center.asked(REGISTER).len(), 2);
    let last = world.center.asked(TOKEN).pop().unwrap();
    assert_eq!(last.text("clientId").as_deref(), Some("client-2"));
}

#[tokio::test]
async fn a_login_that_is_dropped_at_any_await_leaves_whole_files() {
    for polls in 0..60 {
        let world = World::new().await;
        let login = world.login(World::named()).with_clock(world.quick_clock());
        let ended = abandon(login.with_device_code(|_| {}), polls).await;
        login.with_device_code(|_| {}).await.unwrap();
        assert!(
            world.provider(World::named()).load().await.is_ok(),
            "after {polls} polls"
        );
        if ended.is_some() {
            return;
        }
    }
    panic!("it never ended by itself");
}

/// What a browser is told to open, by the names in its query.
fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').unwrap().1;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_else(|| panic!("no {name} in {url}"));
    value.replace("%3A", ":").replace("%2F", "/").replace("%20", " ")
}

async fn visit(redirect_uri: &str, query: &str) -> String {
    let rest = redirect_uri.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    get(authority, &format!("/{path}?{query}")).await
}

async fn get(authority: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Logs in with a browser that does what it is told.
async fn log_in_with<F>(
    login: &SsoLogin,
    world: &World,
    browse: impl FnOnce(String) -> F,
) -> (Result<LoggedIn, Error>, F::Output)
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let browser = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&browser);
    let result = login
        .with_browser(|url| {
            world.center.knows().challenge = Some(parameter(url, "code_challenge"));
            *theirs.lock().unwrap() = Some(tokio::spawn(browse(url.to_owned())));
        })
        .await;
    let browser = browser.lock().unwrap().take().unwrap();
    (result, browser.await.unwrap())
}

#[tokio::test]
async fn a_browser_comes_back_with_a_code_for_a_token() {
    let world = World::new().await;
    let session = World::named().with_scopes(["sso:account:access", "x:y"]);
    let login = world.login(session.clone());

    let (logged_in, (url, pages)) = log_in_with(&login, &world, |url| async move {
        let redirect = parameter(&url, "redirect_uri");
        let authority = redirect.split('/').nth(2).unwrap().to_owned();
        let (state, code) = (
            parameter(&url, "state"),
            canary("authorization code").replace('+', "%2B"),
        );
        // Browsers open connections that they do not use, and any page can send them here.
        let _idle = TcpStream::connect(&authority).await.unwrap();
        let pages = [
            get(&authority, "/favicon.ico").await,
            visit(&redirect, &format!("code={code}&state=another")).await,
            visit(&redirect, &format!("code={code}&state={state}")).await,
        ];
        (url, pages)
    })
    .await;

    let logged_in = logged_in.unwrap();
    assert!(logged_in.is_renewable());
    assert!(pages[0].starts_with("HTTP/1.1 404"), "{}", pages[0]);
    assert!(pages[1].starts_with("HTTP/1.1 400"), "{}", pages[1]);
    assert!(pages[2].starts_with("HTTP/1.1 200"), "{}", pages[2]);
    assert!(
        pages[2].contains("close this tab") && pages[2].contains("no-store"),
        "{}",
        pages[2]
    );
    assert!(!leaks(&pages.concat()));

    let page = url.split('?').next().unwrap();
    assert_eq!(page, format!("{}/authorize", world.center.server.url));
    assert_eq!(parameter(&url, "response_type"), "code");
    assert_eq!(parameter(&url, "client_id"), "client-1");
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    assert_eq!(parameter(&url, "scopes"), "sso:account:access x:y");
    let redirect = parameter(&url, "redirect_uri");
    assert!(
        redirect.starts_with("http://127.0.0.1:") && redirect.ends_with("/oauth/callback"),
        "{redirect}"
    );
    assert_eq!(
        world.center.asked(REGISTER)[0].body,
        format!(
            "{{\"clientName\":\"credential-client-corp\",\"clientType\":\"public\",\
             \"grantTypes\":[\"authorization_code\",\"refresh_token\"],\
             \"redirectUris\":[\"http://127.0.0.1/oauth/callback\"],\"issuerUrl\":\"{START_URL}\",\
             \"scopes\":[\"sso:account:access\",\"x:y\"]}}"
        )
    );
    let token = world.center.asked(TOKEN).pop().unwrap();
    assert_eq!(token.text("grantType").as_deref(), Some("authorization_code"));
    assert_eq!(token.text("redirectUri"), Some(redirect.clone()));
    let registration = std::fs::read_to_string(registration_file(&login)).unwrap();
    let registration = Object::parse(&registration).unwrap();
    assert!(registration.lists("grantTypes", "authorization_code"));
    assert!(world.provider(session).load().await.is_ok());
    let authority = redirect.split('/').nth(2).unwrap();
    assert!(
        TcpStream::connect(authority).await.is_err(),
        "the port is closed again"
    );
}

#[tokio::test]
async fn a_browser_that_is_refused_ends_the_login() {
    let world = World::new().await;
    let login = world.login(World::named());
    let (result, page) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        visit(
            &redirect,
            &format!("error=access_denied&error_description=no&state={state}"),
        )
        .await
    })
    .await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::NotApproved { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the login was not approved: AccessDenied: no");
    assert!(page.contains("Not logged in"), "{page}");
    assert!(!world.token_file(&World::named()).exists());
}

#[tokio::test]
async fn a_refusal_without_the_state_ends_no_login() {
    let world = World::new().await;
    let login = world.login(World::named());
    let (result, pages) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let code = canary("authorization code").replace('+', "%2B");
        [
            visit(&redirect, "error=access_denied&error_description=Call+0900").await,
            visit(&redirect, "error=access_denied&state=another").await,
            visit(&redirect, &format!("code={code}&state={state}")).await,
        ]
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert!(pages[0].starts_with("HTTP/1.1 400"), "{}", pages[0]);
    assert!(pages[1].starts_with("HTTP/1.1 400"), "{}", pages[1]);
}

#[tokio::test]
async fn a_refusal_without_the_state_is_told_when_nobody_else_came() {
    let world = World::new().await;
    let minute = Duration::from_secs(60);
    let login = world.login(World::named()).with_login_timeout(minute);
    let clock = world.clock.clone();
    let (result, _) = log_in_with(&login, &world, |url| async move {
        let redirect = parameter(&url, "redirect_uri");
        visit(&redirect, "error=access_denied&error_description=Call+0900").await;
        clock.advance(minute);
    })
    .await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::NobodyCame { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.contains("AccessDenied") && !told.contains("0900"), "{told}");
}

/// A request for the callback with this much more in its head.
fn request_with(redirect_uri: &str, query: &str, more: &[u8]) -> (String, Vec<u8>) {
    let rest = redirect_uri.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let head = format!("GET /{path}?{query} HTTP/1.1\r\nHost: {authority}\r\nCookie: ");
    let request = [head.as_bytes(), more, b"\r\n\r\n"].concat();
    (authority.to_owned(), request)
}

async fn answer_to((authority, request): (String, Vec<u8>)) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn cookies_of_other_programs_on_this_machine_are_in_nobodys_way() {
    let world = World::new().await;
    let login = world.login(World::named());
    let (result, pages) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let code = canary("authorization code").replace('+', "%2B");
        let cookies = "session=".to_owned() + &"x".repeat(40_000);
        let query = format!("code={code}&state={state}");
        [
            answer_to(request_with(&redirect, "code=c&state=s", &[b'x'; 200_000])).await,
            answer_to(request_with(&redirect, &"x".repeat(200_000), b"")).await,
            answer_to(request_with(
                &redirect,
                &query,
                &[cookies.as_bytes(), &[0xff, 0xe4]].concat(),
            ))
            .await,
        ]
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert!(pages[0].starts_with("HTTP/1.1 431"), "{}", pages[0]);
    assert!(pages[1].starts_with("HTTP/1.1 431"), "{}", pages[1]);
    assert!(pages[2].starts_with("HTTP/1.1 200"), "{}", pages[2]);
}

#[tokio::test]
async fn connections_that_say_nothing_or_little_keep_nobody_out() {
    let world = World::new().await;
    let login = world.login(World::named());
    let (result, page) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let authority = redirect.split('/').nth(2).unwrap().to_owned();
        let code = canary("authorization code").replace('+', "%2B");
        let mut idle = Vec::new();
        for number in 0..100 {
            let mut stream = TcpStream::connect(&authority).await.unwrap();
            let begun: &[u8] = [&b""[..], b"GET /", b"GET / HTTP/1.1\r\nHost:"][number % 3];
            stream.write_all(begun).await.unwrap();
            idle.push(stream);
        }
        visit(&redirect, &format!("code={code}&state={state}")).await
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
}

#[tokio::test]
async fn a_code_counts_though_the_rest_of_its_request_never_comes() {
    let world = World::new().await;
    let login = world.login(World::named());
    let clock = world.clock.clone();
    let (result, ()) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let code = canary("authorization code").replace('+', "%2B");
        let (authority, request) = request_with(&redirect, &format!("code={code}&state={state}"), b"");
        let line = request.iter().position(|byte| *byte == b'\n').unwrap();
        let mut stream = TcpStream::connect(authority).await.unwrap();
        stream.write_all(&request[..=line]).await.unwrap();
        while clock.next_wake() != Some(Duration::from_secs(2)) {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(2));
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
}

#[tokio::test]
async fn a_code_that_is_refused_is_never_told() {
    for (code, status) in [("invalid_grant", 400), ("invalid_client", 401)] {
        let world = World::new().await;
        let login = world.login(World::named());
        let echo = format!(
            "{{\"error\":\"{code}\",\"error_description\":\"{} is bad\"}}",
            canary("authorization code")
        );
        world.center.answer_next(TOKEN, Reply::with(status, echo));
        let (result, _) = log_in_with(&login, &world, |url| async move {
            let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
            let code = canary("authorization code").replace('+', "%2B");
            visit(&redirect, &format!("code={code}&state={state}")).await
        })
        .await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
        // A registration that is known no more must not spoil the next login.
        assert_eq!(registration_file(&login).exists(), code == "invalid_grant");
    }
}

#[tokio::test]
async fn a_browser_that_never_comes_back_is_given_up() {
    let world = World::new().await;
    let login = world
        .login(World::named())
        .with_login_timeout(Duration::from_secs(60));
    let opened = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&opened);
    let waiting = tokio::spawn(async move {
        login
            .with_browser(|url| *theirs.lock().unwrap() = Some(url.to_owned()))
            .await
    });
    while opened.lock().unwrap().is_none() || world.clock.next_wake() != Some(Duration::from_secs(60)) {
        tokio::task::yield_now().await;
    }
    world.clock.advance(Duration::from_secs(60));
    let error = waiting.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::NobodyCame { .. }), "{error:?}");
}

#[tokio::test]
async fn a_legacy_session_has_no_login_in_the_browser() {
    let world = World::new().await;
    let error = world
        .login(legacy())
        .with_browser(|_| panic!("nothing to open"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::LegacyInBrowser), "{error:?}");
    assert!(world.center.server.received().is_empty());
}

#[tokio::test]
async fn a_logout_ends_the_token_and_removes_the_files_of_this_session_alone() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    login.with_device_code(|_| {}).await.unwrap();
    world.write(&legacy(), "somebody else's");
    assert_eq!(world.files().len(), 3);

    assert!(login.logout().await.unwrap());

    let asked = world.center.asked("/logout");
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        asked[0].header("x-amz-sso_bearer_token"),
        Some(&*canary("access 1"))
    );
    assert_eq!(world.files(), [legacy().token_file_name()]);
    assert!(!login.logout().await.unwrap(), "there is nothing more to do");
    assert_eq!(world.center.asked("/logout").len(), 1);
}

#[tokio::test]
async fn a_logout_that_the_portal_does_not_take_removes_the_files_all_the_same() {
    let world = World::new().await;
    let login = world.login(World::named());
    for reply in [Reply::with(401, "{}"), Reply::with(400, "<html>"), Reply::Close] {
        world.log_in(&World::named(), time::Duration::hours(8));
        for _ in 0..3 {
            world.center.answer_next("/logout", reply.clone());
        }
        assert!(login.logout().await.unwrap());
        assert!(world.files().is_empty());
        world.center.knows().script.clear();
    }
    world.write(&World::named(), "no json");
    assert!(login.logout().await.unwrap());
    assert!(world.files().is_empty());
}

#[tokio::test]
async fn whoever_is_logged_out_is_told_to_log_in() {
    let world = World::new().await;
    world.log_in(&World::named(), time::Duration::hours(8));
    let provider = world.provider(World::named());
    provider.load().await.unwrap();
    world.login(World::named()).logout().await.unwrap();
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::NotLoggedIn { .. }), "{error:?}");
}

#[tokio::test]
async fn a_logout_where_nobody_ever_logged_in_leaves_nothing_behind() {
    let world = World::new().await;
    let folder = world.folder.path().join("home/.aws/sso/cache");
    let login = world.login(World::named()).with_cache_directory(&folder);
    assert!(!login.logout().await.unwrap());
    assert_eq!(world.files(), Vec::<String>::new());
}

#[tokio::test]
async fn answers_that_no_login_can_go_on_with_are_blamed_on_their_member() {
    let secret = canary("answer");
    let registered = format!("\"clientId\":\"c\",\"clientSecret\":\"{secret}\"");
    let started = format!("\"deviceCode\":\"{secret}\",\"userCode\":\"u\"");
    let table = [
        (REGISTER, "{}".to_owned(), "clientId"),
        (REGISTER, format!("{{{registered}}}"), "clientSecretExpiresAt"),
        (
            REGISTER,
            format!("{{{registered},\"clientSecretExpiresAt\":\"{secret}\"}}"),
            "clientSecretExpiresAt",
        ),
        (
            REGISTER,
            format!("{{{registered},\"clientSecretExpiresAt\":1e18}}"),
            "clientSecretExpiresAt",
        ),
        (
            REGISTER,
            format!("{{{registered},\"clientSecretExpiresAt\":999999999999999}}"),
            "clientSecretExpiresAt",
        ),
        (DEVICE, "{}".to_owned(), "deviceCode"),
        (DEVICE, format!("{{{started}}}"), "verificationUri"),
        (
            DEVICE,
            format!("{{{started},\"verificationUri\":\"v\"}}"),
            "expiresIn",
        ),
        (
            DEVICE,
            format!("{{{started},\"verificationUri\":\"v\",\"expiresIn\":0}}"),
            "expiresIn",
        ),
        (
            DEVICE,
            format!("{{{started},\"verificationUri\":\"v\",\"expiresIn\":9,\"interval\":\"x\"}}"),
            "interval",
        ),
        (TOKEN, "{}".to_owned(), "accessToken"),
        (TOKEN, format!("{{\"accessToken\":\"{secret}\"}}"), "expiresIn"),
        (
            TOKEN,
            format!("{{\"accessToken\":\"{secret}\",\"expiresIn\":-1}}"),
            "expiresIn",
        ),
        (
            TOKEN,
            format!("{{\"accessToken\":\"{secret}\",\"expiresIn\":9223372036854775807}}"),
            "expiresIn",
        ),
    ];
    for (path, body, key) in table {
        let world = World::new().await;
        world.center.answer_next(path, Reply::with(200, body.clone()));
        let login = world
            .login(World::named())
            .with_clock(world.quick_clock())
            .with_max_attempts(1);
        let error = login.with_device_code(|_| {}).await.unwrap_err();
        assert!(matches!(error, Error::Answer { .. }), "{path} {body}: {error:?}");
        assert!(error.to_string().contains(key), "{error}");
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
    }
}

#[tokio::test]
async fn a_login_that_cannot_be_written_is_an_error_that_names_the_file() {
    let world = World::new().await;
    std::fs::write(world.folder.path().join("file"), "").unwrap();
    let login = world
        .login(World::named())
        .with_clock(world.quick_clock())
        .with_cache_directory(world.folder.path().join("file/below"));
    for error in [
        login
            .with_device_code(|_| panic!("a code is shown"))
            .await
            .unwrap_err(),
        login
            .with_browser(|_| panic!("a browser is opened"))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::WriteToken { .. }), "{error:?}");
        assert!(error.to_string().contains("file/below"), "{error}");
    }
    assert!(
        world.center.server.received().is_empty(),
        "nobody is asked in vain"
    );
}

#[tokio::test]
async fn a_logout_that_cannot_remove_the_token_file_removes_the_registration_and_says_so() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    login.with_device_code(|_| {}).await.unwrap();
    assert_eq!(world.files().len(), 2);
    // No file can be removed where there is a folder.
    let token_file = world.token_file(&World::named());
    std::fs::remove_file(&token_file).unwrap();
    std::fs::create_dir(&token_file).unwrap();

    let error = login.logout().await.unwrap_err();
    assert!(
        matches!(error, Error::RemoveFile { ended: false, .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().ends_with("cannot be removed")
            && error.to_string().contains(token_file.to_str().unwrap()),
        "{error}"
    );
    assert_eq!(world.files(), [World::named().token_file_name()]);
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
