use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use credential_core::{AwsCredentials, CredentialsError, CredentialsFuture, ProvideAwsCredentials};
use credential_profile::{Error as ProfileError, Plan, Selection, Settings};

use super::blueprint::Blueprint;
use super::workshop::Workshop;
use crate::name;

/// Whatever the selected profile asks for.
///
/// The files are read at each call, and as long as they say the same, the same providers are asked: they know their
/// tokens and keep the credentials of the roles on the way.
#[derive(Debug)]
pub(crate) struct PlannedProfile {
    workshop: Workshop,
    built: Mutex<Option<Arc<Built>>>,
}

struct Built {
    blueprint: Blueprint,
    provider: Arc<dyn ProvideAwsCredentials>,
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.provider.fmt(f)
    }
}

impl PlannedProfile {
    pub(crate) fn new(workshop: Workshop) -> Self {
        Self {
            workshop,
            built: Mutex::default(),
        }
    }

    async fn load(&self) -> Result<AwsCredentials, CredentialsError> {
        let settings = Settings::load(&self.workshop.selection).await?;
        let blueprint = self.workshop.blueprint(&settings)?;
        let built = self.built_after(blueprint);
        built.provider.credentials().await
    }

    /// What was built of the same blueprint before, or else anew. Building and logging run code of the program, so no
    /// lock is held meanwhile; of two that are built at the same time, the first stays.
    fn built_after(&self, blueprint: Blueprint) -> Arc<Built> {
        if let Some(built) = self.built().filter(|built| built.blueprint == blueprint) {
            return built;
        }
        announce(&blueprint.plan);
        let provider = self.workshop.build(&blueprint);
        let new = Arc::new(Built { blueprint, provider });
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        match &*built {
            Some(first) if first.blueprint == new.blueprint => Arc::clone(first),
            _ => {
                *built = Some(Arc::clone(&new));
                new
            }
        }
    }

    /// Where the profile comes from, and the plan that was followed last, if one was.
    pub(crate) fn looked_at(&self) -> String {
        let place = place(&self.workshop.selection).unwrap_or_else(|error| error.to_string());
        match self.built() {
            Some(built) => format!("{place}; the plan: {}", built.blueprint.plan),
            None => place,
        }
    }

    fn built(&self) -> Option<Arc<Built>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn place(selection: &Selection) -> Result<String, ProfileError> {
    let (profile, locations) = (selection.profile()?, selection.locations()?);
    Ok(format!(
        "profile `{}` ({}) in {locations}",
        profile.value().escape_debug(),
        profile.origin()
    ))
}

fn announce(plan: &Plan) {
    tracing::debug!(%plan, "planned");
    for problem in plan.problems() {
        tracing::warn!("{problem}");
    }
}

impl ProvideAwsCredentials for PlannedProfile {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.load())
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        if let Some(built) = self.built() {
            built.provider.invalidate(credentials);
        }
    }

    fn name(&self) -> &str {
        name::PROFILE
    }
}
