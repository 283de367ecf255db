use std::time::Duration;

use crate::settings::MachineRole;
use crate::spot::Interruption;
use crate::{MockImds, SpotAction, TokenMode};

/// The machine, while it runs.
impl MockImds {
    /// Changes which versions of instance metadata are spoken. Tokens live on.
    pub fn set_tokens(&self, mode: TokenMode) {
        self.shared.state().mode = mode;
    }

    /// Makes all metadata tokens unknown, as when a machine comes back from a snapshot.
    pub fn revoke_tokens(&self) {
        self.shared.state().tokens.revoke_all();
    }

    /// Makes one metadata token unknown, by [`Record::token_number`](crate::Record::token_number). Gives whether it was known.
    ///
    /// ```
    /// let mock = mock_imds::MockImds::builder().start_blocking();
    /// assert!(!mock.revoke_token(1), "none has been handed out");
    /// ```
    pub fn revoke_token(&self, number: u64) -> bool {
        self.shared.state().tokens.revoke(number)
    }

    /// Cuts what is left of the life of all metadata tokens.
    pub fn shorten_tokens(&self, left: Duration) {
        let now = self.shared.clock.now();
        self.shared.state().tokens.shorten(now, left);
    }

    /// Changes the roles of the machine; none takes them away.
    pub fn set_roles<'a>(&self, names: impl IntoIterator<Item = &'a str>) {
        self.shared.state().roles = names.into_iter().map(MachineRole::new).collect();
    }

    /// Gives a spot instance its notice now; a machine on demand is a spot instance from then on. See
    /// [`Builder::spot_interruption`](crate::Builder::spot_interruption).
    pub fn interrupt(&self, action: SpotAction) {
        let interruption = Interruption::new(action, self.shared.clock.now());
        self.shared.state().spot.interruption = Some(interruption);
    }

    /// Recommends now to move a spot instance elsewhere. See
    /// [`Builder::rebalance_recommendation`](crate::Builder::rebalance_recommendation).
    pub fn recommend_rebalance(&self) {
        let now = self.shared.clock.now();
        self.shared.state().spot.rebalance = Some(now);
    }
}
