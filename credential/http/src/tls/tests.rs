//! Stories of https, with an authority and certificates made for each.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::scripted::{Server, ok, read_request};
use crate::{HttpClient, Proxies, Request, Response};

/// The limit under test where a server is silent.
const SHORT: Duration = Duration::from_millis(50);

/// A certificate authority of our own, with its PEM file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn bundle(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A server that has a certificate for these names, and answers each request with its own text.
    async fn server(&self, names: &[&str]) -> Server {
        self.server_speaking(names, rustls::ALL_VERSIONS).await
    }

    async fn server_speaking(
        &self,
        names: &[&str],
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Server {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = rcgen::date_time_ymd(2099, 1, 1);
        self.server_with(params, versions).await
    }

    async fn server_with(
        &self,
        params: CertificateParams,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Server {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Server::start(move |_, stream| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                loop {
                    let request = read_request(&mut stream).await;
                    if request.is_empty() || stream.write_all(ok(&request).as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await
    }
}

fn url(host: &str, address: SocketAddr) -> Url {
    Url::parse(&format!("https://{host}:{}/x?secret", address.port())).unwrap()
}

async fn ask(client: &HttpClient, host: &str, server: &Server) -> Result<Response, Error> {
    let request = Request::get(url(host, server.address)).with_addresses(vec![server.ip()]);
    client.send(&request).await
}

/// An error with its causes, on one line.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[tokio::test]
async fn https_works_with_a_bundle_of_ones_own_and_keeps_its_connection() {
    let authority = Authority::new();
    let server = authority.server(&["sts.example", "127.0.0.1"]).await;
    for client in [
        HttpClient::new().with_ca_bundle(authority.bundle()),
        HttpClient::new().with_system_roots_from(authority.bundle()),
        HttpClient::new().with_system_roots_from(authority.folder.path()),
        HttpClient::new()
            .with_system_roots_from("/none")
            .with_ca_bundle(authority.bundle()),
    ] {
        let before = server.connections();
        for host in ["sts.example", "sts.example", "127.0.0.1"] {
            ask(&client, host, &server).await.unwrap();
        }
        assert_eq!(server.connections() - before, 2);
    }
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    let authority = Authority::new();
    for version in rustls::ALL_VERSIONS {
        let server = authority.server_speaking(&["a.example"], &[version]).await;
        let client = HttpClient::new().with_ca_bundle(authority.bundle());
        let response = ask(&client, "a.example", &server).await.unwrap();
        assert_eq!(response.status(), 200, "{version:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = authority.server(&["a.example"]).await;
    let client = HttpClient::new().with_ca_bundle(authority.bundle());
    for host in ["b.example", "127.0.0.1", "x.a.example"] {
        let error = ask(&client, host, &server).await.unwrap_err();
        assert!(matches!(error, Error::Certificate { .. }), "{error:?}");
        let expected = format!(
            "the certificate of https://{host}:{}/x is not accepted",
            server.address.port()
        );
        assert!(told(&error).starts_with(&expected), "{}", told(&error));
        assert!(told(&error).contains("a.example"), "{}", told(&error));
        assert!(!error.is_transient() && !error.is_connect() && !error.is_timeout());
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let server = Authority::new().server(&["a.example"]).await;
    let other = Authority::new();
    let client = HttpClient::new().with_ca_bundle(other.bundle());
    let error = ask(&client, "a.example", &server).await.unwrap_err();
    assert!(matches!(error, Error::Certificate { .. }), "{error:?}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let server = authority.server_with(params, rustls::ALL_VERSIONS).await;
    let client = HttpClient::new().with_ca_bundle(authority.bundle());
    let error = ask(&client, "a.example", &server).await.unwrap_err();
    assert!(matches!(error, Error::Certificate { .. }), "{error:?}");
    assert!(told(&error).contains("expired"), "{}", told(&error));
}

#[tokio::test]
async fn a_bundle_that_cannot_be_used_is_a_plain_error() {
    let authority = Authority::new();
    let server = authority.server(&["a.example"]).await;
    let key = tests_support::canary("key");
    let folder = authority.folder.path().to_owned();
    let empty_folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| authority.file(name, text);
    let key = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n-----BEGIN X {key}");
    for (what, path, empty) in [
        ("an empty file", file("empty", b""), true),
        ("no PEM", file("text", b"hello"), true),
        ("not UTF-8", file("bytes", &[0xff; 1000]), true),
        ("a key", file("key", key.as_bytes()), true),
        (
            "no certificate in it",
            file(
                "broken",
                b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
            ),
            true,
        ),
        ("17 MiB", file("huge", &vec![b'\n'; 17 * 1024 * 1024]), false),
        ("a folder", folder, false),
        ("nothing", authority.folder.path().join("nothing"), false),
    ] {
        let client = HttpClient::new().with_ca_bundle(&path);
        let error = ask(&client, "a.example", &server).await.unwrap_err();
        match &error {
            Error::CaBundleEmpty { path: named } => assert!(empty && *named == path, "{what}"),
            Error::CaBundle { path: named, .. } => assert!(!empty && *named == path, "{what}"),
            _ => panic!("{what}: {error:?}"),
        }
        assert!(!error.is_transient() && !error.is_connect(), "{what}");
        let told = format!("{error:?} {}", told(&error));
        assert!(!tests_support::leaks(&told), "{what}: {told}");
    }
    let client = HttpClient::new().with_system_roots_from(empty_folder.path());
    let error = ask(&client, "a.example", &server).await.unwrap_err();
    assert!(matches!(error, Error::CaBundleEmpty { .. }), "{error:?}");
    assert_eq!(
        server.connections(),
        0,
        "the bundle is read before any connection"
    );
}

#[tokio::test]
async fn a_bundle_that_was_mended_is_read_again() {
    let authority = Authority::new();
    let server = authority.server(&["a.example"]).await;
    let path = authority.file("later.pem", "");
    let client = HttpClient::new().with_ca_bundle(&path);
    ask(&client, "a.example", &server).await.unwrap_err();
    std::fs::copy(authority.bundle(), &path).unwrap();
    ask(&client, "a.example", &server).await.unwrap();
}

#[tokio::test]
async fn a_bundle_may_hold_other_things_beside_its_certificates() {
    let authority = Authority::new();
    let server = authority.server(&["a.example"]).await;
    let other = Authority::new();
    let text = format!(
        "# ours\n{}\nnoise\n{}",
        other.issuer.pem(),
        authority.issuer.pem()
    );
    let client = HttpClient::new().with_ca_bundle(authority.file("two.pem", text));
    ask(&client, "a.example", &server).await.unwrap();
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let authority = Authority::new();
    let server = Server::start(|_, mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let client = HttpClient::new().with_ca_bundle(authority.bundle());
    let error = ask(&client, "a.example", &server).await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_server_that_closes_while_greeting_is_transient() {
    let authority = Authority::new();
    let server = Server::start(|_, stream| async move {
        stream.readable().await.unwrap();
    })
    .await;
    let client = HttpClient::new().with_ca_bundle(authority.bundle());
    let error = ask(&client, "a.example", &server).await.unwrap_err();
    assert!(
        matches!(error, Error::Closed { .. }) && error.is_transient(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_never_greets_meets_the_limit_for_connecting() {
    let authority = Authority::new();
    let server = Server::start(|_, mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let client = HttpClient::new()
        .with_ca_bundle(authority.bundle())
        .with_connect_timeout(SHORT);
    let error = ask(&client, "a.example", &server).await.unwrap_err();
    assert!(
        matches!(error, Error::ConnectTimeout { limit: SHORT, .. }),
        "{error:?}"
    );
}

/// A proxy that tunnels to this server, whatever it is asked for; it tells what it was asked.
async fn proxy_to(server: &Server, answer: &'static str) -> (Server, mpsc::UnboundedReceiver<String>) {
    let (seen, requests) = mpsc::unbounded_channel();
    let address = server.address;
    let proxy = Server::start(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            seen.send(read_request(&mut stream).await).unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            let mut server = TcpStream::connect(address).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
    })
    .await;
    (proxy, requests)
}

fn client(authority: &Authority, proxy: &str) -> HttpClient {
    let lookup = |name: &str| (name == "HTTPS_PROXY").then(|| proxy.to_owned());
    HttpClient::new()
        .with_ca_bundle(authority.bundle())
        .with_proxies(Proxies::from_lookup(lookup))
}

#[tokio::test]
async fn https_goes_through_a_tunnel_that_sees_no_request() {
    let secret = tests_support::canary("tunnel");
    let authority = Authority::new();
    let server = authority.server(&["sts.example"]).await;
    let (proxy, mut requests) = proxy_to(&server, "HTTP/1.1 200 Connection Established\r\n\r\n").await;
    let password = secret.replace('/', "%2F");
    let client = client(&authority, &format!("http://me:{password}@{}", proxy.address));

    let request = Request::get(Url::parse("https://sts.example/x?y").unwrap())
        .with_secret_header("authorization", secret.clone());
    for _ in 0..2 {
        let body = client.send(&request).await.unwrap().into_body();
        let seen = String::from_utf8(body).unwrap();
        assert!(
            seen.starts_with("GET /x?y HTTP/1.1\r\nhost: sts.example\r\n"),
            "{seen}"
        );
        assert!(
            seen.contains("authorization: cAnArY") && !seen.contains("proxy"),
            "{seen}"
        );
    }

    assert_eq!((proxy.connections(), server.connections()), (1, 1));
    let asked = requests.recv().await.unwrap();
    let (secrets, rest): (Vec<&str>, Vec<&str>) = asked
        .lines()
        .partition(|line| line.starts_with("proxy-authorization: Basic "));
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "CONNECT sts.example:443 HTTP/1.1|host: sts.example:443|user-agent: credential-http/{version}|"
    );
    assert_eq!((secrets.len(), rest.join("|")), (1, expected));
    assert!(!tests_support::leaks(&format!("{client:?}")));
}

#[tokio::test]
async fn the_certificate_is_checked_through_a_tunnel_too() {
    let authority = Authority::new();
    let server = authority.server(&["evil.example"]).await;
    let (proxy, _requests) = proxy_to(&server, "HTTP/1.1 200 OK\r\n\r\n").await;
    let client = client(&authority, &proxy.address.to_string());
    let request = Request::get(Url::parse("https://sts.example/").unwrap());
    let error = client.send(&request).await.unwrap_err();
    assert!(matches!(error, Error::Certificate { .. }), "{error:?}");
}

#[tokio::test]
async fn a_tunnel_that_is_refused_names_the_proxy_and_its_status() {
    let secret = tests_support::canary("refused");
    for (answer, transient, hint) in [
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            false,
            "status 403",
        ),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", true, "status 502"),
        (
            "HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n",
            false,
            "status 407 (it asks for a user",
        ),
    ] {
        let proxy = Server::answering(answer).await;
        let authority = Authority::new();
        let password = secret.replace('/', "%2F");
        let client = client(&authority, &format!("http://me:{password}@{}", proxy.address));
        let request = Request::get(Url::parse("https://sts.example/?q").unwrap());
        let error = client.send(&request).await.unwrap_err();
        let expected = format!(
            "the proxy {} refused to ask https://sts.example/: {hint}",
            proxy.address
        );
        assert!(told(&error).starts_with(&expected), "{}", told(&error));
        assert_eq!(error.is_transient(), transient, "{answer}");
        assert!(!tests_support::leaks(&format!("{error:?}")), "{error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_talks_into_its_tunnel_is_refused() {
    let proxy = Server::answering("HTTP/1.1 200 OK\r\n\r\nevil").await;
    let authority = Authority::new();
    let client = client(&authority, &proxy.address.to_string());
    let request = Request::get(Url::parse("https://sts.example/").unwrap());
    let error = client.send(&request).await.unwrap_err();
    assert!(
        matches!(error, Error::Malformed { .. } | Error::Tls { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_silent_proxy_meets_the_limit_for_connecting() {
    let proxy = Server::start(|_, mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let authority = Authority::new();
    let client = client(&authority, &proxy.address.to_string()).with_connect_timeout(SHORT);
    let request = Request::get(Url::parse("https://sts.example/").unwrap());
    let error = client.send(&request).await.unwrap_err();
    assert!(
        matches!(error, Error::ConnectTimeout { limit: SHORT, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn this_machine_is_asked_directly_over_tls_too() {
    let authority = Authority::new();
    let server = authority.server(&["127.0.0.1", "localhost"]).await;
    let client = client(&authority, "127.0.0.1:1");
    for host in ["127.0.0.1", "localhost"] {
        let request = Request::get(url(host, server.address));
        assert_eq!(client.send(&request).await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn without_a_bundle_the_systems_certificates_decide() {
    let server = Authority::new().server(&["a.example"]).await;
    let error = ask(&HttpClient::new(), "a.example", &server).await.unwrap_err();
    // A bare machine has none.
    match error {
        Error::Certificate { .. } => assert_eq!(server.connections(), 1),
        Error::NoRoots => assert_eq!(server.connections(), 0),
        _ => panic!("{error:?}"),
    }
}
