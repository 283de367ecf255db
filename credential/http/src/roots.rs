use std::path::PathBuf;

/// Where the certificates come from that a server's is checked against.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    /// A PEM file, instead of the system's certificates.
    pub(crate) bundle: Option<PathBuf>,
    /// A PEM file or a folder of them, taken for the system's certificates.
    pub(crate) system: Option<PathBuf>,
}
