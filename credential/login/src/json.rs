//! A JSON value whose texts are secrets: what this crate does not know stays as it is, and is wiped like the rest.

use std::fmt;

use credential_core::Secret;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Number;

#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Switch(bool),
    Number(Number),
    Text(Secret),
    List(Vec<Json>),
    Object(Object),
}

/// An object, in the order of its text. `Debug` tells how many members it has: a damaged text may have a secret for a
/// name.
#[derive(Clone, Default)]
pub(crate) struct Object(Vec<(String, Json)>);

/// Why a text is no JSON object. `serde_json` quotes values in its messages, so only kind and place are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAnObject {
    /// It ends too early.
    Truncated { line: usize, column: usize },
    /// It is no JSON.
    Syntax { line: usize, column: usize },
    /// It is JSON, but no object.
    OtherValue,
}

impl Object {
    pub(crate) fn parse(text: &str) -> Result<Self, NotAnObject> {
        match serde_json::from_str(text) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => Err(NotAnObject::OtherValue),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                Err(if error.is_eof() {
                    NotAnObject::Truncated { line, column }
                } else {
                    NotAnObject::Syntax { line, column }
                })
            }
        }
    }

    /// The text, in one line.
    pub(crate) fn to_text(&self) -> Option<Secret> {
        // Room for all of it at once: a vector that grows leaves copies behind.
        let mut bytes = Vec::with_capacity(self.room());
        serde_json::to_writer(&mut bytes, self).ok()?;
        String::from_utf8(bytes).ok().map(Secret::new)
    }

    /// The member of this name, else of this name in other letters' case; null counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        let place = self.place(name)?;
        let (_, value) = self.0.get(place)?;
        (!matches!(value, Json::Null)).then_some(value)
    }

    /// Puts a value in the place of the member of this name, or at the end.
    pub(crate) fn set(&mut self, name: &str, value: Json) {
        match self.place(name).and_then(|place| self.0.get_mut(place)) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        let exact = self.0.iter().position(|(found, _)| found == name);
        exact.or_else(|| {
            self.0
                .iter()
                .position(|(found, _)| found.eq_ignore_ascii_case(name))
        })
    }

    fn room(&self) -> usize {
        let members = self.0.iter().map(|(name, value)| name.len() + 8 + value.room());
        2 + members.sum::<usize>()
    }
}

impl Json {
    pub(crate) fn text(text: impl Into<Secret>) -> Self {
        Self::Text(text.into())
    }

    fn room(&self) -> usize {
        match self {
            // Line ends and quotes take two bytes.
            Self::Text(text) => 2 * text.expose().len() + 2,
            Self::List(list) => 2 + list.iter().map(|value| 1 + value.room()).sum::<usize>(),
            Self::Object(object) => object.room(),
            Self::Null | Self::Switch(_) | Self::Number(_) => 32,
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} members)", self.0.len())
    }
}

impl<const LENGTH: usize> From<[(&str, Json); LENGTH]> for Object {
    fn from(members: [(&str, Json); LENGTH]) -> Self {
        Self(members.map(|(name, value)| (name.to_owned(), value)).into())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Switch(switch) => serializer.serialize_bool(*switch),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text.expose()),
            Self::List(list) => {
                let mut sequence = serializer.serialize_seq(Some(list.len()))?;
                for value in list {
                    sequence.serialize_element(value)?;
                }
                sequence.end()
            }
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, switch: bool) -> Result<Json, E> {
        Ok(Json::Switch(switch))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = sequence.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut object = Object::default();
        while let Some(member) = map.next_entry()? {
            object.0.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tests_support::{canary, leaks};

    fn round(text: &str) -> String {
        let text = Object::parse(text).unwrap().to_text().unwrap();
        text.expose().to_owned()
    }

    #[test]
    fn what_is_not_known_stays_in_its_place() {
        let text =
            r#"{"z":null,"a":[1,-2,2.5,true,{"b":{}}],"text":"line\nend \"quoted\" ä","a":"twice","":[]}"#;
        assert_eq!(round(text), text);
        assert_eq!(round(" {\n \"a\" : 1 } \n"), r#"{"a":1}"#);
    }

    #[test]
    fn a_member_is_found_by_its_name_then_in_other_letters_case() {
        let object = Object::parse(r#"{"A": 1, "a": 2, "Null": null}"#).unwrap();
        assert!(matches!(object.get("a"), Some(Json::Number(two)) if two.as_u64() == Some(2)));
        assert!(matches!(object.get("A"), Some(Json::Number(one)) if one.as_u64() == Some(1)));
        assert!(object.get("null").is_none());
        assert!(object.get("b").is_none());
    }

    #[test]
    fn a_member_is_replaced_where_it_stands_and_else_added() {
        let mut object = Object::parse(r#"{"One": "1", "two": "2"}"#).unwrap();
        object.set("one", Json::text("I"));
        object.set("three", Json::text("III"));
        let text = object.to_text().unwrap();
        assert_eq!(text.expose(), r#"{"One":"I","two":"2","three":"III"}"#);
    }

    #[test]
    fn what_is_no_object_is_told_by_place_alone() {
        for (text, expected) in [
            ("", NotAnObject::Truncated { line: 1, column: 0 }),
            ("{\"a\":", NotAnObject::Truncated { line: 1, column: 5 }),
            ("{\n\"a\" 1}", NotAnObject::Syntax { line: 2, column: 5 }),
            ("{} x", NotAnObject::Syntax { line: 1, column: 4 }),
            ("[]", NotAnObject::OtherValue),
            ("\"text\"", NotAnObject::OtherValue),
        ] {
            assert_eq!(Object::parse(text).unwrap_err(), expected, "{text:?}");
        }
        let deep = "[".repeat(100_000);
        assert!(Object::parse(&deep).is_err());
    }

    #[test]
    fn no_text_is_shown() {
        let secret = canary("refresh token");
        let object = Object::parse(&format!(r#"{{"a": ["{secret}"], "{secret}": "{secret}"}}"#)).unwrap();
        assert!(!leaks(&format!("{object:?} {object:#?}")));
        let broken = format!(r#"{{"a": {secret}"#);
        assert!(!leaks(&format!("{:?}", Object::parse(&broken))));
    }
}
