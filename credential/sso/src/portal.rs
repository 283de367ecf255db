use std::time::Duration;

use credential_cache::{Fault, Object};
use credential_core::{AwsCredentials, Secret};
use credential_http::{Request, Url};
use snafu::ResultExt;
use time::OffsetDateTime;

use crate::call::{Call, Operation};
use crate::endpoint::Service;
use crate::error::{EndpointSnafu, Error, NoAccessSnafu};
use crate::provider::NAME;
use crate::settings::Settings;

/// AWS's header for the token. It goes to the portal alone, and redirects are not followed.
const BEARER_TOKEN: &str = "x-amz-sso_bearer_token";

/// A role's credentials for a token.
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>
pub(crate) async fn role_credentials(
    settings: &Settings,
    access_token: &Secret,
    account_id: &str,
    role_name: &str,
    deadline: Duration,
) -> Result<AwsCredentials, Error> {
    let target = format!(
        "/federation/credentials?role_name={}&account_id={}",
        percent_encoded(role_name),
        percent_encoded(account_id)
    );
    let call = Call {
        operation: Operation::GetRoleCredentials,
        request: Request::get(url(settings, &target)?)
            .with_header("accept", "application/json")
            .with_secret_header(BEARER_TOKEN, access_token.expose()),
        secrets: vec![access_token],
        slows_down: true,
        in_vain: None,
    };
    match call.ask(settings, deadline).await {
        Ok(answer) => credentials(&answer)
            .map(|credentials| credentials.with_account_id(account_id))
            .map_err(|fault| call.cannot_use(fault)),
        Err(Error::Refused {
            status: status @ (403 | 404),
            said,
            ..
        }) => NoAccessSnafu {
            account_id,
            role_name,
            status,
            said,
        }
        .fail(),
        Err(error) => Err(error),
    }
}

/// Ends the token's life.
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html>
pub(crate) async fn logout(
    settings: &Settings,
    access_token: &Secret,
    deadline: Duration,
) -> Result<(), Error> {
    let call = Call {
        operation: Operation::Logout,
        request: Request::post(url(settings, "/logout")?)
            .with_secret_header(BEARER_TOKEN, access_token.expose()),
        secrets: vec![access_token],
        slows_down: true,
        in_vain: None,
    };
    call.send(settings, deadline).await.map(drop)
}

fn url(settings: &Settings, target: &str) -> Result<Url, Error> {
    let service = Service::Portal;
    settings.url(service)?.join(target).context(EndpointSnafu {
        service: service.words(),
    })
}

fn credentials(answer: &Object) -> Result<AwsCredentials, Fault> {
    let role = answer.object("roleCredentials")?;
    Ok(AwsCredentials::new(
        role.text("accessKeyId")?.expose(),
        role.text("secretAccessKey")?.clone(),
    )
    .with_session_token(role.text("sessionToken")?.clone())
    .with_expiration(expiration(role.number("expiration")?)?)
    .with_source(NAME))
}

/// Milliseconds since 1970.
fn expiration(milliseconds: i64) -> Result<OffsetDateTime, Fault> {
    let fault = Fault::Range { key: "expiration" };
    if milliseconds <= 0 {
        return Err(fault);
    }
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).map_err(|_| fault)
}

/// A value of a query: everything but what RFC 3986 calls unreserved is written by its number.
pub(crate) fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
