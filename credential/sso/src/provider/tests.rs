use credential_cache::Fault;
use credential_core::{Clock, CredentialsError, ErrorKind, Variables};
use tests_support::{Reply, canary, leaks};
use time::OffsetDateTime;

use super::*;
use crate::scripted::{START_URL, World, login};

const HOURS: time::Duration = time::Duration::hours(8);
const PORTAL: &str = "/federation/credentials";

#[tokio::test]
async fn who_is_logged_in_gets_the_roles_credentials() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);

    let credentials = world.provider(World::named()).load().await.unwrap();

    assert_eq!(credentials.access_key_id(), "ASIAROLE");
    assert_eq!(
        credentials.secret_access_key().expose(),
        canary("secret access key")
    );
    assert_eq!(
        credentials.session_token().unwrap().expose(),
        canary("session token")
    );
    let expiration = OffsetDateTime::from_unix_timestamp_nanos(1_893_502_800_123_000_000).unwrap();
    assert_eq!(credentials.expiration(), Some(expiration));
    assert_eq!(credentials.account_id(), Some("012345678901"));
    assert_eq!(credentials.source(), "Sso");
    let asked = world.center.asked(PORTAL);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "GET");
    assert_eq!(
        asked[0].target,
        "/federation/credentials?role_name=Read%20Only%26more&account_id=012345678901"
    );
    assert_eq!(
        asked[0].header("x-amz-sso_bearer_token"),
        Some(&*canary("access 0"))
    );
    assert_eq!(asked[0].header("authorization"), None);
    assert!(world.center.asked("/token").is_empty());
}

#[tokio::test]
async fn a_login_in_another_program_counts_at_the_next_call() {
    let world = World::new().await;
    let provider = world.provider(World::named());
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::NotLoggedIn { .. }), "{error:?}");
    world.log_in(&World::named(), HOURS);
    assert!(provider.load().await.is_ok());
}

