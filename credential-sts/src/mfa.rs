use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use credential_core::Secret;

type BoxError = Box<dyn StdError + Send + Sync>;
type Answer = Pin<Box<dyn Future<Output = Result<Secret, BoxError>> + Send>>;

/// Asks a person for the six digits that an MFA device shows. A clone asks in the same way.
///
/// The function gets the serial number or ARN of the device, so that it can say which one is meant; it may wait as
/// long as the provider's own limit for it allows (five minutes unless set). Anything that waits by blocking, as
/// reading a terminal does, belongs on a thread of its own.
///
/// ```
/// use credential_sts::MfaPrompt;
///
/// let prompt = MfaPrompt::new(|serial: String| async move {
///     eprintln!("code for {serial}?");
///     Ok::<_, std::io::Error>("123456".to_owned())
/// });
/// # let _ = prompt;
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html>
#[derive(Clone)]
pub struct MfaPrompt(Arc<dyn Fn(String) -> Answer + Send + Sync>);

impl MfaPrompt {
    /// A prompt from an async function of the device's serial number; the code may have blanks around it.
    pub fn new<F, A, C, E>(ask: F) -> Self
    where
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<C, E>> + Send + 'static,
        C: Into<Secret>,
        E: Into<BoxError>,
    {
        Self(Arc::new(move |serial| {
            let answer = ask(serial);
            Box::pin(async move { answer.await.map(Into::into).map_err(Into::into) })
        }))
    }

    pub(crate) fn ask(&self, serial: &str) -> Answer {
        (self.0)(serial.to_owned())
    }
}

impl fmt::Debug for MfaPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaPrompt(…)")
    }
}
