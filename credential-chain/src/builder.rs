use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{Clock, ProcessRandom, ProvideAwsCredentials, Random, Variables};
use credential_profile::Selection;
use credential_refresh::{AutoRefreshingProvider, StaticStability};
use credential_runtime::TokioClock;

use crate::assemble::{Files, Roles};
use crate::chain::Policy;
use crate::hints::Hints;
use crate::slots::{Side, Slot, Slots};
use crate::{ChainProvider, DefaultCredentialsProvider, name};

mod roles;
mod standard;

/// How long one source may take, unless somebody says otherwise.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(30);

/// Sets up a [`DefaultCredentialsProvider`]: one place for each of AWS's sources, which may be set up otherwise or left
/// out, and places between them for one's own.
///
/// Nothing here fails or asks anybody; a wrong instruction is the error of the first
/// [`credentials`](ProvideAwsCredentials::credentials).
///
/// ```
/// use credential_chain::{AwsCredentials, DefaultCredentialsProvider, EnvironmentProvider, name};
///
/// # let vault = AwsCredentials::new("AKIDEXAMPLE", "secret");
/// let provider = DefaultCredentialsProvider::builder()
///     .environment(EnvironmentProvider::new().with_prefix("APP"))
///     .provider_before(name::CONTAINER, "Vault", vault)
///     .without_instance_metadata()
///     .build();
/// # drop(provider);
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct DefaultCredentialsProviderBuilder {
    environment: Choice,
    profile: Choice,
    web_identity: Choice,
    container: Choice,
    instance_metadata: Choice,
    edits: Vec<Edit>,
    selection: Selection,
    region: Option<String>,
    policy: Policy,
    sticky: bool,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    roles: Roles,
    source_timeout: Option<Duration>,
    refresh: Refresh,
}

/// Who takes one of AWS's places.
#[derive(Debug)]
enum Choice {
    Standard,
    Own(Arc<dyn ProvideAwsCredentials>),
    Nobody,
}

#[derive(Debug)]
enum Edit {
    Insert(Side, String, Slot),
    Append(Slot),
    Remove(String),
    Order(Vec<String>),
}

/// What is still to be done to the refresher.
#[derive(Default)]
struct Refresh(Vec<RefreshChange>);

type RefreshChange = Box<dyn FnOnce(AutoRefreshingProvider) -> AutoRefreshingProvider + Send + Sync>;

impl DefaultCredentialsProviderBuilder {
    pub(crate) fn new() -> Self {
        Self {
            environment: Choice::Standard,
            profile: Choice::Standard,
            web_identity: Choice::Standard,
            container: Choice::Standard,
            instance_metadata: Choice::Standard,
            edits: Vec::new(),
            selection: Selection::new(),
            region: None,
            policy: Policy::Stop,
            sticky: true,
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            roles: Roles::default(),
            source_timeout: None,
            refresh: Refresh::default(),
        }
    }

    /// Puts this provider in the place of the environment. Default: an [`EnvironmentProvider`](crate::EnvironmentProvider).
    pub fn environment(mut self, provider: impl ProvideAwsCredentials + 'static) -> Self {
        self.environment = Choice::Own(Arc::new(provider));
        self
    }

    /// Leaves the environment's keys out. Default: they are asked for first.
    pub fn without_environment(mut self) -> Self {
        self.environment = Choice::Nobody;
        self
    }

    /// Puts this provider in the place of the profile. Default: whatever the selected profile asks for, see
    /// [`plan`](DefaultCredentialsProvider::plan).
    ///
    /// Settings as the region and those of instance metadata still come from the profile that this builder selects.
    pub fn profile(mut self, provider: impl ProvideAwsCredentials + 'static) -> Self {
        self.profile = Choice::Own(Arc::new(provider));
        self
    }

    /// Leaves the shared files alone: neither credentials nor settings are read from them. Default: both are.
    pub fn without_profile(mut self) -> Self {
        self.profile = Choice::Nobody;
        self
    }

    /// Puts this provider in the place of web identity.
    ///
    /// Default: a [`WebIdentityProvider`](crate::WebIdentityProvider) for the role in `AWS_ROLE_ARN` and the token in
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, with the region and the other settings of STS that variables and the selected
    /// profile say, which are read each time it is asked. *Not configured* without a token file.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
    pub fn web_identity(mut self, provider: impl ProvideAwsCredentials + 'static) -> Self {
        self.web_identity = Choice::Own(Arc::new(provider));
        self
    }

    /// Leaves web identity out: `AWS_WEB_IDENTITY_TOKEN_FILE` is not looked at. Default: it is.
    pub fn without_web_identity(mut self) -> Self {
        self.web_identity = Choice::Nobody;
        self
    }

    /// Puts this provider in the place of the container endpoint. Default: a [`ContainerProvider`](crate::ContainerProvider).
    pub fn container(mut self, provider: impl ProvideAwsCredentials + 'static) -> Self {
        self.container = Choice::Own(Arc::new(provider));
        self
    }

