use std::time::Duration;

use credential_cache::{Fault, Object};
use credential_core::{Report, Secret};
use time::OffsetDateTime;

use super::registration::{Registration, Way};
use crate::call::{Call, Operation, Said};
use crate::error::{CodeExpiredSnafu, Error, NobodyCameSnafu, NotApprovedSnafu};
use crate::oidc::{self, Grant, Proof};
use crate::settings::Settings;

/// How long to wait between two questions when the service does not say, and how much longer when it asks for patience:
/// RFC 8628 section 3.5, <https://www.rfc-editor.org/rfc/rfc8628#section-3.5>
const FIVE_SECONDS: Duration = Duration::from_secs(5);

const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// A code that a person approves in a browser, on any device.
///
/// ```no_run
/// # fn example(device: &credential_sso::DeviceAuthorization) {
/// println!("open {} and enter {}", device.verification_uri(), device.user_code());
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>
#[derive(Clone, Debug)]
pub struct DeviceAuthorization {
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expiration: OffsetDateTime,
    device_code: Secret,
    interval: Duration,
}

impl DeviceAuthorization {
    /// The code to compare or to enter, as `ABCD-EFGH`.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// The address to open.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// The address to open that brings the code along, if there is one.
    #[must_use]
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.verification_uri_complete.as_deref()
    }

    /// When the code ends.
    #[must_use]
    pub fn expiration(&self) -> OffsetDateTime {
        self.expiration
    }

    fn of(answer: &Object, now: OffsetDateTime) -> Result<Self, Fault> {
        let seconds = answer.optional_number("interval")?.unwrap_or(5).clamp(1, 60);
        Ok(Self {
            device_code: answer.text("deviceCode")?.clone(),
            user_code: answer.text("userCode")?.expose().to_owned(),
            verification_uri: answer.text("verificationUri")?.expose().to_owned(),
            verification_uri_complete: answer
                .optional_text("verificationUriComplete")?
                .map(|uri| uri.expose().to_owned()),
            expiration: oidc::after_seconds(answer, "expiresIn", now)?,
            interval: Duration::from_secs(seconds.unsigned_abs()),
        })
    }
}

pub(super) async fn log_in(
    settings: &Settings,
    limit: Duration,
    show: impl FnOnce(&DeviceAuthorization),
) -> Result<(Grant, Registration), Error> {
    let mut registration = Registration::of(settings, Way::DeviceCode).await?;
    let mut started = start(settings, &registration).await;
    if matches!(&started, Err(Error::Refused { said, .. }) if said.is(&["InvalidClient", "UnauthorizedClient"]))
    {
        // The registration in the file is known no more.
        registration = Registration::new(settings, Way::DeviceCode).await?;
        started = start(settings, &registration).await;
    }
    let device = started?;
    let began = settings.clock.monotonic();
    show(&device);
    let grant = poll(settings, &registration, &device, began, limit).await?;
    Ok((grant, registration))
}

async fn start(settings: &Settings, registration: &Registration) -> Result<DeviceAuthorization, Error> {
    let client = &registration.client;
    let body = Object::default()
        .with("clientId", &client.id)
        .with("clientSecret", &client.secret)
        .with("startUrl", settings.session.start_url());
    let call = Call {
        operation: Operation::StartDeviceAuthorization,
        request: oidc::post(settings, "/device_authorization", &body)?,
        secrets: vec![&client.secret],
        slows_down: true,
        in_vain: None,
    };
    let answer = call.ask(settings, settings.deadline()).await?;
    DeviceAuthorization::of(&answer, settings.clock.now()).map_err(|fault| call.cannot_use(fault))
}

/// Asks again and again whether the person has approved the code.
async fn poll(
    settings: &Settings,
    registration: &Registration,
    device: &DeviceAuthorization,
    began: Duration,
    limit: Duration,
) -> Result<Grant, Error> {
    let lifetime = device.expiration - settings.clock.now();
    let lifetime = Duration::try_from(lifetime).unwrap_or_default();
    let mut interval = device.interval;
    loop {
        interval = interval.min(LONGEST_INTERVAL);
        let waited = settings.clock.monotonic().saturating_sub(began);
        let waited = waited.saturating_add(interval);
        if waited > limit {
            let said = Said::default();
            return NobodyCameSnafu { limit, said }.fail();
        }
        if waited > lifetime {
            return CodeExpiredSnafu.fail();
        }
        settings.clock.sleep(interval).await;
        let proof = Proof::DeviceCode(&device.device_code);
        match oidc::create_token(settings, &registration.client, proof, settings.deadline()).await {
            Ok(grant) => return Ok(grant),
            Err(Error::Refused { said, .. }) if said.is(&["AuthorizationPending"]) => {}
            Err(Error::Refused { said, .. }) if said.is(&["SlowDown"]) => interval += FIVE_SECONDS,
            Err(Error::Refused { said, .. }) if said.is(&["ExpiredToken"]) => {
                return CodeExpiredSnafu.fail();
            }
            Err(Error::Refused { said, .. }) if said.is(&["AccessDenied"]) => {
                return NotApprovedSnafu { said }.fail();
            }
            // The person may be at it: trouble on the way must not cost the login. An answer that cannot be read may
            // have been the token, which comes only once.
            Err(error) if error.is_transient() && !matches!(error, Error::Answer { .. }) => {
                tracing::debug!(error = %Report::of(&error), "asking for the token again");
                interval += FIVE_SECONDS;
            }
            Err(error) => return Err(error),
        }
    }
}
