use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use credential_core::{AwsCredentials, Secret};
use time::OffsetDateTime;

use crate::canonical::{ALGORITHM, Canonical, Headers, PathRule, UNSIGNED_PAYLOAD, header_value, is_s3};
use crate::encode::{decode, push_pair};
use crate::error::{IllegalSnafu, LifetimeSnafu};
use crate::key::{SigningKey, sha256};
use crate::{Error, Scope, SignableRequest, timestamp};

const LONGEST_LIFE: Duration = Duration::from_secs(604_800);

/// Signs requests for one service in one Region.
///
/// ```
/// use credential_core::AwsCredentials;
/// use credential_sigv4::{SignableRequest, Signer};
/// use time::OffsetDateTime;
///
/// let request = SignableRequest {
///     method: "POST", path: "/", query: "", body: b"Action=GetCallerIdentity&Version=2011-06-15",
///     headers: &[("host", "sts.eu-central-1.amazonaws.com"), ("content-type", "application/x-www-form-urlencoded")],
/// };
/// let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret");
/// let signed = Signer::new("sts", "eu-central-1").sign(&request, &credentials, OffsetDateTime::UNIX_EPOCH)?;
/// let names: Vec<&str> = signed.headers().iter().map(|header| header.name()).collect();
/// assert_eq!(names, ["x-amz-date", "authorization"]);
/// # Ok::<(), credential_sigv4::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
#[derive(Clone, Debug)]
pub struct Signer {
    service: String,
    region: String,
    path: PathRule,
    payload: Payload,
    token_after_signing: bool,
    content_length: bool,
}

/// How the body comes into the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payload {
    Hashed,
    HashedAndSent,
    Unsigned,
}