    /// Leaves the container endpoint out. Default: it is asked where a variable names one.
    pub fn without_container(mut self) -> Self {
        self.container = Choice::Nobody;
        self
    }

    /// Puts this provider in the place of instance metadata. Default: an
    /// [`InstanceMetadataProvider`](crate::InstanceMetadataProvider) with the selected profile's `ec2_metadata_…`
    /// settings, which are read each time it is asked.
    pub fn instance_metadata(mut self, provider: impl ProvideAwsCredentials + 'static) -> Self {
        self.instance_metadata = Choice::Own(Arc::new(provider));
        self
    }

    /// Leaves instance metadata out, as off EC2 or where its role is too strong. Default: it is asked last.
    pub fn without_instance_metadata(mut self) -> Self {
        self.instance_metadata = Choice::Nobody;
        self
    }

    /// Puts a provider of one's own before the one named `place`: one of [`name`](crate::name), or one added before.
    ///
    /// # Errors
    /// A name that the chain does not have shows as [`Error::UnknownProvider`](crate::Error::UnknownProvider) from each
    /// call of [`credentials`](ProvideAwsCredentials::credentials), not here.
    pub fn provider_before(
        mut self,
        place: impl Into<String>,
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        let slot = Slot::new(name, provider);
        self.edits.push(Edit::Insert(Side::Before, place.into(), slot));
        self
    }

    /// Puts a provider of one's own behind the one named `place`: one of [`name`](crate::name), or one added before.
    ///
    /// # Errors
    /// A name that the chain does not have shows as [`Error::UnknownProvider`](crate::Error::UnknownProvider) from each
    /// call of [`credentials`](ProvideAwsCredentials::credentials), not here.
    pub fn provider_after(
        mut self,
        place: impl Into<String>,
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        let slot = Slot::new(name, provider);
        self.edits.push(Edit::Insert(Side::After, place.into(), slot));
        self
    }

    /// Puts a provider of one's own at the end. Default: none.
    pub fn provider(
        mut self,
        name: impl Into<Cow<'static, str>>,
        provider: impl ProvideAwsCredentials + 'static,
    ) -> Self {
        self.edits.push(Edit::Append(Slot::new(name, provider)));
        self
    }

    /// Takes the provider of this name out.
    ///
    /// # Errors
    /// A name that the chain does not have shows as [`Error::UnknownProvider`](crate::Error::UnknownProvider) from each
    /// call of [`credentials`](ProvideAwsCredentials::credentials), not here.
    pub fn without_provider(mut self, name: impl Into<String>) -> Self {
        self.edits.push(Edit::Remove(name.into()));
        self
    }

