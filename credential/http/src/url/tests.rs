use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Host {
    Host::Name(text.to_owned())
}

fn address(text: &str) -> Host {
    Host::Ip(text.parse().unwrap())
}

#[test]
fn what_is_a_url_is_read() {
    for (text, host, port, target, shown) in [
        ("http://a", name("a"), 80, "/", "http://a/"),
        (
            "HTTPS://A.Example",
            name("a.example"),
            443,
            "/",
            "https://a.example/",
        ),
        (
            "http://a:8080/x?y=1#z",
            name("a"),
            8080,
            "/x?y=1",
            "http://a:8080/x",
        ),
        ("https://a:443/", name("a"), 443, "/", "https://a/"),
        ("http://a:443/", name("a"), 443, "/", "http://a:443/"),
        ("http://a?x", name("a"), 80, "/?x", "http://a/"),
        ("http://a/?", name("a"), 80, "/?", "http://a/"),
        ("http://a#b/c", name("a"), 80, "/", "http://a/"),
        ("http://a//b", name("a"), 80, "//b", "http://a//b"),
        ("http://a/x@y:z", name("a"), 80, "/x@y:z", "http://a/x@y:z"),
        (
            "http://under_score.example.",
            name("under_score.example."),
            80,
            "/",
            "http://under_score.example./",
        ),
        (
            "http://127.0.0.1:09/x",
            address("127.0.0.1"),
            9,
            "/x",
            "http://127.0.0.1:9/x",
        ),
        ("http://[::1]:9", address("::1"), 9, "/", "http://[::1]:9/"),
        (
            "http://[FD00:0EC2::0023]/",
            address("fd00:ec2::23"),
            80,
            "/",
            "http://[fd00:ec2::23]/",
        ),
        (
            "http://[::ffff:127.0.0.1]/",
            address("::ffff:7f00:1"),
            80,
            "/",
            "http://[::ffff:127.0.0.1]/",
        ),
        ("http://1a.2b/", name("1a.2b"), 80, "/", "http://1a.2b/"),
    ] {
        let url = Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(url.host(), &host, "{text}");
        assert_eq!(url.port(), port, "{text}");
        assert_eq!(url.path_and_query(), target, "{text}");
        assert_eq!(url.to_string(), shown, "{text}");
    }
}

#[test]
fn what_is_no_url_is_refused() {
    for (text, error) in [
        ("", UrlError::Relative),
        ("/x", UrlError::Relative),
        ("a/x", UrlError::Relative),
        ("http:/a", UrlError::Relative),
        ("://a", UrlError::Relative),
        ("/x?u=http://a", UrlError::Relative),
        ("not a uri", UrlError::Character),
        (" http://a", UrlError::Character),
        ("http://a/\n", UrlError::Character),
        ("http://a/\u{e4}", UrlError::Character),
        ("http://a\\b/", UrlError::Character),
        ("http://a/<x>", UrlError::Character),
        ("ftp://127.0.0.1/", UrlError::UnknownScheme),
        ("http://u:p@127.0.0.1/", UrlError::UserInfo),
        ("http://@a/", UrlError::UserInfo),
        ("http://", UrlError::NoHost),
        ("http:///x", UrlError::NoHost),
        ("http://:80/", UrlError::NoHost),
        ("http://?x", UrlError::NoHost),
        ("http://127.1/", UrlError::BadHost),
        ("http://0x7f000001/", UrlError::BadHost),
        ("http://2130706433/", UrlError::BadHost),
        ("http://0177.0.0.1/", UrlError::BadHost),
        ("http://127.0.0.1./", UrlError::BadHost),
        ("http://127.0.0.256/", UrlError::BadHost),
        ("http://1.2.3.0x4/", UrlError::BadHost),
        ("http://a.0x/", UrlError::BadHost),
        ("http://[::1/", UrlError::BadHost),
        ("http://[::1]x/", UrlError::BadHost),
        ("http://[fe80::1%25eth0]/", UrlError::BadHost),
        ("http://[fe80::1%eth0]/", UrlError::BadHost),
        ("http://[127.0.0.1]/", UrlError::BadHost),
        ("http://::1/", UrlError::NoHost),
        ("http://a..b/", UrlError::BadHost),
        ("http://.a/", UrlError::BadHost),
        ("http://./", UrlError::BadHost),
        ("http://a%2eb/", UrlError::BadHost),
        ("http://a*b/", UrlError::BadHost),
        ("http://a:/", UrlError::BadPort),
        ("http://a:0/", UrlError::BadPort),
        ("http://a:65536/", UrlError::BadPort),
        ("http://a:+80/", UrlError::BadPort),
        ("http://a:80:80/", UrlError::BadPort),
    ] {
        assert_eq!(Url::parse(text), Err(error), "{text:?}");
    }
    let long = format!("http://a/{}", "x".repeat(LONGEST));
    assert_eq!(Url::parse(&long), Err(UrlError::TooLong));
    assert_eq!(
        Url::parse(&format!("http://{}/", "a.".repeat(128))),
        Err(UrlError::BadHost)
    );
}

