//! How a command ends: by itself, by its time, by a caller who has gone; and what it says on standard error.

use std::os::unix::process::ExitStatusExt;

use super::*;

/// Before a script says that it runs: more than a pipe holds, so that someone is reading by then.
const SEEN: &str = "head -c 200000 /dev/zero";

#[tokio::test]
async fn a_status_other_than_0_is_an_error_with_what_was_said() {
    let stage = Stage::new();
    // What was printed before does not count.
    let text = format!("printf '%s' '{}'; echo 'no  session' >&2; exit 3", document(""));
    let error = stage.script(&text).load().await.unwrap_err();
    assert!(
        matches!(&error, Error::Exit { status, .. } if status.code() == Some(3)),
        "{error:?}"
    );
    assert_eq!(CredentialsError::from(error.clone()).kind(), ErrorKind::Failed);
    assert_eq!(
        told(&error),
        "the credential process sh ended with exit status: 3; it said: no  session"
    );
}

#[tokio::test]
async fn a_signal_is_named() {
    let error = Stage::new().script("kill -TERM $$").load().await.unwrap_err();
    assert!(
        matches!(&error, Error::Exit { status, .. } if status.signal() == Some(15)),
        "{error:?}"
    );
    assert_eq!(
        told(&error),
        "the credential process sh ended with signal: 15 (SIGTERM); it said nothing on standard error"
    );
}

