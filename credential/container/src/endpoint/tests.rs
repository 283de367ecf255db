use credential_core::{CredentialsError, ErrorKind};
use credential_http::UrlError;
use proptest::prelude::*;

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs.iter().copied().collect()
}

fn full(uri: &str) -> Result<Url, Error> {
    url(&variables(&[(FULL, uri)]), ECS)
}

fn relative(uri: &str) -> Result<Url, Error> {
    url(&variables(&[(RELATIVE, uri)]), ECS)
}

async fn checked(uri: &str) -> Result<Endpoint, Error> {
    check(full(uri)?, &HttpClient::new()).await
}

fn kind(error: Error) -> ErrorKind {
    CredentialsError::from(error).kind()
}

#[test]
fn without_a_uri_there_is_nothing_here() {
    for pairs in [
        &[][..],
        &[(RELATIVE, ""), (FULL, " \t\r\n")],
        &[("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x")],
        &[
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "t"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
        ],
    ] {
        let error = url(&variables(pairs), ECS).unwrap_err();
        assert!(matches!(error, Error::NotSet), "{pairs:?}");
        assert_eq!(kind(error), ErrorKind::NotConfigured);
    }
}

#[test]
fn the_relative_uri_is_below_amazon_ecs_and_wins() {
    for (uri, expected) in [
        ("/v2/credentials/4711", "/v2/credentials/4711"),
        ("/", "/"),
        ("/get?a=1&b=2", "/get?a=1&b=2"),
        (
            "/role-arn/arn:aws:iam::1:role/x\r\n",
            "/role-arn/arn:aws:iam::1:role/x",
        ),
    ] {
        let both = variables(&[(RELATIVE, uri), (FULL, "http://127.0.0.1:1/full")]);
        for url in [relative(uri).unwrap(), url(&both, ECS).unwrap()] {
            assert_eq!(url.authority(), "169.254.170.2");
            assert_eq!(url.path_and_query(), expected);
        }
    }
    let blank = variables(&[(RELATIVE, " "), (FULL, "http://127.0.0.1:1/full")]);
    assert_eq!(url(&blank, ECS).unwrap().to_string(), "http://127.0.0.1:1/full");
}

