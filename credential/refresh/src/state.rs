use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsError, ErrorKind};

use crate::decision::{Airborne, Phase, Situation};
use crate::error::Error;
use crate::flight::Need;
use crate::health::{FailureCounts, Health};
use crate::kept::Kept;
use crate::moment::Now;
use crate::note::Note;
use crate::settings::Settings;
use crate::window;

pub(crate) type Answer = Result<AwsCredentials, CredentialsError>;

/// What is known: the credentials, when to do what about them, and how it went. It asks nobody and waits for nothing.
#[derive(Debug, Default)]
pub(crate) struct State {
    kept: Option<Kept>,
    /// By the monotonic clock, as all pauses: a corrected time of day must not freeze them.
    renew_not_before: Duration,
    renew_urgently_not_before: Duration,
    renewals_failed: u32,
    urgent_renewals_failed: u32,
    invalidated: bool,
    last_invalidation: Option<Duration>,
    memory: Option<(Duration, CredentialsError)>,
    last_error: Option<CredentialsError>,
    warned_of_permanent: bool,
    succeeded_before: bool,
    pub(crate) counts: Counts,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) fetches: u64,
    pub(crate) waits: u64,
    failures: FailureCounts,
    consecutive_failures: u64,
    abandoned: u64,
    served_while_failing: u64,
    extensions: u64,
}

impl State {
    pub(crate) fn phase(&self, now: Now) -> Phase {
        self.kept.as_ref().map_or(Phase::Nothing, |kept| kept.phase(now))
    }

    pub(crate) fn situation(&self, now: Now, settings: &Settings, airborne: Airborne) -> Situation {
        let kept = self.kept.as_ref();
        Situation {
            phase: self.phase(now),
            invalidated: self.invalidated,
            may_renew: now.monotonic >= self.renew_not_before,
            may_renew_urgently: now.monotonic >= self.renew_urgently_not_before,
            extended: kept
                .and_then(|kept| kept.extended_until)
                .is_some_and(|until| now.monotonic < until),
            outlive_their_end: kept.is_some_and(|kept| kept.outlives_its_end(now, settings)),
            error_in_memory: self.recall(now).is_some(),
            airborne,
        }
    }

    /// What is kept, to hand out.
    pub(crate) fn serve(&mut self) -> Option<AwsCredentials> {
        let kept = self.kept.as_ref()?;
        if self.counts.consecutive_failures > 0 {
            self.counts.served_while_failing += 1;
        }
        Some(kept.credentials.clone())
    }

    /// The error of a moment ago.
    pub(crate) fn recall(&self, now: Now) -> Option<&CredentialsError> {
        self.memory
            .as_ref()
            .filter(|(until, _)| now.monotonic < *until)
            .map(|(_, error)| error)
    }

    /// Takes in what the source answered, and says what those who waited for it get.
    pub(crate) fn settle(
        &mut self,
        now: Now,
        settings: &Settings,
        name: &str,
        answer: Answer,
    ) -> (Answer, Note) {
        match answer.and_then(|credentials| complete(credentials, name)) {
            Ok(credentials) if credentials.is_expired_at(now.wall) => {
                self.arrived_dead(now, settings, name, credentials)
            }
            Ok(credentials) => self.succeed(now, settings, credentials),
            Err(error) => self.fail(now, settings, error),
        }
    }

    fn succeed(&mut self, now: Now, settings: &Settings, credentials: AwsCredentials) -> (Answer, Note) {
        let before = self.kept.take();
        let same = before.as_ref().filter(|kept| kept.is_same(&credentials));
        let pause = if same.is_some() {
            window::SAME_AGAIN_PAUSE
        } else {
            Duration::ZERO
        };
        let note = Note::renewed(before.is_some(), same.is_some());
        let mut kept = Kept::fetched(now, settings, credentials, same, !self.succeeded_before);
        // Unchanged credentials stay the same value: nothing that hangs on it need be made anew.
        if let Some(before) = before.filter(|before| before.credentials == kept.credentials) {
            kept.credentials = before.credentials;
        }
        let credentials = kept.credentials.clone();
        self.kept = Some(kept);
        self.renew_not_before = now.monotonic + pause;
        self.renew_urgently_not_before = now.monotonic + pause;
        self.recover();
        (Ok(credentials), note)
    }

