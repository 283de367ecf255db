use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use credential_cache::Object;
use credential_core::{Clock, CredentialsError, ErrorKind};
use tests_support::{Reply, abandon, canary, leaks};

use super::*;
use crate::scripted::{OfOidc as _, Refusing as _, RunningClock, World, login};

const ENDING: time::Duration = time::Duration::minutes(4);
const OVER: time::Duration = time::Duration::minutes(-4);

/// The token file's members.
fn written(world: &World) -> Object {
    Object::parse(&world.text(&World::named())).unwrap()
}

fn text(document: &Object, key: &'static str) -> String {
    document.text(key).unwrap().expose().to_owned()
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_written_for_all() {
    for left in [ENDING, OVER] {
        let world = World::new().await;
        world.log_in(&World::named(), left);

        world.provider(World::named()).load().await.unwrap();

        let asked = world.center.asked("/token");
        assert_eq!(asked.len(), 1, "{left}");
        assert_eq!(asked[0].method, "POST");
        assert_eq!(asked[0].header("content-type"), Some("application/json"));
        assert_eq!(asked[0].header("authorization"), None);
        assert_eq!(asked[0].text("grantType").as_deref(), Some("refresh_token"));
        assert_eq!(asked[0].text("clientId").as_deref(), Some("client-0"));
        assert_eq!(asked[0].text("clientSecret"), Some(canary("client secret")));
        assert_eq!(asked[0].text("refreshToken"), Some(canary("refresh 0")));
        let portal = world.center.asked("/federation/credentials");
        assert_eq!(
            portal[0].header("x-amz-sso_bearer_token"),
            Some(&*canary("access 1"))
        );
        let file = written(&world);
        assert_eq!(text(&file, "accessToken"), canary("access 1"));
        assert_eq!(text(&file, "refreshToken"), canary("refresh 1"));
        assert_eq!(text(&file, "expiresAt"), "2030-01-01T20:00:00Z");
        assert_eq!(text(&file, "clientId"), "client-0");
        assert_eq!(text(&file, "registrationExpiresAt"), "2030-03-01T00:00:00Z");
        assert!(
            world
                .text(&World::named())
                .contains(r#""future":{"list":[1,"two",null]}"#)
        );
    }
}

#[tokio::test]
async fn a_refresh_token_stays_when_no_other_comes() {
    let world = World::new().await;
    world.log_in(&World::named(), OVER);
    world.center.knows().keeps_refresh_tokens = true;
    world.provider(World::named()).load().await.unwrap();
    assert_eq!(text(&written(&world), "refreshToken"), canary("refresh 0"));
}

#[tokio::test]
async fn a_good_token_outlives_any_failure_to_renew_it() {
    for reply in [
        Reply::with(500, ""),
        Reply::refusal(400, "invalid_grant"),
        Reply::refusal(400, "invalid_request"),
        Reply::with(200, "{}"),
        Reply::with(200, "{\"accessToken\":\"x\",\"expiresIn\":0}"),
        Reply::Close,
    ] {
        let world = World::new().await;
        world.log_in(&World::named(), ENDING);
        let provider = world.provider(World::named()).with_max_attempts(1);
        world.center.answer_next("/token", reply);
        provider.load().await.unwrap();
        assert_eq!(world.center.asked("/token").len(), 1);
        assert_eq!(text(&written(&world), "accessToken"), canary("access 0"));

        // The next attempt comes 30 seconds later, no sooner.
        world.clock.advance(Duration::from_secs(29));
        provider.load().await.unwrap();
        assert_eq!(world.center.asked("/token").len(), 1);
        world.clock.advance(Duration::from_secs(1));
        provider.load().await.unwrap();
        assert_eq!(text(&written(&world), "accessToken"), canary("access 1"));
    }
}

#[tokio::test]
async fn nobody_waits_over_five_seconds_while_the_token_is_good() {
    let world = World::new().await;
    world.log_in(&World::named(), ENDING);
    world.center.answer_next("/token", Reply::Silence);
    let provider = world.provider(World::named());
    let load = tokio::spawn(async move { provider.load().await });
    while world.center.asked("/token").is_empty() {
        tokio::task::yield_now().await;
    }
    world.clock.advance(LONGEST_WAIT);
    assert!(load.await.unwrap().is_ok());
}

#[tokio::test]
async fn an_expired_token_that_is_not_renewed_is_an_error_with_the_reason() {
    let codes = [
        "expired_token",
        "invalid_grant",
        "invalid_client",
        "unauthorized_client",
        "access_denied",
    ];
    for code in codes {
        let world = World::new().await;
        world.log_in(&World::named(), OVER);
        let status = if code == "invalid_client" { 401 } else { 400 };
        world.center.answer_next("/token", Reply::refusal(status, code));
        let clock = world.quick_clock();
        let provider = world.provider(World::named()).with_clock(clock.clone());
        let error = provider.load().await.unwrap_err();
        assert!(matches!(error, Error::RenewalRefused { .. }), "{code}: {error:?}");
        let waited: Duration = clock.pauses().iter().sum();
        assert!((900..1500).contains(&waited.as_millis()), "{waited:?}");
        let told = error.to_string();
        assert!(
            told.contains("as the script says") && told.contains("aws sso login --profile deploy"),
            "{told}"
        );
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
        assert_eq!(CredentialsError::from(error).kind(), ErrorKind::LoginRequired);
        assert_eq!(
            world.center.asked("/token").len(),
            1,
            "{code} is not worth another attempt"
        );
        assert!(world.center.asked("/federation/credentials").is_empty());
    }
}

#[tokio::test]
async fn trouble_of_the_service_is_worth_three_attempts_and_no_new_login() {
    for reply in [
        Reply::with(500, "{\"error\":\"server_error\"}"),
        Reply::refusal(400, "slow_down"),
        Reply::with(400, "{}").header("x-amzn-ErrorType: SlowDownException"),
        Reply::Close,
    ] {
        let world = World::new().await;
        world.log_in(&World::named(), OVER);
        for _ in 0..3 {
            world.center.answer_next("/token", reply.clone());
        }
        let provider = world.provider(World::named());
        let error = provider.load().await.unwrap_err();
        assert_eq!(world.center.asked("/token").len(), 3, "{reply:?}");
        assert!(error.is_transient() && !error.needs_login(), "{error:?}");
        // An error is not kept.
        assert!(provider.load().await.is_ok());
    }
}

#[tokio::test]
async fn an_expired_token_without_the_means_to_renew_it_asks_nobody() {
    let world = World::new().await;
    let text = login(world.clock.now() + OVER);
    for key in [
        "refreshToken",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
    ] {
        world.write(&World::named(), &text.replace(&format!("\"{key}\""), "\"other\""));
        let error = world.provider(World::named()).load().await.unwrap_err();
        assert!(matches!(error, Error::Expired { .. }), "{error:?}");
        assert!(error.to_string().contains(key), "{error}");
    }
    world.write(
        &World::named(),
        &text.replace("2030-03-01T00:00:00Z", "2029-12-31T00:00:00UTC"),
    );
    let error = world.provider(World::named()).load().await.unwrap_err();
    assert!(error.to_string().contains("registration expired"), "{error}");
    assert!(world.center.server.received().is_empty());
}

#[tokio::test]
async fn a_token_that_another_program_renewed_first_is_taken() {
    let world = World::new().await;
    world.log_in(&World::named(), OVER);
    let provider = world.provider(World::named()).with_clock(world.quick_clock());
    // Another program has used the refresh token and writes what it got while we are being refused.
    world.center.answer_next("/token", Reply::with(500, ""));
    world
        .center
        .answer_next("/token", Reply::refusal(400, "invalid_grant"));
    let load = tokio::spawn(async move { provider.load().await });
    while world.center.asked("/token").is_empty() {
        tokio::task::yield_now().await;
    }
    let theirs =
        login(world.clock.now() + time::Duration::hours(8)).replace(&canary("access 0"), &canary("access 7"));
    world.center.knows().accepted.insert(canary("access 7"));
    world.write(&World::named(), &theirs);
    load.await.unwrap().unwrap();
    let asked = world.center.asked("/federation/credentials");
    assert_eq!(
        asked[0].header("x-amz-sso_bearer_token"),
        Some(&*canary("access 7"))
    );
    assert_eq!(world.text(&World::named()), theirs, "their file stays as it is");
}

/// Waits until somebody sleeps for a moment only, and gives the moment.
async fn moment(world: &World) -> Duration {
    loop {
        match world.clock.next_wake() {
            Some(next) if next <= Duration::from_millis(500) => return next,
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_token_that_another_program_is_about_to_write_is_waited_for() {
    let world = World::new().await;
    world.log_in(&World::named(), OVER);
    let provider = world.provider(World::named());
    world
        .center
        .answer_next("/token", Reply::refusal(400, "invalid_grant"));
    let load = tokio::spawn(async move { provider.load().await });
    world.clock.advance(moment(&world).await);
    let next = moment(&world).await;
    // Not all programs replace the file as a whole.
    world.write(&World::named(), "{\"accessToken\":");
    world.clock.advance(next);
    let next = moment(&world).await;
    let theirs =
        login(world.clock.now() + time::Duration::hours(8)).replace(&canary("access 0"), &canary("access 7"));
    world.center.knows().accepted.insert(canary("access 7"));
    world.write(&World::named(), &theirs);
    world.clock.advance(next);
    load.await.unwrap().unwrap();
    assert_eq!(world.center.asked("/token").len(), 1);
    assert_eq!(world.text(&World::named()), theirs, "their file stays as it is");
}

#[tokio::test]
async fn a_refresh_token_is_not_sent_again_when_another_came_into_the_file() {
    for trouble in [Reply::Close, Reply::with(500, "")] {
        let world = World::new().await;
        world.log_in(&World::named(), OVER);
        let bell = Arc::new(tokio::sync::Notify::new());
        world.center.answer_next("/token", trouble.held(&bell));
        let provider = world.provider(World::named());
        let load = tokio::spawn(async move { provider.load().await });
        while world.center.asked("/token").is_empty() {
            tokio::task::yield_now().await;
        }
        let theirs = login(world.clock.now() + time::Duration::hours(8));
        let theirs = theirs.replace(&canary("access 0"), &canary("access 7"));
        world.center.knows().accepted.insert(canary("access 7"));
        world.write(&World::named(), &theirs);
        bell.notify_one();
        load.await.unwrap().unwrap();
        assert_eq!(world.center.asked("/token").len(), 1);
    }
}

#[tokio::test]
async fn a_load_whose_limit_ends_leaves_its_renewal_to_the_next_one() {
    let world = World::new().await;
    world.log_in(&World::named(), OVER);
    // Somebody holds the lock all the time, so that the renewal begins late.
    let file = CacheFile::new(world.token_file(&World::named()));
    let _lock = file.lock(&world.clock).await.unwrap();
    let bell = Arc::new(tokio::sync::Notify::new());
    let granted = format!(
        "{{\"accessToken\":\"{}\",\"expiresIn\":28800}}",
        canary("access 7")
    );
    world.center.knows().accepted.insert(canary("access 7"));
    world
        .center
        .answer_next("/token", Reply::with(200, granted).held(&bell));
    let provider = world.provider(World::named());
    let began = world.clock.monotonic();
    let load = || {
        tokio::spawn({
            let provider = provider.clone();
            async move { provider.load().await }
        })
    };
    let first = load();
    while world.center.asked("/token").is_empty() {
        if let Some(next) = world
            .clock
            .next_wake()
            .filter(|next| *next < Duration::from_secs(1))
        {
            world.clock.advance(next);
        }
        tokio::task::yield_now().await;
    }
    world
        .clock
        .advance(Duration::from_secs(20) - (world.clock.monotonic() - began));
    let error = first.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(error.to_string(), "asking IAM Identity Center took over 20s");
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::TimedOut);

    let second = load();
    world.clock.advance(Duration::from_secs(4));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    bell.notify_one();
    second.await.unwrap().unwrap();
    assert_eq!(world.center.asked("/token").len(), 1);
    assert_eq!(text(&written(&world), "accessToken"), canary("access 7"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_cannot_be_written_is_used_all_the_same_until_the_file_changes() {
    let world = World::new().await;
    world.log_in(&World::named(), OVER);
    let path = world.token_file(&World::named());
    // Root may write anywhere, so what stands in the way is that the new file's name is too long.
    let folder = world.folder.path().join("x".repeat(200));
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join(format!("{}.json", "y".repeat(248)));
    std::fs::rename(path, &file).unwrap();
    let mut settings = Settings::new(World::named());
    settings.oidc_endpoint = Some(world.center.server.url.clone());
    settings.clock = Arc::new(world.clock.clone());
    let settings = Arc::new(settings);
    let (tokens, cache) = (Arc::<Tokens>::default(), CacheFile::new(&file));

    let first = token(&settings, &tokens, &cache).await.unwrap();
    assert_eq!(first.access_token.expose(), canary("access 1"));
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains(&canary("access 0"))
    );
    let again = token(&settings, &tokens, &cache).await.unwrap();
    assert_eq!(again.access_token, first.access_token);
    assert_eq!(world.center.asked("/token").len(), 1);

    // Its own refresh token serves when it ends too.
    world.clock.advance(Duration::from_secs(8 * 3600));
    let second = token(&settings, &tokens, &cache).await.unwrap();
    assert_eq!(second.access_token.expose(), canary("access 2"));

    // What somebody else writes counts, and so does that the file is gone.
    let theirs = login(world.clock.now() + time::Duration::hours(1)).replace("access00", "access09");
    std::fs::write(&file, &theirs).unwrap();
    let read = token(&settings, &tokens, &cache).await.unwrap();
    assert_eq!(read.access_token.expose(), canary("access 9"));
    std::fs::remove_file(&file).unwrap();
    let error = token(&settings, &tokens, &cache).await.unwrap_err();
    assert!(matches!(*error, Error::NotLoggedIn { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_tasks_renew_once_and_none_of_them_fails() {
    let world = World::new().await;
    world.log_in(&World::named(), OVER);
    let provider = world
        .provider(World::named())
        .with_clock(RunningClock(world.clock.clone()));
    let loads: Vec<_> = (0..20)
        .map(|number| {
            // Half of them stand for other programs: they share nothing but the file.
            let provider = if number % 2 == 0 {
                provider.clone()
            } else {
                provider.clone().with_max_attempts(3)
            };
            tokio::spawn(async move { provider.load().await })
        })
        .collect();
    for load in loads {
        load.await.unwrap().unwrap();
    }
    assert_eq!(world.center.asked("/token").len(), 1);
    assert_eq!(text(&written(&world), "refreshToken"), canary("refresh 1"));
}

#[tokio::test]
async fn waiting_that_is_dropped_at_any_await_loses_no_token() {
    for polls in 0..40 {
        let world = World::new().await;
        world.log_in(&World::named(), OVER);
        let provider = world
            .provider(World::named())
            .with_clock(RunningClock(world.clock.clone()));
        let ended = abandon(provider.load(), polls).await;
        // The same provider goes on, and so does one that knows nothing of it.
        let stranger = provider.clone().with_max_attempts(3);
        provider.load().await.unwrap();
        stranger.load().await.unwrap();
        assert_eq!(world.center.asked("/token").len(), 1, "after {polls} polls");
        assert_eq!(text(&written(&world), "refreshToken"), canary("refresh 1"));
        if ended.is_some() {
            return;
        }
    }
    panic!("it never ended by itself");
}

#[test]
fn a_renewal_whose_runtime_is_gone_is_begun_anew() {
    let first = tokio::runtime::Runtime::new().unwrap();
    let world = first.block_on(World::new());
    let second = tokio::runtime::Runtime::new().unwrap();
    world.log_in(&World::named(), OVER);
    world.center.answer_next("/token", Reply::Silence);
    let provider = world.provider(World::named());
    second.block_on(async {
        let load = provider.load();
        let mut load = pin!(load);
        while world.center.asked("/token").is_empty() {
            poll_fn(|context| Poll::Ready(load.as_mut().poll(context).is_ready())).await;
            tokio::task::yield_now().await;
        }
    });
    drop(second);
    first.block_on(async { provider.load().await.unwrap() });
    assert_eq!(world.center.asked("/token").len(), 2);
}
