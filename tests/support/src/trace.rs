use std::sync::Once;

use tracing_subscriber::filter::LevelFilter;

/// Lets everything be logged, at the loudest, when `CREDENTIAL_TRACE_TESTS` is set.
///
/// Each test that holds a secret comes by here, since it takes the secret from [`canary`](crate::canary). CI sets the
/// variable and searches all that was printed.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "a switch of the test run itself, not of the code under test"
        )]
        if std::env::var_os("CREDENTIAL_TRACE_TESTS").is_some() {
            // Another subscriber that a test set first stays.
            let _ = tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .with_test_writer()
                .try_init();
        }
    });
}
