use std::collections::BTreeSet;
use std::path::Path;

use credential_chain::cache::CacheFile;
use credential_chain::profile::{Base, Plan, Profiles, SsoRole};

use super::key;

/// Removes what is kept of all profiles that start from such a role: the sessions that were made from it, and what the AWS
/// CLI keeps of the role itself. How many there were.
pub(crate) async fn remove(folder: &Path, profiles: &Profiles, starts: impl Fn(&SsoRole) -> bool) -> usize {
    let mut removed = 0;
    for key in keys(profiles, starts) {
        let file = CacheFile::new(folder.join(format!("{key}.json")));
        match file.remove().await {
            Ok(was_there) => removed += usize::from(was_there),
            Err(error) => {
                let path = file.path().display();
                tracing::warn!(%path, %error, "a kept session cannot be removed; it lives on until it expires");
            }
        }
    }
    removed
}

fn keys(profiles: &Profiles, starts: impl Fn(&SsoRole) -> bool) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for name in profiles.names() {
        // A profile that cannot work has no sessions.
        let Ok(plan) = Plan::of(profiles, name, &[]) else {
            continue;
        };
        if let Base::Sso(role) = plan.base()
            && starts(role)
        {
            keys.insert(key::of_sso(role));
            keys.extend(plan.hops().iter().map(key::of));
        }
    }
    keys
}
