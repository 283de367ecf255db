use credential_core::Secret;
use credential_http::{base64url, random_bytes};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// What shows that whoever brings the code is who began the login: RFC 7636,
/// <https://www.rfc-editor.org/rfc/rfc7636>
#[derive(Debug)]
pub(super) struct Pkce {
    pub(super) verifier: Secret,
    /// Goes with the address that the browser opens.
    pub(super) challenge: String,
    /// Comes back from there, so that no other page can bring us a code.
    pub(super) state: Secret,
}

impl Pkce {
    pub(super) fn new() -> Result<Self, Error> {
        let verifier = random_text::<48>()?;
        Ok(Self {
            challenge: challenge_of(&verifier),
            verifier,
            state: random_text::<24>()?,
        })
    }
}

fn challenge_of(verifier: &Secret) -> String {
    base64url(&Sha256::digest(verifier.expose().as_bytes()))
}

fn random_text<const BYTES: usize>() -> Result<Secret, Error> {
    let mut bytes = [0; BYTES];
    random_bytes(&mut bytes).map_err(|_| Error::Randomness)?;
    Ok(Secret::new(base64url(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            challenge_of(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn verifier_and_state_are_long_and_new_each_time() {
        let (one, two) = (Pkce::new().unwrap(), Pkce::new().unwrap());
        assert_eq!(one.verifier.expose().len(), 64);
        assert_eq!(one.state.expose().len(), 32);
        assert_ne!(one.verifier, two.verifier);
        assert_ne!(one.state, two.state);
    }
}
