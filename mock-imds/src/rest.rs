use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::request::Request;

/// An error of the services that speak JSON: the name of its exception, and what tells it from others of that name.
#[derive(Debug)]
pub(crate) struct RestError {
    pub(crate) status: u16,
    pub(crate) exception: String,
    /// The member `error`, where the service has one.
    pub(crate) error: Option<String>,
    pub(crate) message: String,
}

impl RestError {
    pub(crate) fn new(status: u16, exception: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            exception: exception.to_owned(),
            error: None,
            message: message.into(),
        }
    }

    /// An error of OAuth 2.0: its code in the body, and AWS's name for it, which is made of the same words.
    pub(crate) fn oauth(status: u16, code: &str, message: impl Into<String>) -> Self {
        let (exception, error) = match code {
            "server_error" => ("InternalServerException".to_owned(), code.to_owned()),
            code if code.ends_with("Exception") => (code.to_owned(), snake_case(code)),
            code => (format!("{}Exception", camel_case(code)), code.to_owned()),
        };
        Self {
            status,
            exception,
            error: Some(error),
            message: message.into(),
        }
    }
}

/// A JSON document.
pub(crate) fn document(status: u16, body: &Value) -> Answer {
    Answer::new(status, "application/json", body.to_string())
}

/// A document with the error in a header as well, by which AWS's clients tell errors apart.
pub(crate) fn error(error: &RestError, body: &Value) -> Answer {
    document(error.status, body).header("x-amzn-errortype", &error.exception)
}

/// A method that a path does not know.
pub(crate) fn wrong_method(allow: &str) -> Answer {
    let error = RestError::new(405, "UnknownOperationException", "method not allowed");
    self::error(&error, &json!({"message": error.message})).header("allow", allow)
}

/// The JSON object in the body of a request.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn of(request: &Request) -> Option<Self> {
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(members)) => Some(Self(members)),
            _ => None,
        }
    }

    /// A text that is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// The texts of a list; `None` if it holds anything else.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
                texts.collect()
            }
            Some(_) => None,
        }
    }
}

/// `invalid_grant` → `InvalidGrant`.
fn camel_case(code: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    code.split('_').map(word).collect()
}

/// `InvalidGrantException` → `invalid_grant`.
fn snake_case(exception: &str) -> String {
    let mut code = String::new();
    for letter in exception.trim_end_matches("Exception").chars() {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_oauth_has_two_names() {
        for (given, exception, code) in [
            ("invalid_grant", "InvalidGrantException", "invalid_grant"),
            ("slow_down", "SlowDownException", "slow_down"),
            ("server_error", "InternalServerException", "server_error"),
            (
                "AuthorizationPendingException",
                "AuthorizationPendingException",
                "authorization_pending",
            ),
        ] {
            let error = RestError::oauth(400, given, "");
            assert_eq!(
                (error.exception.as_str(), error.error.as_deref()),
                (exception, Some(code))
            );
        }
    }
}