#[test]
fn a_url_is_joined_with_one_slash() {
    for (base, path, joined) in [
        ("http://a", "b", "/b"),
        ("http://a/", "/b", "/b"),
        ("http://a/p", "/b/?q=1#f", "/p/b/?q=1"),
        ("http://a/p//", "//b", "/p/b"),
        ("http://a/p?old=1", "b", "/p/b"),
        ("http://a/p", "", "/p/"),
    ] {
        let url = Url::parse(base).unwrap().join(path).unwrap();
        assert_eq!(url.path_and_query(), joined, "{base} {path}");
    }
    let base = Url::parse("http://a").unwrap();
    assert_eq!(base.join("a b"), Err(UrlError::Character));
    assert_eq!(base.join(&"x".repeat(LONGEST)), Err(UrlError::TooLong));
}

#[test]
fn neither_display_nor_debug_show_the_query() {
    let secret = tests_support::canary("query").replace('/', "%2F");
    let url = Url::parse(&format!("https://a/p?{secret}#{secret}")).unwrap();
    assert_eq!(format!("{url} {url:?}"), "https://a/p Url(https://a/p?…)");
}

#[test]
fn localhost_and_the_names_below_it_are_this_machine() {
    for (text, expected) in [
        ("localhost", true),
        ("LOCALHOST.", true),
        ("a.localhost", true),
        ("notlocalhost", false),
        ("localhost.example", false),
        ("127.0.0.1", false),
    ] {
        let url = Url::parse(&format!("http://{text}")).unwrap();
        assert_eq!(url.host().is_localhost(), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>()) {
        let _ = Url::parse(&text);
        if let Ok(url) = Url::parse("http://a/b") {
            let _ = url.join(&text);
        }
    }

    #[test]
    fn what_looks_like_a_url_never_panics(text in r"(https?|HTTP)://[\[\]:.%@a-f0-9x]{0,30}[/?#]?[ -~]{0,30}") {
        if let Ok(url) = Url::parse(&text) {
            // What is shown reads as the same URL, but for its query; and with its query as the very same.
            let shown = Url::parse(&url.to_string()).unwrap();
            prop_assert_eq!(shown.authority(), url.authority());
            prop_assert_eq!(shown.path(), url.path());
            let whole = format!("{}://{}{}", url.scheme(), url.authority(), url.path_and_query());
            prop_assert_eq!(Url::parse(&whole).unwrap(), url.clone());
            // And hyper can send it, to the server and to a proxy.
            prop_assert!(hyper::http::uri::PathAndQuery::try_from(url.path_and_query()).is_ok(), "{}", whole);
            prop_assert!(hyper::http::uri::Authority::try_from(url.authority()).is_ok(), "{}", whole);
        }
    }
}
