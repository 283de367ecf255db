use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A provider with the settings that it was made from, kept as long as these are the same: it has learned tokens and
/// named its sessions.
pub(crate) struct Kept<S, P>(Mutex<Option<(S, P)>>);

impl<S, P> fmt::Debug for Kept<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl<S, P> Default for Kept<S, P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: PartialEq, P: Clone> Kept<S, P> {
    /// The provider that was made from the same settings before, or else a new one. No lock is held while it is made; of
    /// two that are made at the same time, the first stays.
    pub(crate) fn made_from(&self, settings: S, make: impl FnOnce(&S) -> P) -> P {
        if let Some(provider) = same(&self.lock(), &settings) {
            return provider;
        }
        let new = make(&settings);
        let mut kept = self.lock();
        same(&kept, &settings).unwrap_or_else(|| {
            *kept = Some((settings, new.clone()));
            new
        })
    }

    /// The provider that is kept now.
    pub(crate) fn get(&self) -> Option<P> {
        self.lock().as_ref().map(|(_, provider)| provider.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(S, P)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn same<S: PartialEq, P: Clone>(kept: &Option<(S, P)>, settings: &S) -> Option<P> {
    let (those, provider) = kept.as_ref()?;
    (those == settings).then(|| provider.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_give_the_same_provider_and_others_another() {
        let kept = Kept::default();
        assert_eq!(kept.get(), None);
        assert_eq!(kept.made_from("a", |_| 1), 1);
        assert_eq!(kept.made_from("a", |_| 2), 1);
        assert_eq!(kept.made_from("b", |_| 3), 3);
        assert_eq!(kept.made_from("a", |_| 4), 4, "only the last is kept");
        assert_eq!(kept.get(), Some(4));
    }

    #[test]
    fn of_two_that_are_made_at_the_same_time_the_first_stays() {
        let kept = Kept::default();
        let second = kept.made_from("a", |_| {
            assert_eq!(kept.made_from("a", |_| "first"), "first");
            "second"
        });
        assert_eq!(second, "first");
    }
}
