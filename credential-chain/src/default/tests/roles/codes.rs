//! Roles behind a device: who is asked for a code, and when.

use std::sync::Mutex;
use std::time::Duration;

use tests_support::ManualClock;
use tokio::sync::oneshot;

use super::*;
use crate::{MfaPrompt, Renewal};

#[tokio::test]
async fn a_person_is_asked_for_the_code_and_never_ahead_of_time() {
    let sts = Sts::start();
    sts.0.mock(|when, then| {
        when.body_includes("SerialNumber=arn%3Amfa&TokenCode=123456");
        then.status(200).body(session("OUTER"));
    });
    let (home, url) = sts.home(&role("default", "source_profile = base\nmfa_serial = arn:mfa"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let prompt = MfaPrompt::new(move |serial: String| {
        assert_eq!(serial, "arn:mfa");
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, std::io::Error>(" 123456\n".to_owned()) }
    });
    let provider = home.builder(&[(STS, &url)]).mfa_prompt(prompt).build();

    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "OUTER");
    assert_eq!(credentials.renewal(), Renewal::NEVER.with_interactive());
    assert_eq!(id(&provider).await, "OUTER");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_role_behind_one_with_a_code_is_not_renewed_ahead_of_time_either() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&(two_roles() + "mfa_serial = arn:mfa\n"));
    let prompt = MfaPrompt::new(|_| async { Ok::<_, std::io::Error>("123456") });
    let provider = home.builder(&[(STS, &url)]).mfa_prompt(prompt).build();
    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "OUTER");
    assert!(credentials.renewal().interactive);
}

#[tokio::test]
async fn without_anybody_to_ask_for_a_code_no_request_is_made_wherever_the_device_is() {
    let sts = Sts::start();
    let all = sts.0.mock(|when, then| {
        when.path("/");
        then.status(200).body(session("ANY"));
    });
    let outer = role("default", "source_profile = inner\nmfa_serial = arn:mfa")
        + &role("profile inner", "source_profile = base");
    let inner = two_roles() + "mfa_serial = arn:mfa\n";
    for config in [outer, inner] {
        let (home, url) = sts.home(&config);
        let (kind, text) = report(&home.builder(&[(STS, &url)]).build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{text}");
        assert!(text.contains("mfa_serial arn:mfa is set"), "{text}");
    }
    assert_eq!(all.calls(), 0);
}

#[tokio::test]
async fn a_person_who_reads_a_code_may_take_longer_than_a_role() {
    let sts = Sts::start();
    sts.gives("BASE", "inner", "INNER");
    sts.gives("INNER", "default", "OUTER");
    let (home, url) = sts.home(&(two_roles() + "mfa_serial = arn:mfa\n"));
    let clock = ManualClock::new();
    let (asked, heard) = oneshot::channel();
    let (answer, code) = oneshot::channel();
    let channels = Mutex::new(Some((asked, code)));
    let prompt = MfaPrompt::new(move |_| {
        let (asked, code) = channels.lock().unwrap().take().unwrap();
        asked.send(()).unwrap();
        async { code.await.map(|code: &str| code.to_owned()) }
    });
    let provider = home
        .builder(&[(STS, &url)])
        .clock(clock.clone())
        .mfa_prompt(prompt)
        .build();
    let waiting = tokio::spawn({
        let provider = provider.clone();
        async move { id(&provider).await }
    });
    heard.await.unwrap();
    clock.advance(Duration::from_secs(290));
    tokio::task::yield_now().await;
    answer.send("123456").unwrap();
    assert_eq!(waiting.await.unwrap(), "OUTER");
}
