//! What the AWS CLI has written about a session, and what AWS Sign-In answers when it is renewed.

use std::time::Duration;

use credential_cache::{Object, Value};
use credential_core::{AwsCredentials, Secret, format_timestamp, parse_timestamp};
use snafu::{OptionExt, ensure};
use time::OffsetDateTime;

use crate::error::{
    BlankSnafu, Fault, IllegalSnafu, MissingSnafu, NotATimeSnafu, NotAnObjectSnafu, NotPositiveSnafu,
    NotTextSnafu, SyntaxSnafu, TruncatedSnafu, WrongTypeSnafu,
};
use crate::provider::NAME;

/// A session as its file holds it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// All of the file, with what is not known here.
    document: Object,
    credentials: AwsCredentials,
    expiration: OffsetDateTime,
    client_id: Secret,
    refresh_token: Secret,
    dpop_key: Secret,
}

/// What AWS Sign-In gives for a refresh token.
#[derive(Debug)]
pub(crate) struct Answer {
    keys: Keys,
    lifetime: Duration,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    token_type: Option<Secret>,
}

#[derive(Debug)]
struct Keys {
    access_key_id: Secret,
    secret_access_key: Secret,
    session_token: Secret,
}

impl Session {
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let document = parse(text)?;
        let access_token = object(&document, "accessToken")?;
        let keys = Keys::of(access_token)?;
        let expiration = text_of(access_token, "expiresAt")?;
        let expiration =
            parse_timestamp(expiration.expose()).context(NotATimeSnafu { member: "expiresAt" })?;
        let account_id = account_id(access_token);
        let client_id = token(&document, "clientId")?;
        let refresh_token = token(&document, "refreshToken")?;
        let dpop_key = text_of(&document, "dpopKey")?.clone();
        Ok(Self {
            credentials: keys.into_credentials(expiration, account_id),
            expiration,
            client_id,
            refresh_token,
            dpop_key,
            document,
        })
    }

    /// The session after AWS Sign-In has answered at this time: what the answer does not tell stays as it was.
    pub(crate) fn renewed(&self, answer: Answer, now: OffsetDateTime) -> Result<Self, Fault> {
        // The file has whole seconds, and memory shall say the same.
        let expiration = now
            .unix_timestamp()
            .checked_add_unsigned(answer.lifetime.as_secs())
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .context(NotATimeSnafu { member: "expiresIn" })?;

        let mut document = self.document.clone();
        let mut access_token = object(&document, "accessToken")?.clone();
        let keys = answer.keys;
        access_token.set("accessKeyId", &keys.access_key_id);
        access_token.set("secretAccessKey", &keys.secret_access_key);
        access_token.set("sessionToken", &keys.session_token);
        access_token.set("expiresAt", format_timestamp(expiration));
        document.set("accessToken", access_token);
        let refresh_token = answer.refresh_token.unwrap_or_else(|| self.refresh_token.clone());
        document.set("refreshToken", &refresh_token);
        for (name, value) in [("idToken", answer.id_token), ("tokenType", answer.token_type)] {
            if let Some(value) = value {
                document.set(name, value);
            }
        }
        let account_id = self.credentials.account_id().map(str::to_owned);
        Ok(Self {
            document,
            credentials: keys.into_credentials(expiration, account_id),
            expiration,
            client_id: self.client_id.clone(),
            refresh_token,
            dpop_key: self.dpop_key.clone(),
        })
    }

    /// The text for the file.
    pub(crate) fn to_text(&self) -> Secret {
        self.document.to_secret()
    }

    /// The body that asks AWS Sign-In to renew it.
    ///
    /// AWS: <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html>
    pub(crate) fn question(&self) -> Secret {
        Object::default()
            .with("clientId", &self.client_id)
            .with("grantType", "refresh_token")
            .with("refreshToken", &self.refresh_token)
            .to_secret()
    }

    /// The private key in PEM. Some writers have put `\n` as two letters where the lines end.
    pub(crate) fn dpop_key(&self) -> Secret {
        Secret::new(self.dpop_key.expose().replace("\\n", "\n"))
    }

    pub(crate) fn credentials(&self) -> AwsCredentials {
        self.credentials.clone()
    }

    pub(crate) fn refresh_token(&self) -> &Secret {
        &self.refresh_token
    }

    pub(crate) fn expiration(&self) -> OffsetDateTime {
        self.expiration
    }

    /// Whether the credentials live longer than this from now on.
    pub(crate) fn outlives(&self, margin: Duration, now: OffsetDateTime) -> bool {
        self.expiration - now > margin
    }

    /// Whether a text, which comes from elsewhere, repeats what nobody may see.
    pub(crate) fn is_repeated_in(&self, text: &str) -> bool {
        let token = self.credentials.session_token();
        let key = self.credentials.secret_access_key();
        [Some(&self.refresh_token), Some(&self.dpop_key), Some(key), token]
            .into_iter()
            .flatten()
            .any(|secret| text.contains(secret.expose()))
    }
}

