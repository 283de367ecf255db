use credential_chain::Variables;
use tracing_subscriber::EnvFilter;

/// The variable that switches the log on.
const VARIABLE: &str = "CREDENTIAL_LOG";

/// Logs to standard error when `CREDENTIAL_LOG` says what, as `debug` or `credential_http=trace`.
pub(crate) fn start(variables: &Variables) {
    let Ok(Some(wish)) = variables.get(VARIABLE) else {
        return;
    };
    match EnvFilter::try_new(&wish) {
        Ok(filter) => {
            let subscriber = tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_writer(std::io::stderr)
                .with_ansi(false);
            // Somebody else's subscriber would serve as well.
            let _ = subscriber.try_init();
        }
        // A mistyped wish for a log is no reason to go without credentials.
        Err(_) => crate::complain(&format!(
            "{VARIABLE} is neither a level nor a list of target=level"
        )),
    }
}

/// Shows what IAM Identity Center warns of, as that a token lives on, unless the log is on anyway.
pub(crate) fn show_warnings(variables: &Variables) {
    if let Ok(Some(_)) = variables.get(VARIABLE) {
        return;
    }
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("credential_sso=warn"))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time();
    let _ = subscriber.try_init();
}
