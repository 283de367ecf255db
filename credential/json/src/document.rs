use credential_core::{AwsCredentials, Secret, parse_timestamp};

use crate::error::{BlankSnafu, IllegalSnafu, MissingSnafu, RefusedSnafu, WrongTypeSnafu};
use crate::error_document::{printable, readable_code};
use crate::member::Found;
use crate::read::{Members, read};
use crate::{Error, Member, Version};

/// The JSON document that hands out credentials, as it was read: nothing is judged but that it is one JSON object.
///
/// Names of members are compared without regard to ASCII case, `SessionToken` is `Token` and `ExpiresAt` is
/// `Expiration`. A member that comes twice counts the first time; null counts as absent; members unknown here are
/// ignored. `Debug` shows no key, no secret, no token.
///
/// ```
/// use credential_json::{Document, Required};
///
/// let document = Document::parse(br#"{"Code": "Success", "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "s",
///     "Token": "t", "Expiration": "2030-01-01T12:00:00.123456789Z"}"#)?;
/// assert!(!document.is_failure());
/// let credentials = document.into_credentials(Required::TEMPORARY)?.with_source("InstanceMetadata");
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), credential_json::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html>
#[derive(Clone, Debug)]
pub struct Document {
    members: Members,
    account_id: Option<String>,
}

/// Which members a source must send beside `AccessKeyId` and `SecretAccessKey`, which are always required.
///
/// ```
/// use credential_json::Required;
///
/// assert!(Required::TEMPORARY.token && !Required::KEYS.expiration);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    /// `Token`, or `SessionToken`.
    pub token: bool,
    /// `Expiration`, or `ExpiresAt`.
    pub expiration: bool,
}

impl Required {
    /// The two keys alone, as from containers and processes, which may hand out long-term keys.
    pub const KEYS: Self = Self {
        token: false,
        expiration: false,
    };
    /// Token and expiration as well, as from instance metadata.
    pub const TEMPORARY: Self = Self {
        token: true,
        expiration: true,
    };
}

impl Document {
    /// Reads a document: UTF-8, one JSON object, nothing behind it but white space, nested at most 16 deep.
    ///
    /// # Errors
    /// When the bytes are no such document. What its members hold is judged by
    /// [`into_credentials`](Self::into_credentials).
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut members = read(body)?;
        members.code = readable(members.code);
        let account_id = account_id(std::mem::take(&mut members.account_id));
        Ok(Self { members, account_id })
    }

    /// The `Code`: `Success`, or what kind of failure it is. `None` when there is none or it is blank.
    ///
    /// A code that does not look like one (ASCII letters, `.`, `_` and `-`, at most 64) is given as `(unreadable)`: in a
    /// damaged document it may be a part of a secret.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.members.code.text().map(String::as_str)
    }

    /// The `Message` as it was sent, with which a source explains a failure.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.members.message.text().map(String::as_str)
    }

    /// Whether the document says itself that there are no credentials: it has a `Code` that is not `Success`.
    ///
    /// Case does not matter. No `Code` at all is no failure.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.code()
            .is_some_and(|code| !code.eq_ignore_ascii_case("success"))
    }

    /// The `AccountId`, when it is a string of twelve digits. Anything else is taken for absent.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// The `Version`, which only the document of a credential process has.
    #[must_use]
    pub fn version(&self) -> Version {
        self.members.version
    }

    /// The credentials in it, with token, expiration and account ID where they are there. The source is still
    /// `Static`; the provider puts its name and the way to renew.
    ///
    /// A key ID or a token with a blank or a control character in it is refused, a secret with a control character
    /// too: they could not be sent, and something has gone wrong on the way. An expiration in the past is not an
    /// error here.
    ///
    /// # Errors
    /// [`Error::Refused`] when the document [is a failure](Self::is_failure), whatever else is in it; otherwise for
    /// the first member that is missing, blank, no string, or not what it should be.
    pub fn into_credentials(self, required: Required) -> Result<AwsCredentials, Error> {
        if let Some(code) = self.code().filter(|_| self.is_failure()) {
            let message = self.message().map(printable).filter(|text| !text.is_empty());
            return RefusedSnafu { code, message }.fail();
        }
        if matches!(self.members.code, Found::NotText) {
            return WrongTypeSnafu { member: Member::Code }.fail();
        }
        let members = self.members;
        let access_key_id = needed(members.access_key_id, Member::AccessKeyId)?;
        let secret_access_key = needed(members.secret_access_key, Member::SecretAccessKey)?;
        let token = optional(members.token, Member::Token, required.token)?;
        let expiration = optional(members.expiration, Member::Expiration, required.expiration)?;

        let mut credentials = AwsCredentials::new(access_key_id.expose(), secret_access_key);
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        if let Some(text) = expiration {
            let expiration = parse_timestamp(text.expose().trim()).ok_or(Error::Expiration)?;
            credentials = credentials.with_expiration(expiration);
        }
        if let Some(account_id) = self.account_id {
            credentials = credentials.with_account_id(account_id);
        }
        Ok(credentials)
    }
}

/// A code as it may be shown; a blank one counts as absent.
fn readable(code: Found<String>) -> Found<String> {
    match code {
        Found::Text(code) => match code.trim() {
            "" => Found::Absent,
            code if readable_code(code) => Found::Text(code.to_owned()),
            _ => Found::Text("(unreadable)".to_owned()),
        },
        other => other,
    }
}

fn account_id(found: Found<String>) -> Option<String> {
    let text = match found {
        Found::Absent => return None,
        Found::Text(text) => Some(text),
        Found::NotText => None,
    };
    let account_id = text.filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
    if account_id.is_none() {
        tracing::debug!("an AccountId that is not twelve digits is ignored");
    }
    account_id
}

fn needed(found: Found<Secret>, member: Member) -> Result<Secret, Error> {
    optional(found, member, true)?.ok_or(Error::Missing { member })
}

fn optional(found: Found<Secret>, member: Member, required: bool) -> Result<Option<Secret>, Error> {
    let text = match found {
        Found::Absent if required => return MissingSnafu { member }.fail(),
        Found::Absent => return Ok(None),
        Found::NotText => return WrongTypeSnafu { member }.fail(),
        Found::Text(text) => text,
    };
    if text.expose().trim().is_empty() {
        return if required {
            BlankSnafu { member }.fail()
        } else {
            Ok(None)
        };
    }
    let illegal: fn(char) -> bool = match member {
        Member::AccessKeyId | Member::Token => |c| c.is_control() || c.is_whitespace(),
        Member::SecretAccessKey => char::is_control,
        // Judged where it is parsed.
        Member::Expiration | Member::Code => |_| false,
    };
    if text.expose().contains(illegal) {
        return IllegalSnafu { member }.fail();
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests;
