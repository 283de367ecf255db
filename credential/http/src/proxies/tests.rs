use std::collections::HashMap;

use super::authorization::percent_decode;
use super::*;
use crate::base64;

fn proxies<const N: usize>(variables: [(&'static str, &str); N]) -> Proxies {
    let variables = HashMap::from(variables);
    Proxies::from_lookup(|name| variables.get(name).map(ToString::to_string))
}

fn asked(proxies: &Proxies, url: &str) -> Option<String> {
    let proxy = proxies.of(&Url::parse(url).unwrap()).unwrap();
    proxy.map(|proxy| proxy.authority())
}

#[test]
fn without_variables_there_is_no_proxy() {
    assert_eq!(asked(&proxies([]), "https://a.example"), None);
    assert_eq!(asked(&Proxies::none(), "http://a.example"), None);
}

#[test]
fn each_scheme_has_its_variable_and_lower_case_wins() {
    let both = proxies([
        ("HTTP_PROXY", "upper:1"),
        ("http_proxy", "lower:1"),
        ("HTTPS_PROXY", "http://tls.example:2/ignored"),
    ]);
    assert_eq!(asked(&both, "http://a.example").as_deref(), Some("lower:1"));
    assert_eq!(
        asked(&both, "https://a.example").as_deref(),
        Some("tls.example:2")
    );
}

#[test]
fn a_blank_variable_in_lower_case_means_no_proxy() {
    let none = proxies([("https_proxy", ""), ("HTTPS_PROXY", "upper:1")]);
    assert_eq!(asked(&none, "https://a.example"), None);
}

#[test]
fn in_a_cgi_program_the_upper_case_variable_for_http_is_the_visitors() {
    let cgi = proxies([
        ("REQUEST_METHOD", "GET"),
        ("HTTP_PROXY", "evil:1"),
        ("HTTPS_PROXY", "good:1"),
    ]);
    assert_eq!(asked(&cgi, "http://a.example"), None);
    assert_eq!(asked(&cgi, "https://a.example").as_deref(), Some("good:1"));
}

#[test]
fn this_machine_and_its_surroundings_are_never_asked_through_a_proxy() {
    let all = proxies([("http_proxy", "p:1"), ("https_proxy", "p:1")]);
    for (host, direct) in [
        ("localhost", true),
        ("localhost.", true),
        ("a.localhost", true),
        ("127.0.0.1", true),
        ("127.255.0.9", true),
        ("[::1]", true),
        ("[::ffff:127.0.0.1]", true),
        ("169.254.169.254", true),
        ("169.254.170.2", true),
        ("169.254.170.23", true),
        ("[::ffff:169.254.169.254]", true),
        ("[fd00:ec2::254]", true),
        ("[fd00:ec2:ffff::23]", true),
        ("[fd00:ec3::254]", false),
        ("169.255.0.1", false),
        ("128.0.0.1", false),
        ("10.0.0.1", false),
        ("localhost.example", false),
        ("sts.amazonaws.com", false),
    ] {
        for scheme in ["http", "https"] {
            let found = asked(&all, &format!("{scheme}://{host}/"));
            assert_eq!(found.is_none(), direct, "{scheme}://{host}");
        }
    }
}

#[test]
fn this_machine_is_asked_directly_even_when_the_variable_is_a_mistake() {
    assert_eq!(
        asked(&proxies([("http_proxy", "http://")]), "http://127.0.0.1"),
        None
    );
}

#[test]
fn no_proxy_names_hosts_that_are_asked_directly() {
    for (list, url, direct) in [
        ("*", "https://a.example", true),
        ("a.example", "https://a.example", true),
        ("A.Example", "https://a.EXAMPLE.", true),
        ("example", "https://a.example", true),
        (".example", "https://a.example", true),
        (".a.example", "https://a.example", true),
        ("*.example", "https://a.example", true),
        ("ample", "https://a.example", false),
        ("b.example", "https://a.example", false),
        ("x, ,\ta.example", "https://a.example", true),
        ("x a.example", "https://a.example", true),
        ("a.example:443", "https://a.example", true),
        ("a.example:8443", "https://a.example", false),
        ("a.example:8443", "https://a.example:8443", true),
        ("10.0.0.1", "https://10.0.0.1", true),
        ("10.0.0.1:443", "https://10.0.0.1", true),
        ("10.0.0.1:1", "https://10.0.0.1", false),
        ("10.0.0.1", "https://10.0.0.10", false),
        ("10.0.0.0/8", "https://10.9.9.9", true),
        ("10.0.0.0/8", "https://11.0.0.1", false),
        ("10.0.0.0/8", "https://[::ffff:10.1.2.3]", true),
        ("0.0.0.0/0", "https://11.0.0.1", true),
        ("0.0.0.0/33", "https://11.0.0.1", false),
        ("2001:db8::1", "https://[2001:db8::1]", true),
        ("[2001:db8::1]", "https://[2001:db8::1]", true),
        ("[2001:db8::1]:443", "https://[2001:db8::1]", true),
        ("[2001:db8::1]:1", "https://[2001:db8::1]", false),
        ("2001:db8::/32", "https://[2001:db8:1::1]", true),
        ("2001:db8::/32", "https://[2001:db9::1]", false),
        ("10.0.0.0/8", "https://ten.example", false),
        ("", "https://a.example", false),
        ("/,:,[", "https://a.example", false),
    ] {
        let some = proxies([("https_proxy", "p:1"), ("no_proxy", list)]);
        assert_eq!(asked(&some, url).is_none(), direct, "{list:?} {url}");
    }
}

#[test]
fn a_variable_that_is_no_proxy_is_an_error_that_names_it() {
    for (value, expected) in [
        (
            "http://",
            "HTTPS_PROXY is not the address of a proxy: the URL has no host",
        ),
        (
            "http://a:x",
            "HTTPS_PROXY is not the address of a proxy: the port of the URL is not a number from 1 to 65535",
        ),
        (
            "https://a:1",
            "HTTPS_PROXY asks for a kind of proxy that is not served: only http:// is",
        ),
        (
            "socks5://a:1",
            "HTTPS_PROXY asks for a kind of proxy that is not served: only http:// is",
        ),
    ] {
        let error = proxies([("HTTPS_PROXY", value)])
            .of(&Url::parse("https://a.example").unwrap())
            .unwrap_err();
        let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
        assert_eq!(format!("{error}{cause}"), expected);
        assert!(!error.is_transient() && !error.is_connect());
    }
}

#[test]
fn user_and_password_are_sent_but_never_shown() {
    let secret = tests_support::canary("password");
    let value = format!("http://me%3A:{}@proxy.example:3128", secret.replace('/', "%2f"));
    for value in [value.clone(), value.replace("http://", "")] {
        let some = proxies([("https_proxy", &value)]);
        // A colon in the user's name cannot be told from the one behind it.
        assert!(some.of(&Url::parse("https://a.example").unwrap()).is_err());
        assert!(!tests_support::leaks(&format!("{some:?}")));

        let some = proxies([("https_proxy", &value.replace("%3A", "%20"))]);
        let proxy = some
            .of(&Url::parse("https://a.example").unwrap())
            .unwrap()
            .unwrap();
        let expected = format!("Basic {}", base64(format!("me :{secret}").as_bytes()));
        assert_eq!(proxy.authorization.as_ref(), Some(&expected));
        let shown = format!("{some:?} {proxy:?}");
        assert!(
            shown.contains("…@proxy.example:3128") && !tests_support::leaks(&shown),
            "{shown}"
        );
    }
}

#[test]
fn what_is_not_percent_encoding_stays() {
    assert_eq!(percent_decode("a%20b%zz%4"), b"a b%zz%4");
}

proptest::proptest! {
    #[test]
    fn no_variable_makes_it_panic(proxy: String, list: String) {
        let some = proxies([("https_proxy", &proxy), ("no_proxy", &list)]);
        let _ = some.of(&Url::parse("https://a.example").unwrap());
        let _ = some.of(&Url::parse("https://10.0.0.1").unwrap());
    }
}
