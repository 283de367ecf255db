use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use credential_runtime::TokioClock;
use tempfile::TempDir;
use tests_support::{abandon, canary, leaks};

use super::*;

fn file_in(folder: &TempDir) -> CacheFile {
    CacheFile::new(folder.path().join("deep/down/token.json"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

#[tokio::test]
async fn no_file_is_no_text() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(file_in(&folder).read().await.unwrap(), None);
    assert!(!file_in(&folder).remove().await.unwrap());
}

#[tokio::test]
async fn what_was_written_is_read_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, text) = (file_in(&folder), Secret::new(canary("file")));
    file.replace(&text).await.unwrap();
    assert_eq!(file.read().await.unwrap(), Some(text));
    assert!(file.remove().await.unwrap());
    assert_eq!(file.read().await.unwrap(), None);
}

#[tokio::test]
async fn what_is_no_text_of_a_sane_size_is_an_error_that_shows_none_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    let cases: [(Vec<u8>, io::ErrorKind); 3] = [
        (vec![b'x'; 2 * 1024 * 1024], io::ErrorKind::FileTooLarge),
        (vec![b'x'; 1024 * 1024 + 1], io::ErrorKind::FileTooLarge),
        (
            [canary("bytes").as_bytes(), &[0xff]].concat(),
            io::ErrorKind::InvalidData,
        ),
    ];
    for (bytes, expected) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = CacheFile::new(&path).read().await.unwrap_err();
        assert_eq!(error.kind(), expected);
        assert!(!leaks(&format!("{error:?} {error}")));
    }
    std::fs::write(&path, vec![b'x'; 1024 * 1024]).unwrap();
    assert!(CacheFile::new(&path).read().await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = CacheFile::new(folder.path()).read().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_neither_file_nor_folder_is_not_opened() {
    let error = CacheFile::new("/dev/zero").read().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn all_of_it_works_outside_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    let mut work = pin!(async {
        let lock = file.lock(&TokioClock).await;
        assert!(lock.is_some());
        file.replace(&Secret::from("x")).await.unwrap();
        file.read().await.unwrap()
    });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let Poll::Ready(read) = work.as_mut().poll(&mut context) else {
        panic!("nothing here has to wait")
    };
    assert_eq!(read, Some(Secret::from("x")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_the_old_text_or_the_new_one_and_never_a_mix() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder);
    // More than a page, so that a torn one would show.
    let texts: Vec<Secret> = ["a", "b", "c"]
        .iter()
        .map(|letter| Secret::new(letter.repeat(4_100)))
        .collect();
    file.replace(&texts[0]).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (file, texts, done) = (file.clone(), texts.clone(), Arc::clone(&done));
        async move {
            let mut writes = 0;
            while !done.load(Ordering::Relaxed) {
                file.replace(&texts[writes % texts.len()]).await.unwrap();
                writes += 1;
            }
            writes
        }
    });
    // On threads of their own and not through the runtime, for speed alone.
    let readers = (0..2).map(|_| {
        let (path, texts) = (file.path().to_owned(), texts.clone());
        std::thread::spawn(move || {
            for _ in 0..5_000 {
                let text = read(&path).unwrap();
                assert!(texts.contains(&text), "a mix of {} bytes", text.expose().len());
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.join().unwrap();
    }
    done.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 1, "nothing was written meanwhile");
    assert_eq!(names(file.path().parent().unwrap()), ["token.json"]);
}

#[tokio::test]
async fn writing_that_is_dropped_at_any_await_leaves_the_old_text_or_the_new_one() {
    for polls in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let file = file_in(&folder);
        let (old, new) = (Secret::from("old"), Secret::from("new"));
        file.replace(&old).await.unwrap();
        abandon(
            async {
                let _lock = file.lock(&TokioClock).await;
                file.replace(&new).await
            },
            polls,
        )
        .await;
        let lock = file.lock(&TokioClock).await;
        assert!(lock.is_some(), "a lock is stuck after {polls} polls");
        let read = file.read().await.unwrap().unwrap();
        assert!(read == old || read == new, "after {polls} polls");
        // What was begun on another thread may end after this; it ends.
        while names(file.path().parent().unwrap())
            .iter()
            .any(|name| name.ends_with(".new"))
        {
            tokio::task::yield_now().await;
        }
        file.replace(&new).await.unwrap();
        assert_eq!(file.read().await.unwrap(), Some(new));
    }
}