    /// Asks these first, in this order; the others follow in the order they had.
    ///
    /// # Errors
    /// A name that the chain does not have shows as [`Error::UnknownProvider`](crate::Error::UnknownProvider) from each
    /// call of [`credentials`](ProvideAwsCredentials::credentials), not here.
    pub fn order<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.edits.push(Edit::Order(names));
        self
    }

    /// Selects this profile, and passes over keys in the environment: what is said in code is the nearer intent.
    /// Default: the profile that `AWS_PROFILE` or `AWS_DEFAULT_PROFILE` names, else `default`, behind the environment.
    ///
    /// A provider given to [`environment`](Self::environment) keeps its place.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
    pub fn profile_name(mut self, name: impl Into<String>) -> Self {
        self.selection = self.selection.with_profile(name);
        self
    }

    /// Selects this profile as [`profile_name`](Self::profile_name) does, and says which argument of the program named it,
    /// so that errors can say it too, as `--profile`.
    pub fn profile_name_from(
        mut self,
        name: impl Into<String>,
        argument: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.selection = self.selection.with_profile_from(name, argument);
        self
    }

    /// Reads this config file. Default: `AWS_CONFIG_FILE`, else `~/.aws/config`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    pub fn config_file(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.selection = self.selection.with_config_file(path);
        self
    }

    /// Reads this credentials file. Default: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    pub fn credentials_file(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.selection = self.selection.with_credentials_file(path);
        self
    }

    /// The region for [`region`](DefaultCredentialsProvider::region),
    /// [`sts_client`](DefaultCredentialsProvider::sts_client), the roles of a profile and the STS that a web identity is
    /// shown to. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, then the selected profile's.
    ///
    /// AWS: `region`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Reads these variables everywhere. Default: the process's own.
    pub fn variables(mut self, variables: Variables) -> Self {
        self.selection = self.selection.with_variables(variables);
        self
    }

    /// Gives each source this long, but for the profile, see [`role_timeout`](Self::role_timeout). Default: 30 seconds.
    pub fn source_timeout(mut self, limit: Duration) -> Self {
        self.source_timeout = Some(limit);
        self
    }

    /// Takes the time from this clock everywhere. Default: the system's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Takes the randomness of pauses and schedules from here. Default: seeded by the operating system.
    pub fn random(mut self, random: impl Random + 'static) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// Goes on to the next source after every failure, with a warning in the log: rusoto's rule. Default: a source that
    /// is set up and does not work stops the chain.
    pub fn fall_back_on_failure(mut self) -> Self {
        self.policy = Policy::FallBack;
        self
    }

    /// Walks the whole chain at each refresh, as rusoto did. Default: it stays with the source that answered first.
    ///
    /// A refresh can then turn into another source's identity.
    pub fn without_stickiness(mut self) -> Self {
        self.sticky = false;
        self
    }

    /// Says whose credentials stay in use past their expiration while their source has trouble. Default: those of
    /// instance metadata and containers, as AWS's SDKs do.
    pub fn static_stability(self, policy: StaticStability) -> Self {
        self.refresh(move |refreshing| refreshing.with_static_stability(policy))
    }

    /// Changes how credentials are kept and renewed: anything that
    /// [`AutoRefreshingProvider`] can be told.
    ///
    /// ```
    /// use credential_chain::DefaultCredentialsProvider;
    /// use std::time::Duration;
    ///
    /// let provider = DefaultCredentialsProvider::builder()
    ///     .refresh(|refreshing| refreshing.with_reread_interval(Duration::from_secs(60)))
    ///     .build();
    /// # drop(provider);
    /// ```
    pub fn refresh(
        mut self,
        change: impl FnOnce(AutoRefreshingProvider) -> AutoRefreshingProvider + Send + Sync + 'static,
    ) -> Self {
        self.refresh.0.push(Box::new(change));
        self
    }

    /// The chain in its refresher.
    #[must_use]
    pub fn build(mut self) -> DefaultCredentialsProvider {
        self.source_timeout.get_or_insert(SOURCE_TIMEOUT);
        let chain = self.chain();
        // How long a profile may take is known when it has been read, so each source has a limit, and not the whole.
        let mut refreshing = AutoRefreshingProvider::new(chain.clone())
            .without_load_timeout()
            .with_clock(Arc::clone(&self.clock))
            .with_random(Arc::clone(&self.random));
        for change in std::mem::take(&mut self.refresh.0) {
            refreshing = change(refreshing);
        }
        let names = self.roles.credential_source_names();
        let credential_sources = names.into_iter().map(str::to_owned).collect();
        let (selection, region, files) = (self.selection.clone(), self.region.clone(), self.files());
        DefaultCredentialsProvider::of(refreshing, chain, selection, files, region, credential_sources)
    }

    /// The chain alone, which keeps no credentials: for whoever keeps them otherwise. The settings of
    /// [`refresh`](Self::refresh) have no part in it.
    #[must_use]
    pub fn build_chain(mut self) -> ChainProvider {
        self.chain()
    }

    fn chain(&mut self) -> ChainProvider {
        let passes_over_environment =
            matches!(self.environment, Choice::Standard) && self.selection.names_profile_in_code();
        let passed_over_for = match self.selection.profile() {
            Ok(profile) if passes_over_environment => Some(profile.origin().clone()),
            _ => None,
        };
        let mut slots = Slots::default();
        if !passes_over_environment {
            slots.extend(self.slot(name::ENVIRONMENT, &self.environment, Self::standard_environment));
        }
        slots.extend(self.slot(name::PROFILE, &self.profile, Self::standard_profile));
        slots.extend(self.slot(
            name::WEB_IDENTITY,
            &self.web_identity,
            Self::standard_web_identity,
        ));
        slots.extend(self.slot(name::CONTAINER, &self.container, Self::standard_container));
        slots.extend(self.slot(
            name::INSTANCE_METADATA,
            &self.instance_metadata,
            Self::standard_instance_metadata,
        ));
        for edit in std::mem::take(&mut self.edits) {
            match edit {
                Edit::Insert(side, place, slot) => slots.insert(side, &place, slot),
                Edit::Append(slot) => slots.push(slot),
                Edit::Remove(name) => slots.remove(&name),
                Edit::Order(names) => slots.order(&names),
            }
        }
        let hints = Hints::new(self.selection.variables().clone(), passed_over_for);
        let mut chain = ChainProvider::from_slots(slots)
            .with_policy(self.policy)
            .with_clock(Arc::clone(&self.clock))
            .with_hints(hints);
        if let Some(limit) = self.source_timeout {
            chain = chain.with_provider_timeout(limit);
        }
        if !self.sticky {
            chain = chain.without_stickiness();
        }
        chain
    }

    fn slot(&self, name: &'static str, choice: &Choice, standard: fn(&Self) -> Slot) -> Option<Slot> {
        match choice {
            Choice::Standard => Some(standard(self)),
            Choice::Own(provider) => Some(Slot::new(name, Arc::clone(provider))),
            Choice::Nobody => None,
        }
    }

    fn files(&self) -> Files {
        match self.profile {
            Choice::Nobody => Files::LeftAlone,
            Choice::Standard | Choice::Own(_) => Files::Read,
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refresh({} changes)", self.0.len())
    }
}
