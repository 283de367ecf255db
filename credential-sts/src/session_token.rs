use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsFuture, ProvideAwsCredentials, Renewal};

use crate::client::StsClient;
use crate::device::Device;
use crate::error::Error;
use crate::mfa::MfaPrompt;
use crate::request::GetSessionToken;

const NAME: &str = "SessionToken";

/// Provides temporary credentials for the client's own long-term ones, as for a policy that asks for MFA.
///
/// It asks STS at each call and keeps nothing; `AutoRefreshingProvider` keeps and renews.
///
/// ```no_run
/// use credential_core::{AwsCredentials, ProvideAwsCredentials};
/// use credential_sts::{MfaPrompt, SessionTokenProvider, StsClient};
///
/// # async fn example(keys: AwsCredentials) -> Result<(), credential_core::CredentialsError> {
/// let session = SessionTokenProvider::new(StsClient::new("eu-central-1", keys))
///     .with_mfa_serial("arn:aws:iam::123456789012:mfa/jo")
///     .with_mfa_prompt(MfaPrompt::new(|_| async { Ok::<_, std::io::Error>("123456") }));
/// println!("{:?}", session.credentials().await?.expiration());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug)]
pub struct SessionTokenProvider {
    sts: StsClient,
    request: GetSessionToken,
    device: Device,
}

/// The name that rusoto gave it: see the example of [`SessionTokenProvider`].
pub type StsSessionCredentialsProvider = SessionTokenProvider;

impl SessionTokenProvider {
    /// Sessions of AWS's default length, twelve hours, without MFA.
    #[must_use]
    pub fn new(sts: StsClient) -> Self {
        Self {
            sts,
            request: GetSessionToken::new(),
            device: Device::default(),
        }
    }

    /// How long sessions last: 15 minutes to 36 hours. A fraction of a second is dropped. Default: not sent, so twelve
    /// hours.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.request = self.request.with_duration(duration);
        self
    }

    /// The serial number or ARN of the caller's MFA device; it needs [`with_mfa_prompt`](Self::with_mfa_prompt) as
    /// well. Default: none.
    ///
    /// Credentials got with a code are marked as interactive, so that nobody renews them ahead of time.
    ///
    /// AWS: `mfa_serial`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
    #[must_use]
    pub fn with_mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.device.serial = Some(serial.into());
        self
    }

    /// Asks here for the code of the MFA device. Without a device nobody is asked. Default: nobody.
    #[must_use]
    pub fn with_mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.device.prompt = Some(prompt);
        self
    }

    /// How long to wait for the code of the MFA device. Default: 5 minutes.
    #[must_use]
    pub fn with_mfa_timeout(mut self, limit: Duration) -> Self {
        self.device.limit = limit;
        self
    }

    /// Asks for a session.
    ///
    /// First the source is asked, then the person for the MFA code where there is a device, then STS.
    ///
    /// # Errors
    /// [`Error::Refused`] when AWS says no; any other as its variants tell.
    pub async fn load(&self) -> Result<AwsCredentials, Error> {
        self.request.check()?;
        self.device.check()?;
        let source = self.sts.source_credentials(&GetSessionToken::operation()).await?;
        let mut request = self.request.clone();
        let mut renewal = Renewal::NEVER;
        if let Some((serial, code)) = self.device.ask(&**self.sts.clock()).await? {
            request = request.with_mfa(serial, code);
            renewal = renewal.with_interactive();
        }
        let session = self.sts.get_session_token_with(&request, source).await?;
        Ok(session.with_renewal(renewal))
    }
}

impl ProvideAwsCredentials for SessionTokenProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(async move { self.load().await.map_err(|error| error.of_provider(NAME)) })
    }

    fn name(&self) -> &str {
        NAME
    }
}
