use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use credential_core::ProvideAwsCredentials;

use crate::Error;

/// Providers in order, each under a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    list: Vec<Slot>,
    /// The first wrong instruction: settings cannot fail, so the first call does.
    mistake: Option<Error>,
}

#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) name: Cow<'static, str>,
    pub(crate) provider: Arc<dyn ProvideAwsCredentials>,
    pub(crate) looks_at: Option<LooksAt>,
    /// Whether the chain's limit does not count, since the provider has better ones.
    pub(crate) limits_itself: bool,
}

/// Tells which variables, files or address a provider looks at.
pub(crate) type LooksAt = Arc<dyn Fn() -> String + Send + Sync>;

/// Which side of a named provider another one goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Before,
    After,
}

impl Slots {
    pub(crate) fn push(&mut self, slot: Slot) {
        self.list.push(slot);
    }

    pub(crate) fn extend(&mut self, slots: impl IntoIterator<Item = Slot>) {
        self.list.extend(slots);
    }

    /// These first, in this order; the others behind them as they were.
    pub(crate) fn order(&mut self, names: &[String]) {
        let mut others = std::mem::take(&mut self.list);
        for name in names {
            let named = others.extract_if(.., |slot| slot.name == *name);
            self.list.extend(named);
        }
        self.list.append(&mut others);
        for name in names {
            if self.position(name).is_none() {
                self.unknown(name);
            }
        }
    }

    pub(crate) fn insert(&mut self, side: Side, place: &str, slot: Slot) {
        match (self.position(place), side) {
            (Some(index), Side::Before) => self.list.insert(index, slot),
            (Some(index), Side::After) => self.list.insert(index + 1, slot),
            (None, _) => self.unknown(place),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        match self.position(name) {
            Some(_) => self.list.retain(|slot| slot.name != name),
            None => self.unknown(name),
        }
    }

    pub(crate) fn list(&self) -> Result<&[Slot], Error> {
        match &self.mistake {
            Some(mistake) => Err(mistake.clone()),
            None if self.list.is_empty() => Err(Error::Empty),
            None => Ok(&self.list),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|slot| slot.name == name)
    }

    fn unknown(&mut self, name: &str) {
        let known = self.list.iter().map(|slot| slot.name.to_string()).collect();
        self.mistake.get_or_insert(Error::UnknownProvider {
            name: name.to_owned(),
            known,
        });
    }
}

impl Slot {
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            provider: Arc::new(provider),
            looks_at: None,
            limits_itself: false,
        }
    }

    pub(crate) fn limiting_itself(mut self) -> Self {
        self.limits_itself = true;
        self
    }

    pub(crate) fn looking_at(mut self, what: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.looks_at = Some(Arc::new(what));
        self
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.provider)
    }
}
