use std::time::Duration;

/// How long before the expiration a renewal begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Lead {
    #[default]
    Spread,
    Fixed(Duration),
    Sdk,
}
