//! From JSON text to an object and back.

use std::fmt;

use credential_core::Secret;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::error::Category;

use super::{Number, Object, Value};
use crate::Fault;

impl Object {
    /// Reads a text. A byte order mark, with which some editors on Windows begin a file, is passed over.
    ///
    /// # Errors
    /// [`Fault::NotJson`], also for what is nested more than 127 deep; [`Fault::NotAnObject`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
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

    /// The text of it, on one line.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        // Room for all of it at once: a vector that grows leaves copies behind.
        let mut bytes = Vec::with_capacity(self.room());
        // Neither a vector nor these values can fail.
        let _ = serde_json::to_writer(&mut bytes, self);
        Secret::new(String::from_utf8(bytes).unwrap_or_default())
    }

    fn room(&self) -> usize {
        let members = self.0.iter().map(|(name, value)| name.len() + 8 + value.room());
        2 + members.sum::<usize>()
    }
}

impl Value {
    fn room(&self) -> usize {
        match self {
            // Line ends and quotes take two bytes.
            Self::Text(text) => 2 * text.expose().len() + 2,
            Self::List(values) => 2 + values.iter().map(|value| 1 + value.room()).sum::<usize>(),
            Self::Object(object) => object.room(),
            Self::Null | Self::Switch(_) | Self::Number(_) => 32,
        }
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
            Self::Number(Number(number)) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text.expose()),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
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
        Ok(Value::Number(Number(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(Number(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(number).map(Number);
        Ok(number.map_or(Value::Null, Value::Number))
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
        let mut members = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        Ok(Value::Object(Object(members)))
    }
}
