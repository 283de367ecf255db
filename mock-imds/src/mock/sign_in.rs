use std::time::Duration;

use crate::{MockImds, SignIn, sign_in};

/// AWS sign-in, the service behind `aws login`.
impl MockImds {
    /// Signs somebody in, as `aws login` does: what it leaves behind, with credentials that have this long to live, a
    /// refresh token and a fresh key. With no time to live the credentials have expired already. The refresh token
    /// works once, and the next ones do for twelve hours.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mock = mock_imds::MockImds::builder().start_blocking();
    /// let alice = mock.sign_in("alice", Duration::from_secs(900));
    /// assert_eq!(
    ///     alice.login_session(),
    ///     "arn:aws:sts::123456789012:assumed-role/mock-sign-in-role/alice"
    /// );
    /// ```
    ///
    /// # Panics
    /// When the system has no randomness to make a key of.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "documented: a test that has no key has nothing to go on with"
    )]
    pub fn sign_in(&self, session_name: &str, lifetime: Duration) -> SignIn {
        sign_in::begin(&self.shared, session_name, lifetime)
            .expect("the system has randomness to make a key of")
    }

    /// Signs everybody out: `TOKEN_EXPIRED` from now on. Credentials live on to their end.
    pub fn end_sign_ins(&self) {
        self.shared.state().sign_ins.end_all();
    }
}
