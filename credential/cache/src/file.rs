use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use credential_core::{Clock, Secret};
use credential_runtime::blocking;

use crate::lock::{self, Lock};
use crate::replace::replace;

/// The most that is read: a token file has a few KiB.
const MOST_BYTES: u64 = 1024 * 1024;

/// A small file with secrets that several programs read and replace.
///
/// It is a path and nothing else; a clone means the same file.
///
/// ```
/// use credential_cache::CacheFile;
///
/// let file = CacheFile::new("/home/me/.aws/sso/cache/0123.json");
/// assert!(file.path().ends_with("cache/0123.json"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFile {
    path: PathBuf,
}

impl CacheFile {
    /// The file at this path, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text as it is now; `None` when there is no such file.
    ///
    /// # Errors
    /// What the operating system says. [`InvalidInput`](io::ErrorKind::InvalidInput) when it is no file, for a pipe
    /// would keep us waiting; [`FileTooLarge`](io::ErrorKind::FileTooLarge) past 1 MiB;
    /// [`InvalidData`](io::ErrorKind::InvalidData) for what is not UTF-8.
    pub async fn read(&self) -> io::Result<Option<Secret>> {
        reading(self.path.clone()).await
    }

    /// Locks the file `NAME.lock` beside it against others who do the same, also in this process.
    ///
    /// It waits up to 5 seconds, measured by `clock`. `None` after that, and at once when there can be no lock, as in a
    /// folder that may not be written: read the file again then, and go on without. Dropping the [`Lock`] unlocks.
    pub async fn lock(&self, clock: &dyn Clock) -> Option<Lock> {
        locking(&self.path, clock).await
    }

    /// Replaces the whole text, so that nobody ever sees a part of it. Creates the file, mode 0600, and its folders,
    /// mode 0700, where they are missing. A symbolic link in its place is replaced and not followed.
    ///
    /// Dropped halfway, it still happens as a whole or not at all.
    ///
    /// # Errors
    /// What the operating system says; the old text is still there then.
    pub async fn replace(&self, contents: &Secret) -> io::Result<()> {
        replacing(self.path.clone(), contents.clone()).await
    }

    /// Removes it. Whether it was there.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn remove(&self) -> io::Result<bool> {
        let path = self.path.clone();
        blocking(move || match std::fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
        .await?
    }
}

/// Boxed, as its siblings, so that its future is compiled here and not in each crate that has a cache.
fn reading(path: PathBuf) -> Boxed<'static, io::Result<Option<Secret>>> {
    Box::pin(async {
        blocking(move || match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        })
        .await?
    })
}

fn locking<'a>(path: &'a Path, clock: &'a dyn Clock) -> Boxed<'a, Option<Lock>> {
    Box::pin(lock::lock(path, clock))
}

fn replacing(path: PathBuf, contents: Secret) -> Boxed<'static, io::Result<()>> {
    Box::pin(async { blocking(move || replace(&path, &contents)).await? })
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn read(path: &Path) -> io::Result<Secret> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if metadata.len() > MOST_BYTES {
        return Err(too_large());
    }
    let file = File::open(path)?;
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 64);
    let outcome = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    if let Err(error) = outcome {
        wipe(bytes);
        return Err(error);
    }
    if bytes.len() as u64 > MOST_BYTES {
        wipe(bytes);
        return Err(too_large());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) => {
            wipe(error.into_bytes());
            Err(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8 text"))
        }
    }
}

fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("more than {MOST_BYTES} bytes"),
    )
}

fn wipe(mut bytes: Vec<u8>) {
    bytes.fill(0);
    std::hint::black_box(&bytes);
}

#[cfg(test)]
mod tests;
