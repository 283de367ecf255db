//! A login in the browser.

use credential_cache::Object;
use tests_support::{canary, leaks};

use super::*;
use crate::scripted::OfOidc as _;

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
