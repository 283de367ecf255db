//! From text to members, each text straight to its place, without a detour over a tree of values.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::NotJsonSnafu;
use crate::member::{Members, Value, Written};
use crate::{Category, Error};

/// Values may stand inside values this deep; no document that hands out credentials comes near it.
const MOST_DEPTH: usize = 16;

/// Reads a document that hands out credentials.
pub(crate) fn read(body: &[u8]) -> Result<Members, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::NotUtf8)?;
    if is_too_deep(body) {
        return Err(Error::TooDeep);
    }
    match read_object(text) {
        Ok(members) => members.ok_or(Error::NotAnObject),
        Err(error) => Err(without_values(&error)),
    }
}

/// The members of the one object in a text; `None` when the text begins with another value.
pub(crate) fn read_object(text: &str) -> Result<Option<Members>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Value::Object(members) = Value::deserialize(&mut deserializer)? else {
        return Ok(None);
    };
    deserializer.end()?;
    Ok(Some(members))
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

/// Takes every value there is: so nobody has to say what was found in place of what.
struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other("true or false"))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other("a negative number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other("a fraction"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Members::default();
        while let Some(MaybeName(name)) = object.next_key()? {
            match name {
                Some(name) => members.push(name, object.next_value()?),
                None => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(members))
    }
}

/// The name of a member; the text of an unknown one is not kept.
struct MaybeName(Option<Written>);

impl<'de> Deserialize<'de> for MaybeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = MaybeName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, text: &str) -> Result<MaybeName, E> {
                Ok(MaybeName(Written::of(text)))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}

/// `serde_json` quotes values in its messages, so only the kind and the place of the fault are kept.
fn without_values(error: &serde_json::Error) -> Error {
    let category = match error.classify() {
        serde_json::error::Category::Eof => Category::Truncated,
        _ => Category::Syntax,
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
