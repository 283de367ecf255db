use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{Report, Secret, format_timestamp};
use credential_runtime::{Missed, SharedTask, within};

use crate::call::InVain;
use crate::error::{CutOffSnafu, Error, ExpiredSnafu, RenewalRefusedSnafu, TimedOutSnafu};
use crate::oidc::{self, LOGIN_IS_OVER, Proof};
use crate::settings::Settings;
use crate::token_file::{self, Renewable, Standing, Token};

/// While a token is still good, renewing is not tried more often.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(30);

/// While a token is still good, nobody waits longer for another.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Waiting for the lock, reading and writing, beside the time that asking for the token may take.
const BESIDE_THE_CALL: Duration = Duration::from_secs(10);

/// After which pauses the file is read again for what somebody else may be about to write.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(300),
    Duration::from_millis(400),
];

/// A token, or why there is none, as it is shared by all who ask at the same time.
pub(crate) type Outcome = Result<Arc<Token>, Arc<Error>>;

/// What the clones of a provider share about their token.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// A refresh token may be good for one use only: whoever stops waiting must not stop us between its use and the file.
    renewal: SharedTask<Outcome>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When renewing was tried last, by the monotonic clock.
    tried: Option<Duration>,
    /// A new token that the file could not take.
    unwritten: Option<Unwritten>,
}

#[derive(Debug)]
struct Unwritten {
    /// The token in the file, for which it came: any other there is the work of somebody else, and counts.
    instead_of: Secret,
    token: Arc<Token>,
}

/// A token that is good now: of the file, renewed before it ends.
pub(crate) async fn token(settings: &Arc<Settings>, tokens: &Arc<Tokens>, file: &CacheFile) -> Outcome {
    let token = tokens.current(settings, file).await?;
    match token.standing(settings.clock.now()) {
        Standing::Good => Ok(token),
        Standing::Ending => Ok(renewed_early(settings, tokens, file, token).await),
        Standing::Expired => {
            renewable(settings, file, &token)?;
            renewed(settings, tokens, file).await
        }
    }
}

/// A good token is better than waiting, and than any failure to renew it.
async fn renewed_early(
    settings: &Arc<Settings>,
    tokens: &Arc<Tokens>,
    file: &CacheFile,
    token: Arc<Token>,
) -> Arc<Token> {
    if let Err(reason) = token.renewable(settings) {
        tracing::debug!(%reason, "the token of IAM Identity Center ends soon and cannot be renewed");
        return token;
    }
    if tokens.tried_within(BETWEEN_ATTEMPTS, settings.clock.monotonic()) {
        return token;
    }
    let waiting = settings.clock.sleep(LONGEST_WAIT);
    match within(waiting, renewed(settings, tokens, file)).await {
        Some(Ok(renewed)) => renewed,
        Some(Err(error)) if error.needs_login() => {
            tracing::warn!(error = %Report::of(&*error), "the login to IAM Identity Center ends soon");
            token
        }
        Some(Err(error)) => {
            tracing::debug!(error = %Report::of(&*error), "the token of IAM Identity Center could not be renewed yet");
            token
        }
        None => token,
    }
}

fn renewable(settings: &Settings, file: &CacheFile, token: &Token) -> Result<Renewable, Error> {
    token.renewable(settings).map_err(|reason| {
        ExpiredSnafu {
            path: file.path(),
            expiration: token.expiration,
            reason,
            remedy: settings.remedy(),
        }
        .build()
    })
}

/// The result of the renewal that is under way, or of a new one.
async fn renewed(settings: &Arc<Settings>, tokens: &Arc<Tokens>, file: &CacheFile) -> Outcome {
    let limit = settings.timeout.saturating_add(BESIDE_THE_CALL);
    let shared = tokens.renewal.share(&*settings.clock, limit, || {
        tokens.state().tried = Some(settings.clock.monotonic());
        let (tokens, settings, file) = (Arc::clone(tokens), Arc::clone(settings), file.clone());
        // Each step in it has its limit; a limit of the whole could fall between the use of a token and the file.
        async move { renew(&settings, &tokens, &file).await }
    });
    match shared.await {
        Ok(renewed) => renewed,
        Err(Missed::Late) => Err(TimedOutSnafu { limit }.build().into()),
        Err(Missed::CutOff) => Err(CutOffSnafu.build().into()),
    }
}

type Reading<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