impl Signer {
    /// A signer by the rules of every service but S3: the path is normalized and encoded a second time, the body's
    /// digest is a part of the signature but no header, the session token is signed.
    ///
    /// `service` is the service's name for signing, as `sts`, `ec2` or `execute-api`.
    pub fn new(service: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            region: region.into(),
            path: PathRule::DEFAULT,
            payload: Payload::Hashed,
            token_after_signing: false,
            content_length: false,
        }
    }

    /// A signer by the rules of S3: the path is taken as it is, the body's digest is a header too.
    ///
    /// AWS: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
    pub fn for_s3(region: impl Into<String>) -> Self {
        Self::new("s3", region)
            .without_path_normalization()
            .with_single_encoding()
            .with_payload_header()
    }

    /// Leaves `.`, `..` and empty segments of the path as they are. Default: they are resolved.
    #[must_use]
    pub fn without_path_normalization(mut self) -> Self {
        self.path.normalized = false;
        self
    }

    /// Takes the path as it is sent, encoded once. Default: it is encoded a second time.
    #[must_use]
    pub fn with_single_encoding(mut self) -> Self {
        self.path.encoded_twice = false;
        self
    }

    /// Adds the header `x-amz-content-sha256` with the body's digest, and signs it. Default: no such header.
    #[must_use]
    pub fn with_payload_header(mut self) -> Self {
        self.payload = Payload::HashedAndSent;
        self
    }

    /// Leaves the body out of the signature, and says so in `x-amz-content-sha256`. Default: it is signed.
    ///
    /// Over TLS only, and only with services that allow it, as S3 does.
    #[must_use]
    pub fn with_unsigned_payload(mut self) -> Self {
        self.payload = Payload::Unsigned;
        self
    }

    /// Adds the session token without signing it, as AWS IoT wants. Default: it is signed.
    #[must_use]
    pub fn with_token_after_signing(mut self) -> Self {
        self.token_after_signing = true;
        self
    }

    /// Signs `content-length` when the request has it, to bind a presigned upload to a size. Default: it is not
    /// signed, as proxies change it.
    #[must_use]
    pub fn with_content_length(mut self) -> Self {
        self.content_length = true;
        self
    }

    /// Signs a request: gives the headers to set on it, in place of any of the same names.
    ///
    /// All headers of the request are signed, but for those that change on the way (`connection`, `expect`,
    /// `keep-alive`, `te`, `trailer`, `transfer-encoding`, `upgrade`, `user-agent`, `x-amzn-trace-id`, all `proxy-…`,
    /// and `content-length`). An `x-amz-content-sha256` that the request has already is taken for the body's digest.
    ///
    /// Sign again for every attempt: services refuse a time more than five to fifteen minutes off.
    ///
    /// # Errors
    /// When something cannot be sent: no host, a year past 9999, a control character in a name.
    pub fn sign(
        &self,
        request: &SignableRequest<'_>,
        credentials: &AwsCredentials,
        now: OffsetDateTime,
    ) -> Result<Signed, Error> {
        let timestamp = timestamp::format(now).ok_or(Error::Date)?;
        let mut headers = self.headers_to_sign(request)?;
        self.check(credentials)?;

        let given_hash = header_value(request.values("x-amz-content-sha256"));
        let (body_hash, hash_to_send) = match self.payload {
            _ if !given_hash.is_empty() => (given_hash, false),
            Payload::Hashed => (sha256(request.body).into(), false),
            Payload::HashedAndSent => (sha256(request.body).into(), true),
            Payload::Unsigned => (UNSIGNED_PAYLOAD.into(), true),
        };
        let mut added = vec![SignedHeader::new("x-amz-date", timestamp.as_str(), false)];
        if hash_to_send {
            added.push(SignedHeader::new("x-amz-content-sha256", &*body_hash, false));
        }
        if let Some(token) = credentials.session_token() {
            added.push(SignedHeader::new("x-amz-security-token", token.clone(), true));
        }
        for header in &added {
            if !(header.name == "x-amz-security-token" && self.token_after_signing) {
                headers.set(header.name.to_owned(), Cow::Borrowed(header.value()));
            }
        }

        let canonical = Canonical::new(request, self.path, request.query, &|_| false, headers, &body_hash);
        let scope = Scope::new(&timestamp, &self.region, &self.service);
        let string_to_sign = canonical.string_to_sign(&timestamp, &scope);
        let signature = SigningKey::derive(credentials.secret_access_key(), &scope).sign(&string_to_sign);
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            credentials.access_key_id(),
            canonical.signed_headers(),
        );
        let canonical_request = canonical.without_secrets();
        drop(canonical);
        added.push(SignedHeader::new("authorization", authorization, true));
        Ok(Signed {
            headers: added,
            canonical_request,
            string_to_sign,
        })
    }

    /// Signs a request by its query: gives the whole query to send, the request's own first.
    ///
    /// All headers of the request are signed as in [`sign`](Self::sign), so whoever sends it has to send the same. It
    /// is good for `valid_for`, whole seconds from 1 to 604,800 (7 days), and no longer than the credentials.
    ///
    /// A signer [for S3](Self::for_s3) leaves the body out of the signature, as S3 expects it, unless the request has
    /// an `x-amz-content-sha256` header.
    ///
    /// # Errors
    /// As for `sign`, and when `valid_for` is out of its range.
    pub fn presign(
        &self,
        request: &SignableRequest<'_>,
        credentials: &AwsCredentials,
        now: OffsetDateTime,
        valid_for: Duration,
    ) -> Result<Presigned, Error> {
        if valid_for < Duration::from_secs(1) || valid_for > LONGEST_LIFE {
            return LifetimeSnafu { valid_for }.fail();
        }
        let timestamp = timestamp::format(now).ok_or(Error::Date)?;
        let headers = self.headers_to_sign(request)?;
        self.check(credentials)?;
        let given_hash = header_value(request.values("x-amz-content-sha256"));
        let body_hash = match self.payload {
            _ if !given_hash.is_empty() => given_hash,
            Payload::HashedAndSent if is_s3(&self.service) => UNSIGNED_PAYLOAD.into(),
            Payload::Hashed | Payload::HashedAndSent => sha256(request.body).into(),
            Payload::Unsigned => UNSIGNED_PAYLOAD.into(),
        };
        let scope = Scope::new(&timestamp, &self.region, &self.service);
        let names = headers.names();

        let mut query = request
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !is_ours(&decode(pair.split('=').next().unwrap_or_default())))
            .collect::<Vec<_>>()
            .join("&");
        push_pair(&mut query, "X-Amz-Algorithm", ALGORITHM);
        let credential = format!("{}/{scope}", credentials.access_key_id());
        push_pair(&mut query, "X-Amz-Credential", &credential);
        push_pair(&mut query, "X-Amz-Date", &timestamp);
        push_pair(&mut query, "X-Amz-SignedHeaders", &names);
        push_pair(&mut query, "X-Amz-Expires", &valid_for.as_secs().to_string());
        if let Some(token) = credentials.session_token() {
            push_pair(&mut query, "X-Amz-Security-Token", token.expose());
        }
        let unsigned = |name: &[u8]| self.token_after_signing && name == b"X-Amz-Security-Token";
        let canonical = Canonical::new(request, self.path, &query, &unsigned, headers, &body_hash);
        let string_to_sign = canonical.string_to_sign(&timestamp, &scope);
        let signature = SigningKey::derive(credentials.secret_access_key(), &scope).sign(&string_to_sign);
        let canonical_request = canonical.without_secrets();
        push_pair(&mut query, "X-Amz-Signature", &signature);
        Ok(Presigned {
            query: query.into(),
            canonical_request,
            string_to_sign,
        })
    }

    /// The request's own headers that are signed.
    fn headers_to_sign<'a>(&self, request: &SignableRequest<'a>) -> Result<Headers<'a>, Error> {
        if !is_token(request.method) {
            return IllegalSnafu { part: "method" }.fail();
        }
        let mut headers = Headers::default();
        for (name, value) in request.headers {
            if !is_token(name) {
                return IllegalSnafu {
                    part: "name of a header",
                }
                .fail();
            }
            if value.contains('\0') {
                return IllegalSnafu {
                    part: "value of a header",
                }
                .fail();
            }
            let name = name.to_ascii_lowercase();
            if headers.get(&name).is_none() && self.signs(&name) {
                let value = header_value(request.values(&name));
                headers.set(name, value);
            }
        }
        if headers.get("host").is_none_or(str::is_empty) {
            return Err(Error::NoHost);
        }
        Ok(headers)
    }

    fn signs(&self, name: &str) -> bool {
        const NEVER: [&str; 12] = [
            // Ours to set.
            "authorization",
            "x-amz-date",
            "x-amz-security-token",
            // Changed, added or taken away between client and server.
            "connection",
            "expect",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent",
            "x-amzn-trace-id",
        ];
        match name {
            "content-length" => self.content_length,
            _ => !NEVER.contains(&name) && !name.starts_with("proxy-"),
        }
    }

    fn check(&self, credentials: &AwsCredentials) -> Result<(), Error> {
        let is_name = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !b",=".contains(&byte))
        };
        let is_sendable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let token = credentials.session_token();
        for (part, good) in [
            ("service", is_name(&self.service) && !self.service.contains('/')),
            ("Region", is_name(&self.region) && !self.region.contains('/')),
            ("access key ID", is_name(credentials.access_key_id())),
            ("secret access key", !credentials.secret_access_key().is_empty()),
            (
                "session token",
                token.is_none_or(|token| is_sendable(token.expose())),
            ),
        ] {
            if !good {
                return IllegalSnafu { part }.fail();
            }
        }
        Ok(())
    }
}