#[tokio::test]
async fn who_is_not_logged_in_is_told_the_command_and_the_file() {
    let world = World::new().await;
    let error = world.provider(World::named()).load().await.unwrap_err();
    let file = world.token_file(&World::named());
    assert_eq!(
        error.to_string(),
        format!(
            "nobody is logged in to IAM Identity Center: there is no token file {}; \
             run `credential login --profile deploy` or `aws sso login --profile deploy`",
            file.display()
        )
    );
    let error = CredentialsError::from(error);
    assert_eq!(error.kind(), ErrorKind::LoginRequired);
    assert_eq!(error.provider(), "Sso");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_legacy_token_that_has_expired_is_not_even_sent() {
    let world = World::new().await;
    let legacy = SsoSession::legacy(START_URL, "eu-central-1");
    world.log_in(&legacy, time::Duration::ZERO);

    let error = world.provider(legacy.clone()).load().await.unwrap_err();

    assert!(
        matches!(
            error,
            Error::Expired {
                reason: crate::NotRenewable::Legacy,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("expired at 2030-01-01T12:00:00Z"),
        "{error}"
    );
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::LoginRequired);
    assert!(world.center.server.received().is_empty());

    world.log_in(&legacy, time::Duration::seconds(1));
    assert!(
        world.provider(legacy).load().await.is_ok(),
        "good to the last second"
    );
    assert!(world.center.asked("/token").is_empty());
}

#[tokio::test]
async fn a_token_that_the_portal_refuses_is_read_once_more() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    world.center.knows().accepted.clear();
    let provider = world.provider(World::named());

    let error = provider.load().await.unwrap_err();

    assert!(matches!(error, Error::TokenRefused { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("Unauthorized") && text.contains("credential login"),
        "{text}"
    );
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::LoginRequired);
    assert_eq!(
        world.center.asked(PORTAL).len(),
        1,
        "the same token is not sent again"
    );
}

/// Writes another token as soon as the first request has come in, before it is answered.
#[tokio::test]
async fn a_login_that_happened_meanwhile_is_used() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let provider = world.provider(World::named());
    // One try that is cut off gives the time to log in anew: its pause is zero on this clock.
    world.center.answer_next(PORTAL, Reply::with(500, ""));
    world
        .center
        .answer_next(PORTAL, Reply::with(401, "{\"message\":\"gone\"}"));
    let other = login(world.clock.now() + HOURS).replace(&canary("access 0"), &canary("access 9"));
    world.center.knows().accepted.insert(canary("access 9"));
    let load = tokio::spawn({
        let provider = provider.clone();
        async move { provider.load().await }
    });
    while world.center.asked(PORTAL).is_empty() {
        tokio::task::yield_now().await;
    }
    world.write(&World::named(), &other);
    assert!(load.await.unwrap().is_ok());
    let last = world.center.asked(PORTAL).pop().unwrap();
    assert_eq!(last.header("x-amz-sso_bearer_token"), Some(&*canary("access 9")));
}

#[tokio::test]
async fn answers_that_are_no_credentials_are_blamed_on_their_member() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let secret = canary("answer");
    let role = |members: &str| format!("{{\"roleCredentials\":{{{members}}}}}");
    let keys =
        format!("\"accessKeyId\":\"A\",\"secretAccessKey\":\"{secret}\",\"sessionToken\":\"{secret}\"");
    let missing = |key| Fault::Missing { key };
    let table = [
        ("{}".to_owned(), missing("roleCredentials")),
        ("[]".to_owned(), Fault::NotAnObject),
        (role(""), missing("accessKeyId")),
        (role("\"accessKeyId\":\"A\""), missing("secretAccessKey")),
        (
            role(&format!("\"accessKeyId\":\"A\",\"secretAccessKey\":\"{secret}\"")),
            missing("sessionToken"),
        ),
        (role(&keys), missing("expiration")),
        (
            role(&format!("{keys},\"expiration\":\"{secret}\"")),
            Fault::WrongType {
                key: "expiration",
                expected: "whole number",
            },
        ),
        (
            role(&format!("{keys},\"expiration\":0")),
            Fault::Range { key: "expiration" },
        ),
        (
            role(&format!("{keys},\"expiration\":9223372036854775807")),
            Fault::Range { key: "expiration" },
        ),
        (
            format!("<html>{secret}"),
            Fault::NotJson {
                ends_early: false,
                line: 1,
                column: 1,
            },
        ),
    ];
    for (body, expected) in table {
        world.center.answer_next(PORTAL, Reply::with(200, body.clone()));
        // An answer that cannot be read is worth the other attempts; they get the same.
        let provider = world.provider(World::named()).with_max_attempts(1);
        let error = provider.load().await.unwrap_err();
        assert!(
            matches!(&error, Error::Answer { fault, .. } if *fault == expected),
            "{body}: {error:?}"
        );
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
    }
}

