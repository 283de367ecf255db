use credential_core::Secret;
use credential_sigv4::percent_encode;

/// What a call sends and no refusal may repeat, as STS does when it finds a value at fault; each with what is said in
/// its place. The longest first, as one may be a part of another.
#[derive(Clone, Default)]
pub(crate) struct Sent(Vec<(&'static str, Secret)>);

/// Shorter values are no secrets, but may be parts of a word.
const SHORTEST: usize = 4;

/// The same for a part of a token.
const SHORTEST_PART: usize = 16;

impl Sent {
    /// The value as it is and as a form holds it, and the longer of its parts between dots: a token is sometimes
    /// repeated in pieces.
    pub(crate) fn add(&mut self, name: &'static str, value: &Secret) {
        if value.expose().chars().count() < SHORTEST {
            return;
        }
        self.insert(name, value.clone());
        self.insert(name, percent_encode(value.expose()).into());
        for part in value.expose().split('.') {
            if part.len() >= SHORTEST_PART {
                self.insert(name, part.into());
            }
        }
    }

    fn insert(&mut self, name: &'static str, value: Secret) {
        let length = value.expose().len();
        let longer = self
            .0
            .partition_point(|(_, other)| other.expose().len() >= length);
        self.0.insert(longer, (name, value));
    }

    /// The text without these values.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0 {
            text = text.replace(value.expose(), &format!("[{name}]"));
        }
        text
    }
}