#[test]
fn a_relative_uri_that_is_no_path_is_refused() {
    for uri in [
        "v2/x",
        "//evil/v2",
        "http://evil/",
        "/x#part",
        "?a=1",
        " /x",
        "\\\\evil",
        "@evil/x",
    ] {
        let error = relative(uri).unwrap_err();
        assert!(matches!(error, Error::RelativeUri), "{uri}: {error:?}");
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
    for uri in ["/a b", "/a\u{7}", "/a\r\nX-Evil: 1", "/é", "/\\evil"] {
        let error = relative(uri).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Uri {
                    setting: RELATIVE,
                    source: UrlError::Character
                }
            ),
            "{uri:?}: {error:?}"
        );
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

#[test]
fn a_full_uri_is_absolute_http_or_https_without_a_user() {
    for (uri, expected) in [
        ("http://127.0.0.1", "/"),
        ("http://127.0.0.1?a=1", "/?a=1"),
        ("http://127.0.0.1/x?a=1#part", "/x?a=1"),
        ("HTTP://LOCALHOST:1338/latest/", "/latest/"),
        ("https://anything.example/x\n", "/x"),
    ] {
        assert_eq!(full(uri).unwrap().path_and_query(), expected);
    }
    for (uri, expected) in [
        ("/x", UrlError::Relative),
        ("127.0.0.1/x", UrlError::Relative),
        ("not a uri", UrlError::Character),
        ("ftp://127.0.0.1/", UrlError::UnknownScheme),
        ("file:///etc/passwd", UrlError::UnknownScheme),
        ("http://user:pass@127.0.0.1/", UrlError::UserInfo),
        ("http:///x", UrlError::NoHost),
        ("http://127.0.0.1:port/", UrlError::BadPort),
        ("http://127.0.0.1:70000/", UrlError::BadPort),
        ("http://[::1%25lo]/", UrlError::BadHost),
        ("http://[::1/", UrlError::BadHost),
        ("http://127.1/x", UrlError::BadHost),
        ("http://0x7f000001/x", UrlError::BadHost),
        ("http://2130706433/x", UrlError::BadHost),
    ] {
        let error = full(uri).unwrap_err();
        assert!(
            matches!(error, Error::Uri { setting: FULL, source } if source == expected),
            "{uri}: {error:?}"
        );
        assert!(error.to_string().starts_with(FULL), "{error}");
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

#[test]
fn ten_megabytes_are_no_uri() {
    let long = "/x".repeat(5 << 20);
    assert!(matches!(
        relative(&long),
        Err(Error::Uri {
            source: UrlError::TooLong,
            ..
        })
    ));
    assert!(matches!(
        full(&format!("http://127.0.0.1{long}")),
        Err(Error::Uri {
            source: UrlError::TooLong,
            ..
        })
    ));
}

#[cfg(unix)]
#[test]
fn a_uri_that_is_not_unicode_names_its_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    for name in [RELATIVE, FULL] {
        let odd = Variables::from([(name, OsString::from_vec(vec![b'/', 0xff]))]);
        let error = url(&odd, ECS).unwrap_err();
        assert!(
            matches!(&error, Error::Variable { source } if source.to_string().starts_with(name)),
            "{error:?}"
        );
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

#[test]
fn another_endpoint_is_the_base_of_the_relative_uri() {
    let variables = variables(&[(RELATIVE, "/get")]);
    assert_eq!(
        url(&variables, "http://127.0.0.1:51679/below/")
            .unwrap()
            .to_string(),
        "http://127.0.0.1:51679/below/get"
    );
    assert!(matches!(
        url(&variables, "nonsense"),
        Err(Error::Uri {
            setting: "with_endpoint",
            ..
        })
    ));
}

#[tokio::test]
async fn over_http_only_this_machine_and_the_agents_are_asked() {
    for (uri, pinned) in [
        ("http://127.0.0.1:8080/x", &["127.0.0.1"][..]),
        ("http://127.0.0.2/x", &["127.0.0.2"]),
        ("http://127.255.255.255/x", &["127.255.255.255"]),
        ("http://[::1]:9/x", &["::1"]),
        ("http://[0:0:0:0:0:0:0:1]/x", &["::1"]),
        ("http://169.254.170.2:8080/x", &["169.254.170.2"]),
        ("http://169.254.170.23/v1/credentials", &["169.254.170.23"]),
        ("http://[fd00:ec2::23]:80/x", &["fd00:ec2::23"]),
        ("http://[FD00:0EC2::0023]/x", &["fd00:ec2::23"]),
        ("http://[::ffff:127.0.0.1]/x", &["::ffff:127.0.0.1"]),
        ("http://[::ffff:169.254.170.2]/x", &["::ffff:169.254.170.2"]),
        ("http://localhost:8080/x", &["::1", "127.0.0.1"]),
        ("http://LocalHost/x", &["::1", "127.0.0.1"]),
        ("http://agent.localhost/x", &["::1", "127.0.0.1"]),
    ] {
        let expected: Vec<IpAddr> = pinned.iter().map(|address| address.parse().unwrap()).collect();
        assert_eq!(checked(uri).await.unwrap().pinned, Some(expected), "{uri}");
    }
    for uri in [
        "http://169.254.171.23/x",
        "http://169.254.170.22/x",
        "http://169.254.0.1/x",
        "http://169.254.169.254/x",
        "http://[fd00:ec2::2]/x",
        "http://[fd00:ec2::254]/x",
        "http://[fe80::1]/x",
        "http://192.168.0.1/x",
        "http://[::ffff:10.0.0.1]/x",
        "http://[::127.0.0.1]/x",
        "http://0.0.0.0/x",
        "http://[::]/x",
        "http://8.8.8.8/x",
    ] {
        let error = checked(uri).await.unwrap_err();
        assert!(
            matches!(error, Error::ForbiddenAddress { .. }),
            "{uri}: {error:?}"
        );
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

#[tokio::test]
async fn over_https_any_host_may_be_asked() {
    for uri in [
        "https://anything.example/x",
        "https://169.254.0.1/x",
        "https://[2001:db8::1]/x",
    ] {
        assert_eq!(checked(uri).await.unwrap().pinned, None, "{uri}");
    }
}

#[test]
fn a_name_passes_only_when_all_its_addresses_do() {
    let addresses =
        |list: &[&str]| -> Vec<IpAddr> { list.iter().map(|address| address.parse().unwrap()).collect() };
    let allowed = addresses(&["127.0.0.1", "169.254.170.23"]);
    assert_eq!(all_allowed("agent", allowed.clone()).unwrap(), allowed);
    for list in [&["127.0.0.1", "192.168.0.1"][..], &["192.168.0.1", "::1"]] {
        let error = all_allowed("agent", addresses(list)).unwrap_err();
        assert!(
            matches!(&error, Error::ForbiddenName { name, address }
                if name == "agent" && address.to_string() == "192.168.0.1"),
            "{error:?}"
        );
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
    let error = all_allowed("agent", Vec::new()).unwrap_err();
    assert!(matches!(error, Error::NoAddress { .. }), "{error:?}");
    assert_eq!(kind(error), ErrorKind::Failed);
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up_is_a_failure_that_names_it() {
    // No host is called so: the resolver refuses the leading hyphen without asking anybody.
    let error = checked("http://-nowhere.invalid/x").await.unwrap_err();
    assert!(
        matches!(&error, Error::Lookup { name, .. } if name == "-nowhere.invalid"),
        "{error:?}"
    );
    assert_eq!(kind(error), ErrorKind::Failed);
}

proptest! {
    #[test]
    fn no_relative_uri_leads_to_another_host(uri in "[/\\\\.@:a-z?#%\\[\\] ]{0,20}|.{0,40}") {
        if let Ok(url) = relative(&uri) {
            prop_assert_eq!(url.authority(), "169.254.170.2");
        }
    }

    #[test]
    fn any_full_uri_is_refused_or_judged_by_its_address(uri in "(https?://)?[/\\\\.@:0-9a-fx?#%\\[\\]-]{0,30}|.{0,40}") {
        if let Ok(url) = full(&uri)
            && let (Scheme::Http, Host::Ip(address)) = (url.scheme(), url.host())
        {
            // Whatever is let through is one of these, spelled in full.
            let canonical = address.to_canonical().to_string();
            let named = canonical.starts_with("127.")
                || ["::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(&&*canonical);
            prop_assert_eq!(may_receive_token(*address), named);
        }
    }
}