#[tokio::test]
async fn refusals_mean_what_they_say() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let echo = format!("{{\"message\":\"token {} is bad\"}}", canary("access 0"));
    let table = [
        (400, ErrorKind::Failed, false, 1),
        (403, ErrorKind::Failed, false, 1),
        (404, ErrorKind::Failed, false, 1),
        (302, ErrorKind::Failed, false, 1),
        (429, ErrorKind::Failed, true, 3),
        (500, ErrorKind::Failed, true, 3),
        (503, ErrorKind::Failed, true, 3),
    ];
    for (status, kind, transient, attempts) in table {
        let before = world.center.asked(PORTAL).len();
        for _ in 0..attempts {
            world
                .center
                .answer_next(PORTAL, Reply::with(status, echo.clone()));
        }
        let error = world.provider(World::named()).load().await.unwrap_err();
        assert_eq!(world.center.asked(PORTAL).len() - before, attempts, "{status}");
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        if matches!(status, 403 | 404) {
            let text = error.to_string();
            assert!(
                text.contains("Read Only&more") && text.contains("012345678901"),
                "{text}"
            );
        }
        let error = CredentialsError::from(error);
        assert_eq!(
            (error.kind(), error.is_transient()),
            (kind, transient),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    world.center.answer_next(PORTAL, Reply::Close);
    world.center.answer_next(PORTAL, Reply::with(502, "<html>"));
    assert!(world.provider(World::named()).load().await.is_ok());
    assert_eq!(world.center.asked(PORTAL).len(), 3);
}

#[tokio::test]
async fn a_redirect_gets_no_token() {
    let world = World::new().await;
    let elsewhere = World::new().await;
    world.log_in(&World::named(), HOURS);
    let location = format!("Location: {}/federation/credentials", elsewhere.center.server.url);
    world
        .center
        .answer_next(PORTAL, Reply::with(307, "").header(&location));
    let error = world.provider(World::named()).load().await.unwrap_err();
    assert!(matches!(error, Error::Redirect { status: 307, .. }), "{error:?}");
    assert!(elsewhere.center.server.received().is_empty());
}

#[tokio::test]
async fn silence_ends_with_the_limit() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    world.center.answer_next(PORTAL, Reply::Silence);
    let provider = world
        .provider(World::named())
        .with_timeout(Duration::from_secs(7));
    let load = tokio::spawn(async move { provider.load().await });
    while world.center.asked(PORTAL).is_empty() {
        tokio::task::yield_now().await;
    }
    world.clock.advance(Duration::from_secs(7));
    let error = load.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_limit_without_end_is_a_limit() {
    for left in [HOURS, time::Duration::ZERO] {
        let world = World::new().await;
        world.log_in(&World::named(), left);
        let provider = world.provider(World::named()).with_timeout(Duration::MAX);
        provider.load().await.unwrap();
        world.log_in(&World::named(), left);
        let on_the_systems_clock = provider.with_clock(credential_runtime::TokioClock);
        let outcome = on_the_systems_clock.load().await;
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused_before_anything_is_asked() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let named = |name, url, region| SsoSession::named(name, url, region);
    let blanks = [
        world.provider(named("corp", " ", "eu-central-1")),
        world.provider(named(" ", START_URL, "eu-central-1")),
        SsoProvider::new(World::named(), " ", "role"),
        SsoProvider::new(World::named(), "012345678901", ""),
    ];
    for provider in blanks {
        let error = provider.load().await.unwrap_err();
        assert!(matches!(error, Error::Blank { .. }), "{error:?}");
        assert_eq!(
            CredentialsError::from(error).kind(),
            ErrorKind::InvalidConfiguration
        );
    }
    let provider = world.provider(named("corp", START_URL, "evil.example/"));
    assert!(matches!(provider.load().await, Err(Error::Region { .. })));
    let provider = world.provider(World::named()).with_fips();
    assert!(matches!(
        provider.load().await,
        Err(Error::EndpointConflict { .. })
    ));
    let provider =
        SsoProvider::new(World::named(), "1", "r").with_variables(Variables::from([("HOME", " ")]));
    assert!(matches!(provider.load().await, Err(Error::NoHome)));
    assert!(world.center.server.received().is_empty());
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_request() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let provider = world.provider(World::named());
    let loads: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.load().await })
        })
        .collect();
    for load in loads {
        assert!(load.await.unwrap().is_ok());
    }
    assert_eq!(world.center.asked(PORTAL).len(), 1);
}

#[test]
fn outside_a_runtime_it_is_an_error() {
    let mut load = Box::pin(async { SsoProvider::new(World::named(), "1", "r").load().await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(result) = load.as_mut().poll(&mut context) else {
        panic!("there is nothing to wait for");
    };
    assert!(matches!(result, Err(Error::NoRuntime)));
}

#[tokio::test]
async fn nothing_that_it_prints_holds_a_secret() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let provider = world.provider(World::named());
    let credentials = provider.load().await.unwrap();
    assert!(!leaks(&format!("{provider:?} {credentials:?}")));
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_an_error_and_not_told() {
    let world = World::new().await;
    let token = canary("access 0");
    let text = login(world.clock.now() + HOURS).replace(&token, &format!("{token}\\r\\nx: y"));
    world.write(&World::named(), &text);
    let error = world.provider(World::named()).load().await.unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("accessToken is no printable text") && told.contains("aws sso login --profile deploy"),
        "{told}"
    );
    assert!(!leaks(&format!("{told} {error:?}")));
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::LoginRequired);
    assert!(world.center.server.received().is_empty());
}

