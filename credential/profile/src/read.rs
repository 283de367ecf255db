//! The outermost layer: the only file here that touches the disk.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use credential_core::Secret;
use snafu::ResultExt;

use crate::error::{FileSnafu, NotUtf8Snafu, ReadSnafu, TooLargeSnafu, Utf16Snafu};
use crate::location::{Locations, Unread};
use crate::{Error, Location, Origin, Position};

/// No shared file comes near this, and one that does is not what it seems.
const LIMIT: u64 = 1 << 20;

/// What one file holds; empty for a file that is not there.
#[derive(Debug)]
pub(crate) struct FileText {
    pub(crate) path: Arc<Path>,
    pub(crate) text: Secret,
}

type Reading<'a> =
    Pin<Box<dyn Future<Output = Result<(FileText, FileText, Vec<Unread>), Error>> + Send + 'a>>;

/// Reads both files off the async threads. Boxed, so that its future is compiled here and not in each crate that loads
/// profiles.
pub(crate) fn read_both(locations: &Locations) -> Reading<'_> {
    Box::pin(async {
        let mut unread = Vec::new();
        let config = bytes_of(locations.config()).await;
        let config = text_of(locations.config(), config, &mut unread)?;
        let credentials = bytes_of(locations.credentials()).await;
        let credentials = text_of(locations.credentials(), credentials, &mut unread)?;
        Ok((config, credentials, unread))
    })
}

/// `/dev/null` is a common way to say that there is no file.
async fn bytes_of(location: &Location) -> io::Result<Vec<u8>> {
    match location.path() {
        Some(path) if path != Path::new("/dev/null") => {
            credential_runtime::read_file(path.to_owned(), LIMIT).await
        }
        _ => Ok(Vec::new()),
    }
}

fn text_of(
    location: &Location,
    bytes: io::Result<Vec<u8>>,
    unread: &mut Vec<Unread>,
) -> Result<FileText, Error> {
    let Some(path) = location.path() else {
        if *location.origin() != Origin::Default {
            tracing::warn!("no profiles are read from {location}");
        }
        return Ok(FileText::empty(Path::new("")));
    };
    match bytes {
        Ok(bytes) => decode(path, bytes),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            TooLargeSnafu { path, limit: LIMIT }.fail()
        }
        Err(error) if !says_that_nothing_is_there(&error) => Err(error).context(ReadSnafu { path }),
        Err(error) if *location.origin() == Origin::Code => Err(error).context(FileSnafu { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound && *location.origin() == Origin::Default => {
            tracing::debug!("there is no {}", path.display());
            Ok(FileText::empty(path))
        }
        Err(error) => {
            let note = Unread {
                path: path.to_owned(),
                origin: location.origin().clone(),
                reason: error.to_string(),
            };
            tracing::warn!("{note}; it counts as empty");
            unread.push(note);
            Ok(FileText::empty(path))
        }
    }
}

/// `ELOOP` of Linux.
const LINK_LOOP: i32 = 40;

/// Whether this says that there is nothing to be read at the path, and will not be unless somebody changes that. All else
/// (too many open files, a disk or a network in trouble, a runtime that is shutting down) says nothing of the file.
fn says_that_nothing_is_there(error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::PermissionDenied => true,
        // Links that go round in a circle: there is no stable word for that yet.
        _ if cfg!(target_os = "linux") && error.raw_os_error() == Some(LINK_LOOP) => true,
        // Our own word for what is no regular file comes with a reason; the operating system's, with a number.
        io::ErrorKind::InvalidInput => error.get_ref().is_some(),
        _ => false,
    }
}

/// The text of a file, without the byte order mark that Windows' editors write.
fn decode(path: &Path, bytes: Vec<u8>) -> Result<FileText, Error> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Utf16Snafu { path }.fail();
    }
    let shared: Arc<Path> = Arc::from(path);
    match String::from_utf8(bytes) {
        Ok(text) => {
            // The `String` is moved into custody whole, so that it is wiped too.
            let whole = Secret::new(text);
            let text = match whole.expose().strip_prefix('\u{feff}') {
                Some(rest) => Secret::from(rest),
                None => whole,
            };
            Ok(FileText { path: shared, text })
        }
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..offset).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            NotUtf8Snafu {
                position: Position::new(&shared, line),
                offset,
            }
            .fail()
        }
    }
}

impl FileText {
    pub(crate) fn of(name: &str, text: &str) -> Self {
        Self {
            path: Arc::from(Path::new(name)),
            text: Secret::from(text),
        }
    }

    fn empty(path: &Path) -> Self {
        Self {
            path: Arc::from(path),
            text: Secret::from(""),
        }
    }
}

#[cfg(test)]
mod tests;