/// What to set on a request to make it a signed one.
///
/// `Debug` shows the names of the headers and what is not secret of their values.
///
/// ```
/// # use credential_core::AwsCredentials;
/// # use credential_sigv4::{SignableRequest, Signer};
/// # use time::OffsetDateTime;
/// # let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret").with_session_token("token");
/// # let headers = [("host", "sts.eu-central-1.amazonaws.com")];
/// # let request = SignableRequest { method: "GET", path: "/", query: "", headers: &headers, body: b"" };
/// let signed = Signer::new("sts", "eu-central-1").sign(&request, &credentials, OffsetDateTime::UNIX_EPOCH)?;
/// let secret: Vec<&str> = signed.headers().iter().filter(|h| h.is_secret()).map(|h| h.name()).collect();
/// assert_eq!(secret, ["x-amz-security-token", "authorization"]);
/// # Ok::<(), credential_sigv4::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signed {
    headers: Vec<SignedHeader>,
    canonical_request: String,
    string_to_sign: String,
}

impl Signed {
    /// The headers to set, in place of any of the same names: `x-amz-date`, `authorization`, and where they apply
    /// `x-amz-security-token` and `x-amz-content-sha256`.
    #[must_use]
    pub fn headers(&self) -> &[SignedHeader] {
        &self.headers
    }