#[tokio::test]
async fn a_file_that_is_no_token_says_what_to_do() {
    let world = World::new().await;
    world.write(&World::named(), &format!("{{\"accessToken\": {}", canary("torn")));
    let error = world.provider(World::named()).load().await.unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("it is no JSON, seen in line 1, column 17"),
        "{told}"
    );
    assert!(
        told.contains(".json cannot be used") && told.contains("aws sso login --profile deploy"),
        "{told}"
    );
    assert!(!leaks(&format!("{told} {error:?}")));
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::LoginRequired);
}

#[tokio::test]
async fn a_token_of_another_organisation_is_sent_to_nobody() {
    for start_url in [
        "https://other.awsapps.com/start",
        "https://corp.awsapps.com/Start",
        "http://corp.awsapps.com/start",
    ] {
        for left in [HOURS, time::Duration::minutes(4), time::Duration::ZERO] {
            let world = World::new().await;
            world.log_in(&World::named(), left);
            let text = world.text(&World::named()).replace(START_URL, start_url);
            world.write(&World::named(), &text);
            let error = world.provider(World::named()).load().await.unwrap_err();
            let told = error.to_string();
            assert!(matches!(error, Error::AnotherLogin { .. }), "{error:?}");
            for part in [
                "startUrl",
                start_url,
                START_URL,
                "credential login --profile deploy",
                ".json",
            ] {
                assert!(told.contains(part), "{part} in {told}");
            }
            assert_eq!(CredentialsError::from(error).kind(), ErrorKind::LoginRequired);
            assert!(world.center.server.received().is_empty());
        }
    }
}

#[tokio::test]
async fn a_token_counts_in_the_region_of_the_configuration_wherever_it_came_from() {
    // With hours left the token is used as it is; with minutes it is renewed, and belongs here from then on.
    for (left, calls, region) in [
        (HOURS, 1, "us-east-1"),
        (time::Duration::minutes(4), 2, "eu-central-1"),
    ] {
        let world = World::new().await;
        world.log_in(&World::named(), left);
        let text = world.text(&World::named()).replace("eu-central-1", "us-east-1");
        world.write(&World::named(), &text);
        world.provider(World::named()).load().await.unwrap();
        assert_eq!(world.center.server.received().len(), calls);
        assert!(world.text(&World::named()).contains(region), "{region}");
    }
}

#[tokio::test]
async fn a_start_url_may_be_written_in_another_way_or_not_at_all() {
    let table = [
        ("\"https://corp.awsapps.com/start/\"", "\"eu-central-1\""),
        ("\"https://corp.awsapps.com/start#\"", "\"eu-central-1\""),
        ("\"https://corp.awsapps.com/start/#/\"", "\"eu-central-1\""),
        ("\"HTTPS://Corp.AwsApps.com/start\"", "\" eu-central-1\""),
        ("\"\"", "\"\""),
        ("null", "null"),
    ];
    for (start_url, region) in table {
        let world = World::new().await;
        world.log_in(&World::named(), HOURS);
        let text = world.text(&World::named());
        let text = text
            .replace(&format!("\"{START_URL}\""), start_url)
            .replace("\"eu-central-1\"", region);
        world.write(&World::named(), &text);
        let outcome = world.provider(World::named()).load().await;
        assert!(outcome.is_ok(), "{start_url} {region}: {outcome:?}");
    }
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let with_hash = SsoSession::named("corp", "https://corp.awsapps.com/start/#/", "eu-central-1");
    assert!(world.provider(with_hash).load().await.is_ok());
}

#[tokio::test]
async fn what_a_token_file_says_of_another_login_is_shown_on_one_line() {
    let world = World::new().await;
    world.log_in(&World::named(), HOURS);
    let text = world.text(&World::named());
    let theirs = format!(
        "https://x.example/\\u001b[8m\\u202e{}?{}",
        "y".repeat(300),
        canary("query")
    );
    world.write(&World::named(), &text.replace(START_URL, &theirs));
    let error = world.provider(World::named()).load().await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("https://x.example/[8myyy"), "{told}");
    assert!(!leaks(&format!("{told} {error:?}")), "{told}");
    assert!(!told.contains(&"y".repeat(250)), "{told}");
}
