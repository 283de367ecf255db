//! How one member is read from the text: straight into its place, without a detour over a tree of values.

use std::fmt;

use credential_core::Secret;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands at a member.
#[derive(Clone, Debug, Default)]
pub(crate) enum Found<T> {
    /// Nothing, or null.
    #[default]
    Absent,
    Text(T),
    /// A number, a list, an object, true or false.
    NotText,
}

impl<T> Found<T> {
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn text(&self) -> Option<&T> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::NotText => None,
        }
    }
}

impl<'de, T: From<String> + for<'t> From<&'t str>> Deserialize<'de> for Found<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let any = deserializer.deserialize_any(AnyVisitor::<T>(std::marker::PhantomData))?;
        Ok(match any {
            Any::Text(text) => Self::Text(text),
            Any::Null => Self::Absent,
            Any::Number(_) | Any::Other(_) => Self::NotText,
        })
    }
}

/// The `Version` of the document that a credential process prints: only the number 1 is known.
///
/// ```
/// use credential_json::{Document, Version};
///
/// let document = Document::parse(br#"{"Version": "1"}"#)?;
/// assert_ne!(document.version(), Version::Number(1));
/// assert_eq!(document.version().to_string(), "a string");
/// # Ok::<(), credential_json::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// There is no such member, or it is null.
    #[default]
    Absent,
    /// A whole number from 0.
    Number(u64),
    /// Anything else, told by its kind: "a string", "a list", ….
    Other(&'static str),
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nothing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let any = deserializer.deserialize_any(AnyVisitor::<Secret>(std::marker::PhantomData))?;
        Ok(match any {
            Any::Text(_) => Self::Other("a string"),
            Any::Null => Self::Absent,
            Any::Number(number) => Self::Number(number),
            Any::Other(kind) => Self::Other(kind),
        })
    }
}

/// Any JSON value, of which only a string and a whole number are kept.
enum Any<T> {
    Text(T),
    Null,
    Number(u64),
    Other(&'static str),
}

struct AnyVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: From<String> + for<'t> From<&'t str>> Visitor<'de> for AnyVisitor<T> {
    type Value = Any<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Any::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Any::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Any::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Any::Other("true or false"))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Any::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Any::Other("a negative number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Any::Other("a fraction"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Any::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Any::Other("an object"))
    }
}
