use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use credential_cache::{Fault, Object};
use credential_core::{Report, Secret, is_invisible};
use credential_http::{Request, Response, RetryPolicy};
use credential_runtime::within;
use snafu::IntoError;

use crate::error::{AnswerSnafu, Error, RedirectSnafu, RefusedSnafu, TimedOutSnafu, TransportSnafu};
use crate::settings::Settings;

/// A call to IAM Identity Center, by AWS's name for it: where a program wants to know what did not work.
///
/// ```
/// use credential_sso::{Error, Operation, Said};
///
/// fn renews_a_token(error: &Error) -> bool {
///     matches!(error, Error::Refused { operation: Operation::CreateToken, .. })
/// }
///
/// let (url, said) = ("https://oidc.eu-west-1.amazonaws.com/token".into(), Said::default());
/// let error = Error::Refused { operation: Operation::CreateToken, url, attempts: 3, status: 500, said };
/// assert!(renews_a_token(&error));
/// assert!(error.to_string().contains("refused CreateToken with status 500 in 3 attempts"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A role's credentials for a token.
    ///
    /// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>
    GetRoleCredentials,
    /// The end of a token's life.
    ///
    /// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html>
    Logout,
    /// A new program that people can log in to.
    ///
    /// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>
    RegisterClient,
    /// A code for a person to approve.
    ///
    /// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>
    StartDeviceAuthorization,
    /// A token for a code or for a refresh token.
    ///
    /// AWS: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
    CreateToken,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What the service said about a refusal: a code and a message, as far as it gave them.
///
/// Where it repeated a token or a code that was sent, there is a placeholder.
///
/// ```
/// use credential_sso::{Error, Said};
///
/// /// Whether too many ask at once.
/// fn is_throttled(error: &Error) -> bool {
///     matches!(error, Error::Refused { said, .. } if said.code() == Some("TooManyRequests"))
/// }
///
/// let silence = Said::default();
/// assert_eq!((silence.code(), silence.message()), (None, None));
/// assert!(!is_throttled(&Error::NotApproved { said: silence }));
/// ```
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl Said {
    /// The error's code without `Exception`, such as `InvalidGrant`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The message, at most 200 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        self.code().is_some_and(|code| codes.contains(&code))
    }

    /// Whether another attempt may fare better: trouble of the service, or too many calls.
    pub(crate) fn asks_for_patience(&self, status: u16) -> bool {
        matches!(status, 429 | 500 | 502 | 503 | 504) || self.is(&["SlowDown", "TooManyRequests"])
    }

    /// Reads the answer's header and body. Both services differ in where they say what.
    fn of(response: &Response, secrets: &[&Secret]) -> Self {
        let body = std::str::from_utf8(response.body()).unwrap_or_default();
        let body = Object::parse(body).unwrap_or_default();
        let text = |key| body.optional_text(key).ok().flatten().map(Secret::expose);
        let code = response
            .header("x-amzn-errortype")
            .or_else(|| text("__type"))
            .or_else(|| text("code"))
            .or_else(|| text("error"));
        let message = text("message").or_else(|| text("error_description"));
        Self {
            code: code.and_then(code_of),
            message: message
                .map(|message| printable(message, secrets))
                .filter(|message| !message.is_empty()),
        }
    }

    /// What stands in the address with which a browser comes back.
    pub(crate) fn of_browser(error: &str, description: Option<&str>) -> Self {
        Self {
            code: code_of(error),
            message: description.map(|text| printable(text, &[])),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.code, &self.message].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        Ok(())
    }
}

/// `com.amazonaws.ssooidc#InvalidGrantException:http://…` and `invalid_grant` → `InvalidGrant`; nothing for what does
/// not look like a code.
fn code_of(text: &str) -> Option<String> {
    let text = text.split(':').next().unwrap_or_default();
    let text = text.rsplit('#').next().unwrap_or_default().trim();
    let text = text.strip_suffix("Exception").unwrap_or(text);
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if !fits {
        return None;
    }
    let mut code = String::with_capacity(text.len());
    for word in text.split('_') {
        let mut letters = word.chars();
        code.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        code.push_str(letters.as_str());
    }
    Some(code)
}

/// At most 200 characters on one line, all of which can be seen, without any of the secrets that were sent.
pub(crate) fn printable(text: &str, secrets: &[&Secret]) -> String {
    // Before and after: letters that cannot be seen may stand inside a secret.
    let visible = visible(&without(text.to_owned(), secrets));
    without(visible, secrets).chars().take(200).collect()
}

fn without(mut text: String, secrets: &[&Secret]) -> String {
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.expose(), "(a secret)");
    }
    text
}

fn visible(text: &str) -> String {
    let mut visible = String::new();
    for word in text.split_whitespace() {
        let mut is_apart = !visible.is_empty();
        for letter in word.chars().filter(|letter| !is_invisible(*letter)) {
            if std::mem::take(&mut is_apart) {
                visible.push(' ');
            }
            visible.push(letter);
        }
    }
    visible
}

/// One call with all its attempts.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) request: Request,
    /// What the request holds and no error may repeat.
    pub(crate) secrets: Vec<&'a Secret>,
    /// Whether "slow down" is a reason to try again here, and not an answer that the caller waits for.
    pub(crate) slows_down: bool,
    pub(crate) in_vain: Option<InVain<'a>>,
}

