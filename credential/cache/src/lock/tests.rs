use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use credential_core::Secret;
use credential_runtime::TokioClock;
use tests_support::ManualClock;

use super::*;
use crate::CacheFile;

fn file() -> (tempfile::TempDir, CacheFile) {
    let folder = tempfile::tempdir().unwrap();
    let file = CacheFile::new(folder.path().join("token.json"));
    (folder, file)
}

#[tokio::test]
async fn a_lock_that_others_keep_is_given_up_after_five_seconds() {
    let (_folder, file) = file();
    let held = file.lock(&TokioClock).await.unwrap();
    let clock = ManualClock::new();
    let began = clock.monotonic();
    let waiting = tokio::spawn({
        let (file, clock) = (file.clone(), clock.clone());
        async move { file.lock(&clock).await }
    });
    while !waiting.is_finished() {
        if let Some(pause) = clock.next_wake() {
            assert!(!pause.is_zero() && pause <= LONGEST_PAUSE, "{pause:?}");
            clock.advance(pause);
        }
        tokio::task::yield_now().await;
    }
    assert!(waiting.await.unwrap().is_none());
    assert_eq!(clock.monotonic() - began, Duration::from_secs(5));
    drop(held);
    assert!(file.lock(&ManualClock::new()).await.is_some(), "free at once");
}

#[tokio::test]
async fn a_lock_that_others_give_back_is_ours_at_the_next_look() {
    let (_folder, file) = file();
    let held = file.lock(&TokioClock).await.unwrap();
    let clock = ManualClock::new();
    let waiting = tokio::spawn({
        let (file, clock) = (file.clone(), clock.clone());
        async move { file.lock(&clock).await }
    });
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    drop(held);
    clock.advance(LONGEST_PAUSE);
    assert!(waiting.await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_are_inside_at_once() {
    let (_folder, file) = file();
    let (inside, turns) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..2)
        .map(|_| {
            // A handle of its own each, as two processes have.
            let file = CacheFile::new(file.path());
            let (inside, turns) = (Arc::clone(&inside), Arc::clone(&turns));
            tokio::spawn(async move {
                for _ in 0..20 {
                    let _lock = file.lock(&TokioClock).await.expect("nobody keeps it for long");
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    turns.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(turns.load(Ordering::SeqCst), 40);
}

#[tokio::test]
async fn the_lock_outlives_the_file_that_is_renamed_over() {
    let (_folder, file) = file();
    let held = file.lock(&TokioClock).await;
    file.replace(&Secret::from("one")).await.unwrap();
    file.replace(&Secret::from("two")).await.unwrap();
    let other = open(&beside(file.path()).unwrap()).unwrap();
    assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
    drop(held);
    assert!(other.try_lock().is_ok());
}

#[tokio::test]
async fn waiting_that_is_dropped_leaves_no_lock() {
    let (_folder, file) = file();
    for _ in 0..50 {
        let mut waiting = boxed(&file);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = waiting.as_mut().poll(&mut context);
        drop(waiting);
    }
    assert!(file.lock(&TokioClock).await.is_some());
}

fn boxed(file: &CacheFile) -> std::pin::Pin<Box<dyn Future<Output = Option<Lock>> + '_>> {
    Box::pin(file.lock(&TokioClock))
}

#[tokio::test]
async fn where_no_lock_can_be_there_is_none_and_no_wait() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("no folder"), "").unwrap();
    let below_a_file = CacheFile::new(folder.path().join("no folder/token.json"));
    assert!(below_a_file.lock(&ManualClock::new()).await.is_none());

    std::fs::create_dir(folder.path().join("token.json.lock")).unwrap();
    let behind_a_folder = CacheFile::new(folder.path().join("token.json"));
    assert!(behind_a_folder.lock(&ManualClock::new()).await.is_none());
    assert!(CacheFile::new("/").lock(&ManualClock::new()).await.is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_not_followed_to_create_a_lock_elsewhere() {
    let (folder, file) = file();
    let elsewhere = folder.path().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, folder.path().join("token.json.lock")).unwrap();
    assert!(file.lock(&ManualClock::new()).await.is_none());
    assert!(!elsewhere.exists());
}
