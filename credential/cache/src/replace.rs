use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use credential_core::Secret;

/// How many names are tried for the new file: each has 64 random bits.
const MOST_NAMES: usize = 8;

pub(crate) fn replace(path: &Path, contents: &Secret) -> io::Result<()> {
    create_folder(path)?;
    let (mut file, new) = create_beside(path)?;
    file.write_all(contents.expose().as_bytes())?;
    file.sync_all()?;
    // Windows renames no open file.
    drop(file);
    std::fs::rename(&new.path, path)?;
    new.keep();
    Ok(())
}

/// Creates the folders above `path` that are missing, for their owner alone.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            let mut builder = DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)
        }
        _ => Ok(()),
    }
}

/// A file that is removed again unless it is kept.
struct New {
    path: PathBuf,
    kept: bool,
}

impl New {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for New {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn create_beside(path: &Path) -> io::Result<(File, New)> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut options = OpenOptions::new();
    // A name that exists, be it a link, is an error: nothing is followed and nothing is overwritten.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..MOST_NAMES {
        // No name of a token file: nobody may take the half-written file for one.
        let mut unique: OsString = ".".into();
        unique.push(name);
        unique.push(format!(".{:016x}.new", random()));
        let new = path.with_file_name(unique);
        match options.open(&new) {
            Ok(file) => {
                return Ok((
                    file,
                    New {
                        path: new,
                        kept: false,
                    },
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// 64 bits keyed by the operating system's randomness. A fork inherits the keys, so the process's ID goes in.
fn random() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish()
}

#[cfg(test)]
mod tests;
