use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

use super::client::Client;
use crate::base64;
use crate::clock::after;
use crate::random::Random;
use crate::{RefreshTokens, SsoSettings};

/// All that IAM Identity Center remembers.
pub(crate) struct Center {
    pub(super) random: Random,
    pub(super) clients: HashMap<String, Client>,
    pub(super) devices: Vec<Device>,
    pub(super) codes: HashMap<String, Code>,
    access_tokens: HashMap<String, AccessToken>,
    refresh_tokens: HashMap<String, RefreshToken>,
    sessions: u64,
}

/// What a person has said to a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Pending,
    Approved,
    Denied,
}

/// A login on another device, from its start to its token.
pub(super) struct Device {
    pub(super) device_code: String,
    pub(super) user_code: String,
    pub(super) client_id: String,
    pub(super) end: OffsetDateTime,
    pub(super) decision: Decision,
    /// How much time the client has to leave between its questions, and when it last asked.
    pub(super) interval: Duration,
    pub(super) asked: Option<OffsetDateTime>,
}

/// An authorization code, for whoever can show where its challenge came from.
pub(super) struct Code {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) end: OffsetDateTime,
}

/// A login, which all its tokens belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Session(u64);

struct AccessToken {
    session: Session,
    end: OffsetDateTime,
}

struct RefreshToken {
    session: Session,
    client_id: String,
    end: OffsetDateTime,
    is_spent: bool,
}

/// What a client is given.
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
    pub(super) refresh_token: Option<String>,
}

/// Past this many, those that have ended are forgotten, and if none has, all.
const MANY: usize = 100_000;

pub(super) fn make_room<T>(table: &mut HashMap<String, T>, is_alive: impl Fn(&T) -> bool) {
    if table.len() >= MANY {
        table.retain(|_, entry| is_alive(entry));
    }
    if table.len() >= MANY {
        table.clear();
    }
}

impl Center {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            clients: HashMap::new(),
            devices: Vec::new(),
            codes: HashMap::new(),
            access_tokens: HashMap::new(),
            refresh_tokens: HashMap::new(),
            sessions: 0,
        }
    }

    pub(super) fn new_session(&mut self) -> Session {
        self.sessions += 1;
        Session(self.sessions)
    }

    pub(super) fn access_token(
        &mut self,
        session: Session,
        end: OffsetDateTime,
        now: OffsetDateTime,
    ) -> String {
        make_room(&mut self.access_tokens, |token| now < token.end);
        let text = format!(
            "aoa{}EXAMPLETOKEN",
            base64::url_unpadded(&self.random.bytes::<72>())
        );
        self.access_tokens
            .insert(text.clone(), AccessToken { session, end });
        text
    }

    pub(super) fn refresh_token(&mut self, session: Session, client_id: &str, end: OffsetDateTime) -> String {
        let text = format!(
            "aor{}EXAMPLETOKEN",
            base64::url_unpadded(&self.random.bytes::<72>())
        );
        let token = RefreshToken {
            session,
            client_id: client_id.to_owned(),
            end,
            is_spent: false,
        };
        make_room(&mut self.refresh_tokens, |token| !token.is_spent);
        self.refresh_tokens.insert(text.clone(), token);
        text
    }

    /// The tokens of a new login.
    pub(super) fn log_in(&mut self, settings: &SsoSettings, client: &Client, now: OffsetDateTime) -> Tokens {
        let session = self.new_session();
        let refresh_token = client
            .may_refresh()
            .then(|| self.refresh_token(session, &client.id, after(now, settings.refresh_token_lifetime)));
        Tokens {
            access_token: self.access_token(session, after(now, settings.token_lifetime), now),
            expires_in: seconds(settings.token_lifetime),
            refresh_token,
        }
    }

    /// The tokens for a refresh token; `None` if it is not good, or not this client's.
    pub(super) fn renew(
        &mut self,
        settings: &SsoSettings,
        client: &Client,
        text: &str,
        now: OffsetDateTime,
    ) -> Option<Tokens> {
        let token = self.refresh_tokens.get_mut(text)?;
        if token.is_spent || now >= token.end || token.client_id != client.id {
            return None;
        }
        let (session, end) = (token.session, token.end);
        let refresh_token = match settings.refresh_tokens {
            RefreshTokens::SingleUse => {
                token.is_spent = true;
                Some(self.refresh_token(session, &client.id, end))
            }
            RefreshTokens::Reusable => Some(text.to_owned()),
            RefreshTokens::Unmentioned => None,
        };
        Some(Tokens {
            access_token: self.access_token(session, after(now, settings.token_lifetime), now),
            expires_in: seconds(settings.token_lifetime),
            refresh_token,
        })
    }

    pub(super) fn is_good(&self, access_token: &str, now: OffsetDateTime) -> bool {
        let token = self.access_tokens.get(access_token);
        token.is_some_and(|token| now < token.end)
    }

    /// Ends the login that an access token belongs to.
    pub(super) fn log_out(&mut self, access_token: &str) {
        if let Some(session) = self.access_tokens.get(access_token).map(|token| token.session) {
            self.access_tokens.retain(|_, token| token.session != session);
            self.refresh_tokens.retain(|_, token| token.session != session);
        }
    }

    pub(crate) fn revoke_access_tokens(&mut self) {
        self.access_tokens.clear();
    }

    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh_tokens.clear();
    }

    /// The codes that wait for somebody's word.
    pub(crate) fn pending_user_codes(&self, now: OffsetDateTime) -> Vec<String> {
        let waits = |device: &&Device| device.decision == Decision::Pending && now < device.end;
        let pending = self.devices.iter().filter(waits);
        pending.map(|device| device.user_code.clone()).collect()
    }

    /// Whether a code waits for somebody's word.
    pub(crate) fn is_pending(&self, user_code: &str, now: OffsetDateTime) -> bool {
        let pending = self.pending_user_codes(now);
        pending.iter().any(|known| same_code(known, user_code))
    }

    /// Says so to a code that waits. Gives whether one did.
    pub(crate) fn decide(&mut self, user_code: &str, decision: Decision, now: OffsetDateTime) -> bool {
        let device = self.devices.iter_mut().find(|device| {
            same_code(&device.user_code, user_code)
                && device.decision == Decision::Pending
                && now < device.end
        });
        match device {
            Some(device) => {
                device.decision = decision;
                true
            }
            None => false,
        }
    }
}

/// People leave the hyphen out, and do not care for capitals.
fn same_code(known: &str, given: &str) -> bool {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_uppercase()).collect()
    };
    letters(known) == letters(given)
}

pub(super) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_grows_without_end() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut center = Center::new(Random::of_system());
        let session = center.new_session();
        for _ in 0..MANY {
            center.access_token(session, now, now);
        }
        let last = center.access_token(session, now + Duration::from_secs(1), now);
        assert_eq!(center.access_tokens.len(), 1, "the others had ended");
        assert!(center.is_good(&last, now));
    }
}