    fn recover(&mut self) {
        self.renewals_failed = 0;
        self.urgent_renewals_failed = 0;
        self.counts.consecutive_failures = 0;
        self.invalidated = false;
        self.memory = None;
        self.last_error = None;
        self.warned_of_permanent = false;
        self.succeeded_before = true;
    }

    /// The source answered with credentials that are past their expiration: in an outage, instance metadata does.
    fn arrived_dead(
        &mut self,
        now: Now,
        settings: &Settings,
        name: &str,
        credentials: AwsCredentials,
    ) -> (Answer, Note) {
        let error = Error::PastExpiration {
            // Who writes a provider need not name the source.
            from: match credentials.source() {
                "Static" => name.to_owned(),
                source => source.to_owned(),
            },
            expiration: credentials.expiration().unwrap_or(now.wall),
            now: now.wall,
        }
        .of(name);
        let arrived = Kept::dead(now, credentials);
        let newer = match &self.kept {
            None => true,
            Some(kept) => {
                kept.phase(now) == Phase::Expired
                    && kept.credentials.expiration() < arrived.credentials.expiration()
            }
        };
        if newer && arrived.outlives_its_end(now, settings) {
            self.kept = Some(arrived);
        }
        self.fail(now, settings, error)
    }

    fn fail(&mut self, now: Now, settings: &Settings, error: CredentialsError) -> (Answer, Note) {
        let permanent = is_permanent(&error);
        let loud = !(permanent && self.warned_of_permanent);
        self.warned_of_permanent |= permanent;
        self.counts.failures.count(error.kind());
        self.counts.consecutive_failures += 1;
        self.last_error = Some(error.clone());

        let phase = self.phase(now);
        let withdrawn = error.is_not_configured()
            && self
                .kept
                .as_ref()
                .is_some_and(|kept| settings.reread_after(&kept.credentials).is_some());
        let Some(kept) = self.kept.as_mut().filter(|_| !withdrawn) else {
            // Never set up, or taken away by whoever had set it up: there is nothing to go on with.
            self.kept = None;
            self.invalidated = false;
            self.remember(now, &error);
            return (Err(error.clone()), Note::Empty { error, withdrawn });
        };
        if phase != Phase::Expired {
            let pause = if kept.credentials.expiration().is_none() {
                kept.unread_since.get_or_insert(now.monotonic);
                window::REREAD_PAUSE
            } else {
                window::soft_pause(self.renewals_failed, &*settings.random)
            };
            self.renewals_failed = self.renewals_failed.saturating_add(1);
            self.renew_not_before = now.monotonic + pause;
            if phase == Phase::Mandatory || self.invalidated {
                let pause = window::urgent_pause(self.urgent_renewals_failed, &*settings.random);
                self.urgent_renewals_failed = self.urgent_renewals_failed.saturating_add(1);
                self.renew_urgently_not_before = now.monotonic + pause;
                if self.invalidated {
                    self.renew_not_before = now.monotonic + pause;
                }
            }
            return (Ok(kept.credentials.clone()), Note::Served { error, loud });
        }
        if !permanent && kept.outlives_its_end(now, settings) {
            let pause = window::extension(&*settings.random);
            kept.extended_until = Some(now.monotonic + pause);
            // Should the time of day be set back, they are good again, and still due for renewal.
            kept.soft = Some(now.after(pause));
            self.counts.extensions += 1;
            let past = kept
                .credentials
                .expiration()
                .and_then(|end| Duration::try_from(now.wall - end).ok());
            return (
                Ok(kept.credentials.clone()),
                Note::Extended { error, pause, past },
            );
        }
        let answer = match kept.credentials.expiration() {
            Some(expiration) => Error::Expired {
                expiration,
                source: error.clone(),
            },
            None => Error::Unread {
                patience: window::REREAD_PATIENCE,
                source: error.clone(),
            },
        }
        .of(error.provider());
        self.remember(now, &answer);
        (Err(answer), Note::Dead { error })
    }

    fn remember(&mut self, now: Now, error: &CredentialsError) {
        self.memory = Some((now.monotonic + window::ERROR_MEMORY, error.clone()));
    }

