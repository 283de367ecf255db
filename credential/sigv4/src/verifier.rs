use std::borrow::Cow;
use std::time::Duration;

use credential_core::Secret;
use time::OffsetDateTime;

use crate::authorization::TERMINATOR;
use crate::canonical::{Canonical, Headers, PathRule, UNSIGNED_PAYLOAD, header_value, is_s3};
use crate::encode::query_pairs;
use crate::key::{SigningKey, same, sha256};
use crate::refusal::{
    AbsentSnafu, BodyHashSnafu, ExpiredSnafu, LifetimeSnafu, NotYetCurrentSnafu, ScopeDateSnafu,
    ScopeRegionSnafu, ScopeServiceSnafu, ScopeTerminatorSnafu, SignatureSnafu, UnsignedSnafu,
};
use crate::{Authorization, Form, Refusal, SignableRequest};

/// Checks signed requests, as a service does.
///
/// Taking an [`Authorization`] apart comes first; whose secret access key belongs to its access key ID is the
/// server's to know. [`verify`](Self::verify) then looks at everything else in the order in which AWS does; each step
/// is there by itself as well.
///
/// ```
/// use credential_core::{AwsCredentials, Secret};
/// use credential_sigv4::{Authorization, SignableRequest, Signer, Verifier};
/// use time::OffsetDateTime;
///
/// let (now, host) = (OffsetDateTime::UNIX_EPOCH, ("host", "localhost:1338"));
/// let sent = SignableRequest { method: "GET", path: "/", query: "", headers: &[host], body: b"" };
/// let signed = Signer::new("sts", "us-east-1").sign(&sent, &AwsCredentials::new("AKIDEXAMPLE", "secret"), now)?;
///
/// let mut headers = vec![host];
/// headers.extend(signed.headers().iter().map(|header| (header.name(), header.value())));
/// let received = SignableRequest { headers: &headers, ..sent };
/// let authorization = Authorization::of(&received)?.unwrap();
/// let verifier = Verifier::new("sts", "us-east-1");
/// assert_eq!(verifier.verify(&received, &authorization, &Secret::from("secret"), now), Ok(()));
/// assert!(verifier.verify(&received, &authorization, &Secret::from("another"), now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
#[derive(Clone, Debug)]
pub struct Verifier {
    /// Service and Region; `None`: whatever the request names.
    expected: Option<(String, String)>,
    path: Option<PathRule>,
    unsigned_payload: bool,
    token_after_signing: bool,
    clock_skew: Duration,
}

