use crate::{Fault, MockImds, Step};

/// What goes wrong, and what is held back.
impl MockImds {
    /// Holds requests for this step back, so that a test can act while one is under way.
    pub fn pause(&self, step: Step) {
        self.shared.state().paused.insert(step);
    }

    /// Lets all requests go that are held back.
    pub fn resume(&self) {
        self.shared.state().paused.clear();
        self.shared.resumed.notify_waiters();
    }

    /// Makes something go wrong at a step from now on.
    pub fn fault(&self, step: Step, fault: Fault) {
        self.shared.state().faults.add(step, fault);
    }

    /// The faults that have met no request, as `imds token: status 503`: a test whose fault never struck has shown nothing.
    ///
    /// ```
    /// use mock_imds::{Fault, MockImds, Step};
    ///
    /// let mock = MockImds::builder().fault(Step::Token, Fault::status(503).times(2)).start_blocking();
    /// assert_eq!(mock.idle_faults(), ["imds token: status 503"]);
    /// ```
    #[must_use]
    pub fn idle_faults(&self) -> Vec<String> {
        let state = self.shared.state();
        let idle = state.faults.idle();
        idle.map(|(step, strike)| format!("{} {step}: {strike}", step.service()))
            .collect()
    }

    /// Lets everything go right again.
    pub fn clear_faults(&self) {
        self.shared.state().faults.clear();
    }
}
