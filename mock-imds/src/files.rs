use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::random::Random;

/// A folder of its own among the system's temporary ones, for its owner alone. It goes when this does.
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    pub(crate) fn new() -> io::Result<Self> {
        let name = format!(
            "mock-imds-{}-{}",
            std::process::id(),
            Random::of_system().hex_digits(16)
        );
        let folder = std::env::temp_dir().join(name);
        private_folder_builder().create(&folder)?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A token that programs read from a file, alone in its folder.
pub(crate) struct TokenFile {
    folder: TemporaryFolder,
    name: &'static str,
}

impl TokenFile {
    pub(crate) fn new(name: &'static str) -> io::Result<Self> {
        let folder = TemporaryFolder::new()?;
        Ok(Self { folder, name })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// No final newline, as the kubelet writes it.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        replace(&self.path(), text)
    }
}

/// Writes a file as a whole beside its place and moves it there, so that no reader sees half of it. It is for its owner
/// alone, and so are the folders that had to be made for it.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_folder_builder().recursive(true).create(folder)?;
    }
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(format!(".{}", Random::of_system().hex_digits(8)));
    let fresh = PathBuf::from(fresh);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&fresh)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&fresh, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

fn private_folder_builder() -> std::fs::DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "nothing to set there"))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_goes_with_its_folder() {
        let folder = TemporaryFolder::new().unwrap();
        let path = folder.path().join("a/b/token");
        for text in ["first", "second"] {
            replace(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "nothing is left over");
        assert!(replace(folder.path(), "a folder is there").is_err());
        let parent = folder.path().to_owned();
        drop(folder);
        assert!(!parent.exists());
    }
}
