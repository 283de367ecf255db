//! Settings of services that are refused wherever a service is asked.

use super::*;

#[cfg(unix)]
#[tokio::test]
async fn a_proxy_that_is_not_unicode_is_an_error_that_names_its_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let role = "[profile role]\nrole_arn = arn:r\nregion = eu-west-1\nsource_profile = base\n";
    let sso = "[profile sso]\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://s\n";
    let login = "[profile login]\nlogin_session = arn:me\n";
    let home = Home::new(&[role, sso, login].concat(), &profile("base", "BASE"));
    for name in [
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "no_proxy",
        "NO_PROXY",
    ] {
        let variables = |more: &[(&str, &str)]| -> Variables {
            let readable = [("HOME", home.path().to_str().unwrap())];
            readable
                .iter()
                .chain(more)
                .map(|(name, value)| (OsString::from(name), OsString::from(value)))
                .chain([(OsString::from(name), OsString::from_vec(vec![b'p', 0xff]))])
                .collect()
        };
        let sentence = format!("{name} does not hold valid Unicode");
        let web_identity = [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
            ("AWS_ROLE_ARN", "arn:r"),
            ("AWS_REGION", "eu-west-1"),
        ];
        for more in [
            &web_identity[..],
            &[("AWS_PROFILE", "role")],
            &[("AWS_PROFILE", "sso")],
            &[("AWS_PROFILE", "login")],
        ] {
            let provider = DefaultCredentialsProvider::builder()
                .variables(variables(more))
                .build();
            let (kind, told) = report(&provider).await;
            assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
            assert!(told.contains(&sentence), "{told}");
        }
        let provider = DefaultCredentialsProvider::builder()
            .variables(variables(&[]))
            .build();
        let error = provider.sts_client().await.unwrap_err();
        assert!(
            error.report().to_string().contains(&sentence),
            "{}",
            error.report()
        );
    }
}

/// Profiles that ask services of AWS.
const OF_SERVICES: &str = "[profile role]\nrole_arn = arn:r\nregion = eu-west-1\nsource_profile = base\n\
    [profile web]\nrole_arn = arn:r\nregion = eu-west-1\nweb_identity_token_file = ~/token\n\
    [profile sso]\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://s\n\
    [profile login]\nlogin_session = arn:me\nregion = eu-west-1\n";

#[tokio::test]
async fn tokens_do_not_follow_all_services_over_plain_http() {
    let home = Home::new(OF_SERVICES, "");
    let token = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
        ("AWS_ROLE_ARN", "arn:r"),
        ("AWS_REGION", "eu-west-1"),
    ];
    for (given, own) in [
        (&[("AWS_PROFILE", "sso")][..], "AWS_ENDPOINT_URL_SSO"),
        (&[("AWS_PROFILE", "login")], "AWS_ENDPOINT_URL_SIGNIN"),
        (&[("AWS_PROFILE", "web")], "AWS_ENDPOINT_URL_STS"),
        (&token, "AWS_ENDPOINT_URL_STS"),
    ] {
        let all = ("AWS_ENDPOINT_URL", "http://proxy.invalid");
        let given: Vec<_> = given.iter().copied().chain([all]).collect();
        let (kind, told) = report(&home.builder(&given).build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
        assert!(
            told.contains("AWS_ENDPOINT_URL is plain http to another machine"),
            "{told}"
        );
        assert!(told.contains(own), "{told}");
    }
}

#[tokio::test]
async fn a_typing_mistake_in_how_to_retry_is_one_wherever_a_service_is_asked() {
    let home = Home::new(OF_SERVICES, &profile("base", "BASE"));
    for (variable, wrong, rule) in [
        ("AWS_RETRY_MODE", "eager", "standard, adaptive or legacy"),
        ("AWS_MAX_ATTEMPTS", "0", "1 or more"),
    ] {
        for name in ["role", "web", "sso", "login"] {
            let provider = home.builder(&[("AWS_PROFILE", name), (variable, wrong)]).build();
            let (kind, told) = report(&provider).await;
            assert_eq!(kind, ErrorKind::InvalidConfiguration, "{told}");
            assert!(told.contains(variable) && told.contains(rule), "{told}");
        }
        let keys_alone = home
            .builder(&[("AWS_PROFILE", "base"), (variable, wrong)])
            .build();
        assert_eq!(id(&keys_alone).await, "BASE");
    }
}
