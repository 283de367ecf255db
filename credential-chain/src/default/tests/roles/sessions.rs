//! Which sessions are kept, by what name, and for how long.

use std::sync::Mutex;
use std::time::Duration;

use tests_support::{ManualClock, abandon};

use super::*;

#[tokio::test]
async fn roles_on_the_way_keep_their_sessions_and_the_last_is_asked_each_time() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();

    for _ in 0..3 {
        assert_eq!(id(&chain).await, "OUTER");
    }

    assert_eq!((inner.calls(), outer.calls()), (1, 3));
}

#[tokio::test]
async fn the_default_provider_keeps_the_last_session_as_well() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let provider = home.builder(&[(STS, &url)]).build();
    for _ in 0..3 {
        assert_eq!(id(&provider).await, "OUTER");
    }
    assert_eq!((inner.calls(), outer.calls()), (1, 1));
}

#[tokio::test]
async fn files_that_change_make_another_plan_and_those_that_do_not_keep_it() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let changed = sts.gives("NEW", "inner", "INNER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();

    id(&chain).await;
    home.write("credentials", &profile("base", "BASE"));
    id(&chain).await;
    home.write(
        "config",
        &format!("[profile other]\nregion = x\n\n{}", two_roles()),
    );
    id(&chain).await;
    assert_eq!(
        (inner.calls(), changed.calls()),
        (1, 0),
        "nothing that matters here"
    );

    home.write("credentials", &profile("base", "NEW"));
    id(&chain).await;
    assert_eq!((inner.calls(), changed.calls()), (1, 1));

    home.write("config", &profile("default", "PLAIN"));
    assert_eq!(id(&chain).await, "PLAIN");
}

#[tokio::test]
async fn all_sessions_of_a_role_share_a_name() {
    let sts = Sts::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let names = Arc::clone(&seen);
    sts.0.mock(|when, then| {
        when.is_true(move |request| {
            let body = request.body_string();
            let name = body.split('&').find(|part| part.starts_with("RoleSessionName="));
            names.lock().unwrap().push(name.unwrap_or_default().to_owned());
            true
        });
        then.status(200).body(session("OUTER"));
    });
    let (home, url) = sts.home(&role("default", "source_profile = base"));
    let clock = ManualClock::at(time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let chain = home.builder(&[(STS, &url)]).clock(clock.clone()).build_chain();
    id(&chain).await;
    clock.advance(Duration::from_secs(1));
    id(&chain).await;
    let seen = seen.lock().unwrap();
    assert!(
        seen.len() >= 2
            && seen[0].len() > "RoleSessionName=".len()
            && seen.iter().all(|name| *name == seen[0]),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_session_that_aws_calls_expired_is_got_again_once() {
    let sts = Sts::start();
    sts.0.mock(|when, then| {
        when.header_includes("authorization", "Credential=OLD/");
        then.status(403).body(
            "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>m</Message></Error></ErrorResponse>",
        );
    });
    let good = sts.gives("NEW", "default", "OUTER");
    let config = role("default", "credential_source = Turning");
    let (home, url) = sts.home(&config);
    let turns = Turning::default();
    let chain = home
        .builder(&[(STS, &url)])
        .credential_source("turning", turns.clone())
        .build_chain();

    assert_eq!(id(&chain).await, "OUTER");

    assert_eq!((turns.0.load(Ordering::SeqCst), good.calls()), (2, 1));
}

/// Gives old keys first and new ones from then on.
#[derive(Clone, Debug, Default)]
struct Turning(Arc<AtomicUsize>);

impl ProvideAwsCredentials for Turning {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let key = match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => "OLD",
            _ => "NEW",
        };
        CredentialsFuture::ready(Ok(
            AwsCredentials::new(key, canary(key)).with_session_token(canary("token"))
        ))
    }
}

#[tokio::test]
async fn callers_at_the_same_time_share_the_roles_on_the_way() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let chain = home.builder(&[(STS, &url)]).build_chain();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let chain = chain.clone();
            tokio::spawn(async move { id(&chain).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "OUTER");
    }
    assert_eq!((inner.calls(), outer.calls()), (1, 20));
}

#[tokio::test]
async fn a_call_dropped_at_any_point_leaves_everything_usable() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    // A call needs a poll more or less each time, so each point is met more than once.
    for polls in (0..100).flat_map(|polls| [polls; 3]) {
        let (home, url) = sts.home(&two_roles());
        let chain = home.builder(&[(STS, &url)]).build_chain();
        let ended = abandon(chain.credentials(), polls).await;
        assert_eq!(id(&chain).await, "OUTER", "after {polls} polls");
        if let Some(answer) = ended {
            assert_eq!(answer.unwrap().access_key_id(), "OUTER");
            return;
        }
    }
    panic!("it never ended by itself");
}