    /// The canonical request, to compare with a server's when a signature does not match. It says `(hidden)` for
    /// session tokens and other secrets, so its digest is not always the one that is signed.
    #[must_use]
    pub fn canonical_request(&self) -> &str {
        &self.canonical_request
    }

    /// The text that was signed: algorithm, time, scope and the digest of the canonical request.
    #[must_use]
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }
}

/// A header that signing adds.
///
/// `Debug` hides a secret value. [`Signed`] shows where they come from.
///
/// ```
/// use credential_sigv4::SignedHeader;
///
/// fn to_log(header: &SignedHeader) -> &str {
///     if header.is_secret() { "(hidden)" } else { header.value() }
/// }
/// ```
#[derive(Clone)]
pub struct SignedHeader {
    name: &'static str,
    value: Secret,
    is_secret: bool,
}

impl SignedHeader {
    fn new(name: &'static str, value: impl Into<Secret>, is_secret: bool) -> Self {
        Self {
            name,
            value: value.into(),
            is_secret,
        }
    }

    /// The name, in lower case.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The value, ASCII without control characters.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// Whether the value has no place in a log: the session token, and the authorization, which is good for minutes.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }
}

impl fmt::Debug for SignedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret { "(hidden)" } else { self.value() };
        write!(f, "{}: {value}", self.name)
    }
}

/// A presigned request: whoever has its query can send it while it is good.
///
/// ```
/// # use credential_core::AwsCredentials;
/// # use credential_sigv4::{SignableRequest, Signer};
/// # use std::time::Duration;
/// # use time::OffsetDateTime;
/// # let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret");
/// # let headers = [("host", "bucket.s3.eu-central-1.amazonaws.com")];
/// let request = SignableRequest { method: "GET", path: "/key", query: "", headers: &headers, body: b"" };
/// let signer = Signer::for_s3("eu-central-1");
/// let presigned = signer.presign(&request, &credentials, OffsetDateTime::UNIX_EPOCH, Duration::from_secs(60))?;
/// let url = format!("https://bucket.s3.eu-central-1.amazonaws.com/key?{}", presigned.query().expose());
/// assert!(url.contains("X-Amz-Signature="));
/// # Ok::<(), credential_sigv4::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
#[derive(Clone, Debug)]
pub struct Presigned {
    query: Secret,
    canonical_request: String,
    string_to_sign: String,
}

impl Presigned {
    /// The whole query, to stand behind the `?`.
    #[must_use]
    pub fn query(&self) -> &Secret {
        &self.query
    }

    /// The canonical request, as in [`Signed::canonical_request`].
    #[must_use]
    pub fn canonical_request(&self) -> &str {
        &self.canonical_request
    }

    /// The text that was signed, as in [`Signed::string_to_sign`].
    #[must_use]
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }
}

/// Whether this is a word as HTTP allows for methods and names of headers.
fn is_token(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !word.is_empty() && word.bytes().all(is_part)
}

fn is_ours(parameter: &[u8]) -> bool {
    const OURS: [&str; 7] = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-SignedHeaders",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
    ];
    OURS.iter().any(|name| name.as_bytes() == parameter)
}

#[cfg(test)]
mod tests;
