//! A canary in every public type that can hold a secret, and a search of all that they print.

use std::fmt::Debug;

use credential_chain::AwsCredentials;
use tests_support::{canary, leaks};

mod every_type;
mod files;
mod providers;
mod signatures;
mod values;

fn keeps_quiet(name: &str, value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!leaks(&shown), "{name} shows a secret: {shown}");
        assert!(
            !shown.contains("EXAMPLEKEY") && !shown.contains("EXAMPLETOKEN"),
            "{name} shows a secret: {shown}"
        );
    }
}

fn credentials() -> AwsCredentials {
    AwsCredentials::new("AKIDCANARY", canary("key")).with_session_token(canary("token"))
}
