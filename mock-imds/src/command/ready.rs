use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mock_imds::MockImds;
use serde_json::json;

/// A file that is there while a server listens. It goes with this.
pub(crate) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Writes it beside its place and moves it there: whoever sees it can read it as a whole.
    pub(crate) fn write(path: &Path, mock: &MockImds) -> io::Result<Self> {
        let text = json!({"url": mock.endpoint(), "port": mock.port(), "pid": std::process::id()});
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(format!(".{}", std::process::id()));
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&fresh)
            .and_then(|mut file| writeln!(file, "{text}"))
            .and_then(|()| fs::rename(&fresh, path));
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        written.map(|()| Self(path.to_owned()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
