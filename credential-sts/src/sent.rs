use credential_core::Secret;
use credential_sigv4::percent_encode;

/// What a call sends and no refusal may repeat, as STS does when it finds a value at fault; each with what is said in
/// its place.
#[derive(Clone, Default)]
pub(crate) struct Sent(Vec<(&'static str, Secret)>);

/// Shorter values are no secrets, but may be parts of a word.
const SHORTEST: usize = 4;

/// The same for a part of a token.
const SHORTEST_PART: usize = 16;

impl Sent {
    pub(crate) fn add(&mut self, name: &'static str, value: &Secret) {
        if value.expose().chars().count() >= SHORTEST {
            self.0.push((name, value.clone()));
        }
    }

    /// The text without these values, as they are and as a form holds them, and without the longer of their parts
    /// between dots: a token is sometimes repeated in pieces.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut hidden: Vec<(&str, Secret)> = Vec::new();
        for (name, value) in &self.0 {
            let parts = value
                .expose()
                .split('.')
                .filter(|part| part.len() >= SHORTEST_PART);
            hidden.extend(parts.map(|part| (*name, Secret::from(part))));
            hidden.push((name, percent_encode(value.expose()).into()));
            hidden.push((name, value.clone()));
        }
        // One may be a part of another.
        hidden.sort_unstable_by_key(|(_, value)| std::cmp::Reverse(value.expose().len()));
        let mut text = text.to_owned();
        for (name, value) in hidden {
            text = text.replace(value.expose(), &format!("[{name}]"));
        }
        text
    }
}
