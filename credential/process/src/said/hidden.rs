use std::collections::BinaryHeap;

use credential_core::Secret;

use super::escapes::without_escapes;
use super::mask::{MARK, ends_as_a_secret, is_words, last_word};

/// What a command was given, and may repeat.
#[derive(Default)]
pub(crate) struct Hidden {
    /// Hidden whatever they look like.
    secrets: Vec<Secret>,
    /// Hidden unless they are plain words, which tell nothing.
    words: Vec<Secret>,
}

/// A word as short as this is hidden only when it is a secret.
const SHORTEST_WORD: usize = 6;

/// A secret that is shorter is hidden only where it stands alone: else hardly a word would be left to read.
const SHORTEST_INSIDE_WORDS: usize = 4;

/// Words with one dash that start as `-pPASSWORD` does.
const PLAIN_OPTIONS: [&str; 12] = [
    "path",
    "policy",
    "port",
    "prefix",
    "pretty",
    "principal",
    "print",
    "process",
    "profile",
    "project",
    "provider",
    "proxy",
];

impl Hidden {
    /// The arguments of a command, in their order.
    pub(crate) fn add_words<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) {
        let mut is_value = false;
        for word in words {
            is_value = self.add_word(word, is_value);
        }
    }

    /// Whether the next word is the value of this one.
    fn add_word(&mut self, word: &str, is_value: bool) -> bool {
        if is_value {
            self.secrets.push(word.into());
        }
        self.words.push(word.into());
        // Who logs in at an address.
        let login = word
            .split_once("://")
            .and_then(|(_, address)| address.rsplit_once('@'));
        if let Some((login, _)) = login {
            let password = login.split_once(':').map_or(login, |(_, password)| password);
            self.secrets.push(password.into());
        }
        let (name, value) = match word.split_once(['=', ':']) {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        if let Some(value) = value {
            self.words.push(value.into());
        }
        match (value, attached(word)) {
            // In a shell's text a quote parts the two.
            (Some(""), _) if names_a_value(name) => return true,
            (Some(value), _) if names_a_value(name) => self.secrets.push(value.into()),
            (_, Some(value)) => self.secrets.push(value.into()),
            // `password` alone is a word like others; `--password` is waiting for one.
            (None, None) => return word.starts_with(['-', '/']) && names_a_value(name),
            _ => {}
        }
        false
    }

    /// A variable that the command finds in its environment.
    pub(crate) fn add_variable(&mut self, name: &str, value: &Secret) {
        let kind = if names_a_value(name) {
            &mut self.secrets
        } else {
            &mut self.words
        };
        kind.push(value.clone());
    }

    /// The text with marks in place of what is hidden.
    pub(super) fn take_out(&self, text: &str) -> String {
        let secrets = self.secrets.iter().map(|secret| (secret, true));
        let words = self.words.iter().map(|word| (word, false));
        let mut hidden = BinaryHeap::new();
        for (word, is_secret) in secrets.chain(words) {
            let word = without_escapes(word.expose());
            if is_secret || word.chars().count() >= SHORTEST_WORD && !is_words(&word) {
                hidden.push((word.len(), word));
            }
        }
        let mut text = text.to_owned();
        // The longest first: one may be a part of another.
        while let Some((1.., word)) = hidden.pop() {
            text = without(&text, &word);
        }
        text
    }
}

/// Whether an option or variable of this name has a secret for its value.
fn names_a_value(name: &str) -> bool {
    name == "-p"
        || ends_as_a_secret(name)
        || ["pass", "pw", "code", "mfa", "totp"].contains(&last_word(name).as_str())
}

/// The password in `-pPASSWORD`.
fn attached(word: &str) -> Option<&str> {
    let rest = word.strip_prefix("-p").filter(|rest| !rest.is_empty())?;
    let name = word.split(['=', ':']).next().unwrap_or(word);
    let is_option = names_a_value(name) || PLAIN_OPTIONS.contains(&name.trim_start_matches('-'));
    (!is_option).then_some(rest)
}

fn without(text: &str, word: &str) -> String {
    let anywhere = word.chars().count() >= SHORTEST_INSIDE_WORDS;
    let mut taken = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(word) {
        let touches = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let before_it = before.chars().next_back().or_else(|| taken.chars().next_back());
        taken.push_str(before);
        if anywhere || !touches(before_it) && !touches(behind.chars().next()) {
            taken.push(MARK);
        } else {
            taken.push_str(word);
        }
        rest = behind;
    }
    taken.push_str(rest);
    taken
}
