#![doc = include_str!("../README.md")]

mod endpoint;
mod error;
mod location;
mod named;
mod origin;
mod parse;
mod plan;
mod problem;
mod profile;
mod profiles;
mod provider;
mod read;
mod region;
mod selection;
mod settings;
mod shown;
mod source;

pub use credential_endpoint::is_region;
pub use error::Error;
pub use location::{Location, Locations, Searched, Unread};
pub use origin::{Origin, Position, Setting};
pub use parse::SyntaxErrorKind;
pub use plan::{Base, Plan};
pub use problem::{Problem, ProblemKind};
pub use profile::{Profile, Property, Section, SubProperty};
pub use profiles::Profiles;
pub use provider::ProfileProvider;
pub use region::RegionProvider;
pub use selection::Selection;
pub use settings::{RetryMode, Settings, StsRegionalEndpoints};
pub use source::{
    CredentialSource, LoginSession, ProcessCommand, RoleBase, RoleHop, Source, SourceKind, SsoRole,
    StaticKeys, WebIdentityRole,
};