/// Whether a further attempt would be in vain, as when somebody else has used the refresh token.
pub(crate) type InVain<'a> = &'a (dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> + Send + Sync);

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

impl Call<'_> {
    /// The answer, when it is a good one. All attempts end before the deadline of the monotonic clock.
    ///
    /// Boxed, so that it is compiled once and not within each future that awaits it.
    pub(crate) fn send<'a>(&'a self, settings: &'a Settings, deadline: Duration) -> Boxed<'a, Response> {
        Box::pin(self.attempts(settings, deadline))
    }

    async fn attempts(&self, settings: &Settings, deadline: Duration) -> Result<Response, Error> {
        let (operation, url) = (self.operation, self.request.url().to_string());
        let policy = RetryPolicy::new(
            settings.max_attempts,
            Duration::from_secs(1),
            Duration::from_secs(20),
        );
        let mut attempts = 0;
        loop {
            attempts += 1;
            let left = deadline.saturating_sub(settings.clock.monotonic());
            let sending = settings.http.send(&self.request);
            let outcome = within(settings.clock.sleep(left), sending).await;
            let error = match outcome {
                None => {
                    let limit = settings.timeout;
                    return TimedOutSnafu { limit }.fail();
                }
                Some(Ok(response)) if response.is_success() => return Ok(response),
                Some(Ok(response)) => self.refusal(&response, attempts),
                Some(Err(source)) => TransportSnafu {
                    operation,
                    url: &url,
                    attempts,
                }
                .into_error(source),
            };
            let worth_it = error.is_transient()
                && (self.slows_down
                    || !matches!(&error, Error::Refused { said, .. } if said.is(&["SlowDown"])));
            if !worth_it || attempts >= policy.attempts() {
                return Err(error);
            }
            let pause = policy.pause(attempts - 1, settings.random.fraction());
            if settings.clock.monotonic().saturating_add(pause) >= deadline {
                return Err(error);
            }
            tracing::debug!(%operation, error = %Report::of(&error), ?pause, "asking IAM Identity Center again");
            settings.clock.sleep(pause).await;
            if let Some(in_vain) = self.in_vain
                && in_vain().await
            {
                return Err(error);
            }
        }
    }

    /// The object in a good answer. Boxed for the same reason.
    pub(crate) fn ask<'a>(&'a self, settings: &'a Settings, deadline: Duration) -> Boxed<'a, Object> {
        Box::pin(async move { self.object_in(self.send(settings, deadline).await?) })
    }

    fn object_in(&self, response: Response) -> Result<Object, Error> {
        // As a secret from here on: it is wiped.
        String::from_utf8(response.into_body())
            .map_err(|_| Fault::NotUtf8)
            .map(Secret::new)
            .and_then(|text| Object::parse(text.expose()))
            .map_err(|fault| self.cannot_use(fault))
    }

    /// The error for an answer in which something is wrong.
    pub(crate) fn cannot_use(&self, fault: Fault) -> Error {
        AnswerSnafu {
            operation: self.operation,
            url: self.request.url().to_string(),
            fault,
        }
        .build()
    }

    fn refusal(&self, response: &Response, attempts: u32) -> Error {
        let (operation, url, status) = (self.operation, self.request.url().to_string(), response.status());
        if (300..400).contains(&status) {
            return RedirectSnafu {
                operation,
                url,
                status,
            }
            .build();
        }
        RefusedSnafu {
            operation,
            url,
            attempts,
            status,
            said: Said::of(response, &self.secrets),
        }
        .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_spelling_wherever_it_stood() {
        let table = [
            ("InvalidGrantException", Some("InvalidGrant")),
            ("InvalidGrant", Some("InvalidGrant")),
            ("invalid_grant", Some("InvalidGrant")),
            (
                "InvalidGrantException:http://internal.amazon.com/",
                Some("InvalidGrant"),
            ),
            ("com.amazonaws.ssooidc#SlowDownException", Some("SlowDown")),
            ("authorization_pending", Some("AuthorizationPending")),
            ("", None),
            ("two words", None),
            ("aoaAAAAAGf1x2y3", None),
        ];
        for (text, code) in table {
            assert_eq!(code_of(text).as_deref(), code, "{text:?}");
        }
    }

    #[test]
    fn a_message_stays_on_one_line_and_repeats_no_secret() {
        let secret = Secret::new(tests_support::canary("message"));
        let text = format!("token {}\r\n\u{1b}[31m is {}", secret.expose(), "x".repeat(300));
        let shown = printable(&text, &[&secret]);
        assert!(!tests_support::leaks(&shown), "{shown}");
        assert!(shown.starts_with("token (a secret) [31m is xxx"), "{shown}");
        assert_eq!(shown.chars().count(), 200);
    }

    #[test]
    fn a_message_hides_nothing_and_turns_nothing_round() {
        let text = "run \u{202e}evil\u{202c} \u{200b} now\u{feff}\u{e0041}!";
        assert_eq!(printable(text, &[]), "run evil now!");
        let secret = Secret::new(tests_support::canary("message"));
        let (one, other) = secret.expose().split_at(10);
        let shown = printable(&format!("no {one}\u{200b}{other}"), &[&secret]);
        assert_eq!(shown, "no (a secret)");
    }
}
