use credential_chain::profile::{Selection, Settings};
use tokio::sync::OnceCell;

/// The endpoint of STS that the selected profile and the variables say, looked up when a role is asked for.
#[derive(Debug)]
pub(crate) struct StsEndpoint {
    selection: Selection,
    known: OnceCell<Option<String>>,
}

impl StsEndpoint {
    pub(crate) fn of(selection: Selection) -> Self {
        Self {
            selection,
            known: OnceCell::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn known(endpoint: Option<&str>) -> Self {
        Self {
            selection: Selection::new(),
            known: OnceCell::new_with(Some(endpoint.map(str::to_owned))),
        }
    }

    /// `None` for AWS's own. Settings that cannot be read keep roles from being assumed in the first place.
    pub(super) async fn get(&self) -> Option<&str> {
        let found = self.known.get_or_init(|| async {
            let settings = Settings::load(&self.selection).await.ok()?;
            let endpoint = settings.endpoint_url("sts").ok()??;
            Some(endpoint.value().trim_end_matches('/').to_owned())
        });
        found.await.as_deref()
    }
}
