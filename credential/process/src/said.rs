//! What a command said on standard error: the end of it, with all taken out that may be a secret.

use std::fmt;

use escapes::without_escapes;
pub(crate) use hidden::Hidden;
use mask::{HIDDEN, mask};

mod escapes;
mod hidden;
mod mask;

/// The end of what the command wrote to standard error, on one line, as far as it may be shown.
///
/// It is the last 4 KiB. Escape sequences and what cannot be seen are left out. `[hidden]` stands for whatever may be a
/// secret:
/// - a run of 16 or more letters, digits and `+/=_-%` that is not made of plain words
/// - what follows a name such as `password=`
/// - who logs in at an address: all between `://` and `@`
/// - a number of 6 to 8 digits, and behind a word such as `PIN` or `code` one of 4 to 8
/// - arguments of the command that it repeats, but plain words; those too where they follow an option such as
///   `--password` or `-p`
///
/// ```
/// use credential_process::{Error, ProcessProvider};
///
/// # #[cfg(unix)]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let command = "echo 'not logged in, password=hunter2' >&2; exit 1";
/// let error = ProcessProvider::new(command).with_shell().load().await.unwrap_err();
/// let Error::Exit { said, .. } = error else {
///     panic!("another error");
/// };
/// assert_eq!(said.text(), "not logged in, [hidden]");
/// # });
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// The text; empty when the command said nothing.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn of(tail: &Tail, hidden: &Hidden) -> Self {
        let text = String::from_utf8_lossy(&tail.bytes).into_owned();
        let text = without_escapes(&text);
        // The first word may be the rest of a longer one.
        let text = match tail.cut {
            true => text
                .find(char::is_whitespace)
                .and_then(|at| text.get(at..))
                .unwrap_or(HIDDEN),
            false => &text,
        };
        Self(mask(&hidden.take_out(text)))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("; it said nothing on standard error")
        } else {
            write!(f, "; it said: {}", self.0)
        }
    }
}

/// The last bytes of a stream that may be endless.
#[derive(Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    const KEPT: usize = 4096;

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if let Some(surplus) = self
            .bytes
            .len()
            .checked_sub(Self::KEPT)
            .filter(|surplus| *surplus > 0)
        {
            self.bytes.drain(..surplus);
            self.cut = true;
        }
    }
}

#[cfg(test)]
mod tests;
