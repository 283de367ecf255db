use credential_core::{AwsCredentials, parse_timestamp};

use crate::error::{BlankSnafu, IllegalSnafu, MissingSnafu, RefusedSnafu, WrongTypeSnafu};
use crate::error_document::{printable, readable_code};
use crate::member::{Members, Name, Value};
use crate::read::read;
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
    code: Option<String>,
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
        read(body).map(Self::of)
    }

    fn of(members: Members) -> Self {
        Self {
            code: members.first(Name::Code).and_then(Value::text).and_then(readable),
            account_id: members.first(Name::AccountId).and_then(account_id),
            members,
        }
    }

    /// Lets a member whose name is written as a credential process writes it (`SessionToken`, `Expiration`, in these
    /// letters) count before one in another case or with another source's name. Default: the first one counts.
    ///
    /// The AWS CLI knows no other names there.
    #[must_use]
    pub fn with_exact_names_first(self) -> Self {
        Self::of(self.members.exact_first())
    }

    /// The `Code`: `Success`, or what kind of failure it is. `None` when there is none or it is blank.
    ///
    /// A code that does not look like one (ASCII letters, `.`, `_` and `-`, at most 64) is given as `(unreadable)`: in a
    /// damaged document it may be a part of a secret.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The `Message` as it was sent, with which a source explains a failure.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.members.first(Name::Message)?.text()
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
        Version::of(&self.members)
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
        if matches!(self.members.first(Name::Code), Some(value) if value.text().is_none()) {
            return WrongTypeSnafu { member: Member::Code }.fail();
        }
        let access_key_id = self.needed(Name::AccessKeyId, Member::AccessKeyId)?;
        let secret_access_key = self.needed(Name::SecretAccessKey, Member::SecretAccessKey)?;
        let token = self.optional(Name::Token, Member::Token, required.token)?;
        let expiration = self.optional(Name::Expiration, Member::Expiration, required.expiration)?;

        let mut credentials = AwsCredentials::new(access_key_id, secret_access_key);
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        if let Some(text) = expiration {
            let expiration = parse_timestamp(text.trim()).ok_or(Error::Expiration)?;
            credentials = credentials.with_expiration(expiration);
        }
        if let Some(account_id) = self.account_id {
            credentials = credentials.with_account_id(account_id);
        }
        Ok(credentials)
    }

    fn needed(&self, name: Name, member: Member) -> Result<&str, Error> {
        self.optional(name, member, true)?
            .ok_or(Error::Missing { member })
    }

    fn optional(&self, name: Name, member: Member, required: bool) -> Result<Option<&str>, Error> {
        let Some(found) = self.members.first(name) else {
            return if required {
                MissingSnafu { member }.fail()
            } else {
                Ok(None)
            };
        };
        let Some(text) = found.text() else {
            return WrongTypeSnafu { member }.fail();
        };
        if text.trim().is_empty() {
            // A blank token is none. Taken for none, a blank expiration would let the credentials live for ever.
            return if required || member == Member::Expiration {
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
        if text.contains(illegal) {
            return IllegalSnafu { member }.fail();
        }
        Ok(Some(text))
    }
}

/// A code as it may be shown; a blank one counts as absent.
fn readable(code: &str) -> Option<String> {
    match code.trim() {
        "" => None,
        code if readable_code(code) => Some(code.to_owned()),
        _ => Some("(unreadable)".to_owned()),
    }
}

fn account_id(found: &Value) -> Option<String> {
    let text = found.text();
    let account_id = text.filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
    if account_id.is_none() {
        tracing::debug!("an AccountId that is not twelve digits is ignored");
    }
    account_id.map(str::to_owned)
}

#[cfg(test)]
mod tests;
