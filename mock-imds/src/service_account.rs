use std::io;
use std::path::PathBuf;
use std::time::Duration;

use time::OffsetDateTime;

use crate::clock::after;
use crate::files::TokenFile;
use crate::jwt;
use crate::random::Random;

/// How long a token lives, and how long the one before it is still taken.
const LIFE: Duration = Duration::from_secs(24 * 3600);
const GRACE: Duration = Duration::from_secs(30);

/// The service-account tokens of the EKS agent: they look like a JWT, and only the texts issued here are taken.
pub(crate) struct ServiceAccountTokens {
    region: String,
    random: Random,
    current: (String, OffsetDateTime),
    previous: Option<(String, OffsetDateTime)>,
    file: Option<TokenFile>,
}

impl ServiceAccountTokens {
    pub(crate) fn new(region: &str, now: OffsetDateTime, mut random: Random) -> Self {
        Self {
            region: region.to_owned(),
            current: token(region, now, &mut random),
            random,
            previous: None,
            file: None,
        }
    }

    pub(crate) fn current(&self) -> &str {
        &self.current.0
    }

    /// A new token; the one before it is taken for 30 seconds more. The file follows, if there is one.
    pub(crate) fn rotate(&mut self, now: OffsetDateTime) -> io::Result<()> {
        let before = std::mem::replace(&mut self.current, token(&self.region, now, &mut self.random));
        let until = before.1.min(after(now, GRACE));
        self.previous = Some((before.0, until));
        match &self.file {
            Some(file) => file.write(&self.current.0),
            None => Ok(()),
        }
    }

    pub(crate) fn is_good(&self, text: &str, now: OffsetDateTime) -> bool {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .any(|(known, end)| known == text && now < *end)
    }

    /// Where the current token stands in a file, written at the first question.
    pub(crate) fn file(&mut self) -> io::Result<PathBuf> {
        if self.file.is_none() {
            let file = TokenFile::new("eks-pod-identity-token")?;
            file.write(&self.current.0)?;
            self.file = Some(file);
        }
        Ok(self.file.as_ref().map(TokenFile::path).unwrap_or_default())
    }
}

fn token(region: &str, now: OffsetDateTime, random: &mut Random) -> (String, OffsetDateTime) {
    let end = after(now, LIFE);
    let header = serde_json::json!({"alg": "RS256", "kid": random.hex_digits(40)});
    let claims = serde_json::json!({
        "aud": ["pods.eks.amazonaws.com"],
        "exp": end.unix_timestamp(),
        "iat": now.unix_timestamp(),
        "iss": format!("https://oidc.eks.{region}.amazonaws.com/id/EXAMPLE"),
        "sub": "system:serviceaccount:default:mock",
    });
    let text = jwt::unsigned(random, &header, &claims);
    (text, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_before_is_taken_for_a_short_while() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut tokens = ServiceAccountTokens::new("us-east-1", now, Random::of_system());
        let first = tokens.current().to_owned();
        assert!(jwt::is_one(&first));
        tokens.rotate(now).unwrap();
        assert!(tokens.is_good(&first, now + GRACE - Duration::from_secs(1)));
        assert!(!tokens.is_good(&first, now + GRACE));
        assert!(tokens.is_good(tokens.current(), now + GRACE));
        assert!(!tokens.is_good(tokens.current(), now + LIFE));
    }

    #[test]
    fn the_file_follows_the_token_and_goes_with_its_owner() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut tokens = ServiceAccountTokens::new("us-east-1", now, Random::of_system());
        let path = tokens.file().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), tokens.current());
        tokens.rotate(now).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), tokens.current());
        drop(tokens);
        assert!(!path.exists());
    }
}
