//! What STS says, and what its callers sign.

use std::time::Duration;

use credential_core::Secret;
use credential_sigv4::{Authorization, Refusal, SignableRequest, Verifier};
use tests_support::{Received, Reply, canary};
use time::OffsetDateTime;

/// The replies of STS.
pub(crate) trait OfSts {
    /// A refusal.
    fn refusal(status: u16, code: &str) -> Reply {
        Reply::with(
            status,
            format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>as the script says</Message></Error>\
                 <RequestId>c6104cbe</RequestId></ErrorResponse>"
            ),
        )
    }

    /// The usual answer to AssumeRole, good until one o'clock on the manual clock's day, which begins at noon.
    fn role() -> Reply {
        Self::session("AssumeRole", "2030-01-01T13:00:00Z")
    }

    fn session(operation: &str, expiration: &str) -> Reply {
        let (secret, token) = (canary("new secret"), canary("new token"));
        Reply::with(
            200,
            format!(
                "<{operation}Response><{operation}Result><AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:n</AssumedRoleId>\
                 <Arn>arn:aws:sts::123456789012:assumed-role/deploy/n</Arn></AssumedRoleUser><Credentials>\
                 <AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
                 <SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
                 </{operation}Result></{operation}Response>"
            ),
        )
    }

    fn identity() -> Reply {
        Reply::with(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn>\
             <UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>",
        )
    }
}

impl OfSts for Reply {}

/// A call that was signed.
pub(crate) trait Signed {
    /// The authorization that it carries.
    fn authorization(&self) -> Authorization;

    /// Whether this secret access key signed it, for this region and about this time.
    fn verify(&self, secret: &str, region: &str, now: OffsetDateTime) -> Result<(), Refusal>;
}

impl Signed for Received {
    fn authorization(&self) -> Authorization {
        let headers = pairs(self);
        Authorization::of(&signable(self, &headers)).unwrap().unwrap()
    }

    fn verify(&self, secret: &str, region: &str, now: OffsetDateTime) -> Result<(), Refusal> {
        let headers = pairs(self);
        Verifier::new("sts", region)
            .with_clock_skew(Duration::from_secs(300))
            .verify(
                &signable(self, &headers),
                &self.authorization(),
                &Secret::from(secret),
                now,
            )
    }
}

fn pairs(call: &Received) -> Vec<(&str, &str)> {
    call.headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn signable<'a>(call: &'a Received, headers: &'a [(&'a str, &'a str)]) -> SignableRequest<'a> {
    SignableRequest {
        method: &call.method,
        path: &call.target,
        query: "",
        headers,
        body: call.body.as_bytes(),
    }
}
