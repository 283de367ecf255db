use std::path::Path;

use tests_support::{canary, leaks};

use super::*;
use crate::RegionProvider;

type Given<'a> = &'a [(&'a str, &'a str)];

fn settings(variables: Given<'_>, config: &str) -> Settings {
    let selection = Selection::new().with_variables(variables.iter().copied().collect());
    Settings::new(Profiles::of_texts(config, "").unwrap(), &selection).unwrap()
}

/// A value with its origin, or the error.
fn told<T: std::fmt::Debug>(setting: Result<Option<Setting<T>>, Error>) -> String {
    match setting {
        Ok(Some(setting)) => format!("{:?} of {}", setting.value(), setting.origin()),
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_profile_is_named_by_code_then_by_the_first_variable_that_is_not_blank() {
    let cases: &[(Given<'_>, &str)] = &[
        (&[], "\"default\" of the default"),
        (
            &[("AWS_PROFILE", " ops\n"), ("AWS_DEFAULT_PROFILE", "old")],
            "\"ops\" of AWS_PROFILE",
        ),
        (
            &[("AWS_PROFILE", " "), ("AWS_DEFAULT_PROFILE", "old")],
            "\"old\" of AWS_DEFAULT_PROFILE",
        ),
        (
            &[("AWS_PROFILE", ""), ("AWS_DEFAULT_PROFILE", "")],
            "\"default\" of the default",
        ),
    ];
    for (variables, expected) in cases {
        let selection = Selection::new().with_variables(variables.iter().copied().collect());
        assert_eq!(told(selection.profile().map(Some)), *expected);
        let in_code = selection.with_profile("mine");
        assert_eq!(told(in_code.profile().map(Some)), "\"mine\" of the program");
        assert!(in_code.names_profile_in_code());
        let by_argument = in_code.with_profile_from("theirs", "--profile");
        assert_eq!(told(by_argument.profile().map(Some)), "\"theirs\" of --profile");
        assert!(by_argument.names_profile_in_code());
        let in_code = by_argument.with_profile("mine");
        assert_eq!(told(in_code.profile().map(Some)), "\"mine\" of the program");
    }
}

#[test]
fn only_a_profile_that_nobody_named_may_be_missing() {
    let missing = settings(&[], "").selected().unwrap_err();
    assert_eq!(
        missing.to_string(),
        "no profile `default` in config or credentials"
    );
    assert!(matches!(missing, Error::NoDefaultProfile { .. }));

    for name in ["default", "ops"] {
        let missing = settings(&[("AWS_PROFILE", name)], "[ops]")
            .selected()
            .unwrap_err();
        assert!(matches!(missing, Error::NoSuchProfile { .. }));
        let sentence = missing.to_string();
        assert!(
            sentence.contains("which AWS_PROFILE names, in config or credentials"),
            "{sentence}"
        );
        assert_eq!(sentence.contains("[profile ops]"), name == "ops", "{sentence}");
    }

    let hostile = settings(&[("AWS_DEFAULT_PROFILE", "a\u{1b}[2Jb")], "")
        .selected()
        .unwrap_err();
    assert!(!hostile.to_string().contains('\u{1b}'));
}

#[test]
fn the_region_is_the_first_that_somebody_says() {
    let chain = "[default]\nsource_profile = a\n[profile a]\nregion =\nsource_profile = b\n[profile b]\nregion = eu-north-1";
    let cases: &[(Given<'_>, &str, &str)] = &[
        (
            &[("AWS_REGION", " eu-west-1 "), ("AWS_DEFAULT_REGION", "x")],
            "",
            "\"eu-west-1\" of AWS_REGION",
        ),
        (
            &[("AWS_REGION", " "), ("AWS_DEFAULT_REGION", "x")],
            "",
            "\"x\" of AWS_DEFAULT_REGION",
        ),
        (
            &[("AWS_DEFAULT_REGION", "x")],
            "[default]\nregion = y",
            "\"x\" of AWS_DEFAULT_REGION",
        ),
        (
            &[("AWS_REGION", "")],
            "[default]\nregion = y",
            "\"y\" of region in config:2",
        ),
        (&[], chain, "\"eu-north-1\" of region in config:7"),
        (
            &[("AWS_PROFILE", "a")],
            chain,
            "\"eu-north-1\" of region in config:7",
        ),
        (&[], "[default]\nsource_profile = gone", "none"),
        (&[], "[default]\nsource_profile = default", "none"),
        (
            &[],
            "[default]\nsource_profile = a\n[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a",
            "none",
        ),
        (&[("AWS_PROFILE", "gone")], "[default]\nregion = y", "none"),
        (&[], "", "none"),
    ];
    for (variables, config, expected) in cases {
        assert_eq!(
            told(settings(variables, config).region()),
            *expected,
            "{variables:?} {config}"
        );
    }
}

#[test]
fn what_is_no_region_never_gets_into_a_host_name() {
    let rule = "must be a region such as eu-west-1: letters, digits and hyphens, at most 63";
    let long = "a".repeat(64);
    for region in ["-x", "a.b", "evil.example/", "a@b", "a b", "ü", "a_b", &long] {
        let of_variable = settings(&[("AWS_REGION", region)], "").region();
        assert_eq!(told(of_variable), format!("AWS_REGION {rule}"), "{region}");
        let of_file = settings(&[], &format!("[default]\nregion = {region}")).region();
        assert_eq!(told(of_file), format!("region in config:2 {rule}"), "{region}");
    }
    for region in ["a", "1", "aws-global", "A-9-", &long[1..]] {
        assert!(
            settings(&[("AWS_REGION", region)], "").region().is_ok(),
            "{region}"
        );
    }
}

/// What was meant for another service must not make the tokens of logins travel in clear.
#[test]
fn no_login_token_goes_over_plain_http_to_where_all_services_were_sent() {
    let global = |url: &str, service: &str| {
        let of_variable = settings(&[("AWS_ENDPOINT_URL", url)], "").endpoint_url(service);
        let of_profile = settings(&[], &format!("[default]\nendpoint_url = {url}")).endpoint_url(service);
        [
            ("AWS_ENDPOINT_URL", of_variable),
            ("endpoint_url in config:2", of_profile),
        ]
    };
    for (service, own) in [
        ("sso", "AWS_ENDPOINT_URL_SSO"),
        ("sso_oidc", "AWS_ENDPOINT_URL_SSO_OIDC"),
        ("SSO OIDC", "AWS_ENDPOINT_URL_SSO_OIDC"),
        ("sso-oidc", "AWS_ENDPOINT_URL_SSO_OIDC"),
        ("signin", "AWS_ENDPOINT_URL_SIGNIN"),
    ] {
        for url in [
            "http://proxy.example:8080/x",
            "HTTP://proxy.example",
            "http://10.0.0.1",
            "http://128.0.0.1:80",
            "http://[fd00::1]:1",
            "http://[::2]",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://127.1",
            "http://[::1",
        ] {
            for (origin, told) in global(url, service) {
                assert_eq!(
                    told.unwrap_err().to_string(),
                    format!(
                        "{origin} is plain http to another machine, over which no token of a login is sent; use https, or \
                         {own} to do so for this service"
                    ),
                    "{url}"
                );
            }
        }
        for url in [
            "https://proxy.example",
            "http://localhost:4566",
            "http://LOCALHOST.",
            "http://aws.localhost/x",
            "http://127.0.0.1:80",
            "http://127.255.255.255",
            "http://[::1]:4566/x",
        ] {
            for (_, told) in global(url, service) {
                assert_eq!(told.unwrap().unwrap().value(), url);
            }
        }
        let url = "http://proxy.example";
        assert_eq!(
            told(settings(&[("AWS_ENDPOINT_URL", url), (own, url)], "").endpoint_url(service)),
            format!("{url:?} of {own}")
        );
    }
    let section =
        "[default]\nservices = s\nendpoint_url = http://b\n[services s]\nsso =\n  endpoint_url = http://a";
    assert_eq!(
        told(settings(&[], section).endpoint_url("sso")),
        "\"http://a\" of endpoint_url of sso in config:6"
    );
    for (_, told) in global("http://proxy.example", "sts") {
        told.unwrap();
    }
}

#[test]
fn a_web_identity_token_goes_over_plain_http_only_where_sts_itself_was_sent() {
    let (all, own) = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS");
    let (far, near) = ("http://minio.example:9000", "http://localhost:4566");
    let of_profile = format!("[default]\nendpoint_url = {far}");
    let of_section = format!("[default]\nservices = s\n[services s]\nsts =\n  endpoint_url = {far}");
    let cases: &[(Given<'_>, &str, Result<&str, &str>)] = &[
        (&[(all, far)], "", Err("AWS_ENDPOINT_URL")),
        (&[], &of_profile, Err("endpoint_url in config:2")),
        (&[(all, near)], "", Ok(near)),
        (&[(all, "https://minio.example")], "", Ok("https://minio.example")),
        (&[(all, far), (own, far)], "", Ok(far)),
        (&[], &of_section, Ok(far)),
    ];
    for (variables, config, expected) in cases {
        let settings = settings(variables, config);
        let found = settings
            .token_endpoint_url("sts")
            .map(|url| url.unwrap().into_value());
        match expected {
            Ok(url) => assert_eq!(found.unwrap(), *url),
            Err(origin) => assert_eq!(
                found.unwrap_err().to_string(),
                format!(
                    "{origin} is plain http to another machine, over which no web identity token is sent; use https, or \
                     AWS_ENDPOINT_URL_STS to do so for this service"
                )
            ),
        }
        let signed = settings.endpoint_url("sts");
        assert!(signed.unwrap().is_some(), "{variables:?} {config}");
    }
    assert!(settings(&[(all, far)], "").token_endpoint_url("other").is_err());
}

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
fn what_is_said_about_instance_metadata_comes_with_its_origin() {
    let config = "[default]\nec2_metadata_service_endpoint = http://x\nec2_metadata_v1_disabled =\nregion = x\n\
                  metadata_service_timeout = 2\nec2_instance_profile_name =\ndisable_ec2_metadata = true\n\
                  [profile other]\nec2_metadata_service_endpoint = http://y";
    let settings = settings(&[], config);
    let told: Vec<String> = settings
        .instance_metadata()
        .map(|(key, setting)| format!("{key}={} {}", setting.value(), setting.origin()))
        .collect();
    assert_eq!(
        told,
        [
            "disable_ec2_metadata=true disable_ec2_metadata in config:7",
            "ec2_instance_profile_name= ec2_instance_profile_name in config:6",
            "ec2_metadata_service_endpoint=http://x ec2_metadata_service_endpoint in config:2",
            "metadata_service_timeout=2 metadata_service_timeout in config:5",
        ]
    );
    assert_eq!(settings.profile_value("REGION").unwrap().value(), "x");
    assert_eq!(settings.profile_value("ec2_metadata_v1_disabled"), None);
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

#[tokio::test]
async fn a_region_given_in_code_or_by_a_variable_needs_no_file() {
    let broken = "/nowhere/config";
    let provider = RegionProvider::new()
        .with_variables(Variables::from([("AWS_REGION", "eu-west-1")]))
        .with_config_file(broken);
    assert_eq!(told(provider.load().await), "\"eu-west-1\" of AWS_REGION");
    assert_eq!(
        told(provider.clone().with_region("eu-west-2").load().await),
        "\"eu-west-2\" of the program"
    );
    assert!(told(provider.with_region("evil/").load().await).starts_with("the program must be a region"));

    let nothing: [(&str, &str); 0] = [];
    let provider = RegionProvider::new()
        .with_variables(Variables::from(nothing))
        .with_config_file(broken);
    assert_eq!(told(provider.load().await), "cannot read /nowhere/config");
}