    /// A fetch ended without an answer, through no fault of the source. The next one in the background waits a little
    /// all the same: a program that makes a runtime for each call must not ask at each call.
    pub(crate) fn abandon(&mut self, now: Now, settings: &Settings, need: Need) {
        self.counts.abandoned += 1;
        if need == Need::Soft {
            self.renew_not_before = now.monotonic + window::soft_pause(0, &*settings.random);
        }
    }

    /// A service refused these credentials. Whether that changes anything.
    pub(crate) fn invalidate(&mut self, now: Now, credentials: &AwsCredentials) -> bool {
        let concerns = self
            .kept
            .as_ref()
            .is_some_and(|kept| kept.credentials.access_key_id() == credentials.access_key_id());
        let paused = self
            .last_invalidation
            .is_some_and(|last| now.monotonic < last + window::INVALIDATION_PAUSE);
        if !concerns || paused {
            return false;
        }
        self.last_invalidation = Some(now.monotonic);
        self.invalidated = true;
        true
    }

    /// How long until a caller would make the source be asked; `None`: nothing is planned.
    pub(crate) fn next_refresh(&self, now: Now) -> Option<Duration> {
        let pause = |until: Duration| until.saturating_sub(now.monotonic);
        let memory = self
            .memory
            .as_ref()
            .map_or(Duration::ZERO, |(until, _)| pause(*until));
        let Some(kept) = &self.kept else {
            return Some(memory);
        };
        let extension = kept.extended_until.map_or(Duration::ZERO, pause);
        if kept.phase(now) == Phase::Expired {
            return Some(extension.max(memory));
        }
        let renewal = pause(self.renew_not_before);
        let urgent = pause(self.renew_urgently_not_before);
        let soft = kept.soft.map(|moment| moment.until(now).max(renewal));
        let window = kept.mandatory.map(|moment| moment.until(now));
        let next = match (soft, window) {
            _ if self.invalidated => Some(renewal.max(urgent)),
            // Once callers wait, the pause between two renewals in the background no longer counts.
            (Some(soft), Some(window)) if soft < window => Some(soft),
            (_, Some(window)) => Some(window.max(urgent)),
            (soft, None) => soft,
        };
        let end = kept.credentials.expiration().map(|end| now.until(end));
        match (next, end) {
            (Some(next), Some(end)) if next < end => Some(next),
            (_, Some(end)) => Some(end.max(extension)),
            (next, None) => next,
        }
    }

    pub(crate) fn health(&self, now: Now, refreshing: bool) -> Health {
        let kept = self.kept.as_ref();
        let credentials = kept.map(|kept| &kept.credentials);
        let expiration = credentials.and_then(AwsCredentials::expiration);
        Health {
            access_key_id: credentials.map(|credentials| credentials.access_key_id().to_owned()),
            source: credentials.map(|credentials| credentials.source().to_owned()),
            expiration,
            age: kept.map(|kept| now.monotonic.saturating_sub(kept.fetched)),
            remaining: expiration.map(|end| now.until(end)),
            next_refresh: self.next_refresh(now),
            refreshing,
            consecutive_failures: self.counts.consecutive_failures,
            last_error: self.last_error.as_ref().map(|error| error.report().to_string()),
            fetches: self.counts.fetches,
            failures: self.counts.failures,
            abandoned: self.counts.abandoned,
            served_while_failing: self.counts.served_while_failing,
            waits: self.counts.waits,
            extensions: self.counts.extensions,
        }
    }
}

/// Whether trying again is of no use until somebody does something.
fn is_permanent(error: &CredentialsError) -> bool {
    match error.kind() {
        ErrorKind::InvalidConfiguration | ErrorKind::LoginRequired => true,
        ErrorKind::NotConfigured | ErrorKind::TimedOut => false,
        _ => !error.is_transient(),
    }
}

fn complete(credentials: AwsCredentials, name: &str) -> Answer {
    let part = if credentials.access_key_id().is_empty() {
        "an access key ID"
    } else if credentials.secret_access_key().is_empty() {
        "a secret access key"
    } else {
        return Ok(credentials);
    };
    Err(Error::Incomplete { part }.of(name))
}

#[cfg(test)]
mod fleet;
#[cfg(test)]
mod tests;
