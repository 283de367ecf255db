//! Where tokens may go over plain HTTP.

use super::*;

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
