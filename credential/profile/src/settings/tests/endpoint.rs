//! The endpoint of a service.

use tests_support::{canary, leaks};

use super::*;

#[test]
fn the_endpoint_of_a_service_is_the_first_that_somebody_says() {
    const SPECIFIC: (&str, &str) = ("AWS_ENDPOINT_URL_STS", "https://specific");
    const GENERIC: (&str, &str) = ("AWS_ENDPOINT_URL", "http://generic:1/p");
    let config = "[default]\nservices = dev\nendpoint_url = https://plain\n[services dev]\nSTS =\n  Endpoint_URL = http://block # x\n\
                  s3 =\n  endpoint_url = http://s3\nplain = x\n";
    let cases: &[(Given<'_>, &str, &str, &str)] = &[
        (
            &[SPECIFIC, GENERIC],
            config,
            "sts",
            "\"https://specific\" of AWS_ENDPOINT_URL_STS",
        ),
        (
            &[("AWS_ENDPOINT_URL_STS", " "), GENERIC],
            config,
            "sts",
            "\"http://generic:1/p\" of AWS_ENDPOINT_URL",
        ),
        (
            &[SPECIFIC],
            config,
            "sso",
            "\"https://plain\" of endpoint_url in config:3",
        ),
        (
            &[],
            config,
            "sts",
            "\"http://block\" of endpoint_url of sts in config:6",
        ),
        (
            &[],
            config,
            "STS",
            "\"http://block\" of endpoint_url of sts in config:6",
        ),
        (
            &[],
            config,
            "sso",
            "\"https://plain\" of endpoint_url in config:3",
        ),
        (
            &[],
            config,
            "plain",
            "\"https://plain\" of endpoint_url in config:3",
        ),
        (&[], "[default]\nregion = x", "sts", "none"),
        (&[], "", "sts", "none"),
        // spellings of a service of two words
        (
            &[("AWS_ENDPOINT_URL_SSO_OIDC", "http://o")],
            "",
            "sso-oidc",
            "\"http://o\" of AWS_ENDPOINT_URL_SSO_OIDC",
        ),
        (
            &[("AWS_ENDPOINT_URL_SSO_OIDC", "http://o")],
            "",
            "SSO OIDC",
            "\"http://o\" of AWS_ENDPOINT_URL_SSO_OIDC",
        ),
        (
            &[],
            "[default]\nservices = d\n[services d]\nsso-oidc =\n endpoint_url = http://o",
            "sso_oidc",
            "\"http://o\" of endpoint_url of sso-oidc in config:5",
        ),
        (
            &[],
            "[default]\nservices = d\n[services d]\nsso-oidc =\n endpoint_url = http://o\nsso_oidc =\n endpoint_url = http://u",
            "sso_oidc",
            "\"http://u\" of endpoint_url of sso_oidc in config:7",
        ),
        // a switch that ignores all of them
        (
            &[SPECIFIC, GENERIC, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True")],
            config,
            "sts",
            "none",
        ),
        (
            &[SPECIFIC],
            "[default]\nignore_configured_endpoint_urls = true",
            "sts",
            "none",
        ),
        (
            &[SPECIFIC, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")],
            "[default]\nignore_configured_endpoint_urls = true",
            "sts",
            "\"https://specific\" of AWS_ENDPOINT_URL_STS",
        ),
        (
            &[SPECIFIC, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes")],
            "",
            "sts",
            "\"https://specific\" of AWS_ENDPOINT_URL_STS",
        ),
        // a section that is not there
        (
            &[],
            "[default]\nendpoint_url = https://plain\nservices = gone",
            "sts",
            "no [services gone], which profile `default` names in config:3",
        ),
        (
            &[],
            "[default]\nservices = my own\n[services my own]",
            "sts",
            "no [services my own], which profile `default` names in config:2; config:3: [services my own] is ignored: a \
             name has letters, digits and _-/.%@:+ ; with blanks write [services \"my own\"] in the config file",
        ),
        (
            &[GENERIC],
            "[default]\nservices = gone",
            "sts",
            "\"http://generic:1/p\" of AWS_ENDPOINT_URL",
        ),
    ];
    for (variables, config, service, expected) in cases {
        let found = settings(variables, config).endpoint_url(service);
        assert_eq!(told(found), *expected, "{variables:?} {config} {service}");
    }
}

#[test]
fn what_is_no_address_is_an_error_and_never_passed_over_or_shown() {
    let secret = canary("url");
    let rule = "must be an http or https address without user information, query and fragment";
    let with_password = format!("https://me:{secret}@host");
    let with_query = format!("https://host?{secret}");
    for url in [
        "host",
        "ftp://host",
        "http://",
        "http:///x",
        "https://:80",
        "http:host",
        " http://host",
        "http://ho st",
        "http://host\\x",
        "http://host#x",
        &with_password,
        &with_query,
    ] {
        let error = settings(&[("AWS_ENDPOINT_URL", url)], "")
            .endpoint_url("sts")
            .unwrap_err();
        assert_eq!(error.to_string(), format!("AWS_ENDPOINT_URL {rule}"), "{url}");
        assert!(!leaks(&format!("{error:?}")));
    }
    let config = format!("[default]\nendpoint_url = {with_password}");
    let error = settings(&[], &config).endpoint_url("sts").unwrap_err();
    assert_eq!(error.to_string(), format!("endpoint_url in config:2 {rule}"));
    for url in ["HTTP://host", "https://[::1]:8443/a/b/", "http://127.0.0.1:1"] {
        assert!(
            settings(&[("AWS_ENDPOINT_URL", url)], "")
                .endpoint_url("sts")
                .is_ok(),
            "{url}"
        );
    }
}
