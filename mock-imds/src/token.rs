use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

use crate::base64;
use crate::clock::after;
use crate::random::Random;

/// The longest and the shortest life a client may ask for, in seconds.
pub(crate) const LIFE: std::ops::RangeInclusive<u32> = 1..=21_600;

/// Past this many, those that have ended are dropped, and then the oldest.
const MANY: usize = 100_000;

/// How long a token that has ended is still known, so that the record can name it.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// The session tokens of instance metadata: real ones that end, not a fixed text.
pub(crate) struct Tokens {
    random: Random,
    live: HashMap<String, Token>,
    issued: u64,
    /// When those that ended long ago were last dropped.
    swept: Option<OffsetDateTime>,
}

#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub(crate) number: u64,
    end: OffsetDateTime,
}

impl Tokens {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            live: HashMap::new(),
            issued: 0,
            swept: None,
        }
    }

    /// A new token: 40 random bytes in base64, so 56 characters.
    pub(crate) fn issue(&mut self, now: OffsetDateTime, seconds: u32) -> (String, u64) {
        self.make_room(now);
        self.issued += 1;
        let text = base64::url(&self.random.bytes::<40>());
        let token = Token {
            number: self.issued,
            end: after(now, Duration::from_secs(seconds.into())),
        };
        self.live.insert(text.clone(), token);
        (text, token.number)
    }

    /// The token of this text with the whole seconds it still has, unless it has ended or was never issued.
    pub(crate) fn find(&self, text: &str, now: OffsetDateTime) -> Option<(Token, i64)> {
        let token = self.live.get(text)?;
        (now < token.end).then(|| (*token, (token.end - now).whole_seconds().max(1)))
    }

    /// The number of a token that was issued once, for the record, alive or not.
    pub(crate) fn number(&self, text: &str) -> Option<u64> {
        self.live.get(text).map(|token| token.number)
    }

    pub(crate) fn revoke_all(&mut self) {
        self.live.clear();
    }

    /// Makes one unknown. Gives whether it was known.
    pub(crate) fn revoke(&mut self, number: u64) -> bool {
        let before = self.live.len();
        self.live.retain(|_, token| token.number != number);
        self.live.len() < before
    }

    /// Cuts the life that is left to all of them to at most this.
    pub(crate) fn shorten(&mut self, now: OffsetDateTime, life: Duration) {
        for token in self.live.values_mut() {
            token.end = token.end.min(after(now, life));
        }
    }

    fn make_room(&mut self, now: OffsetDateTime) {
        // Once a minute is often enough; a clock that was set back is no reason to wait.
        if self
            .swept
            .is_none_or(|swept| now < swept || now >= swept + time::Duration::MINUTE)
        {
            self.swept = Some(now);
            self.live.retain(|_, token| now < after(token.end, REMEMBERED));
        }
        if self.live.len() < MANY {
            return;
        }
        self.live.retain(|_, token| now < token.end);
        while self.live.len() >= MANY {
            let newest_to_drop = self.issued.saturating_sub(MANY as u64 / 2);
            self.live.retain(|_, token| token.number > newest_to_drop);
        }
    }
}

/// The seconds of the header that asks for a token: plain digits, blanks round them allowed.
pub(crate) fn seconds_asked_for(header: &str) -> Option<u32> {
    let digits = header.trim_matches([' ', '\t']);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|seconds| LIFE.contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_digits_within_the_bounds_are_seconds() {
        for (text, seconds) in [
            ("1", Some(1)),
            (" 60\t", Some(60)),
            ("21600", Some(21_600)),
            ("007", Some(7)),
        ] {
            assert_eq!(seconds_asked_for(text), seconds, "{text:?}");
        }
        for text in [
            "",
            " ",
            "0",
            "21601",
            "abc",
            "1.5",
            "-1",
            "+1",
            "1e3",
            "99999999999",
            "१",
        ] {
            assert_eq!(seconds_asked_for(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_full_table_makes_room_for_new_tokens() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut tokens = Tokens::new(Random::of_system());
        for _ in 0..MANY + 1 {
            tokens.issue(now, 60);
        }
        assert!(tokens.live.len() <= MANY);
        let (text, _) = tokens.issue(now, 60);
        assert!(tokens.find(&text, now).is_some());
    }

    #[test]
    fn a_token_is_forgotten_an_hour_after_its_end() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut tokens = Tokens::new(Random::of_system());
        let (text, number) = tokens.issue(now, 60);
        tokens.issue(now + Duration::from_secs(60 + 3599), 60);
        assert_eq!(
            tokens.number(&text),
            Some(number),
            "it has ended, and is still known"
        );
        tokens.issue(now + Duration::from_secs(60 + 3600 + 60), 60);
        assert_eq!(tokens.number(&text), None);
        assert_eq!(tokens.live.len(), 2);
    }
}
