use std::fmt;
use std::sync::Arc;

use crate::{AwsCredentials, CredentialsFuture};

/// Something that provides AWS credentials.
///
/// One method is required, and the trait is object safe, so providers can be stored as `Arc<dyn ProvideAwsCredentials>`.
/// A provider asks its source once per call and keeps no credentials; keeping and renewing them is the work of
/// `AutoRefreshingProvider` in `credential-refresh`, which wraps any provider.
///
/// The crate's first page shows a provider of one's own in a dozen lines. [`AwsCredentials`] are a provider themselves:
///
/// ```
/// use std::sync::Arc;
///
/// use credential_core::{AwsCredentials, CredentialsError, ProvideAwsCredentials};
///
/// async fn whose(provider: &dyn ProvideAwsCredentials) -> Result<String, CredentialsError> {
///     Ok(provider.credentials().await?.access_key_id().to_owned())
/// }
///
/// let stored: Arc<dyn ProvideAwsCredentials> = Arc::new(AwsCredentials::new("AKIDEXAMPLE", "a secret"));
/// let asked = whose(&stored); // await it
/// # let mut asked = std::pin::pin!(asked);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let answer = asked.as_mut().poll(&mut context);
/// # assert!(matches!(answer, std::task::Poll::Ready(Ok(id)) if id == "AKIDEXAMPLE"));
/// ```
///
/// # Rules for those who implement it
/// - Dropping the future at any await leaves the provider usable.
/// - Return [not configured](crate::ErrorKind::NotConfigured) only when there is nothing set up here: it lets a chain
///   go on to the next identity. Anything that *is* set up and does not work is another kind.
/// - Bound every wait, and never put a secret into an error.
pub trait ProvideAwsCredentials: fmt::Debug + Send + Sync {
    /// Asks once; keeps nothing. Dropping the future abandons the attempt.
    ///
    /// # Errors
    /// A [`CredentialsError`](crate::CredentialsError), whose kind says what a chain should make of it.
    fn credentials(&self) -> CredentialsFuture<'_>;

    /// Hears that a service refused these credentials, so that whoever keeps them asks the source before their time.
    ///
    /// Call it when AWS answers `ExpiredToken`, `ExpiredTokenException` or `InvalidToken`, not for `AccessDenied`.
    /// Default: nothing happens, right for a provider that keeps nothing.
    fn invalidate(&self, _credentials: &AwsCredentials) {}

    /// A stable name for logs and errors, as `Environment` or `InstanceMetadata`. Default: `Custom`.
    fn name(&self) -> &str {
        "Custom"
    }
}

macro_rules! through_a_pointer {
    ($($pointer:ty),*) => {$(
        impl<P: ProvideAwsCredentials + ?Sized> ProvideAwsCredentials for $pointer {
            fn credentials(&self) -> CredentialsFuture<'_> {
                (**self).credentials()
            }

            fn invalidate(&self, credentials: &AwsCredentials) {
                (**self).invalidate(credentials);
            }

            fn name(&self) -> &str {
                (**self).name()
            }
        }
    )*};
}

through_a_pointer!(&P, Box<P>, Arc<P>);
