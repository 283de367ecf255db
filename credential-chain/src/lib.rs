#![doc = include_str!("../README.md")]

mod assemble;
mod attempt;
mod builder;
mod chain;
mod default;
mod error;
mod explanation;
mod hints;
mod kept;
mod limit;
pub mod name;
mod slots;
mod web_identity;

#[doc = include_str!("../COMING-FROM-RUSOTO.md")]
pub mod coming_from_rusoto {}

pub use attempt::Attempt;
pub use builder::DefaultCredentialsProviderBuilder;
pub use chain::ChainProvider;
pub use default::DefaultCredentialsProvider;
pub use error::Error;
pub use explanation::{ExplainedSource, Explanation, Standing};

// What a program needs of the other crates, so that it need not name them.
pub use credential_container::ContainerProvider;
pub use credential_core::{
    AwsCredentials, Clock, CredentialsError, CredentialsFuture, ErrorKind, ProcessRandom,
    ProvideAwsCredentials, Random, Renewal, Report, Secret, Sleep, SystemClock, VariableError, Variables,
    format_timestamp, is_invisible, parse_timestamp,
};
pub use credential_environment::EnvironmentProvider;
pub use credential_instance_metadata::{InstanceMetadataClient, InstanceMetadataProvider};
pub use credential_login::LoginProvider;
pub use credential_process::ProcessProvider;
pub use credential_profile::{Plan, ProfileProvider, RegionProvider, RoleHop};
pub use credential_refresh::{AutoRefreshingProvider, Health, StaticStability};
pub use credential_runtime::{TokioClock, settled};
pub use credential_sigv4::{SignableRequest, Signer};
pub use credential_sso::{SsoProvider, SsoSession};
pub use credential_sts::{
    AssumeRoleProvider, MfaPrompt, SessionTokenProvider, StsAssumeRoleSessionCredentialsProvider, StsClient,
    StsSessionCredentialsProvider, WebIdentityProvider, WebIdentityToken,
};

/// The one type of another crate in these signatures.
pub use time::OffsetDateTime;

// Each of them whole, under the name it has without its prefix.
pub use credential_cache as cache;
pub use credential_container as container;
pub use credential_environment as environment;
pub use credential_http as http;
pub use credential_instance_metadata as instance_metadata;
pub use credential_login as login;
pub use credential_process as process;
pub use credential_profile as profile;
pub use credential_refresh as refresh;
pub use credential_sigv4 as sigv4;
pub use credential_sso as sso;
pub use credential_sts as sts;
