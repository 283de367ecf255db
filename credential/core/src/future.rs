use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::{AwsCredentials, CredentialsError};

type Answer = Result<AwsCredentials, CredentialsError>;

/// A provider's answer: ready now, or later.
///
/// A provider that has its answer at hand returns [`ready`](Self::ready), which allocates nothing; one that must wait
/// wraps its async block with [`new`](Self::new). Dropping the future abandons the attempt.
///
/// ```
/// use credential_core::{AwsCredentials, CredentialsFuture};
///
/// let now = CredentialsFuture::ready(Ok(AwsCredentials::new("AKIDEXAMPLE", "secret")));
/// let later = CredentialsFuture::new(async { Ok(AwsCredentials::new("AKIDEXAMPLE", "secret")) });
/// # drop((now, later));
/// ```
#[must_use = "a future does nothing until it is awaited"]
pub struct CredentialsFuture<'a>(State<'a>);

enum State<'a> {
    Ready(Option<Answer>),
    Later(Pin<Box<dyn Future<Output = Answer> + Send + 'a>>),
}

impl<'a> CredentialsFuture<'a> {
    /// An answer that is at hand.
    pub fn ready(answer: Result<AwsCredentials, CredentialsError>) -> Self {
        Self(State::Ready(Some(answer)))
    }

    /// An answer that needs waiting.
    pub fn new(future: impl Future<Output = Result<AwsCredentials, CredentialsError>> + Send + 'a) -> Self {
        Self(State::Later(Box::pin(future)))
    }
}

impl Future for CredentialsFuture<'_> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        match &mut self.0 {
            // A future polled again after its answer must not panic in a library: it stays silent, as `fuse` does.
            State::Ready(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            State::Later(future) => {
                let answer = future.as_mut().poll(context);
                if answer.is_ready() {
                    self.0 = State::Ready(None);
                }
                answer
            }
        }
    }
}

impl fmt::Debug for CredentialsFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "CredentialsFuture(ready)",
            State::Later(_) => "CredentialsFuture(later)",
        })
    }
}
