//! Whom the provider asks, and what it sends.

use super::*;

#[tokio::test]
async fn without_a_uri_nothing_is_read_and_nobody_asked() {
    let provider = with_variables(&[(TOKEN_FILE, "/nowhere/token")]);
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::NotSet), "{error:?}");
    assert_eq!(kind(error), ErrorKind::NotConfigured);
}

#[tokio::test]
async fn a_request_is_a_plain_get_at_the_address_as_written() {
    let agent = saying([(200, document())]).await;
    with_variables(&[(FULL, &format!("{}/get?a=1&b=%20#part", agent.url))])
        .load()
        .await
        .unwrap();

    let seen = &agent.received()[0];
    assert_eq!(seen.line(), "GET /get?a=1&b=%20");
    assert_eq!(seen.header("host").unwrap(), agent.address.to_string());
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert!(
        seen.header("user-agent")
            .unwrap()
            .starts_with("credential-container/")
    );
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("accept-encoding"), None);
}

#[tokio::test]
async fn the_relative_uri_wins_and_gets_the_token_as_well() {
    let agent = saying([(200, document())]).await;
    let other = saying([(200, document())]).await;
    let token = canary("authorization");
    with_variables(&[
        (RELATIVE, "/v2/credentials/4711?a=1"),
        (FULL, &other.url),
        (TOKEN, &token),
    ])
    .with_endpoint(&agent.url)
    .load()
    .await
    .unwrap();

    assert_eq!(agent.received()[0].line(), "GET /v2/credentials/4711?a=1");
    assert_eq!(tokens(&agent), [Some(token)]);
    assert_eq!(other.received().len(), 0);
}

#[tokio::test]
async fn a_host_that_may_not_get_the_token_is_not_even_a_reason_to_read_it() {
    let error = with_variables(&[(FULL, "http://192.0.2.7/get"), (TOKEN_FILE, "/nowhere/token")])
        .load()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ForbiddenAddress { .. }), "{error:?}");

    let error = with_variables(&[(RELATIVE, "/get")])
        .with_endpoint("http://192.0.2.7")
        .load()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ForbiddenAddress { .. }), "{error:?}");
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_asked() {
    let agent = saying([(200, document())]).await;
    // A second look-up of this name would fail.
    let url = format!("http://agent.invalid:{}/get", agent.address.port());
    let endpoint = Endpoint {
        url: Url::parse(&url).unwrap(),
        pinned: Some(vec![agent.address.ip()]),
    };

    let response = HttpClient::new().send(&request(&endpoint, None)).await.unwrap();

    assert_eq!(response.status(), 200);
    let host = format!("agent.invalid:{}", agent.address.port());
    assert_eq!(agent.received()[0].header("host"), Some(&*host));
}

#[tokio::test]
async fn localhost_is_this_machine_whichever_protocol_it_listens_on() {
    let agent = saying([(200, document())]).await;
    let uri = format!("http://localhost:{}/get", agent.address.port());
    with_variables(&[(FULL, &uri)]).load().await.unwrap();
    assert_eq!(agent.received().len(), 1);
}

#[tokio::test]
async fn no_proxy_sees_the_token() {
    let agent = saying([(200, document())]).await;
    let proxy = saying([(200, document())]).await;
    let url = &proxy.url;
    asking(
        &agent,
        &[
            ("HTTP_PROXY", url),
            ("http_proxy", url),
            ("HTTPS_PROXY", url),
            ("https_proxy", url),
            ("ALL_PROXY", url),
        ],
    )
    .load()
    .await
    .unwrap();
    assert_eq!((agent.received().len(), proxy.received().len()), (1, 0));
}

#[tokio::test]
async fn over_https_the_ordinary_proxies_count() {
    let uri = (FULL, "https://agent.invalid/get");
    let error = with_variables(&[uri, ("HTTPS_PROXY", "socks5://127.0.0.1:1")])
        .load()
        .await
        .unwrap_err();
    assert!(printed(&error).contains("HTTPS_PROXY asks for a kind of proxy"));
    assert_eq!(kind(error), ErrorKind::Failed);
}

