use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use time::OffsetDateTime;

use crate::clock::after;
use crate::files::TokenFile;
use crate::jwt;
use crate::random::Random;
use crate::settings::Settings;

/// What STS calls itself in the tokens that it takes.
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// Who the tokens of the identity provider speak for, and what role is meant for them.
#[derive(Clone)]
pub(crate) struct WebIdentity {
    pub(crate) role: String,
    pub(crate) subject: String,
    pub(crate) lifetime: Duration,
    /// A text of the user's own in place of the first token.
    pub(crate) token: Option<String>,
}

impl Default for WebIdentity {
    fn default() -> Self {
        Self {
            role: "mock-web-identity-role".into(),
            subject: "system:serviceaccount:default:mock".into(),
            lifetime: Duration::from_secs(24 * 3600),
            token: None,
        }
    }
}

/// What STS makes of a token that is good.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) subject: String,
    pub(crate) audience: String,
    pub(crate) issuer: String,
    end: OffsetDateTime,
}

/// Why STS does not take a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    Expired(OffsetDateTime),
    NotAToken,
    Unknown,
}

/// An identity provider: it issues tokens, and STS takes those until their end. One is in the file, if there is a file.
pub(crate) struct WebIdentityTokens {
    issuer: String,
    random: Random,
    current: String,
    known: HashMap<String, Identity>,
    file: Option<TokenFile>,
}

impl WebIdentityTokens {
    pub(crate) fn new(settings: &Settings, now: OffsetDateTime) -> Self {
        let mut tokens = Self {
            issuer: format!("https://oidc.eks.{}.amazonaws.com/id/EXAMPLE", settings.region),
            random: Random::new(settings.seed, "web identity tokens"),
            current: String::new(),
            known: HashMap::new(),
            file: None,
        };
        let identity = &settings.web_identity;
        tokens.current = match &identity.token {
            Some(text) => {
                let known = tokens.identity(&identity.subject, AUDIENCE, after(now, identity.lifetime));
                tokens.known.insert(text.clone(), known);
                text.clone()
            }
            None => tokens.issue(&identity.subject, AUDIENCE, identity.lifetime, now),
        };
        tokens
    }

    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    /// A token beside the one in the file.
    pub(crate) fn issue(
        &mut self,
        subject: &str,
        audience: &str,
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> String {
        let identity = self.identity(subject, audience, after(now, lifetime));
        let header = serde_json::json!({"alg": "RS256", "kid": self.random.hex_digits(40)});
        let claims = serde_json::json!({
            "aud": [audience],
            "exp": identity.end.unix_timestamp(),
            "iat": now.unix_timestamp(),
            "iss": self.issuer,
            "sub": subject,
        });
        let text = jwt::unsigned(&mut self.random, &header, &claims);
        self.known.insert(text.clone(), identity);
        text
    }

    /// A new token in place of the current one, which stays good until its end. The file follows, if there is one.
    pub(crate) fn rotate(&mut self, settings: &Settings, now: OffsetDateTime) -> io::Result<()> {
        let identity = &settings.web_identity;
        self.current = self.issue(&identity.subject, AUDIENCE, identity.lifetime, now);
        match &self.file {
            Some(file) => file.write(&self.current),
            None => Ok(()),
        }
    }

    /// Ends all tokens issued so far.
    pub(crate) fn expire(&mut self, now: OffsetDateTime) {
        for identity in self.known.values_mut() {
            identity.end = identity.end.min(now);
        }
    }

    /// Where the current token stands in a file, written at the first question.
    pub(crate) fn file(&mut self) -> io::Result<PathBuf> {
        if self.file.is_none() {
            let file = TokenFile::new("web-identity-token")?;
            file.write(&self.current)?;
            self.file = Some(file);
        }
        Ok(self.file.as_ref().map(TokenFile::path).unwrap_or_default())
    }

    pub(crate) fn find(&self, text: &str, now: OffsetDateTime) -> Result<Identity, Unusable> {
        match self.known.get(text) {
            Some(identity) if now < identity.end => Ok(identity.clone()),
            Some(identity) => Err(Unusable::Expired(identity.end)),
            None if jwt::is_one(text) => Err(Unusable::Unknown),
            None => Err(Unusable::NotAToken),
        }
    }

    fn identity(&self, subject: &str, audience: &str, end: OffsetDateTime) -> Identity {
        Identity {
            subject: subject.to_owned(),
            audience: audience.to_owned(),
            issuer: self.issuer.clone(),
            end,
        }
    }
}