impl Tokens {
    /// The token in the file, or the one that the file could not take.
    ///
    /// Boxed, so that it is compiled once and not within each future that awaits it.
    pub(crate) fn current<'a>(&'a self, settings: &'a Settings, file: &'a CacheFile) -> Reading<'a> {
        Box::pin(async move {
            let read = token_file::read(settings, file).await;
            self.latest(read.map(Arc::new).map_err(Arc::new))
        })
    }

    fn latest(&self, read: Outcome) -> Outcome {
        let mut state = self.state();
        match (&state.unwritten, read.as_deref()) {
            (Some(unwritten), Ok(token)) if unwritten.instead_of == token.access_token => {
                return Ok(Arc::clone(&unwritten.token));
            }
            (_, Ok(_)) => state.unwritten = None,
            (_, Err(error)) if error.is_not_logged_in() => state.unwritten = None,
            // What cannot be read may be being written.
            (_, Err(_)) => {}
        }
        read
    }

    fn tried_within(&self, interval: Duration, now: Duration) -> bool {
        let tried = self.state().tried;
        tried.is_some_and(|tried| now.saturating_sub(tried) < interval)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn renew(settings: &Settings, tokens: &Tokens, file: &CacheFile) -> Outcome {
    let _lock = file.lock(&*settings.clock).await;
    // Another program may have renewed it while we waited.
    let token = tokens.current(settings, file).await?;
    if token.standing(settings.clock.now()) == Standing::Good {
        return Ok(token);
    }
    let renewable = renewable(settings, file, &token)?;
    let proof = Proof::RefreshToken(&renewable.refresh_token);
    // Programs that take no lock, AWS's own among them, may use the refresh token first: it is not sent again then.
    let theirs = || of_others(settings, tokens, file, &token);
    let in_vain: InVain<'_> = &|| Box::pin(async { matches!(theirs().await, Ok(Some(_))) });
    let deadline = settings.deadline();
    let grant = oidc::create_token_unless(Some(in_vain), settings, &renewable.client, proof, deadline).await;
    let error = match grant {
        Ok(grant) => {
            let renewed = Arc::new(token.renewed(&grant, settings));
            tracing::debug!(
                expiration = %format_timestamp(renewed.expiration),
                "the token of IAM Identity Center was renewed"
            );
            store(tokens, file, &token, &renewed).await;
            return Ok(renewed);
        }
        Err(error) => error,
    };
    let mut found = theirs().await?;
    let said = match &error {
        Error::Refused { said, .. } if said.is(LOGIN_IS_OVER) => said,
        _ => return found.ok_or_else(|| error.into()),
    };
    // Whoever used it first may still have to write what came for it. A good token needs no such patience.
    let mut pauses = PATIENCE.into_iter();
    while found.is_none()
        && token.standing(settings.clock.now()) == Standing::Expired
        && let Some(pause) = pauses.next()
    {
        settings.clock.sleep(pause).await;
        found = theirs().await?;
    }
    found.ok_or_else(|| {
        RenewalRefusedSnafu {
            path: file.path(),
            said: said.clone(),
            remedy: settings.remedy(),
        }
        .build()
        .into()
    })
}

/// The token in the file, if it is good and another than this one. A file that cannot be used may be half written.
async fn of_others(
    settings: &Settings,
    tokens: &Tokens,
    file: &CacheFile,
    ours: &Token,
) -> Result<Option<Arc<Token>>, Arc<Error>> {
    match tokens.current(settings, file).await {
        Ok(now) => {
            let is_another = now.access_token != ours.access_token;
            let is_good = now.standing(settings.clock.now()) != Standing::Expired;
            Ok((is_another && is_good).then_some(now))
        }
        Err(error) if error.is_not_logged_in() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Writes the new token for all. A file that cannot be written must not cost us a good token.
async fn store(tokens: &Tokens, file: &CacheFile, old: &Token, renewed: &Arc<Token>) {
    let Err(error) = file.replace(&renewed.contents()).await else {
        tokens.state().unwritten = None;
        return;
    };
    tracing::warn!(
        path = %file.path().display(),
        %error,
        "the renewed token of IAM Identity Center cannot be written: other programs may need a new login"
    );
    let mut state = tokens.state();
    // What the file holds is still the token before all those that it could not take.
    let instead_of = match state.unwritten.take() {
        Some(unwritten) => unwritten.instead_of,
        None => old.access_token.clone(),
    };
    state.unwritten = Some(Unwritten {
        instead_of,
        token: Arc::clone(renewed),
    });
}

#[cfg(test)]
mod tests;
