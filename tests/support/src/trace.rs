use std::sync::Once;

/// Lets everything be logged, at the loudest, when `CREDENTIAL_TRACE_TESTS` is set.
///
/// Each test that takes anything from this crate comes by here: a secret from [`canary`](crate::canary), a clock, a
/// [`Log`](crate::Log). CI sets the variable and searches all that was printed.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if is_on() {
            // Another subscriber that a test set first stays. httpmock tells all that it was sent, as a test's server may.
            let _ = tracing_subscriber::fmt()
                .with_env_filter("trace,httpmock=off")
                .with_test_writer()
                .try_init();
        }
    });
}

/// Whether all that is logged is to be printed as well.
pub(crate) fn is_on() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of the test run itself, not of the code under test"
    )]
    let switch = std::env::var_os("CREDENTIAL_TRACE_TESTS");
    switch.is_some()
}
