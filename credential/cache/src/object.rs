use std::fmt;

use credential_core::Secret;

use crate::Fault;

mod text;

/// A JSON object as programs share it in a file: its members in their order, every text a [`Secret`].
///
/// A member is found by its exact name, else by that name in any case; of several with one name the last counts, as in
/// Python's reader, and null counts as absent. What nobody here knows is written back as it was. `Debug` tells how many
/// members there are and nothing else, for a damaged text may have a secret for a name.
///
/// ```
/// use credential_cache::Object;
///
/// let mut object = Object::parse(r#"{"AccessToken": "old", "future": [1, null]}"#)?;
/// object.set("accessToken", "new");
/// assert_eq!(object.text("accessToken")?.expose(), "new");
/// assert_eq!(object.to_secret().expose(), r#"{"accessToken":"new","future":[1,null]}"#);
/// # Ok::<(), credential_cache::Fault>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

/// A value in an [`Object`]. `Debug` shows no text.
///
/// ```
/// use credential_cache::{Object, Value};
///
/// let value = Value::from("do not print me");
/// assert!(matches!(&value, Value::Text(text) if text.expose() == "do not print me"));
/// assert_eq!(format!("{value:?}"), "Text(Secret(…))");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Switch(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Secret),
    /// An array.
    List(Vec<Value>),
    /// An object in the object.
    Object(Object),
}

/// A number in an [`Object`], which is written back as it was.
///
/// ```
/// use credential_cache::{Object, Value};
///
/// let object = Object::parse(r#"{"expiresIn": 900.0}"#)?;
/// assert!(matches!(object.get("expiresIn"), Some(Value::Number(number)) if number.whole() == Some(900)));
/// # Ok::<(), credential_cache::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Number(serde_json::Number);

impl Object {
    /// The member of this name; null counts as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let (_, value) = self.0.get(self.place(key)?)?;
        (*value != Value::Null).then_some(value)
    }

    /// A text that is there and not empty.
    ///
    /// # Errors
    /// [`Fault::Missing`], also when it is empty; [`Fault::WrongType`].
    pub fn text(&self, key: &'static str) -> Result<&Secret, Fault> {
        self.optional_text(key)?.ok_or(Fault::Missing { key })
    }

    /// A text; empty counts as absent.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn optional_text(&self, key: &'static str) -> Result<Option<&Secret>, Fault> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok((!text.is_empty()).then_some(text)),
            Some(_) => Err(Fault::WrongType {
                key,
                expected: "text",
            }),
        }
    }

    /// A whole number that is there.
    ///
    /// # Errors
    /// [`Fault::Missing`], [`Fault::WrongType`].
    pub fn number(&self, key: &'static str) -> Result<i64, Fault> {
        self.optional_number(key)?.ok_or(Fault::Missing { key })
    }

    /// A whole number; one written as `1.0` is whole too.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn optional_number(&self, key: &'static str) -> Result<Option<i64>, Fault> {
        let wrong = Fault::WrongType {
            key,
            expected: "whole number",
        };
        match self.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => number.whole().map(Some).ok_or(wrong),
            Some(_) => Err(wrong),
        }
    }

    /// An object that is there.
    ///
    /// # Errors
    /// [`Fault::Missing`], [`Fault::WrongType`].
    pub fn object(&self, key: &'static str) -> Result<&Object, Fault> {
        match self.get(key) {
            None => Err(Fault::Missing { key }),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(Fault::WrongType {
                key,
                expected: "object",
            }),
        }
    }

    /// Whether a member is a list that holds this text.
    #[must_use]
    pub fn lists(&self, key: &str, text: &str) -> bool {
        match self.get(key) {
            Some(Value::List(values)) => values
                .iter()
                .any(|value| matches!(value, Value::Text(found) if found.expose() == text)),
            _ => false,
        }
    }

    /// Sets a member: in the place of the one of that name in any case, which takes this spelling, else at the end.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.put(key, value.into());
    }

    /// The same with a member [set](Self::set).
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.put(key, value.into());
        self
    }

    fn put(&mut self, key: &str, value: Value) {
        let member = (key.to_owned(), value);
        match self.place(key).and_then(|place| self.0.get_mut(place)) {
            Some(old) => *old = member,
            None => self.0.push(member),
        }
    }

    fn place(&self, key: &str) -> Option<usize> {
        let exact = self.0.iter().rposition(|(name, _)| name == key);
        exact.or_else(|| {
            self.0
                .iter()
                .rposition(|(name, _)| name.eq_ignore_ascii_case(key))
        })
    }
}

impl Number {
    /// Its value when it is whole, as `1` and `1.0` are.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    pub fn whole(&self) -> Option<i64> {
        self.0.as_i64().or_else(|| {
            let float = self.0.as_f64()?;
            (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
        })
    }

    /// Its value, as near as a float comes to it.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.0.as_f64().unwrap_or_default()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} members)", self.0.len())
    }
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

impl From<Secret> for Value {
    fn from(text: Secret) -> Self {
        Self::Text(text)
    }
}

impl From<&Secret> for Value {
    fn from(text: &Secret) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Number(number.into()))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<S: AsRef<str>> From<&[S]> for Value {
    fn from(texts: &[S]) -> Self {
        Self::List(texts.iter().map(|text| text.as_ref().into()).collect())
    }
}

#[cfg(test)]
mod tests;