#[tokio::test]
async fn secrets_on_standard_error_are_hidden() {
    let stage = Stage::new();
    let secret = canary("standard error");
    let text = format!(
        r#"printf 'bad key \033[31m{secret}\033[0m\npassword=hunter2, pin %s\n{document}\n' "$1" >&2; exit 1"#,
        document = document("")
    );
    std::fs::write(stage.path("script"), text).unwrap();
    let line = format!("sh {} pin-4711", stage.path("script").display());
    let told = told(&ProcessProvider::new(line).load().await.unwrap_err());
    assert!(
        told.contains("bad key [hidden] | password=[hidden], pin [hidden] | "),
        "{told}"
    );
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[tokio::test]
async fn what_a_shells_text_gives_as_a_password_is_hidden() {
    let text =
        r#"PASSWORD=ab TOKEN='deploy' sh -c 'echo "$PASSWORD $TOKEN $1 $2" >&2; exit 1' sh --pin 'plain' "#;
    let error = ProcessProvider::new(text).with_shell().load().await.unwrap_err();
    assert!(
        told(&error).ends_with("it said: [hidden] [hidden] --pin [hidden]"),
        "{}",
        told(&error)
    );
}

#[tokio::test]
async fn standard_error_without_measure_is_drained_and_its_end_kept() {
    let stage = Stage::new();
    let text = "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo ' the end' >&2; exit 1";
    let error = stage.script(text).load().await.unwrap_err();
    let Error::Exit { said, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(said.text(), "the end");
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_when_its_time_is_over() {
    let stage = Stage::new();
    let clock = ManualClock::new();
    let provider = stage
        .script(&format!(
            "echo waiting for a code >&2; {SEEN}; echo $$ > \"$here/pid\"; exec sleep 300"
        ))
        .with_clock(clock.clone());
    let load = tokio::spawn(async move { provider.load().await });
    let pid = stage.number("pid").await;
    clock.advance(Duration::from_secs(59));
    TokioClock.sleep(Duration::from_millis(5)).await;
    assert!(!dead(pid));

    clock.advance(Duration::from_secs(1));

    let error = load.await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { limit, .. } if limit == Duration::from_secs(60)),
        "{error:?}"
    );
    let chained = CredentialsError::from(error.clone());
    assert!(chained.kind() == ErrorKind::TimedOut && chained.is_transient());
    assert_eq!(
        told(&error),
        "the credential process sh timed out: it took over 60s and was stopped; it said: waiting for a code"
    );
    until(|| state(pid).is_none()).await;
}

#[tokio::test]
async fn a_short_limit_is_kept_on_the_systems_clock() {
    let stage = Stage::new();
    let provider = stage
        .script("exec sleep 300")
        .with_clock(TokioClock)
        .with_timeout(Duration::from_millis(50));
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn a_caller_who_goes_takes_the_command_along() {
    let stage = Stage::new();
    let provider = stage.script("echo $$ > \"$here/pid\"; exec sleep 300");
    let load = tokio::spawn({
        let provider = provider.clone();
        async move { provider.load().await }
    });
    let pid = stage.number("pid").await;

    load.abort();

    until(|| state(pid).is_none()).await;
    // And the provider is none the worse for it.
    std::fs::write(stage.path("script"), format!("printf '%s' '{}'", document(""))).unwrap();
    provider.load().await.unwrap();
}

#[tokio::test]
async fn a_caller_who_goes_at_any_time_leaves_no_process() {
    let stage = Stage::new();
    let provider = stage.script("echo $$ >> \"$here/pids\"; exec sleep 30");
    for round in 0..30_u64 {
        let load = std::pin::pin!(provider.load());
        within(TokioClock.sleep(Duration::from_micros(100 * round)), load).await;
    }
    // For the last one, which may still be starting.
    TokioClock.sleep(Duration::from_millis(20)).await;
    let all_gone = || {
        let pids = std::fs::read_to_string(stage.path("pids")).unwrap_or_default();
        pids.lines().all(|pid| state(pid.parse().unwrap()).is_none())
    };
    until(all_gone).await;
}

#[test]
fn a_runtime_that_is_shut_down_takes_the_command_along() {
    let stage = Stage::new();
    let provider = stage.script(&format!("{SEEN}; echo $$ > \"$here/pid\"; exec sleep 300"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.spawn(async move { provider.load().await });
    let pid = runtime.block_on(stage.number("pid"));

    drop(runtime);

    let other = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    other.block_on(until(|| dead(pid)));
}

#[tokio::test]
async fn its_own_group_dies_with_it() {
    let stage = Stage::new();
    let mut provider = stage.script("sleep 300 & echo $! > \"$here/child\"; wait");
    provider.group = Some(Group::Own);
    let load = tokio::spawn(async move { provider.load().await });
    let child = stage.number("child").await;

    load.abort();

    until(|| dead(child)).await;
}

#[tokio::test]
async fn in_our_group_the_command_dies_alone() {
    let stage = Stage::new();
    let mut provider = stage.script("sleep 300 & echo $! > \"$here/child\"; echo $$ > \"$here/pid\"; wait");
    provider.group = Some(Group::Ours);
    let load = tokio::spawn(async move { provider.load().await });
    let (child, pid) = (stage.number("child").await, stage.number("pid").await);

    load.abort();

    until(|| state(pid).is_none()).await;
    assert!(!dead(child));
    kill(child);
}

#[tokio::test]
async fn what_a_command_leaves_behind_is_waited_for_one_second_and_left_alone() {
    for group in [Group::Own, Group::Ours] {
        let stage = Stage::new();
        let clock = ManualClock::new();
        let text = format!(
            "sleep 300 & echo $! > \"$here/child\"; printf '%s' '{}'",
            document("")
        );
        let mut provider = stage.script(&text).with_clock(clock.clone());
        provider.group = Some(group);
        let load = tokio::spawn(async move { provider.load().await });
        let child = stage.number("child").await;
        // The limit, and the second after the end.
        until(|| clock.sleepers() == 2).await;
        assert_eq!(clock.next_wake(), Some(Duration::from_secs(1)));

        clock.advance(Duration::from_secs(1));

        assert_eq!(load.await.unwrap().unwrap().access_key_id(), "AKIDEXAMPLE");
        assert!(!dead(child));
        kill(child);
    }
}

#[tokio::test]
async fn what_is_written_in_that_second_counts() {
    let stage = Stage::new();
    // The child is gone at once; what it left behind writes when the test says so.
    let text = format!(
        "(while [ ! -e \"$here/go\" ]; do sleep 0.01; done; printf '%s' '{}') &",
        document("")
    );
    let clock = ManualClock::new();
    let provider = stage.script(&text).with_clock(clock.clone());
    let load = tokio::spawn(async move { provider.load().await });
    until(|| clock.sleepers() == 2).await;

    std::fs::write(stage.path("go"), "").unwrap();

    load.await.unwrap().unwrap();
}
