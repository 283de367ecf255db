//! A session's key and its proofs, its file, and what AWS Sign-In says.

use std::path::PathBuf;

use credential_core::{Clock, Variables};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::SignatureScheme;
use serde_json::{Value, json};
use tests_support::{FixedRandom, PausingClock, Received, Reply, Server, canary};

use crate::{LoginProvider, location};

pub(crate) const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";

/// A key for one test.
pub(crate) struct DpopKey(KeyPair);

impl DpopKey {
    pub(crate) fn generate() -> Self {
        Self(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    /// `EC PRIVATE KEY`, as the AWS CLI writes it.
    ///
    /// RFC 5915, <https://www.rfc-editor.org/rfc/rfc5915>
    pub(crate) fn pem(&self) -> String {
        let pkcs8 = self.0.serialize_der();
        let marker = [0x02, 0x01, 0x01, 0x04, 0x20];
        let start = pkcs8
            .windows(marker.len())
            .position(|window| window == marker)
            .unwrap();
        let mut inside = pkcs8[start..start + marker.len() + 32].to_vec();
        inside.extend([
            0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
        ]);
        inside.extend([0xa1, 0x44, 0x03, 0x42, 0x00]);
        inside.extend(self.0.public_key_raw());
        let mut der = vec![0x30, u8::try_from(inside.len()).unwrap()];
        der.extend(inside);
        let letters = credential_http::base64(&der);
        let lines: Vec<&str> = letters
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n",
            lines.join("\n")
        )
    }

    pub(crate) fn x(&self) -> Vec<u8> {
        self.0.public_key_raw()[1..33].to_vec()
    }

    pub(crate) fn y(&self) -> Vec<u8> {
        self.0.public_key_raw()[33..].to_vec()
    }
}

/// What a proof says.
pub(crate) struct Proof {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Proof {
    /// The proof in a token, once its signature is found to be this key's.
    pub(crate) fn verified(token: &str, key: &DpopKey) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("{token} has not three parts");
        };
        let signature = decode(signature);
        assert_eq!(signature.len(), 64);
        let integer = |number: &[u8]| {
            let start = number.iter().position(|byte| *byte != 0).unwrap_or(31);
            let zero: &[u8] = if number[start] >= 0x80 { &[0] } else { &[] };
            let digits = [zero, &number[start..]].concat();
            [vec![0x02, u8::try_from(digits.len()).unwrap()], digits].concat()
        };
        let inside = [integer(&signature[..32]), integer(&signature[32..])].concat();
        let der = [vec![0x30, u8::try_from(inside.len()).unwrap()], inside].concat();

        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let (_, candidates) = algorithms
            .mapping
            .iter()
            .find(|(scheme, _)| *scheme == SignatureScheme::ECDSA_NISTP256_SHA256)
            .unwrap();
        let signed = format!("{header}.{claims}");
        let good = candidates.iter().any(|algorithm| {
            algorithm
                .verify_signature(key.0.public_key_raw(), signed.as_bytes(), &der)
                .is_ok()
        });
        assert!(good, "the signature is not the key's");
        let parsed = |part| serde_json::from_slice(&decode(part)).unwrap();
        Self {
            header: parsed(header),
            claims: parsed(claims),
        }
    }
}

fn decode(text: &str) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|other| *other == letter).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// A folder with a session's file in it, and a provider that reads it.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) key: DpopKey,
    pub(crate) clock: PausingClock,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            key: DpopKey::generate(),
            clock: PausingClock::default(),
        }
    }

    /// With credentials that live so many seconds from the clock's noon on.
    pub(crate) fn with_session(seconds: i64) -> Self {
        let home = Self::new();
        home.write(&home.document(seconds));
        home
    }

    pub(crate) fn document(&self, seconds: i64) -> Value {
        let expiration = self.clock.now() + time::Duration::seconds(seconds);
        let expires_at = credential_core::format_timestamp(expiration);
        json!({
            "accessToken": {
                "accessKeyId": "ASIAOLD",
                "secretAccessKey": canary("old secret"),
                "sessionToken": canary("old token"),
                "accountId": "012345678901",
                "expiresAt": expires_at,
            },
            "tokenType": "aws_sigv4",
            "clientId": "arn:aws:signin:::devtools/same-device",
            "refreshToken": refresh_token(0),
            "idToken": canary("identity"),
            "dpopKey": self.key.pem(),
        })
    }

    pub(crate) fn write(&self, document: &Value) {
        self.write_text(&document.to_string());
    }

    pub(crate) fn write_text(&self, text: &str) {
        let path = self.path();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path()).unwrap()).unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        let folder = self.folder.path().join(".aws/login/cache");
        folder.join(location::name(SESSION))
    }

    pub(crate) fn provider(&self) -> LoginProvider {
        let home = self.folder.path().as_os_str();
        LoginProvider::new(SESSION)
            .with_variables(Variables::from([("HOME", home)]))
            .with_clock(self.clock.clone())
            .with_random(FixedRandom(0.5))
            .with_profile("dev")
    }

    pub(crate) fn provider_at(&self, server: &Server) -> LoginProvider {
        self.provider().with_endpoint(&server.url)
    }
}

/// The refresh token after so many renewals.
pub(crate) fn refresh_token(turn: usize) -> String {
    canary(&format!("refresh {turn}"))
}

/// The replies of AWS Sign-In.
pub(crate) trait OfSignIn {
    fn refusal(status: u16, error: &str) -> Reply {
        let body = json!({ "error": error, "message": "as the script says" });
        Reply::with(status, body.to_string())
    }

    /// The renewal of this number, from 1.
    fn renewal(turn: usize) -> Reply {
        Reply::with(200, answer(turn).to_string())
    }
}

impl OfSignIn for Reply {}

pub(crate) fn answer(turn: usize) -> Value {
    json!({
        "accessToken": {
            "accessKeyId": format!("ASIANEW{turn}"),
            "secretAccessKey": canary("new secret"),
            "sessionToken": canary("new token"),
        },
        "tokenType": "aws_sigv4",
        "expiresIn": 900,
        "refreshToken": refresh_token(turn),
    })
}

/// A request for a renewal.
pub(crate) trait Renewing {
    fn proof(&self, key: &DpopKey) -> Proof;

    fn json(&self) -> Value;

    fn refresh_token(&self) -> String {
        self.json()["refreshToken"].as_str().unwrap().to_owned()
    }
}

impl Renewing for Received {
    fn proof(&self, key: &DpopKey) -> Proof {
        Proof::verified(self.header("dpop").unwrap(), key)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// AWS as it might be at its strictest: each refresh token is good once.
pub(crate) async fn single_use() -> Server {
    let mut turn = 0;
    Server::deciding(move |_, request| {
        if request.refresh_token() == refresh_token(turn) {
            turn += 1;
            Reply::renewal(turn)
        } else {
            Reply::refusal(401, "TOKEN_EXPIRED")
        }
    })
    .await
}