#[cfg(unix)]
#[tokio::test]
async fn over_https_a_proxy_that_is_not_unicode_is_an_error_that_names_its_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    for name in ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"] {
        let variables = Variables::from([
            (FULL, OsString::from("https://agent.invalid/get")),
            (name, OsString::from_vec(vec![b'p', 0xff])),
        ]);
        let error = with_variables(&[])
            .with_variables(variables)
            .load()
            .await
            .unwrap_err();
        let told = printed(&error);
        assert!(
            told.contains(&format!("{name} does not hold valid Unicode")),
            "{told}"
        );
        assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
    }
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn over_https_certificates_are_read_where_code_then_variables_say() {
    const URI: (&str, &str) = (FULL, "https://127.0.0.1:1/get");
    const BUNDLE: (&str, &str) = ("AWS_CA_BUNDLE", "/nowhere/bundle");
    const SYSTEM: (&str, &str) = ("SSL_CERT_FILE", "/nowhere/system");
    for (provider, path) in [
        (
            with_variables(&[URI, BUNDLE, SYSTEM]).with_ca_bundle("/nowhere/code"),
            "/nowhere/code",
        ),
        (with_variables(&[URI, BUNDLE, SYSTEM]), "/nowhere/bundle"),
        (with_variables(&[URI, SYSTEM]), "/nowhere/system"),
    ] {
        let error = provider.load().await.unwrap_err();
        assert!(printed(&error).contains(path), "{error:?}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn the_tokens_file_wins_and_is_read_at_each_call() {
    let agent = saying([(200, document())]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let provider = asking(
        &agent,
        &[(TOKEN_FILE, path.to_str().unwrap()), (TOKEN, &canary("other"))],
    );
    let (first, second) = (canary("first"), canary("second"));

    std::fs::write(&path, &first).unwrap();
    provider.load().await.unwrap();
    std::fs::write(&path, &second).unwrap();
    provider.load().await.unwrap();

    assert_eq!(tokens(&agent), [Some(first), Some(second)]);
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_told_without_a_request() {
    let agent = saying([(200, document())]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let provider = asking(
        &agent,
        &[(TOKEN_FILE, path.to_str().unwrap()), (TOKEN, &canary("other"))],
    );
    let missing = provider.load().await.unwrap_err();
    assert!(matches!(missing, Error::TokenFile { .. }), "{missing:?}");

    std::fs::write(&path, canary("newline") + "\n").unwrap();
    let newline = provider.load().await.unwrap_err();
    assert!(matches!(newline, Error::Token { .. }), "{}", printed(&newline));

    assert_eq!(agent.received().len(), 0);
}

#[tokio::test]
async fn a_refused_token_is_replaced_when_its_file_has_changed() {
    for status in [400, 401, 403] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let (old, new) = (canary("old"), canary("new"));
        std::fs::write(&path, &old).unwrap();
        let (rotated, rotation) = (path.clone(), new.clone());
        let agent = answering(move |number| {
            if number == 1 {
                std::fs::write(&rotated, &rotation).unwrap();
                return Reply::with(status, "token expired");
            }
            Reply::with(200, document())
        })
        .await;

        // The extra attempt is given even where there is to be only one.
        asking(&agent, &[(TOKEN_FILE, path.to_str().unwrap())])
            .with_attempts(1)
            .load()
            .await
            .unwrap();

        assert_eq!(tokens(&agent), [Some(old), Some(new)]);
    }
}

#[tokio::test]
async fn each_attempt_sends_the_token_as_it_is_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let (old, new) = (canary("old"), canary("new"));
    std::fs::write(&path, &old).unwrap();
    let (rotated, rotation) = (path.clone(), new.clone());
    let agent = answering(move |number| {
        std::fs::write(&rotated, &rotation).unwrap();
        Reply::with(if number == 1 { 503 } else { 200 }, document())
    })
    .await;

    asking(&agent, &[(TOKEN_FILE, path.to_str().unwrap())])
        .load()
        .await
        .unwrap();

    assert_eq!(tokens(&agent), [Some(old), Some(new)]);
}

#[tokio::test]
async fn a_refused_token_is_replaced_only_once_and_only_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, canary("0")).unwrap();
    let rotated = path.clone();
    let restless = answering(move |number| {
        std::fs::write(&rotated, canary(&number.to_string())).unwrap();
        assert!(number < 10, "it goes on and on");
        Reply::with(403, "no")
    })
    .await;
    let error = asking(&restless, &[(TOKEN_FILE, path.to_str().unwrap())])
        .load()
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Status {
            status: 403,
            attempts: 2,
            ..
        }
    ));
    assert_eq!(restless.received().len(), 2);

    let steady = saying([(403, "no".to_owned())]).await;
    for variable in [(TOKEN_FILE, path.to_str().unwrap()), (TOKEN, &*canary("value"))] {
        asking(&steady, &[variable]).load().await.unwrap_err();
    }
    assert_eq!(steady.received().len(), 2, "one each");
}

#[tokio::test]
async fn a_log_tells_what_is_ignored_and_how_long_the_token_is_and_nothing_of_it() {
    let agent = saying([(200, document())]).await;
    let token = canary("logged");
    let log = tests_support::Log::listen();
    with_variables(&[(RELATIVE, "/get"), (FULL, "http://127.0.0.1:1/"), (TOKEN, &token)])
        .with_endpoint(&agent.url)
        .load()
        .await
        .unwrap();

    let text = log.text();
    assert!(text.contains("are both set: the full one is ignored"), "{text}");
    assert!(text.contains(&format!("length={}", token.len())), "{text}");
    assert!(!tests_support::leaks(&text), "{text}");
}

#[tokio::test]
async fn debug_shows_no_token() {
    let agent = saying([(200, document())]).await;
    let provider = asking(&agent, &[(TOKEN, &canary("token"))]);
    let credentials = provider.load().await.unwrap();
    let shown = format!("{provider:?} {provider:#?} {credentials:?}");
    assert!(!tests_support::leaks(&shown), "{shown}");
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn https_without_tls_is_a_mistake_that_names_the_feature() {
    let error = with_variables(&[(FULL, "https://127.0.0.1:1/get?x"), (TOKEN, &canary("token"))])
        .load()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "asking https://127.0.0.1:1/get needs the cargo feature `tls` of credential-container"
    );
    printed(&error);
    assert_eq!(kind(error), ErrorKind::InvalidConfiguration);
}
