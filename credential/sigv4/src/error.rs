use std::time::Duration;

use snafu::Snafu;

/// Why a request could not be signed.
///
/// ```
/// use credential_core::AwsCredentials;
/// use credential_sigv4::{Error, SignableRequest, Signer};
/// use time::OffsetDateTime;
///
/// let request = SignableRequest { method: "GET", path: "/", query: "", headers: &[], body: b"" };
/// let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret");
/// let error = Signer::new("ec2", "eu-central-1").sign(&request, &credentials, OffsetDateTime::UNIX_EPOCH).unwrap_err();
/// assert_eq!(error, Error::NoHost);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Error {
    /// There is no `host` header among the headers, or it is blank.
    #[snafu(display("a request is signed with its host header, and there is none"))]
    NoHost,
    /// The time has no form in a signature: its year in UTC is below 0 or above 9999.
    #[snafu(display("a time outside the years 0 to 9999 cannot be written in a signature"))]
    Date,
    /// A part holds a character that cannot stand there, or nothing at all.
    #[snafu(display("the {part} is empty or holds a character that cannot be sent in it"))]
    Illegal {
        /// The part: `method`, `access key ID`, `session token`, ….
        part: &'static str,
    },
    /// A presigned request is good for 1 second to 7 days; this is less or more.
    #[snafu(display("a presigned request is good for 1 s to 604800 s, not for {} s", valid_for.as_secs()))]
    Lifetime {
        /// What was asked for.
        valid_for: Duration,
    },
}