impl Answer {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(body).map_err(|_| Fault::NotUtf8)?;
        let document = parse(text)?;
        let member = "expiresIn";
        let seconds = match document.get(member).context(MissingSnafu { member })? {
            Value::Number(number) => number.as_f64(),
            _ => return WrongTypeSnafu { member }.fail(),
        };
        let lifetime = Duration::try_from_secs_f64(seconds.trunc()).unwrap_or_default();
        ensure!(!lifetime.is_zero(), NotPositiveSnafu { member });
        Ok(Self {
            keys: Keys::of(object(&document, "accessToken")?)?,
            lifetime,
            refresh_token: optional(&document, "refreshToken", token)?,
            id_token: optional(&document, "idToken", |object, name| {
                text_of(object, name).cloned()
            })?,
            token_type: optional(&document, "tokenType", token)?,
        })
    }
}

impl Keys {
    fn of(access_token: &Object) -> Result<Self, Fault> {
        let member = "secretAccessKey";
        let secret_access_key = text_of(access_token, member)?.clone();
        let legal = !secret_access_key.expose().contains(char::is_control);
        ensure!(legal, IllegalSnafu { member });
        Ok(Self {
            access_key_id: token(access_token, "accessKeyId")?,
            secret_access_key,
            session_token: token(access_token, "sessionToken")?,
        })
    }

    fn into_credentials(self, expiration: OffsetDateTime, account_id: Option<String>) -> AwsCredentials {
        let credentials = AwsCredentials::new(self.access_key_id.expose(), self.secret_access_key)
            .with_session_token(self.session_token)
            .with_expiration(expiration)
            .with_source(NAME);
        match account_id {
            Some(account_id) => credentials.with_account_id(account_id),
            None => credentials,
        }
    }
}

fn parse(text: &str) -> Result<Object, Fault> {
    Object::parse(text).or_else(|fault| match fault {
        credential_cache::Fault::NotJson {
            ends_early: true,
            line,
            column,
        } => TruncatedSnafu { line, column }.fail(),
        credential_cache::Fault::NotJson { line, column, .. } => SyntaxSnafu { line, column }.fail(),
        _ => Err(Fault::NoDocument),
    })
}

fn object<'a>(document: &'a Object, member: &'static str) -> Result<&'a Object, Fault> {
    match document.get(member).context(MissingSnafu { member })? {
        Value::Object(object) => Ok(object),
        _ => NotAnObjectSnafu { member }.fail(),
    }
}

fn text_of<'a>(object: &'a Object, member: &'static str) -> Result<&'a Secret, Fault> {
    let Value::Text(text) = object.get(member).context(MissingSnafu { member })? else {
        return NotTextSnafu { member }.fail();
    };
    ensure!(!text.expose().trim().is_empty(), BlankSnafu { member });
    Ok(text)
}

/// A text that is sent, and so holds neither blanks nor control characters.
fn token(object: &Object, member: &'static str) -> Result<Secret, Fault> {
    let text = text_of(object, member)?;
    let illegal = |c: char| c.is_control() || c.is_whitespace();
    ensure!(!text.expose().contains(illegal), IllegalSnafu { member });
    Ok(text.clone())
}

fn optional(
    object: &Object,
    member: &'static str,
    read: impl Fn(&Object, &'static str) -> Result<Secret, Fault>,
) -> Result<Option<Secret>, Fault> {
    match object.get(member) {
        Some(_) => read(object, member).map(Some),
        None => Ok(None),
    }
}

fn account_id(access_token: &Object) -> Option<String> {
    let Value::Text(text) = access_token.get("accountId")? else {
        return None;
    };
    let text = text.expose();
    (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
