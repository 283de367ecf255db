use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use credential_core::Clock;
use credential_runtime::blocking;

use crate::replace::create_folder;

/// How long somebody else's lock is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// A held lock of [`CacheFile::lock`](crate::CacheFile::lock). Dropping it unlocks; so does the end of the process.
///
/// The file `NAME.lock` stays, empty: removing it would let two hold a lock of that name.
///
/// ```
/// use credential_cache::CacheFile;
/// use credential_core::{Secret, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// let file = CacheFile::new(folder.path().join("token.json"));
/// let lock = file.lock(&SystemClock).await;
/// // Somebody else may have renewed the token meanwhile, so it is read only now.
/// if file.read().await?.is_none() {
///     file.replace(&Secret::from("{}")).await?;
/// }
/// drop(lock);
/// # assert!(folder.path().join("token.json.lock").exists());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropping it unlocks"]
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would not do while a child process, just forked, still has a copy of the handle.
        let _ = self.0.unlock();
    }
}

pub(crate) async fn lock(path: &Path, clock: &dyn Clock) -> Option<Lock> {
    let path = beside(path)?;
    let began = clock.monotonic();
    let mut pause = FIRST_PAUSE;
    let mut file = None;
    loop {
        let (opened, place) = (file.take(), path.clone());
        // The attempt owns the file: an abandoned one closes it.
        let attempt = blocking(move || try_lock(opened, &place))
            .await
            .and_then(|done| done);
        match attempt {
            Ok(Attempt::Locked(lock)) => return Some(lock),
            Ok(Attempt::Taken(opened)) => file = Some(opened),
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "no lock is possible, going on without");
                return None;
            }
        }
        let left = LONGEST_WAIT.saturating_sub(clock.monotonic().saturating_sub(began));
        if left.is_zero() {
            tracing::debug!(path = %path.display(), "somebody else holds the lock, going on without");
            return None;
        }
        clock.sleep(pause.min(left)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

enum Attempt {
    Locked(Lock),
    Taken(File),
}

fn try_lock(opened: Option<File>, path: &Path) -> io::Result<Attempt> {
    let file = match opened {
        Some(file) => file,
        None => open(path)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Attempt::Locked(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(Attempt::Taken(file)),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Ok(metadata) = std::fs::symlink_metadata(path)
        && !metadata.is_file()
    {
        // A link could create a file elsewhere, a pipe would keep us waiting.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    create_folder(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn beside(path: &Path) -> Option<PathBuf> {
    let mut name: OsString = path.file_name()?.to_owned();
    name.push(".lock");
    Some(path.with_file_name(name))
}

#[cfg(test)]
mod tests;
