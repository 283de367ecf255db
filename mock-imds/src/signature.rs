use credential_sigv4::{Authorization, SignableRequest, Verifier};

use crate::Service;
use crate::authority::{Issued, Principal, Refusal};
use crate::clock::after;
use crate::query::ApiError;
use crate::request::Request;
use crate::settings::Signatures;
use crate::state::Shared;

/// Who signed a call, if the signature stands every check, in the order in which AWS looks: expiry comes last, so that
/// a wrong secret access key never shows as expiry.
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
pub(crate) fn check(shared: &Shared, request: &Request, service: Service) -> Result<Principal, ApiError> {
    let verifier = Verifier::new(service.to_string(), &shared.settings.region);
    match find_signer(shared, request, &verifier) {
        Ok(signed) => Ok(signed.by),
        Err(why) => Err(why.answer(service)),
    }
}

/// The same for any service and Region that a request names, by that service's rules, and in the words of STS.
pub(crate) fn check_any(shared: &Shared, request: &Request) -> Result<Signed, ApiError> {
    find_signer(shared, request, &Verifier::any()).map_err(Why::of_sts)
}

/// Who has signed what.
pub(crate) struct Signed {
    pub(crate) by: Principal,
    pub(crate) access_key_id: String,
    pub(crate) service: String,
    pub(crate) region: String,
}

/// Why a signature does not count.
enum Why {
    NotSigned,
    /// Signature Version 4A, which nobody checks here: better no answer than a wrong one.
    Asymmetric(String),
    Malformed(String),
    UnknownKey,
    WrongToken,
    Mismatch(String),
    Clock(String),
    Expired,
}

fn find_signer(shared: &Shared, request: &Request, verifier: &Verifier) -> Result<Signed, Why> {
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let signable = SignableRequest {
        method: &request.method,
        path: &request.path,
        query: request.query.as_deref().unwrap_or_default(),
        headers: &headers,
        body: &request.body,
    };
    let authorization = match Authorization::of(&signable) {
        Ok(Some(authorization)) => authorization,
        Ok(None) => return Err(Why::NotSigned),
        Err(refusal @ credential_sigv4::Refusal::Asymmetric) => {
            return Err(Why::Asymmetric(refusal.to_string()));
        }
        Err(refusal) => return Err(Why::Malformed(refusal.to_string())),
    };
    let issued = shared
        .state()
        .authority
        .find(authorization.access_key_id())
        .cloned();
    let issued = issued.ok_or(Why::UnknownKey)?;
    let signed = Signed {
        by: issued.principal.clone(),
        access_key_id: authorization.access_key_id().to_owned(),
        service: authorization.scope().service().to_owned(),
        region: authorization.scope().region().to_owned(),
    };
    let signatures = shared.settings.signatures;
    if signatures == Signatures::Off {
        return Ok(signed);
    }
    let is_its_token = match (authorization.session_token(), issued.key.session_token()) {
        (Some(sent), Some(its)) => sent.expose() == its,
        (None, None) => true,
        _ => false,
    };
    if !is_its_token {
        return Err(Why::WrongToken);
    }
    match issued.refusal {
        Some(Refusal::Expired) => return Err(Why::Expired),
        Some(Refusal::Unknown) => return Err(Why::UnknownKey),
        None => {}
    }
    let now = shared.clock.now();
    if signatures == Signatures::On {
        let secret = issued.key.secret_access_key().into();
        verifier
            .verify(&signable, &authorization, &secret, now)
            .map_err(|refusal| Why::of(&refusal))?;
    }
    if has_ended(&issued, shared, now) {
        return Err(Why::Expired);
    }
    Ok(signed)
}

fn has_ended(issued: &Issued, shared: &Shared, now: time::OffsetDateTime) -> bool {
    issued
        .key
        .expiration()
        .is_some_and(|end| now >= after(end, shared.settings.accepted_past_end))
}

impl Why {
    fn of(refusal: &credential_sigv4::Refusal) -> Self {
        let text = refusal.to_string();
        if refusal.is_malformed() {
            return Self::Malformed(text);
        }
        if refusal.is_clock() {
            let mut letters = text.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            return Self::Clock(first.into_iter().chain(letters).collect());
        }
        Self::Mismatch(match refusal {
            credential_sigv4::Refusal::Signature {
                canonical_request,
                string_to_sign,
            } => format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical \
                 String for this request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have \
                 been\n'{string_to_sign}'\n"
            ),
            _ => text,
        })
    }

    /// As STS says it, or as EC2 does.
    fn answer(self, service: Service) -> ApiError {
        if service == Service::Ec2 {
            self.of_ec2()
        } else {
            self.of_sts()
        }
    }

    fn of_sts(self) -> ApiError {
        match self {
            Self::NotSigned => ApiError::new(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            Self::Asymmetric(text) => ApiError::new(501, "NotImplemented", text),
            Self::Malformed(text) => ApiError::new(400, "IncompleteSignature", text),
            Self::UnknownKey | Self::WrongToken => ApiError::new(
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
            Self::Mismatch(text) | Self::Clock(text) => ApiError::new(403, "SignatureDoesNotMatch", text),
            Self::Expired => ApiError::new(
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
        }
    }

    fn of_ec2(self) -> ApiError {
        match self {
            Self::Clock(_) | Self::Expired => ApiError::new(400, "RequestExpired", "Request has expired."),
            Self::Asymmetric(text) => ApiError::new(501, "NotImplemented", text),
            Self::Malformed(text) => ApiError::new(400, "IncompleteSignature", text),
            Self::NotSigned | Self::UnknownKey | Self::WrongToken | Self::Mismatch(_) => ApiError::new(
                401,
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            ),
        }
    }
}

/// The access key ID that a request names, checked or not: for the record.
pub(crate) fn named_access_key_id(request: &Request) -> Option<String> {
    let header = request.header("authorization").unwrap_or_default();
    let query = request.query.as_deref().unwrap_or_default();
    let credential = header
        .split_once("Credential=")
        .or_else(|| query.split_once("X-Amz-Credential="))
        .map(|(_, rest)| rest)?;
    let end = credential.find(|letter: char| !letter.is_ascii_alphanumeric())?;
    credential
        .get(..end)
        .filter(|id| (16..=128).contains(&id.len()))
        .map(str::to_owned)
}
