//! Switches, words, numbers and paths, and that none is printed.

use std::path::Path;

use tests_support::{canary, leaks};

use super::*;

#[test]
fn a_switch_is_true_or_false_and_anything_else_is_ignored() {
    const NAME: &str = "AWS_USE_FIPS_ENDPOINT";
    let on = "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = no";
    let cases: &[(Given<'_>, &str, bool)] = &[
        (&[], "", false),
        (&[(NAME, " TRUE\n")], "", true),
        (&[], on, true),
        (&[(NAME, "false")], on, false),
        (&[(NAME, "yes")], on, true),
        (&[(NAME, "1")], "", false),
        (&[(NAME, "")], on, true),
    ];
    for (variables, config, expected) in cases {
        let settings = settings(variables, config);
        assert_eq!(settings.use_fips().unwrap(), *expected, "{variables:?} {config}");
        assert!(!settings.use_dualstack().unwrap());
    }
    assert!(
        settings(&[("AWS_USE_DUALSTACK_ENDPOINT", "true")], "")
            .use_dualstack()
            .unwrap()
    );
}

#[test]
fn words_and_numbers_are_checked_where_they_were_made() {
    type Ask = fn(&Settings) -> String;
    let sts: Ask = |settings| told(settings.sts_regional_endpoints());
    let attempts: Ask = |settings| told(settings.max_attempts());
    let mode: Ask = |settings| told(settings.retry_mode());
    let cases: &[(Ask, &str, &str, &str, &str)] = &[
        (
            sts,
            "AWS_STS_REGIONAL_ENDPOINTS",
            "sts_regional_endpoints",
            "Legacy",
            "Legacy",
        ),
        (
            sts,
            "AWS_STS_REGIONAL_ENDPOINTS",
            "sts_regional_endpoints",
            "regional",
            "Regional",
        ),
        (
            sts,
            "AWS_STS_REGIONAL_ENDPOINTS",
            "sts_regional_endpoints",
            "global",
            "must be regional or legacy",
        ),
        (attempts, "AWS_MAX_ATTEMPTS", "max_attempts", "1", "1"),
        (
            attempts,
            "AWS_MAX_ATTEMPTS",
            "max_attempts",
            "0",
            "must be a whole number, 1 or more",
        ),
        (
            attempts,
            "AWS_MAX_ATTEMPTS",
            "max_attempts",
            "-1",
            "must be a whole number, 1 or more",
        ),
        (
            attempts,
            "AWS_MAX_ATTEMPTS",
            "max_attempts",
            "4294967296",
            "must be a whole number, 1 or more",
        ),
        (
            attempts,
            "AWS_MAX_ATTEMPTS",
            "max_attempts",
            "three",
            "must be a whole number, 1 or more",
        ),
        (mode, "AWS_RETRY_MODE", "retry_mode", "standard", "Standard"),
        (mode, "AWS_RETRY_MODE", "retry_mode", "ADAPTIVE", "Adaptive"),
        (mode, "AWS_RETRY_MODE", "retry_mode", "legacy", "Legacy"),
        (
            mode,
            "AWS_RETRY_MODE",
            "retry_mode",
            "eager",
            "must be standard, adaptive or legacy",
        ),
    ];
    for (ask, variable, key, text, expected) in cases {
        let at = |origin: &str| {
            if expected.starts_with("must") {
                format!("{origin} {expected}")
            } else {
                format!("{expected} of {origin}")
            }
        };
        let config = format!("[default]\n{key} = {text}");
        assert_eq!(ask(&settings(&[], &config)), at(&format!("{key} in config:2")));
        let overridden = format!("[default]\n{key} = nonsense");
        assert_eq!(ask(&settings(&[(variable, text)], &overridden)), at(variable));
        assert_eq!(
            ask(&settings(&[(variable, " ")], &config)),
            at(&format!("{key} in config:2"))
        );
        assert_eq!(ask(&settings(&[], "")), "none");
    }
}

#[test]
fn a_ca_bundle_may_be_in_the_home_directory() {
    let home = ("HOME", "/h");
    for (variables, config, expected) in [
        (
            &[home, ("AWS_CA_BUNDLE", "~/ca.pem")][..],
            "[default]\nca_bundle = /x",
            Some("/h/ca.pem"),
        ),
        (&[home], "[default]\nca_bundle = ~/ca.pem", Some("/h/ca.pem")),
        (
            &[home, ("AWS_CA_BUNDLE", "")],
            "[default]\nca_bundle = /a b/c",
            Some("/a b/c"),
        ),
        (&[home], "", None),
    ] {
        let bundle = settings(variables, config).ca_bundle().unwrap();
        assert_eq!(
            bundle.map(Setting::into_value).as_deref(),
            expected.map(Path::new)
        );
    }
}

#[test]
fn debug_shows_no_value() {
    let secret = canary("settings");
    let settings = settings(
        &[("AWS_REGION", &secret)],
        &format!("[default]\naws_secret_access_key = {secret}"),
    );
    let keys = settings.profile_value("aws_secret_access_key");
    assert!(!leaks(&format!("{settings:?} {keys:?} {:?}", settings.region())));
}
