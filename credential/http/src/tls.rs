use std::error::Error as StdError;
use std::fs::File;
use std::future::{Ready, ready};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::load_certs_from_paths;
use snafu::{IntoError, ResultExt};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tower_service::Service;

use crate::error::{
    CaBundleEmptySnafu, CaBundleSnafu, CertificateSnafu, ClosedSnafu, Error, NoRootsSnafu, TlsSetupSnafu,
    TlsSnafu,
};
use crate::roots::Roots;
use crate::stream::Encrypted;
use crate::timer::Step;
use crate::url::Url;

#[cfg(test)]
mod tests;

/// The longest CA bundle that is read, in bytes; the usual ones have about 250 KB.
const BUNDLE_LIMIT: u64 = 16 * 1024 * 1024;

/// What TLS needs, made ready at the first `https` request. A failure is not kept: the next request tries again.
#[derive(Default)]
pub(crate) struct Tls(OnceCell<Arc<ClientConfig>>);

impl Tls {
    pub(crate) async fn config(&self, roots: &Roots) -> Result<Arc<ClientConfig>, Error> {
        let config = self.0.get_or_try_init(|| {
            let roots = roots.clone();
            async {
                #[expect(clippy::disallowed_methods, reason = "this crate depends on none of ours")]
                let config = tokio::task::spawn_blocking(move || config(&roots)).await;
                config.boxed().context(TlsSetupSnafu)?
            }
        });
        config.await.cloned()
    }
}

/// Greets the server over an open connection, and checks its certificate for the URL's host.
pub(crate) fn greet<'a>(
    config: Arc<ClientConfig>,
    tcp: TcpStream,
    url: &'a Url,
    shown: &'a str,
) -> Step<'a, Result<Box<dyn Encrypted>, Error>> {
    Box::pin(async move {
        let host = format!("https://{}", url.authority());
        let host: Uri = host.parse().boxed().context(TlsSetupSnafu)?;
        let mut connector = HttpsConnector::from((Opened(Some(TokioIo::new(tcp))), config));
        connector.enforce_https();
        match connector.call(host).await {
            Ok(stream) => Ok(Box::new(stream) as Box<dyn Encrypted>),
            Err(error) => Err(failure(error, shown)),
        }
    })
}

fn failure(error: Box<dyn StdError + Send + Sync>, url: &str) -> Error {
    match tls_error(&*error) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            CertificateSnafu { url }.into_error(error)
        }
        Some(_) => TlsSnafu { url }.into_error(error),
        None => ClosedSnafu { url }.into_error(error),
    }
}

/// The TLS library's error, which comes wrapped in errors of input and output.
fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The connection that is there already, as hyper-rustls asks for it.
struct Opened(Option<TokioIo<TcpStream>>);

impl Service<Uri> for Opened {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<TcpStream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

fn config(roots: &Roots) -> Result<Arc<ClientConfig>, Error> {
    let store = store(roots)?;
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .boxed()
        .context(TlsSetupSnafu)?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The cryptography this build has; never the one that the process may have made its default.
pub(crate) fn provider() -> CryptoProvider {
    #[cfg(feature = "fips")]
    return rustls::crypto::default_fips_provider();
    #[cfg(all(feature = "aws-lc-rs", not(feature = "fips")))]
    return rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(any(feature = "aws-lc-rs", feature = "fips")))]
    return rustls::crypto::ring::default_provider();
}

fn store(roots: &Roots) -> Result<RootCertStore, Error> {
    let certificates = match (&roots.bundle, &roots.system) {
        (Some(bundle), _) => in_file(bundle)?,
        (None, Some(folder)) if folder.is_dir() => load_certs_from_paths(None, Some(folder)).certs,
        (None, Some(file)) => in_file(file)?,
        (None, None) => of_the_system(),
    };
    let mut store = RootCertStore::empty();
    let (good, bad) = store.add_parsable_certificates(certificates);
    let path = roots.bundle.as_ref().or(roots.system.as_ref());
    tracing::debug!(good, bad, ?path, "read the CA certificates");
    match path {
        _ if good > 0 => Ok(store),
        Some(path) => CaBundleEmptySnafu { path }.fail(),
        None => NoRootsSnafu.fail(),
    }
}

/// The certificates of a PEM file. What else it holds is passed over, and never shown: it may be a private key.
fn in_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bytes = read(path).context(CaBundleSnafu { path })?;
    Ok(CertificateDer::pem_slice_iter(&bytes)
        .filter_map(Result::ok)
        .collect())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(BUNDLE_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BUNDLE_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more than 16 MiB"));
    }
    Ok(bytes)
}

/// The system's certificates. The loader's own search would first read `SSL_CERT_FILE` from the process, where the
/// caller may have other variables: so the search is here, where files tell.
#[cfg(all(unix, not(target_os = "macos")))]
fn of_the_system() -> Vec<CertificateDer<'static>> {
    match first_of(&SYSTEM_FILES) {
        Some(file) => load_certs_from_paths(Some(file), None).certs,
        None => load_certs_from_paths(None, first_of(&SYSTEM_FOLDERS)).certs,
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn first_of(paths: &[&'static str]) -> Option<&'static Path> {
    paths
        .iter()
        .map(|path| Path::new(*path))
        .find(|path| path.exists())
}

/// The system's certificates. Here the loader itself reads `SSL_CERT_FILE` and `SSL_CERT_DIR` from the process first.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn of_the_system() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// As Go searches, <https://go.dev/src/crypto/x509/root_linux.go>, and its siblings for other systems.
#[cfg(all(unix, not(target_os = "macos")))]
const SYSTEM_FILES: [&str; 10] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/etc/openssl/certs/ca-certificates.crt",
    "/usr/local/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/certs/ca-certificates.crt",
];
#[cfg(all(unix, not(target_os = "macos")))]
const SYSTEM_FOLDERS: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/openssl/certs",
    "/etc/certs/CA",
];
