use std::task::{Context, Poll, Waker};

use credential_core::CredentialsError;
use tests_support::{ManualClock, Reply, leaks, printed};
use tokio::sync::Notify;

use super::*;
use crate::testing::{Asked as _, LIST, ROLE, TOKEN, closed_port, document, imds, ok, reply};

#[tokio::test]
async fn a_hundred_first_calls_are_one_walk() {
    let server = imds(|_, _| None).await;
    let provider = server.provider();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.credentials().await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().access_key_id(), "ASIAweb");
    }
    assert_eq!(
        server.lines(),
        [
            format!("PUT {TOKEN}"),
            format!("GET {LIST}"),
            format!("GET {ROLE}")
        ]
    );
}

#[tokio::test]
async fn callers_at_the_same_time_share_a_failure_and_the_next_asks_again() {
    let server =
        imds(|request, count| (request.target == ROLE && count == 1).then(|| reply(403, "", ""))).await;
    let provider = server.provider();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.load().await })
        })
        .collect();
    for caller in callers {
        assert!(matches!(
            caller.await.unwrap(),
            Err(Error::Status { status: 403, .. })
        ));
    }
    provider.load().await.unwrap();
    assert_eq!(server.count(&format!("GET {ROLE}")), 2);
}

#[tokio::test]
async fn a_caller_that_is_dropped_on_the_way_harms_nobody() {
    for path in [TOKEN, LIST, ROLE] {
        let bell = Arc::new(Notify::new());
        let theirs = Arc::clone(&bell);
        let server = imds(move |request, count| {
            let good = ok(match request.target.as_str() {
                TOKEN => "abc".to_owned(),
                LIST => "web".to_owned(),
                _ => document("web"),
            });
            (request.target == path && count == 1).then(|| good.held(&theirs))
        })
        .await;
        let provider = server.provider();
        let leader = tokio::spawn({
            let provider = provider.clone();
            async move { provider.load().await }
        });
        while !server.lines().iter().any(|line| line.ends_with(path)) {
            tokio::task::yield_now().await;
        }
        let waiter = tokio::spawn({
            let provider = provider.clone();
            async move { provider.load().await }
        });
        tokio::task::yield_now().await;

        leader.abort();

        assert_eq!(
            waiter.await.unwrap().unwrap().access_key_id(),
            "ASIAweb",
            "{path}"
        );
        provider.load().await.unwrap();
        bell.notify_one();
    }
}

#[tokio::test]
async fn the_whole_walk_has_its_limit() {
    let server = imds(|request, _| (request.target == ROLE).then_some(Reply::Silence)).await;
    let clock = ManualClock::new();
    let provider = server.provider().with_clock(clock.clone());
    let walking = tokio::spawn(async move { provider.load().await });
    while server.count(&format!("GET {ROLE}")) == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(5));
    let error = walking.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(CredentialsError::from(error).kind(), ErrorKind::TimedOut);
}

#[tokio::test]
async fn no_limit_is_too_long() {
    let server =
        imds(|request, count| (request.target == ROLE && count == 1).then(|| reply(500, "", ""))).await;
    let provider = server
        .provider()
        .with_clock(credential_runtime::TokioClock)
        .with_connect_timeout(Duration::MAX)
        .with_read_timeout(Duration::MAX)
        .with_request_timeout(Duration::MAX)
        .with_timeout(Duration::MAX);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAweb");
}

#[tokio::test]
async fn what_gave_credentials_once_is_never_not_configured_again() {
    let server =
        imds(|request, count| (request.target == ROLE && count > 1).then(|| reply(404, "", ""))).await;
    let listless = imds(|request, count| match request.target.as_str() {
        LIST if count > 1 => Some(ok("")),
        ROLE if count > 1 => Some(reply(404, "", "")),
        _ => None,
    })
    .await;
    for server in [server, listless] {
        let provider = server.provider();
        provider.load().await.unwrap();
        let error = CredentialsError::from(provider.load().await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Failed, "{}", error.report());
    }
}

