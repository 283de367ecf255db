//! The names of AWS's places in [`ChainProvider::new`](crate::ChainProvider::new) and
//! [`DefaultCredentialsProvider`](crate::DefaultCredentialsProvider), in their order: stable, for insertion by name and
//! for comparison with [`Attempt::provider`](crate::Attempt::provider).

/// Keys in environment variables.
pub const ENVIRONMENT: &str = "Environment";
/// The selected profile of the shared config and credentials files.
pub const PROFILE: &str = "Profile";
/// A web identity token named by environment variables.
pub const WEB_IDENTITY: &str = "WebIdentity";
/// The credentials endpoint of ECS, EKS and their like.
pub const CONTAINER: &str = "Container";
/// EC2's instance metadata.
pub const INSTANCE_METADATA: &str = "InstanceMetadata";
