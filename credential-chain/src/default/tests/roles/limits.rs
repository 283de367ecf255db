//! How long a step may take.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tests_support::ManualClock;
use tokio::sync::oneshot;

use super::*;

/// Never answers; tells when somebody asks and when they stop.
#[derive(Debug, Default)]
struct Silent(Mutex<Option<oneshot::Sender<()>>>, Arc<AtomicBool>);

struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl ProvideAwsCredentials for Silent {
    fn credentials(&self) -> CredentialsFuture<'_> {
        if let Some(asked) = self.0.lock().unwrap().take() {
            asked.send(()).unwrap();
        }
        let gone = Gone(Arc::clone(&self.1));
        CredentialsFuture::new(async move {
            std::future::pending::<()>().await;
            drop(gone);
            unreachable!()
        })
    }
}

#[tokio::test]
async fn a_step_that_never_answers_is_given_up_after_its_limit() {
    let home = Home::new(
        &two_roles().replace("source_profile = base", "credential_source = Own"),
        "",
    );
    let clock = ManualClock::new();
    let (asked, heard) = oneshot::channel();
    let gone = Arc::new(AtomicBool::new(false));
    let provider = home
        .builder(&[(STS, "http://127.0.0.1:1")])
        .clock(clock.clone())
        .role_timeout(Duration::from_secs(7))
        .credential_source("Own", Silent(Mutex::new(Some(asked)), Arc::clone(&gone)))
        .build();
    let waiting = tokio::spawn({
        let provider = provider.clone();
        async move { provider.credentials().await.unwrap_err() }
    });
    heard.await.unwrap();
    clock.advance(Duration::from_millis(6_900));
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    clock.advance(Duration::from_millis(200));

    let error = waiting.await.unwrap();

    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.is_transient());
    let text = error.report().to_string();
    assert!(text.contains("no answer within 7s"), "{text}");
    assert!(gone.load(Ordering::SeqCst), "the question was dropped");
}

#[tokio::test]
async fn a_source_that_never_answers_is_given_up_after_half_a_minute_or_what_the_program_says() {
    let home = Home::new("", "");
    for (limit, says) in [(None, "no answer within 30s"), (Some(90), "no answer within 90s")] {
        let clock = ManualClock::new();
        let (asked, heard) = oneshot::channel();
        let mut builder = home
            .builder(&[])
            .clock(clock.clone())
            .container(Silent(Mutex::new(Some(asked)), Arc::default()));
        if let Some(seconds) = limit {
            builder = builder.source_timeout(Duration::from_secs(seconds));
        }
        let provider = builder.build();
        let waiting = tokio::spawn(async move { report(&provider).await });
        heard.await.unwrap();
        clock.advance(Duration::from_secs(limit.unwrap_or(30) - 1));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        let (kind, text) = waiting.await.unwrap();
        assert_eq!(kind, ErrorKind::TimedOut);
        assert!(text.contains(says), "{text}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_limit_is_too_long() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let provider = home
        .builder(&[(STS, &url)])
        .source_timeout(Duration::MAX)
        .role_timeout(Duration::MAX)
        .mfa_timeout(Duration::MAX)
        .process_timeout(Duration::MAX)
        .refresh(|refreshing| {
            refreshing
                .with_load_timeout(Duration::MAX)
                .with_reread_interval(Duration::MAX)
        })
        .build();
    assert_eq!(id(&provider).await, "OUTER");

    home.write(
        "config",
        "[default]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"s\"}'\n",
    );
    let chain = home
        .builder(&[])
        .source_timeout(Duration::MAX)
        .process_timeout(Duration::MAX)
        .build_chain();
    assert_eq!(id(&chain).await, "P");
}
