use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials};
use credential_runtime::TokioClock;

use crate::explanation::ExplainedSource;
use crate::hints::Hints;
use crate::limit::within;
use crate::slots::{Side, Slot, Slots};
use crate::{Attempt, Error, Explanation, Standing};

/// Providers in order: the first that has credentials gives them.
///
/// They are asked one after another, and none is asked after a success. Once one has answered, the chain stays with it:
/// later calls ask only that one, and if it fails or is not set up any more, that is the answer, so a long-running
/// program never becomes somebody else. [`reset`](Self::reset) lets it look again.
///
/// By default the chain falls back past a source that failed, of whatever kind the failure is (it warns in the log, and
/// keeps every reason); [`stop_on_failure`](Self::stop_on_failure) makes it strict. It keeps no credentials: wrap it in
/// [`AutoRefreshingProvider`](crate::AutoRefreshingProvider), as [`DefaultCredentialsProvider`](crate::DefaultCredentialsProvider)
/// does. A clone is the same chain and stays with the same source.
///
/// ```
/// use credential_chain::{AwsCredentials, ChainProvider, EnvironmentProvider, ProvideAwsCredentials, Variables};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), credential_chain::CredentialsError> {
/// let nothing_set = EnvironmentProvider::new().with_variables(Variables::from([("PATH", "/bin")]));
/// let chain = ChainProvider::of([("Environment", nothing_set)])
///     .with_provider("Fallback", AwsCredentials::new("AKIDEXAMPLE", "secret"));
///
/// assert_eq!(chain.credentials().await?.access_key_id(), "AKIDEXAMPLE");
/// assert_eq!(chain.attempts().len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
#[derive(Clone, Debug)]
pub struct ChainProvider {
    slots: Slots,
    policy: Policy,
    memory: Memory,
    limit: Option<Duration>,
    clock: Arc<dyn Clock>,
    hints: Option<Hints>,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Only *not configured* goes on.
    Stop,
    /// Every failure goes on.
    FallBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    Sticky,
    None,
}

#[derive(Debug, Default)]
struct State {
    /// Counts resets, so that a walk begun before one cannot settle what comes after it.
    generation: u64,
    winner: Option<usize>,
    walk: Vec<Attempt>,
}

impl ChainProvider {
    /// AWS's order, asked anew at each call until one answers: environment, profile, web identity, container, instance
    /// metadata; falling back past failures.
    ///
    /// This is rusoto's chain, with what has been added to AWS's since. [`DefaultCredentialsProvider`] is the strict one,
    /// refreshed, and has a builder.
    ///
    /// [`DefaultCredentialsProvider`]: crate::DefaultCredentialsProvider
    #[must_use]
    pub fn new() -> Self {
        crate::DefaultCredentialsProvider::builder()
            .fall_back_on_failure()
            .build_chain()
    }

    /// One's own providers, each under a name for errors and logs, asked in this order.
    ///
    /// Providers of different types go in as `Box<dyn ProvideAwsCredentials>`, or one by one through
    /// [`with_provider`](Self::with_provider).
    pub fn of<N, P>(providers: impl IntoIterator<Item = (N, P)>) -> Self
    where
        N: Into<Cow<'static, str>>,
        P: ProvideAwsCredentials + 'static,
    {
        let mut slots = Slots::default();
        for (name, provider) in providers {
            slots.push(Slot::new(name, provider));
        }
        Self::from_slots(slots)
    }

    pub(crate) fn from_slots(slots: Slots) -> Self {
        Self {
            slots,
            policy: Policy::FallBack,
            memory: Memory::Sticky,
            limit: None,
            clock: Arc::new(TokioClock),
            hints: None,
            state: Arc::default(),
        }
    }

    /// Adds a provider at the end.
    #[must_use]
    pub fn with_provider(
        mut self,
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        self.slots.push(Slot::new(name, provider));
        self.anew()
    }

    /// Puts a provider before the one named `place`.
    ///
    /// # Errors
    /// If there is none of that name, each call of [`credentials`](ProvideAwsCredentials::credentials) says so.
    #[must_use]
    pub fn with_provider_before(
        mut self,
        place: &str,
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        self.slots.insert(Side::Before, place, Slot::new(name, provider));
        self.anew()
    }

