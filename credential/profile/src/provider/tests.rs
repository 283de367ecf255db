use credential_core::CredentialsError;
use tempfile::TempDir;
use tests_support::{canary, leaks};

use super::*;

mod changing;
mod chosen;
mod content;
mod elsewhere;
mod keys;
mod missing;
#[cfg(unix)]
mod unreadable;

const CONFIG: &str = ".aws/config";
const CREDENTIALS: &str = ".aws/credentials";

/// A home directory with files in it.
struct Home(TempDir);

impl Home {
    fn new(files: &[(&str, &str)]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.path(".aws")).unwrap();
        for (name, text) in files {
            home.write(name, text.as_bytes());
        }
        home
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn provider(&self, variables: &[(&str, &str)]) -> ProfileProvider {
        let home = ("HOME", self.0.path().to_str().unwrap());
        ProfileProvider::new().with_variables(variables.iter().copied().chain([home]).collect())
    }

    /// What is told, with `~` for the temporary folder.
    fn told(&self, error: impl std::fmt::Display) -> String {
        error.to_string().replace(self.0.path().to_str().unwrap(), "~")
    }
}

fn keys(id: &str) -> String {
    format!(
        "aws_access_key_id = {id}\naws_secret_access_key = {}\n",
        canary(id)
    )
}

async fn failure(provider: &ProfileProvider) -> CredentialsError {
    let error = provider.credentials().await.unwrap_err();
    let shown = format!("{} {error:?}", error.report());
    assert!(!leaks(&shown), "{shown}");
    error
}
