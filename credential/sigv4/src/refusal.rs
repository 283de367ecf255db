use std::fmt;

use snafu::Snafu;
use time::OffsetDateTime;

/// Why a server refuses a signed request.
///
/// The variants stand in the order in which a service of AWS looks. It never holds a secret, a session token or the
/// right signature. Methods [`is_malformed`](Self::is_malformed) and [`is_clock`](Self::is_clock) sort them.
///
/// ```
/// use credential_sigv4::{Authorization, Part, Refusal, SignableRequest};
///
/// let request = SignableRequest {
///     method: "GET", path: "/", query: "", body: b"",
///     headers: &[("authorization", "AWS4-HMAC-SHA256 Signature=00")],
/// };
/// let refusal = Authorization::of(&request).unwrap_err();
/// assert_eq!(refusal, Refusal::Missing { part: Part::Credential });
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
#[derive(Clone, Debug, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Refusal {
    /// It is signed with an algorithm that is not Signature Version 4, or it carries another kind of authorization.
    #[snafu(display("the authorization is {found}, not AWS4-HMAC-SHA256"))]
    Algorithm {
        /// The first word of the authorization, when it looks like the name of a scheme.
        found: String,
    },
    /// It is signed with `AWS4-ECDSA-P256-SHA256` (Signature Version 4A), which is not checked here.
    #[snafu(display("asymmetric signatures (AWS4-ECDSA-P256-SHA256) are not supported"))]
    Asymmetric,
    /// It is signed twice: by header and by query, or by several headers.
    #[snafu(display("the request is signed more than once"))]
    Repeated,
    /// A part of the authorization is not there.
    #[snafu(display("the authorization has no {part}"))]
    Missing {
        /// The part.
        part: Part,
    },
    /// A part of the authorization is there twice or is not in its form.
    #[snafu(display("the authorization's {part} is malformed"))]
    Malformed {
        /// The part.
        part: Part,
    },
    /// The scope names another day than the request's time.
    #[snafu(display("the credential is scoped to {scope}, the request is of {request}"))]
    ScopeDate {
        /// The day in the scope, `YYYYMMDD`.
        scope: String,
        /// The day of the request's time.
        request: String,
    },
    /// The scope names another Region than the server's.
    #[snafu(display("the credential should be scoped to Region {expected}, not {found}"))]
    ScopeRegion {
        /// The server's.
        expected: String,
        /// The request's.
        found: String,
    },
    /// The scope names another service.
    #[snafu(display("the credential should be scoped to service {expected}, not {found}"))]
    ScopeService {
        /// The server's.
        expected: String,
        /// The request's.
        found: String,
    },
    /// The scope does not end in `aws4_request`.
    #[snafu(display("the credential's scope should end in aws4_request, not {found}"))]
    ScopeTerminator {
        /// What it ends in.
        found: String,
    },
    /// A presigned request asks to be good for less than 1 second or more than 7 days.
    #[snafu(display("a presigned request is good for 1 s to 604800 s, not for {seconds} s"))]
    Lifetime {
        /// What it asks for.
        seconds: u64,
    },
    /// The time of the request is too far in the past, or the presigned request has run out.
    #[snafu(display("signature expired: {} is now earlier than {}", moment(*good_until), moment(*now)))]
    Expired {
        /// The last instant at which it was good.
        good_until: OffsetDateTime,
        /// The server's time.
        now: OffsetDateTime,
    },
    /// The time of the request is too far in the future.
    #[snafu(display("signature not yet current: {} is still later than {}", moment(*good_from), moment(*now)))]
    NotYetCurrent {
        /// The first instant at which it will be good.
        good_from: OffsetDateTime,
        /// The server's time.
        now: OffsetDateTime,
    },
    /// A header that has to be signed is there but not signed: `host`, or one that starts with `x-amz-`.
    #[snafu(display("the header {name} is there but not signed"))]
    Unsigned {
        /// The header, in lower case.
        name: String,
    },
    /// A header is signed that is not there.
    #[snafu(display("the header {name} is signed but not there"))]
    Absent {
        /// The header.
        name: String,
    },
    /// `x-amz-content-sha256` is not the digest of the body.
    #[snafu(display("x-amz-content-sha256 is not the digest of the body, {computed}"))]
    BodyHash {
        /// The body's digest.
        computed: String,
    },
    /// The body is signed chunk by chunk, which is not checked here.
    #[snafu(display("bodies signed in chunks are not supported"))]
    Streaming,
    /// The signature is not the one that this secret access key makes of this request.
    #[snafu(display("the signature does not match"))]
    Signature {
        /// The canonical request as the server sees it, with `(hidden)` for tokens and other secrets in it.
        canonical_request: String,
        /// What the server would have signed; its last line is the digest of the canonical request with nothing hidden.
        string_to_sign: String,
    },
}

impl Refusal {
    /// Whether the authorization cannot even be read: AWS answers `IncompleteSignature`.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::Algorithm { .. }
                | Self::Asymmetric
                | Self::Repeated
                | Self::Missing { .. }
                | Self::Malformed { .. }
        )
    }

    /// Whether the clocks of both sides, or the time since the signing, are to blame.
    #[must_use]
    pub fn is_clock(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::NotYetCurrent { .. })
    }
}

/// A part of an authorization: see the example of [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// `Credential`, or `X-Amz-Credential`: access key ID and scope.
    Credential,
    /// `SignedHeaders`, or `X-Amz-SignedHeaders`.
    SignedHeaders,
    /// `Signature`, or `X-Amz-Signature`.
    Signature,
    /// `X-Amz-Date` or `Date`.
    Date,
    /// `X-Amz-Algorithm`.
    Algorithm,
    /// `X-Amz-Expires`.
    Expires,
    /// `X-Amz-Security-Token`.
    SecurityToken,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credential => "Credential",
            Self::SignedHeaders => "SignedHeaders",
            Self::Signature => "Signature",
            Self::Date => "X-Amz-Date",
            Self::Algorithm => "X-Amz-Algorithm",
            Self::Expires => "X-Amz-Expires",
            Self::SecurityToken => "X-Amz-Security-Token",
        })
    }
}

fn moment(instant: OffsetDateTime) -> String {
    crate::timestamp::format(instant).unwrap_or_else(|| "a time without a form".to_owned())
}
