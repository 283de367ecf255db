use std::io::{self, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

/// Whether the caller runs inside a tokio runtime.
#[must_use]
pub fn in_runtime() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// Does blocking work off the async threads; outside a tokio runtime, where it is called.
///
/// # Errors
/// The work panicked, or the runtime was shut down before it began.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    if !in_runtime() {
        return Ok(work());
    }
    let done = Arc::new(Mutex::new(None));
    let result = Arc::clone(&done);
    on_a_thread_for_it(Box::new(move || {
        let value = work();
        *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }))
    .await
    .ok()
    .and_then(|()| done.lock().unwrap_or_else(PoisonError::into_inner).take())
    .ok_or_else(|| io::Error::other("the work panicked, or the runtime is shutting down"))
}

/// One type for all work, so that tokio's task is compiled once and not for each piece of work anew.
fn on_a_thread_for_it(work: Box<dyn FnOnce() + Send>) -> JoinHandle<()> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door that the rule points to"
    )]
    tokio::task::spawn_blocking(work)
}

/// Reads a whole file off the async threads, refusing one of more than `limit` bytes.
///
/// A pipe, a terminal or a device could keep its thread waiting for ever, and with it the end of the program, so only
/// regular files are opened.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::FileTooLarge`] past the limit; for what is no regular file, an error
/// that says what it is.
pub async fn read_file(path: PathBuf, limit: u64) -> io::Result<Vec<u8>> {
    reading(path, limit).await
}

/// Boxed, so that its future is compiled here and not in each crate that reads files.
fn reading(path: PathBuf, limit: u64) -> Pin<Box<dyn Future<Output = io::Result<Vec<u8>>> + Send>> {
    Box::pin(async move { blocking(move || read_at_most(&path, limit)).await? })
}

fn read_at_most(path: &std::path::Path, limit: u64) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {limit} bytes"),
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_at_the_limit_is_read_and_one_past_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"1234").unwrap();
        assert_eq!(read_file(path.clone(), 4).await.unwrap(), b"1234");
        assert_eq!(
            read_file(path, 3).await.unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }

    #[tokio::test]
    async fn what_is_no_regular_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_file(folder.path().to_owned(), 4).await.unwrap_err();
        assert_eq!(error.to_string(), "it is a directory");
        if cfg!(unix) {
            let error = read_file(PathBuf::from("/dev/zero"), 4).await.unwrap_err();
            assert_eq!(error.to_string(), "it is not a regular file");
        }
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error() {
        assert!(blocking(|| panic!("on purpose")).await.is_err());
    }
}