    /// Puts a provider behind the one named `place`.
    ///
    /// # Errors
    /// If there is none of that name, each call of [`credentials`](ProvideAwsCredentials::credentials) says so.
    #[must_use]
    pub fn with_provider_after(
        mut self,
        place: &str,
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        self.slots.insert(Side::After, place, Slot::new(name, provider));
        self.anew()
    }

    /// Takes the provider of this name out.
    ///
    /// # Errors
    /// If there is none of that name, each call of [`credentials`](ProvideAwsCredentials::credentials) says so.
    #[must_use]
    pub fn without_provider(mut self, name: &str) -> Self {
        self.slots.remove(name);
        self.anew()
    }

    /// Stops at a source that is set up and does not work: only *not configured* goes on to the next. Default: see
    /// [`fall_back_on_failure`](Self::fall_back_on_failure).
    #[must_use]
    pub fn stop_on_failure(mut self) -> Self {
        self.policy = Policy::Stop;
        self
    }

    /// Goes on to the next source after every failure, with a warning in the log. The default here.
    #[must_use]
    pub fn fall_back_on_failure(mut self) -> Self {
        self.policy = Policy::FallBack;
        self
    }

    /// Walks the whole chain at each call, as rusoto did. Default: it stays with the source that answered first.
    ///
    /// A failing refresh can then turn into another source's identity.
    #[must_use]
    pub fn without_stickiness(mut self) -> Self {
        self.memory = Memory::None;
        self
    }

