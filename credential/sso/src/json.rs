use std::fmt;

use credential_core::Secret;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;
use serde_json::error::Category;

/// What is wrong with a document. It repeats no value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is no UTF-8.
    NotUtf8,
    /// It is no JSON.
    NotJson {
        /// Whether it stops in the middle, as a file cut short does.
        ends_early: bool,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// It is JSON, but no object.
    NotAnObject,
    /// A member is missing or empty.
    Missing {
        /// Its name.
        key: &'static str,
    },
    /// A member is of another type.
    WrongType {
        /// Its name.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A member is no instant in time.
    Time {
        /// Its name.
        key: &'static str,
    },
    /// A member is a number that makes no sense.
    Range {
        /// Its name.
        key: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("it is no UTF-8"),
            Self::NotJson {
                ends_early: true,
                line,
                column,
            } => write!(
                f,
                "it is JSON that ends too early, in line {line}, column {column}"
            ),
            Self::NotJson { line, column, .. } => {
                write!(f, "it is no JSON, seen in line {line}, column {column}")
            }
            Self::NotAnObject => f.write_str("it is no JSON object"),
            Self::Missing { key } => write!(f, "{key} is missing or empty"),
            Self::WrongType { key, expected } => write!(f, "{key} is no {expected}"),
            Self::Time { key } => write!(f, "{key} is no time such as 2030-01-01T12:00:00Z"),
            Self::Range { key } => write!(f, "{key} is out of range"),
        }
    }
}

/// A JSON object, with its members in order. Every text in it is a secret, for we do not know them all, and what we do
/// not know is written back as it was.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Object(Vec<(String, Value)>);

#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Switch(bool),
    Number(Number),
    Text(Secret),
    List(Vec<Value>),
    Object(Object),
}

impl Object {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        // Some editors on Windows begin a file with this mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Fault::NotAnObject),
            // The error itself may quote values, so nothing else of it is kept.
            Err(error) => Err(Fault::NotJson {
                ends_early: error.classify() == Category::Eof,
                line: error.line(),
                column: error.column(),
            }),
        }
    }

    /// The member of this name, by its exact spelling, else in any case; null counts as absent.
    fn find(&self, key: &str) -> Option<&Value> {
        let exact = self.0.iter().find(|(name, _)| name == key);
        exact
            .or_else(|| self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)))
            .map(|(_, value)| value)
            .filter(|value| **value != Value::Null)
    }

    /// A text that is there and not empty.
    pub(crate) fn text(&self, key: &'static str) -> Result<&Secret, Fault> {
        self.optional_text(key)?.ok_or(Fault::Missing { key })
    }

    /// A text; empty counts as absent.
    pub(crate) fn optional_text(&self, key: &'static str) -> Result<Option<&Secret>, Fault> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok((!text.is_empty()).then_some(text)),
            Some(_) => Err(Fault::WrongType {
                key,
                expected: "text",
            }),
        }
    }

    /// A whole number; one written as `1.0` is whole too.
    pub(crate) fn optional_number(&self, key: &'static str) -> Result<Option<i64>, Fault> {
        let wrong = Fault::WrongType {
            key,
            expected: "whole number",
        };
        match self.find(key) {
            None => Ok(None),
            Some(Value::Number(number)) => whole(number).map(Some).ok_or(wrong),
            Some(_) => Err(wrong),
        }
    }

    pub(crate) fn number(&self, key: &'static str) -> Result<i64, Fault> {
        self.optional_number(key)?.ok_or(Fault::Missing { key })
    }

    pub(crate) fn object(&self, key: &'static str) -> Result<&Object, Fault> {
        match self.find(key) {
            None => Err(Fault::Missing { key }),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(Fault::WrongType {
                key,
                expected: "object",
            }),
        }
    }

    /// Whether a member is a list that holds this text.
    pub(crate) fn lists(&self, key: &str, text: &str) -> bool {
        match self.find(key) {
            Some(Value::List(values)) => values
                .iter()
                .any(|value| matches!(value, Value::Text(found) if found.expose() == text)),
            _ => false,
        }
    }

    /// Sets a member, in the place and instead of one of that name in any case.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let exact = self.0.iter().position(|(name, _)| name == key);
        let place = exact.or_else(|| self.0.iter().position(|(name, _)| name.eq_ignore_ascii_case(key)));
        match place.and_then(|place| self.0.get_mut(place)) {
            Some(member) => *member = (key.to_owned(), value),
            None => self.0.push((key.to_owned(), value)),
        }
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// The text of it, on one line.
    pub(crate) fn to_secret(&self) -> Secret {
        // Room for all of it at once: a vector that grows leaves copies behind.
        let mut bytes = Vec::with_capacity(16 * 1024);
        // Neither a vector nor these values can fail.
        let _ = serde_json::to_writer(&mut bytes, self);
        Secret::new(String::from_utf8(bytes).unwrap_or_default())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
    })
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Secret::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Secret::new(text))
    }
}

impl From<&Secret> for Value {
    fn from(text: &Secret) -> Self {
        Self::Text(text.clone())
    }
}

impl<S: AsRef<str>> From<&[S]> for Value {
    fn from(texts: &[S]) -> Self {
        Self::List(texts.iter().map(|text| text.as_ref().into()).collect())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} members)", self.0.len())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Switch(switch) => serializer.serialize_bool(*switch),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text.expose()),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, switch: bool) -> Result<Value, E> {
        Ok(Value::Switch(switch))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some((name, value)) = object.next_entry::<String, Value>()? {
            // Of members with one name the last counts, as in Python's reader.
            match members.iter_mut().find(|(other, _)| *other == name) {
                Some((_, place)) => *place = value,
                None => members.push((name, value)),
            }
        }
        Ok(Value::Object(Object(members)))
    }
}

#[cfg(test)]
mod tests;
