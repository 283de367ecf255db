//! From text to members, each text straight to its place.

use std::fmt;

use credential_core::Secret;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::error::NotJsonSnafu;
use crate::member::Found;
use crate::{Category, Error, Version};

/// Values may stand inside values this deep; no document that hands out credentials comes near it.
const MOST_DEPTH: usize = 16;

/// What stood at the members that are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    pub(crate) version: Version,
    pub(crate) code: Found<String>,
    pub(crate) message: Found<String>,
    // Not a secret, but a document that was damaged on its way may have another member's text here, and so in
    // the expiration.
    pub(crate) access_key_id: Found<Secret>,
    pub(crate) secret_access_key: Found<Secret>,
    pub(crate) token: Found<Secret>,
    pub(crate) expiration: Found<Secret>,
    pub(crate) account_id: Found<String>,
}

pub(crate) fn read(body: &[u8]) -> Result<Members, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::NotUtf8)?;
    if is_too_deep(body) {
        return Err(Error::TooDeep);
    }
    serde_json::from_str(text).map_err(|error| without_values(&error))
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(name) = object.next_key::<Name>()? {
            match name {
                Name::Version if members.version == Version::Absent => {
                    members.version = object.next_value()?;
                }
                Name::Code => fill(&mut members.code, &mut object)?,
                Name::Message => fill(&mut members.message, &mut object)?,
                Name::AccessKeyId => fill(&mut members.access_key_id, &mut object)?,
                Name::SecretAccessKey => fill(&mut members.secret_access_key, &mut object)?,
                Name::Token => fill(&mut members.token, &mut object)?,
                Name::Expiration => fill(&mut members.expiration, &mut object)?,
                Name::AccountId => fill(&mut members.account_id, &mut object)?,
                Name::Version | Name::Other => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(members)
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

impl<'de> Deserialize<'de> for Name {
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