#[tokio::test]
async fn no_role_any_more_is_a_loss_with_its_reason() {
    let server = imds(|request, count| match request.target.as_str() {
        LIST if count > 1 => Some(ok("")),
        ROLE if count > 1 => Some(reply(404, "", "")),
        _ => None,
    })
    .await;
    let provider = server.provider();
    provider.load().await.unwrap();

    let error = provider.load().await.unwrap_err();

    assert!(
        matches!(&error, Error::Lost { source } if matches!(**source, Error::NoRole { .. })),
        "{error:?}"
    );
    let report = CredentialsError::from(error).report().to_string();
    assert!(
        report.starts_with(
            "instance metadata failed: instance metadata gave credentials before, and does not any more: no role is \
             attached to this instance"
        ),
        "{report}"
    );
}

#[tokio::test]
async fn silence_after_an_answer_is_a_failure() {
    let server = imds(|_, _| None).await;
    let provider = server.provider().with_endpoint(closed_port().await);
    assert_eq!(
        CredentialsError::from(provider.load().await.unwrap_err()).kind(),
        ErrorKind::NotConfigured
    );

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider =
        crate::testing::provider().with_endpoint(format!("http://{}", listener.local_addr().unwrap()));
    let answering = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 2048]).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
            .await;
        // From here on nothing listens any more.
    });
    let error = CredentialsError::from(provider.load().await.unwrap_err());
    answering.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Failed, "{}", error.report());
}

#[tokio::test]
async fn a_changed_setting_starts_anew() {
    let server = imds(|_, _| None).await;
    let provider = server.provider();
    provider.load().await.unwrap();
    let off = provider.clone().disabled();
    assert!(matches!(off.load().await.unwrap_err(), Error::Disabled { .. }));
    provider.load().await.unwrap();
}

#[tokio::test]
async fn provider_and_client_share_a_token() {
    let server = imds(|request, _| request.target.ends_with("/region").then(|| ok("eu-west-1"))).await;
    let provider = server.provider();
    assert_eq!(provider.client().region().await.unwrap(), "eu-west-1");
    provider.load().await.unwrap();
    let other = InstanceMetadataProvider::new().with_client(provider.client().clone());
    other.load().await.unwrap();
    assert_eq!(server.count(&format!("PUT {TOKEN}")), 1);
}

#[test]
fn outside_a_runtime_there_is_an_error() {
    let provider = crate::testing::provider();
    let mut answer = provider.credentials();
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Err(error)) = std::pin::Pin::new(&mut answer).poll(&mut context) else {
        panic!("no answer");
    };
    assert_eq!(error.kind(), ErrorKind::Failed);
}

#[test]
fn a_provider_outlives_its_runtime() {
    let provider = crate::testing::provider();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = imds(|_, _| None).await;
            provider.clone().with_endpoint(&server.url).load().await.unwrap();
        });
    }
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    };
    let serving = runtime();
    let server = serving.block_on(imds(|_, _| None));
    let provider = server.provider();
    for _ in 0..3 {
        runtime().block_on(provider.load()).unwrap();
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let server = imds(|_, _| None).await;
    let provider = server.provider();
    let credentials = provider.load().await.unwrap();
    assert!(!leaks(&format!("{provider:?} {provider:#?} {credentials:?}")));
}

#[tokio::test]
async fn errors_are_told_in_one_line() {
    let server = imds(|request, _| (request.target == ROLE).then(|| reply(500, "", "<html>"))).await;
    let error = server.provider().load().await.unwrap_err();
    printed(&error);
    let report = CredentialsError::from(error).report().to_string();
    let start = format!(
        "instance metadata failed: instance metadata answered GET {}{ROLE} after 3 attempts and ",
        server.url
    );
    assert!(
        report.starts_with(&start) && report.ends_with(" ms with status 500"),
        "{report}"
    );
}

#[test]
fn the_future_of_a_load_has_a_bounded_size() {
    let size = size_of_val(&crate::testing::provider().load());
    assert!(size <= 16 * 1024, "{size} bytes");
}