    /// Gives each provider at most this long. Default: no limit but the provider's own.
    ///
    /// A provider past it *took too long*, which is a failure: a strict chain stops there. A profile of AWS's own order
    /// limits each of its steps itself, so that roles, processes and people get the time that they need.
    #[must_use]
    pub fn with_provider_timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Measures time with this clock. Default: the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    pub(crate) fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) fn with_hints(mut self, hints: Hints) -> Self {
        self.hints = Some(hints);
        self
    }

    /// Forgets which source answered: the next call walks the whole chain again.
    pub fn reset(&self) {
        let mut state = self.state();
        state.generation = state.generation.wrapping_add(1);
        state.winner = None;
    }

    /// What each source said at the last walk that came to an end, in order; empty before the first.
    ///
    /// A later call that asks only the source that answered is no walk and changes nothing here.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.state().walk.clone()
    }

    /// Asks every source, also those behind a success or a failure, and tells what the chain makes of each.
    ///
    /// Meant for a person who wants to know: it makes requests that [`credentials`](ProvideAwsCredentials::credentials)
    /// would not. It changes nothing in the chain.
    pub async fn explain(&self) -> Explanation {
        let slots = match self.slots.list() {
            Ok(slots) => slots,
            Err(problem) => return Explanation::of_problem(problem),
        };
        let winner = self.winner().map(|(_, index)| index);
        let mut decided = false;
        let mut sources = Vec::with_capacity(slots.len());
        for (index, slot) in slots.iter().enumerate() {
            let (answer, attempt) = self.ask(slot).await;
            let asked = winner.map_or(!decided, |winner| winner == index);
            let standing = match &answer {
                _ if !asked && winner.is_some() => Standing::NotAsked,
                _ if !asked => Standing::NotReached,
                Ok(_) => Standing::Used,
                Err(error) if winner.is_none() && self.goes_on_after(error) => Standing::Passed,
                Err(_) => Standing::Stops,
            };
            decided |= matches!(standing, Standing::Used | Standing::Stops);
            sources.push(ExplainedSource::new(
                attempt,
                slot.looks_at.as_ref().map(|looks_at| looks_at()),
                standing,
            ));
        }
        Explanation::new(sources)
    }

    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        let slots = self.slots.list()?;
        if let Some((_, winner)) = self.winner() {
            return self.ask_again(slots, winner).await;
        }
        let generation = self.state().generation;
        let mut attempts = Vec::with_capacity(slots.len());
        for (index, slot) in slots.iter().enumerate() {
            let (answer, attempt) = self.ask(slot).await;
            attempts.push(attempt);
            match answer {
                Ok(credentials) => {
                    tracing::info!(
                        provider = &*slot.name,
                        access_key_id = credentials.access_key_id(),
                        "found credentials"
                    );
                    if let Some(hints) = &self.hints {
                        hints.warn_of_shadowed_settings(&slot.name);
                    }
                    // Another walk may have settled on another source meanwhile: the chain has one identity.
                    return match self.settle(generation, index, attempts) {
                        Some(winner) if winner != index => self.ask_again(slots, winner).await,
                        _ => Ok(credentials),
                    };
                }
                Err(error) if error.is_not_configured() => {}
                Err(error) if self.policy == Policy::FallBack => {
                    tracing::warn!(
                        provider = &*slot.name,
                        error = %error.report(),
                        "passing a source that is set up and does not work"
                    );
                }
                Err(_) => {
                    let hints = self.hints_for(&attempts);
                    self.state().walk.clone_from(&attempts);
                    return Err(Error::Stopped { attempts, hints }.into());
                }
            }
        }
        let hints = self.hints_for(&attempts);
        self.state().walk.clone_from(&attempts);
        Err(Error::Exhausted { attempts, hints }.into())
    }

    /// Asks the source that answered before, and no other.
    async fn ask_again(&self, slots: &[Slot], winner: usize) -> Result<AwsCredentials, CredentialsError> {
        let slot = slots.get(winner).ok_or(Error::Empty)?;
        let (answer, attempt) = self.ask(slot).await;
        answer.map_err(|_| Error::Lost { attempt }.into())
    }

    /// Asks one source: the one path that logs, errors and explanations come from.
    async fn ask(&self, slot: &Slot) -> (Result<AwsCredentials, CredentialsError>, Attempt) {
        tracing::debug!(provider = &*slot.name, "asking");
        let start = self.clock.monotonic();
        let answer = match self.limit.filter(|_| !slot.limits_itself) {
            None => slot.provider.credentials().await,
            Some(limit) => within(limit, &*self.clock, slot.provider.credentials())
                .await
                .unwrap_or_else(|limit| {
                    let error = Error::TooSlow { limit };
                    Err(CredentialsError::timed_out(slot.name.clone(), error))
                }),
        };
        let duration = self.clock.monotonic().saturating_sub(start);
        let attempt = Attempt::new(slot.name.clone(), &answer, duration);
        tracing::debug!(provider = &*slot.name, ?duration, "{attempt}");
        (answer, attempt)
    }

    fn goes_on_after(&self, error: &CredentialsError) -> bool {
        error.is_not_configured() || self.policy == Policy::FallBack
    }

    /// Keeps a walk that found credentials at `index`, and tells which source the chain stays with.
    fn settle(&self, generation: u64, index: usize, walk: Vec<Attempt>) -> Option<usize> {
        let mut state = self.state();
        state.walk = walk;
        if self.memory == Memory::None || state.generation != generation {
            return None;
        }
        Some(*state.winner.get_or_insert(index))
    }

    fn winner(&self) -> Option<(u64, usize)> {
        let state = self.state();
        let winner = state.winner.filter(|_| self.memory == Memory::Sticky)?;
        Some((state.generation, winner))
    }

    fn hints_for(&self, attempts: &[Attempt]) -> Vec<String> {
        self.hints
            .as_ref()
            .map(|hints| hints.after(attempts))
            .unwrap_or_default()
    }

    /// A chain whose list has changed has nothing to remember.
    fn anew(mut self) -> Self {
        self.state = Arc::default();
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ChainProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideAwsCredentials for ChainProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    /// Tells every provider: each knows its own credentials.
    fn invalidate(&self, credentials: &AwsCredentials) {
        for slot in self.slots.list().unwrap_or_default() {
            slot.provider.invalidate(credentials);
        }
    }

    fn name(&self) -> &str {
        crate::error::NAME
    }
}

#[cfg(test)]
mod tests;
