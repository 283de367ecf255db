use std::fmt;

use credential_core::{AwsCredentials, Secret};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::error::{BlankSnafu, IllegalSnafu, MissingSnafu, NotJsonSnafu, RefusedSnafu, WrongTypeSnafu};
use crate::error_document::{printable, readable_code};
use crate::member::Found;
use crate::{Category, Error, Member, Version, expiration};

/// Values may stand inside values this deep; no document that hands out credentials comes near it.
const MOST_DEPTH: usize = 16;

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
#[derive(Clone, Debug, Default)]
pub struct Document {
    version: Version,
    code: Found<String>,
    message: Found<String>,
    // Not a secret, but a document that was damaged on its way may have another member's text here.
    access_key_id: Found<Secret>,
    secret_access_key: Found<Secret>,
    token: Found<Secret>,
    expiration: Found<Secret>,
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
        let text = std::str::from_utf8(body).map_err(|_| Error::NotUtf8)?;
        if is_too_deep(body) {
            return Err(Error::TooDeep);
        }
        let mut document = Self::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        Filler(&mut document)
            .deserialize(&mut reader)
            .and_then(|()| reader.end())
            .map_err(|error| without_values(&error))?;
        Ok(document)
    }

    /// The `Code`: `Success`, or what kind of failure it is. `None` when there is none or it is blank.
    ///
    /// A code that does not look like one (ASCII letters, `.`, `_` and `-`, at most 64) is given as `(unreadable)`: in a
    /// damaged document it may be a part of a secret.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let code = self.code.text()?.trim();
        match code {
            "" => None,
            _ if readable_code(code) => Some(code),
            _ => Some("(unreadable)"),
        }
    }

    /// The `Message` as it was sent, with which a source explains a failure.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.text().map(String::as_str)
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
        self.version
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
        if matches!(self.code, Found::NotText) {
            return WrongTypeSnafu { member: Member::Code }.fail();
        }
        let access_key_id = needed(self.access_key_id, Member::AccessKeyId)?;
        let secret_access_key = needed(self.secret_access_key, Member::SecretAccessKey)?;
        let token = optional(self.token, Member::Token, required.token)?;
        let expiration = optional(self.expiration, Member::Expiration, required.expiration)?;

        let mut credentials = AwsCredentials::new(access_key_id.expose(), secret_access_key);
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        if let Some(text) = expiration {
            let expiration = expiration::parse(text.expose().trim()).ok_or(Error::Expiration)?;
            credentials = credentials.with_expiration(expiration);
        }
        if let Some(account_id) = self.account_id {
            credentials = credentials.with_account_id(account_id);
        }
        Ok(credentials)
    }

    fn set_account_id(&mut self, found: Found<String>) {
        let text = match found {
            Found::Absent => return,
            Found::Text(text) => Some(text),
            Found::NotText => None,
        };
        self.account_id = text.filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
        if self.account_id.is_none() {
            tracing::debug!("an AccountId that is not twelve digits is ignored");
        }
    }
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

/// Reads one object into a document, each text straight to its place.
struct Filler<'a>(&'a mut Document);

impl<'de> DeserializeSeed<'de> for Filler<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Filler<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let document = self.0;
        let mut account_id = Found::Absent;
        while let Some(name) = object.next_key::<Name>()? {
            match name {
                Name::Version if document.version == Version::Absent => {
                    document.version = object.next_value()?;
                }
                Name::Code => fill(&mut document.code, &mut object)?,
                Name::Message => fill(&mut document.message, &mut object)?,
                Name::AccessKeyId => fill(&mut document.access_key_id, &mut object)?,
                Name::SecretAccessKey => fill(&mut document.secret_access_key, &mut object)?,
                Name::Token => fill(&mut document.token, &mut object)?,
                Name::Expiration => fill(&mut document.expiration, &mut object)?,
                Name::AccountId => fill(&mut account_id, &mut object)?,
                Name::Version | Name::Other => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        document.set_account_id(account_id);
        Ok(())
    }
}

fn fill<'de, T, A>(place: &mut Found<T>, object: &mut A) -> Result<(), A::Error>
where
    T: From<String> + for<'t> From<&'t str>,
    A: MapAccess<'de>,
{
    if place.is_absent() {
        *place = object.next_value()?;
    } else {
        object.next_value::<IgnoredAny>()?;
    }
    Ok(())
}

/// The name of a member, whatever its case; the text of an unknown name is not kept.
#[derive(Clone, Copy)]
enum Name {
    Version,
    Code,
    Message,
    AccessKeyId,
    SecretAccessKey,
    Token,
    Expiration,
    AccountId,
    Other,
}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                const NAMES: [(&str, Name); 10] = [
                    ("Version", Name::Version),
                    ("Code", Name::Code),
                    ("Message", Name::Message),
                    ("AccessKeyId", Name::AccessKeyId),
                    ("SecretAccessKey", Name::SecretAccessKey),
                    ("Token", Name::Token),
                    ("SessionToken", Name::Token),
                    ("Expiration", Name::Expiration),
                    ("ExpiresAt", Name::Expiration),
                    ("AccountId", Name::AccountId),
                ];
                let found = NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
                Ok(found.map_or(Name::Other, |(_, name)| *name))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}

/// `serde_json` quotes values in its messages, so only the kind and the place of the fault are kept.
fn without_values(error: &serde_json::Error) -> Error {
    let category = match error.classify() {
        // Every value is acceptable but at the top, where only an object is.
        serde_json::error::Category::Data => return Error::NotAnObject,
        serde_json::error::Category::Eof => Category::Truncated,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => Category::Syntax,
    };
    NotJsonSnafu {
        category,
        line: error.line(),
        column: error.column(),
    }
    .build()
}

fn is_too_deep(body: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > MOST_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests;
