use std::fmt;
use std::time::Duration;

use credential_core::{Secret, parse_http_date};
use time::OffsetDateTime;

use crate::canonical::ALGORITHM;
use crate::encode::query_pairs;
use crate::refusal::{AlgorithmSnafu, MalformedSnafu, MissingSnafu};
use crate::{Part, Refusal, SignableRequest, timestamp};

/// What the last part of every scope is.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// Where and when a signing key is good: day, Region, service.
///
/// ```
/// use credential_sigv4::{Authorization, SignableRequest};
///
/// let request = SignableRequest {
///     method: "GET", path: "/", query: "", body: b"",
///     headers: &[
///         ("x-amz-date", "20300101T120000Z"),
///         ("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/us-east-1/sts/aws4_request, \
///             SignedHeaders=host;x-amz-date, Signature=00"),
///     ],
/// };
/// let authorization = Authorization::of(&request)?.unwrap();
/// assert_eq!(authorization.scope().service(), "sts");
/// assert_eq!(authorization.scope().to_string(), "20300101/us-east-1/sts/aws4_request");
/// # Ok::<(), credential_sigv4::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    date: String,
    region: String,
    service: String,
    terminator: String,
}

impl Scope {
    pub(crate) fn new(timestamp: &str, region: &str, service: &str) -> Self {
        Self {
            date: timestamp.get(..8).unwrap_or_default().to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            terminator: TERMINATOR.to_owned(),
        }
    }

    /// The day in UTC, `YYYYMMDD`.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The Region, as `eu-central-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service's name for signing, as `sts`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The last part, `aws4_request` when all is right.
    #[must_use]
    pub fn terminator(&self) -> &str {
        &self.terminator
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}",
            self.date, self.region, self.service, self.terminator
        )
    }
}

/// Where a request carries its signature.
///
/// ```
/// use credential_sigv4::{Authorization, Form, SignableRequest};
///
/// let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
///              &X-Amz-Credential=AKIDEXAMPLE%2F20300101%2Fus-east-1%2Fs3%2Faws4_request\
///              &X-Amz-Date=20300101T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
/// let request = SignableRequest { method: "GET", path: "/", query, headers: &[], body: b"" };
/// let authorization = Authorization::of(&request)?.unwrap();
/// assert_eq!(authorization.form(), Form::Query, "a presigned request");
/// # Ok::<(), credential_sigv4::Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// In the header `Authorization`.
    Header,
    /// In the query: a presigned request.
    Query,
}

/// The authorization of a request, taken apart but not checked.
///
/// `Debug` shows neither the signature nor the session token.
///
/// ```
/// use credential_sigv4::{Authorization, SignableRequest};
///
/// let request = SignableRequest { method: "GET", path: "/", query: "", headers: &[], body: b"" };
/// assert!(Authorization::of(&request)?.is_none(), "nothing is signed");
/// # Ok::<(), credential_sigv4::Refusal>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authorization {
    form: Form,
    access_key_id: String,
    scope: Scope,
    signed_headers: Vec<String>,
    signature: Secret,
    timestamp: String,
    signed_at: OffsetDateTime,
    expires: Option<u64>,
    session_token: Option<Secret>,
}

impl Authorization {
    /// Takes the authorization of a request apart, whether it stands in the header or in the query. `None` when there
    /// is none at all.
    ///
    /// # Errors
    /// A [malformed](Refusal::is_malformed) refusal: a part is missing, twice there or not in its form, or it is an
    /// authorization of another kind.
    pub fn of(request: &SignableRequest<'_>) -> Result<Option<Self>, Refusal> {
        let mut headers = request.values("authorization");
        let header = headers.next();
        if headers.next().is_some() {
            return Err(Refusal::Repeated);
        }
        let query = Parameters::of(request.query)?;
        match (header, query.is_presigned()) {
            (None, false) => Ok(None),
            (Some(_), true) => Err(Refusal::Repeated),
            (Some(header), false) => Self::of_header(header, request).map(Some),
            (None, true) => Self::of_query(query).map(Some),
        }
    }

