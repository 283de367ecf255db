use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the requests that are under way, and remembers the most there were at the same time.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One of them, until it is dropped: also when its connection goes away half-way.
pub(crate) struct OnItsWay<'a>(&'a UnderWay);

impl UnderWay {
    pub(crate) fn enter(&self) -> OnItsWay<'_> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        OnItsWay(self)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_at_the_same_time_is_remembered() {
        let requests = UnderWay::default();
        let (first, second) = (requests.enter(), requests.enter());
        drop((first, second));
        drop(requests.enter());
        assert_eq!(requests.most(), 2);
    }
}