impl Verifier {
    /// A verifier for one service in one Region, by the rules of every service but S3; for the service `s3`, by its.
    pub fn new(service: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            expected: Some((service.into(), region.into())),
            ..Self::any()
        }
    }

    /// A verifier that takes any service and Region that a request names, and that service's rules.
    #[must_use]
    pub fn any() -> Self {
        Self {
            expected: None,
            path: None,
            unsigned_payload: false,
            token_after_signing: false,
            clock_skew: Duration::from_secs(15 * 60),
        }
    }

    /// Leaves `.`, `..` and empty segments of the path as they are. Default: only for S3.
    #[must_use]
    pub fn without_path_normalization(mut self) -> Self {
        self.path.get_or_insert(PathRule::DEFAULT).normalized = false;
        self
    }

    /// Takes the path as it is sent, encoded once. Default: only for S3.
    #[must_use]
    pub fn with_single_encoding(mut self) -> Self {
        self.path.get_or_insert(PathRule::DEFAULT).encoded_twice = false;
        self
    }

    /// Accepts `UNSIGNED-PAYLOAD` for the body's digest; a presigned request that sends no digest counts as one.
    /// Default: only for S3.
    #[must_use]
    pub fn with_unsigned_payload(mut self) -> Self {
        self.unsigned_payload = true;
        self
    }

    /// Takes the session token for no part of what is signed. Default: it is signed.
    #[must_use]
    pub fn with_token_after_signing(mut self) -> Self {
        self.token_after_signing = true;
        self
    }

    /// How far the clocks of both sides may be apart. Default: 15 minutes.
    #[must_use]
    pub fn with_clock_skew(mut self, clock_skew: Duration) -> Self {
        self.clock_skew = clock_skew;
        self
    }

    /// All checks in AWS's order: scope, time, signed headers, body, signature.
    ///
    /// Whether the credentials have expired is for the server to look at after this, so that a wrong secret access key
    /// never shows as expiry.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn verify(
        &self,
        request: &SignableRequest<'_>,
        authorization: &Authorization,
        secret_access_key: &Secret,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
        self.check_scope(authorization)?;
        self.check_time(authorization, now)?;
        self.check_headers(request, authorization)?;
        self.check_body(request, authorization)?;
        self.check_signature(request, authorization, secret_access_key)
    }

    /// Whether the scope is of the request's day, this Region and this service, and ends as it should.
    ///
    /// # Errors
    /// [`Refusal::ScopeDate`], [`Refusal::ScopeRegion`], [`Refusal::ScopeService`] or [`Refusal::ScopeTerminator`].
    pub fn check_scope(&self, authorization: &Authorization) -> Result<(), Refusal> {
        let scope = authorization.scope();
        let request = authorization.timestamp().get(..8).unwrap_or_default();
        if scope.date() != request {
            let scope = scope.date();
            return ScopeDateSnafu { scope, request }.fail();
        }
        if let Some((service, region)) = &self.expected {
            if scope.region() != region {
                let (expected, found) = (region, scope.region());
                return ScopeRegionSnafu { expected, found }.fail();
            }
            if scope.service() != service {
                let (expected, found) = (service, scope.service());
                return ScopeServiceSnafu { expected, found }.fail();
            }
        }
        if scope.terminator() != TERMINATOR {
            let found = scope.terminator();
            return ScopeTerminatorSnafu { found }.fail();
        }
        Ok(())
    }

    /// Whether the time of the request is near this one, or this one within the life of a presigned request, which
    /// starts the clock skew before its time and ends exactly when it says.
    ///
    /// # Errors
    /// [`Refusal::Lifetime`], [`Refusal::Expired`] or [`Refusal::NotYetCurrent`].
    pub fn check_time(&self, authorization: &Authorization, now: OffsetDateTime) -> Result<(), Refusal> {
        let span = |duration: Duration| time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        let signed_at = authorization.signed_at();
        let life = match authorization.expires_seconds() {
            Some(seconds) if !(1..=604_800).contains(&seconds) => return LifetimeSnafu { seconds }.fail(),
            Some(seconds) => Duration::from_secs(seconds),
            None => self.clock_skew,
        };
        let good_from = signed_at.saturating_sub(span(self.clock_skew));
        let good_until = signed_at.saturating_add(span(life));
        if now > good_until {
            return ExpiredSnafu { good_until, now }.fail();
        }
        if now < good_from {
            return NotYetCurrentSnafu { good_from, now }.fail();
        }
        Ok(())
    }

    /// Whether `host` and all headers that start with `x-amz-` are signed, and all signed headers are there.
    ///
    /// # Errors
    /// [`Refusal::Unsigned`] or [`Refusal::Absent`].
    pub fn check_headers(
        &self,
        request: &SignableRequest<'_>,
        authorization: &Authorization,
    ) -> Result<(), Refusal> {
        let signed = authorization.signed_headers();
        let is_signed = |name: &str| signed.iter().any(|other| other.eq_ignore_ascii_case(name));
        let must_be_signed = request
            .headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .filter(|name| name.starts_with("x-amz-"))
            .filter(|name| !(self.token_after_signing && name == "x-amz-security-token"));
        for name in std::iter::once("host".to_owned()).chain(must_be_signed) {
            if !is_signed(&name) {
                return UnsignedSnafu { name }.fail();
            }
        }
        for name in signed {
            if request.values(name).next().is_none() {
                return AbsentSnafu { name }.fail();
            }
        }
        Ok(())
    }

    /// Whether the body is the one whose digest the request sends, if it sends one.
    ///
    /// # Errors
    /// [`Refusal::BodyHash`] or [`Refusal::Streaming`].
    pub fn check_body(
        &self,
        request: &SignableRequest<'_>,
        authorization: &Authorization,
    ) -> Result<(), Refusal> {
        let Some(sent) = sent_hash(request, authorization) else {
            return Ok(());
        };
        if sent == UNSIGNED_PAYLOAD && (self.unsigned_payload || is_s3(authorization.scope().service())) {
            return Ok(());
        }
        if sent.starts_with("STREAMING-") {
            return Err(Refusal::Streaming);
        }
        let computed = sha256(request.body);
        if !sent.eq_ignore_ascii_case(&computed) {
            return BodyHashSnafu { computed }.fail();
        }
        Ok(())
    }

    /// Whether the signature is the one that this secret access key makes of this request. The comparison takes the
    /// same time wherever they differ.
    ///
    /// # Errors
    /// [`Refusal::Signature`], with what the server made of the request.
    pub fn check_signature(
        &self,
        request: &SignableRequest<'_>,
        authorization: &Authorization,
        secret_access_key: &Secret,
    ) -> Result<(), Refusal> {
        let is_query = authorization.form() == Form::Query;
        let body_hash: Cow<'_, str> = match sent_hash(request, authorization) {
            Some(sent) => sent.into(),
            None if is_query && (self.unsigned_payload || is_s3(authorization.scope().service())) => {
                UNSIGNED_PAYLOAD.into()
            }
            None => sha256(request.body).into(),
        };
        let mut headers = Headers::default();
        for name in authorization.signed_headers() {
            headers.set(name.to_ascii_lowercase(), header_value(request.values(name)));
        }
        let left_out = |name: &[u8]| {
            is_query
                && (name == b"X-Amz-Signature"
                    || (self.token_after_signing && name == b"X-Amz-Security-Token"))
        };
        let by_service = if is_s3(authorization.scope().service()) {
            PathRule::S3
        } else {
            PathRule::DEFAULT
        };
        let rule = self.path.unwrap_or(by_service);
        let canonical = Canonical::new(request, rule, request.query, &left_out, headers, &body_hash);
        let string_to_sign = canonical.string_to_sign(authorization.timestamp(), authorization.scope());
        let signature = SigningKey::derive(secret_access_key, authorization.scope()).sign(&string_to_sign);
        if same(&signature, authorization.signature()) {
            return Ok(());
        }
        SignatureSnafu {
            canonical_request: canonical.without_secrets(),
            string_to_sign,
        }
        .fail()
    }
}

/// The digest of the body as the request names it: in its header, or for a presigned one in the query.
fn sent_hash(request: &SignableRequest<'_>, authorization: &Authorization) -> Option<String> {
    let header = header_value(request.values("x-amz-content-sha256"));
    if !header.is_empty() {
        return Some(header.into_owned());
    }
    if authorization.form() == Form::Header {
        return None;
    }
    let mut named = query_pairs(request.query).filter(|(name, _)| name == b"X-Amz-Content-Sha256");
    named.next().and_then(|(_, value)| String::from_utf8(value).ok())
}

#[cfg(test)]
mod tests;