    /// Header or query.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The access key ID that the signer names.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Day, Region and service that the signer names.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The names of the signed headers, as the signer lists them.
    #[must_use]
    pub fn signed_headers(&self) -> &[String] {
        &self.signed_headers
    }

    /// When it was signed, by the signer's clock.
    #[must_use]
    pub fn signed_at(&self) -> OffsetDateTime {
        self.signed_at
    }

    /// How long a presigned request asks to be good. `None` in a header, or where a query does not say.
    #[must_use]
    pub fn expires(&self) -> Option<Duration> {
        self.expires.map(Duration::from_secs)
    }

    /// The session token beside it, in a header or in the query.
    #[must_use]
    pub fn session_token(&self) -> Option<&Secret> {
        self.session_token.as_ref()
    }

    pub(crate) fn expires_seconds(&self) -> Option<u64> {
        self.expires
    }

    pub(crate) fn signature(&self) -> &str {
        self.signature.expose()
    }

    /// The time as the signer writes it in the string to sign.
    pub(crate) fn timestamp(&self) -> &str {
        &self.timestamp
    }

    fn of_header(header: &str, request: &SignableRequest<'_>) -> Result<Self, Refusal> {
        let (algorithm, parts) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        check_algorithm(algorithm, !parts.is_empty())?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (place, part) = match name.trim() {
                "Credential" => (&mut credential, Part::Credential),
                "SignedHeaders" => (&mut signed_headers, Part::SignedHeaders),
                "Signature" => (&mut signature, Part::Signature),
                _ => continue,
            };
            if place.replace(value.trim()).is_some() {
                return MalformedSnafu { part }.fail();
            }
        }
        let needed = |found: Option<&str>, part| found.map(str::to_owned).ok_or(Refusal::Missing { part });
        let credential = needed(credential, Part::Credential)?;
        let signed_headers = needed(signed_headers, Part::SignedHeaders)?;
        let signature = needed(signature, Part::Signature)?;
        let signed_at = time_of(request)?;
        let session_token = only_value(request, "x-amz-security-token", Part::SecurityToken)?;
        Self::assemble(
            Form::Header,
            &credential,
            &signed_headers,
            signature,
            signed_at,
            session_token,
        )
    }

    fn of_query(query: Parameters) -> Result<Self, Refusal> {
        let needed = |found: Option<String>, part| found.ok_or(Refusal::Missing { part });
        let algorithm = needed(query.algorithm, Part::Algorithm)?;
        check_algorithm(&algorithm, true)?;
        let credential = needed(query.credential, Part::Credential)?;
        let signed_headers = needed(query.signed_headers, Part::SignedHeaders)?;
        let signature = needed(query.signature, Part::Signature)?;
        let date = needed(query.date, Part::Date)?;
        let signed_at = timestamp::parse(&date).ok_or(Refusal::Malformed { part: Part::Date })?;
        let expires = query.expires.as_deref().map(seconds).transpose()?;
        let assembled = Self::assemble(
            Form::Query,
            &credential,
            &signed_headers,
            signature,
            signed_at,
            query.session_token.as_deref(),
        )?;
        Ok(Self { expires, ..assembled })
    }

    fn assemble(
        form: Form,
        credential: &str,
        signed_headers: &str,
        signature: String,
        signed_at: OffsetDateTime,
        session_token: Option<&str>,
    ) -> Result<Self, Refusal> {
        let malformed = |part| Refusal::Malformed { part };
        let (access_key_id, scope) = parse_credential(credential).ok_or(malformed(Part::Credential))?;
        if signed_headers.is_empty() || signed_headers.contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return Err(malformed(Part::SignedHeaders));
        }
        if signature.is_empty() || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(malformed(Part::Signature));
        }
        Ok(Self {
            form,
            access_key_id,
            scope,
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
            signature: signature.into(),
            timestamp: timestamp::format(signed_at).ok_or(malformed(Part::Date))?,
            signed_at,
            expires: None,
            session_token: session_token.map(Secret::from),
        })
    }
}

