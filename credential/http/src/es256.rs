use std::fmt;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::SigningKey;
use snafu::{OptionExt, Snafu, ensure};

use crate::tls::provider;

/// A private key on the curve P-256, which signs as ES256 asks: ECDSA with SHA-256, the signature as two numbers.
///
/// AWS Sign-In wants such a proof from those who renew its credentials. It stands in this crate because the cryptography
/// does: what TLS brings is enough, and no second library comes into the build. `Debug` shows nothing of the key.
///
/// ```
/// use credential_http::{Es256Error, Es256Key};
///
/// let error = Es256Key::from_pem("no key at all").unwrap_err();
/// assert!(matches!(error, Es256Error::Pem));
/// ```
///
/// RFC 7518 section 3.4, <https://www.rfc-editor.org/rfc/rfc7518#section-3.4>
#[derive(Clone)]
pub struct Es256Key(Arc<dyn SigningKey>);

/// Why a key cannot sign. It repeats nothing of the key, and has no source, which might. See the
/// example of [`Es256Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Snafu)]
#[snafu(visibility(pub(crate)))]
#[non_exhaustive]
pub enum Es256Error {
    /// The text is no private key in PEM.
    #[snafu(display("it is no private key in PEM"))]
    Pem,
    /// The key is damaged, or lacks its public half.
    #[snafu(display("it cannot be read as a private key: it is damaged, or lacks its public half"))]
    Unreadable,
    /// The key is of another kind.
    #[snafu(display("it is not a key on the curve P-256"))]
    OtherCurve,
    /// The cryptography failed to sign, or signed in a form that cannot be read.
    #[snafu(display("the signature cannot be made"))]
    Sign,
    /// The operating system gave no randomness.
    #[snafu(display("the system gives no randomness"))]
    Randomness,
}

impl Es256Key {
    /// Reads a key in PEM: `EC PRIVATE KEY` (SEC 1) or `PRIVATE KEY` (PKCS#8), with the public half in it.
    ///
    /// # Errors
    /// A text without such a key, and a key of another kind.
    pub fn from_pem(pem: &str) -> Result<Self, Es256Error> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| Es256Error::Pem)?;
        let key = provider()
            .key_provider
            .load_private_key(der)
            .map_err(|_| Es256Error::Unreadable)?;
        ensure!(key.choose_scheme(&ES256).is_some(), OtherCurveSnafu);
        let key = Self(key);
        key.coordinates().context(OtherCurveSnafu)?;
        Ok(key)
    }

    /// Signs a message: the numbers r and s, 32 bytes each, the highest first.
    ///
    /// # Errors
    /// The cryptography failed.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], Es256Error> {
        let signer = self.0.choose_scheme(&ES256).context(OtherCurveSnafu)?;
        let signature = signer.sign(message).map_err(|_| Es256Error::Sign)?;
        two_numbers(&signature).context(SignSnafu)
    }

    /// The public half: the coordinates x and y, 32 bytes each, the highest first.
    #[must_use]
    pub fn public_key(&self) -> ([u8; 32], [u8; 32]) {
        // `from_pem` has seen that they are there.
        self.coordinates().unwrap_or_default()
    }

    fn coordinates(&self) -> Option<([u8; 32], [u8; 32])> {
        let spki = self.0.public_key()?;
        let point = spki.as_ref().strip_prefix(SPKI_PREFIX)?;
        let (x, y) = point.split_first_chunk()?;
        Some((*x, y.try_into().ok()?))
    }
}

impl fmt::Debug for Es256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Es256Key(…)")
    }
}

/// Fills the bytes with randomness that nobody can guess, from the cryptography that TLS brings.
///
/// ```
/// let mut bytes = [0; 16];
/// credential_http::random_bytes(&mut bytes)?;
/// # Ok::<(), credential_http::Es256Error>(())
/// ```
///
/// # Errors
/// The operating system has none to give.
pub fn random_bytes(bytes: &mut [u8]) -> Result<(), Es256Error> {
    let filled = provider().secure_random.fill(bytes);
    filled.map_err(|_| Es256Error::Randomness)
}

const ES256: [SignatureScheme; 1] = [SignatureScheme::ECDSA_NISTP256_SHA256];

/// What stands before the coordinates: an EC key on P-256, as an uncompressed point.
///
/// RFC 5480 section 2, <https://www.rfc-editor.org/rfc/rfc5480#section-2>
const SPKI_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// r and s out of the DER that TLS signs with: `SEQUENCE { INTEGER r, INTEGER s }`.
///
/// RFC 3279 section 2.2.3, <https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3>
fn two_numbers(der: &[u8]) -> Option<[u8; 64]> {
    let (inside, after) = element(SEQUENCE, der)?;
    let (r, rest) = element(INTEGER, inside)?;
    let (s, rest) = element(INTEGER, rest)?;
    let whole = after.is_empty() && rest.is_empty();
    let mut numbers = [0; 64];
    let (left, right) = numbers.split_at_mut(32);
    write_number(r, left)?;
    write_number(s, right)?;
    whole.then_some(numbers)
}

/// The content of the element that the bytes start with, and what follows it. It has at most 127 bytes, as P-256 needs.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes {
        [found, length, rest @ ..] if *found == tag && *length < 0x80 => {
            rest.split_at_checked(usize::from(*length))
        }
        _ => None,
    }
}

/// A number comes with a zero before it when its highest bit is set, and without the zeros that it could do without.
fn write_number(number: &[u8], place: &mut [u8]) -> Option<()> {
    let digits = match number {
        [0, rest @ ..] => rest,
        [first, ..] if *first < 0x80 => number,
        _ => return None,
    };
    let start = place.len().checked_sub(digits.len())?;
    place.get_mut(start..)?.copy_from_slice(digits);
    Some(())
}

#[cfg(test)]
mod tests;
