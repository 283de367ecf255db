use std::fmt;

use credential_core::{AwsCredentials, CredentialsError, CredentialsFuture, ProvideAwsCredentials};
use credential_profile::{Plan, RegionProvider, Selection, Setting};
use credential_refresh::{AutoRefreshingProvider, Health};
use credential_sts::StsClient;

use crate::assemble::{self, Files};
use crate::builder::DefaultCredentialsProviderBuilder;
use crate::{Attempt, ChainProvider, Explanation};

/// AWS's credentials the usual way: the first source that is set up, in AWS's order, kept and renewed in time.
///
/// | | source | asked when |
/// | --- | --- | --- |
/// | 1 | environment | always, unless a profile is named in code; half a pair of keys is passed over |
/// | 2 | profile of the shared config and credentials files | always |
/// | 3 | web identity | `AWS_WEB_IDENTITY_TOKEN_FILE` is set; `AWS_ROLE_ARN` has to be set beside it |
/// | 4 | container | one of its two URI variables is set |
/// | 5 | instance metadata | not switched off |
///
/// Only a source that is *not configured* lets it go on; one that is set up and does not work stops it, so that a
/// mistake never becomes another identity. `.fall_back_on_failure()` of the [builder](Self::builder) gives rusoto's
/// rule. Once a source has answered, later refreshes ask it alone.
///
/// An access key ID in the environment without its secret access key, or the other way round, counts as *not
/// configured*, as in AWS's SDKs, with a warning in the log and a hint in the error of a chain that finds nothing.
/// `.environment(EnvironmentProvider::new().with_strict_pair())` makes it stop the chain.
///
/// A clone is the same provider. Share one in the whole program.
///
/// ```no_run
/// use credential_chain::{DefaultCredentialsProvider, ProvideAwsCredentials};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), credential_chain::CredentialsError> {
/// let provider = DefaultCredentialsProvider::new();
/// println!("I sign as {}", provider.credentials().await?.access_key_id());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
#[derive(Clone)]
pub struct DefaultCredentialsProvider {
    refreshing: AutoRefreshingProvider,
    chain: ChainProvider,
    selection: Selection,
    files: Files,
    region: Option<String>,
    credential_sources: Vec<String>,
}

impl DefaultCredentialsProvider {
    /// Looks where the process's own environment points. Nobody is asked before the first call.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets one up otherwise.
    pub fn builder() -> DefaultCredentialsProviderBuilder {
        DefaultCredentialsProviderBuilder::new()
    }

    pub(crate) fn of(
        refreshing: AutoRefreshingProvider,
        chain: ChainProvider,
        selection: Selection,
        files: Files,
        region: Option<String>,
        credential_sources: Vec<String>,
    ) -> Self {
        Self {
            refreshing,
            chain,
            selection,
            files,
            region,
            credential_sources,
        }
    }

    /// The chain inside, which keeps no credentials: asking it asks the sources.
    #[must_use]
    pub fn chain(&self) -> &ChainProvider {
        &self.chain
    }

    /// What each source said when the chain was last walked; empty before the first call.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.chain.attempts()
    }

    /// Asks every source, also those behind the one in use, and tells what the chain makes of each.
    ///
    /// Meant for a person who wants to know: it makes requests that [`credentials`](ProvideAwsCredentials::credentials)
    /// would not. It changes nothing.
    pub async fn explain(&self) -> Explanation {
        self.chain.explain().await
    }

    /// How it is doing: what is kept, when it is renewed next, what failed, and counters.
    #[must_use]
    pub fn health(&self) -> Health {
        self.refreshing.health()
    }

    /// Forgets which source answered: the next refresh walks the whole chain again. Credentials that are kept stay in
    /// use until then.
    pub fn reset(&self) {
        self.chain.reset();
    }

    /// The region that signing and endpoints need: the one given in code, `AWS_REGION`, `AWS_DEFAULT_REGION`, then the
    /// selected profile's. `None` when nobody says one; instance metadata is not asked.
    ///
    /// # Errors
    /// *Invalid configuration* for a text that is no region, and for files that cannot be understood.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
    pub async fn region(&self) -> Result<Option<String>, CredentialsError> {
        let region = match (self.files, &self.region) {
            (Files::LeftAlone, None) => assemble::settings(&self.selection, self.files).await?.region()?,
            (_, region) => {
                let mut provider = RegionProvider::of(self.selection.clone());
                if let Some(region) = region {
                    provider = provider.with_region(region);
                }
                provider.load().await?
            }
        };
        Ok(region.map(Setting::into_value))
    }

    /// How the selected profile gets its credentials, as the files say now: where they start and which roles are assumed
    /// from there. Nothing is fetched.
    ///
    /// ```no_run
    /// use credential_chain::DefaultCredentialsProvider;
    ///
    /// # async fn example() -> Result<(), credential_chain::CredentialsError> {
    /// let provider = DefaultCredentialsProvider::builder().profile_name("ops").build();
    /// println!("{}", provider.plan().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// *Not configured* where there is no default profile, or no credentials in the selected one; *invalid
    /// configuration* for everything that is wrong in the files.
    pub async fn plan(&self) -> Result<Plan, CredentialsError> {
        let settings = assemble::settings(&self.selection, self.files).await?;
        let names: Vec<&str> = self.credential_sources.iter().map(String::as_str).collect();
        Ok(settings.plan(&names)?)
    }

    /// A client of STS that signs with these credentials: to assume a role, or to ask who they are.
    ///
    /// Its region, endpoint (`AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, the profile's `services` and `endpoint_url`),
    /// FIPS and dual-stack choice, certificates, proxies and number of attempts are those that the variables and the
    /// selected profile say now. Without a region its calls fail and say how to set one.
    ///
    /// ```no_run
    /// use credential_chain::{AssumeRoleProvider, AutoRefreshingProvider, DefaultCredentialsProvider};
    ///
    /// # async fn example() -> Result<(), credential_chain::CredentialsError> {
    /// let sts = DefaultCredentialsProvider::new().sts_client().await?;
    /// let role = AssumeRoleProvider::new(sts, "arn:aws:iam::123456789012:role/deploy");
    /// let role = AutoRefreshingProvider::new(role);
    /// # drop(role);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// *Invalid configuration* for a setting that cannot be, naming where it was made.
    pub async fn sts_client(&self) -> Result<StsClient, CredentialsError> {
        let settings = assemble::settings(&self.selection, self.files).await?;
        let variables = self.selection.variables();
        let client = assemble::sts_client(&settings, variables, self.region.as_deref(), self.clone())?;
        Ok(client)
    }
}

impl Default for DefaultCredentialsProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideAwsCredentials for DefaultCredentialsProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.refreshing.credentials()
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        self.refreshing.invalidate(credentials);
    }

    fn name(&self) -> &str {
        self.chain.name()
    }
}

impl fmt::Debug for DefaultCredentialsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultCredentialsProvider")
            .field("refreshing", &self.refreshing)
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