/// The parameters of a presigned request, decoded.
#[derive(Default)]
struct Parameters {
    algorithm: Option<String>,
    credential: Option<String>,
    date: Option<String>,
    expires: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
    session_token: Option<String>,
}

impl Parameters {
    fn of(query: &str) -> Result<Self, Refusal> {
        let mut all = Self::default();
        for (name, value) in query_pairs(query) {
            let (place, part) = match name.as_slice() {
                b"X-Amz-Algorithm" => (&mut all.algorithm, Part::Algorithm),
                b"X-Amz-Credential" => (&mut all.credential, Part::Credential),
                b"X-Amz-Date" => (&mut all.date, Part::Date),
                b"X-Amz-Expires" => (&mut all.expires, Part::Expires),
                b"X-Amz-SignedHeaders" => (&mut all.signed_headers, Part::SignedHeaders),
                b"X-Amz-Signature" => (&mut all.signature, Part::Signature),
                b"X-Amz-Security-Token" => (&mut all.session_token, Part::SecurityToken),
                _ => continue,
            };
            let text = String::from_utf8(value).map_err(|_| Refusal::Malformed { part })?;
            if place.replace(text).is_some() {
                return MalformedSnafu { part }.fail();
            }
        }
        Ok(all)
    }

    fn is_presigned(&self) -> bool {
        self.algorithm.is_some() || self.credential.is_some() || self.signature.is_some()
    }
}

fn check_algorithm(algorithm: &str, is_first_word: bool) -> Result<(), Refusal> {
    match algorithm {
        ALGORITHM => Ok(()),
        "AWS4-ECDSA-P256-SHA256" => Err(Refusal::Asymmetric),
        _ => {
            // A lone word may be a token that somebody sent without a scheme.
            let is_scheme = is_first_word
                && algorithm.len() <= 32
                && algorithm
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let found = if is_scheme { algorithm } else { "of another kind" };
            AlgorithmSnafu { found }.fail()
        }
    }
}

/// `AKID/20300101/eu-central-1/sts/aws4_request`; an access key ID may hold slashes, the others not.
fn parse_credential(credential: &str) -> Option<(String, Scope)> {
    let mut parts = credential.rsplitn(5, '/').map(str::to_owned);
    let (terminator, service, region, date) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let access_key_id = parts.next().filter(|id| !id.is_empty())?;
    let is_text = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_text(credential) || date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scope = Scope {
        date,
        region,
        service,
        terminator,
    };
    Some((access_key_id, scope))
}

fn time_of(request: &SignableRequest<'_>) -> Result<OffsetDateTime, Refusal> {
    let part = Part::Date;
    if let Some(text) = only_value(request, "x-amz-date", part)? {
        return timestamp::parse(text.trim()).ok_or(Refusal::Malformed { part });
    }
    match only_value(request, "date", part)?.map(str::trim) {
        Some(text) => timestamp::parse(text)
            .or_else(|| parse_http_date(text))
            .ok_or(Refusal::Malformed { part }),
        None => MissingSnafu { part }.fail(),
    }
}

fn only_value<'a>(request: &SignableRequest<'a>, name: &str, part: Part) -> Result<Option<&'a str>, Refusal> {
    let mut values = request
        .headers
        .iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name));
    let first = values.next().map(|(_, value)| *value);
    if values.next().is_some() {
        return MalformedSnafu { part }.fail();
    }
    Ok(first)
}

fn seconds(text: &str) -> Result<u64, Refusal> {
    let malformed = Refusal::Malformed { part: Part::Expires };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    text.parse().map_err(|_| malformed)
}
