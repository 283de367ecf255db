use credential_core::AwsCredentials;
use mock_imds::{Fault, MockImds, SignIn, Step};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tests_support::canary;

use crate::support::*;

/// What a program makes of a cache file: the key that is in it, read by hand, so that nothing here is the server's own
/// code.
struct Client {
    cache: Value,
    key: EcdsaKeyPair,
}

impl Client {
    fn new(sign_in: &SignIn) -> Self {
        let cache: Value = serde_json::from_str(sign_in.document()).unwrap();
        let pem = cache["dpopKey"].as_str().unwrap();
        let letters: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = decode(&letters);
        let key = key(&der[7..39], &der[56..]);
        Self { cache, key }
    }

    fn jwk(&self) -> Value {
        let point = self.key.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "x": base64_url(&point[1..33]), "y": base64_url(&point[33..])})
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()})
    }

    fn claims(mock: &MockImds, id: &str) -> Value {
        json!({
            "jti": id,
            "htm": "POST",
            "htu": format!("{}/v1/token", mock.endpoint()),
            "iat": mock.clock().now().unix_timestamp(),
        })
    }

    fn proof(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| base64_url(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64_url(signature.as_ref()))
    }

    fn body(&self) -> Value {
        json!({
            "clientId": self.cache["clientId"],
            "grantType": "refresh_token",
            "refreshToken": self.cache["refreshToken"],
        })
    }

    /// A renewal without a flaw.
    fn renew(&self, mock: &MockImds, id: &str) -> Reply {
        let proof = self.proof(&self.header(), &Self::claims(mock, id));
        ask_for_token(mock, &[&proof], &self.body())
    }
}

fn key(private: &[u8], public: &[u8]) -> EcdsaKeyPair {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, public, &SystemRandom::new()).unwrap()
}

fn other_key() -> EcdsaKeyPair {
    let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_url(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let letter = |bits: &[u8]| {
        let text = format!("{:0<6}", String::from_utf8_lossy(bits));
        char::from(LETTERS[usize::from_str_radix(&text, 2).unwrap()])
    };
    let text: String = bits.as_bytes().chunks(6).map(letter).collect();
    text.replace('+', "-").replace('/', "_")
}

fn decode(text: &str) -> Vec<u8> {
    let place = |byte: u8| LETTERS.iter().position(|letter| *letter == byte).unwrap();
    let letters = text.bytes().filter(|byte| *byte != b'=');
    let bits: String = letters.map(|byte| format!("{:06b}", place(byte))).collect();
    let whole = bits.as_bytes().chunks_exact(8);
    whole
        .map(|bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap())
        .collect()
}

fn ask_for_token(mock: &MockImds, proofs: &[&str], body: &Value) -> Reply {
    let mut headers = vec![("Content-Type", "application/json")];
    headers.extend(proofs.iter().map(|proof| ("DPoP", *proof)));
    send(mock, "POST /v1/token", &headers, &body.to_string())
}

fn refused(reply: &Reply) -> (u16, String, String) {
    let exception = reply.header("x-amzn-errortype").unwrap();
    assert!(!reply.member("message").is_empty());
    (reply.status, exception.to_owned(), reply.member("error"))
}

fn mock() -> MockImds {
    MockImds::builder().clock_at(noon()).start_blocking()
}

#[test]
fn signing_in_leaves_what_aws_login_leaves() {
    let mock = mock();
    let alice = mock.sign_in("alice", seconds(900));
    let arn = "arn:aws:sts::123456789012:assumed-role/mock-sign-in-role/alice";
    assert_eq!(alice.login_session(), arn);
    let folder = tempfile::tempdir().unwrap();
    let path = alice.write(&folder.path().join("login/cache")).unwrap();
    assert_eq!(path.file_name().unwrap(), alice.file_name().as_str());
    let cache: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let access = &cache["accessToken"];
    assert_eq!(access["expiresAt"], "2030-01-01T12:15:00Z");
    assert_eq!(access["accountId"], "123456789012");
    assert_eq!(cache["tokenType"], "aws_sigv4");
    assert_eq!(cache["clientId"], "arn:aws:signin:::devtools/same-device");
    for name in ["refreshToken", "idToken", "dpopKey"] {
        assert!(cache[name].is_string(), "{name}");
    }
    assert_eq!(
        who(&mock, &credentials_of(access)).element("Arn"),
        arn,
        "the keys sign"
    );
    assert!(!format!("{alice:?}").contains("EXAMPLE"), "{alice:?}");
}

fn credentials_of(access: &Value) -> AwsCredentials {
    let text = |name: &str| access[name].as_str().unwrap().to_owned();
    AwsCredentials::new(text("accessKeyId"), text("secretAccessKey")).with_session_token(text("sessionToken"))
}

#[test]
fn a_refresh_token_and_a_proof_give_credentials_for_fifteen_minutes() {
    let mock = mock();
    let mut client = Client::new(&mock.sign_in("alice", seconds(0)));
    let old = credentials_of(&client.cache["accessToken"]);
    assert_eq!(who(&mock, &old).element("Code"), "ExpiredToken");
    let reply = client.renew(&mock, "1");
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, Some("no-store")),
        "{reply:?}"
    );
    let answer = reply.json();
    assert_eq!(
        (&answer["tokenType"], &answer["expiresIn"]),
        (&json!("aws_sigv4"), &json!(900))
    );
    let new = credentials_of(&answer["accessToken"]);
    assert!(
        who(&mock, &new)
            .element("Arn")
            .ends_with("/mock-sign-in-role/alice")
    );

    let spent = client.renew(&mock, "2");
    assert_eq!(
        refused(&spent),
        (401, "AccessDeniedException".into(), "TOKEN_EXPIRED".into())
    );
    client.cache["refreshToken"] = answer["refreshToken"].clone();
    assert_eq!(client.renew(&mock, "3").status, 200, "the next one works");
    mock.clock().advance(seconds(900));
    assert_eq!(who(&mock, &new).element("Code"), "ExpiredToken");
    assert_eq!(mock.count(Step::CreateOAuth2Token), 3);
}

#[test]
fn somebody_is_signed_in_for_twelve_hours_or_until_signed_out() {
    let mock = mock();
    let clients: Vec<Client> = ["a", "b", "c"]
        .map(|name| Client::new(&mock.sign_in(name, seconds(60))))
        .into();
    mock.clock().advance(seconds(12 * 3600 - 1));
    assert_eq!(clients[0].renew(&mock, "1").status, 200);
    mock.clock().advance(seconds(1));
    assert_eq!(refused(&clients[1].renew(&mock, "2")).2, "TOKEN_EXPIRED");
    let client = Client::new(&mock.sign_in("d", seconds(60)));
    mock.end_sign_ins();
    assert_eq!(refused(&client.renew(&mock, "3")).2, "TOKEN_EXPIRED");
}

#[test]
fn a_proof_with_any_flaw_is_refused_and_spends_nothing() {
    let mock = mock();
    let client = Client::new(&mock.sign_in("alice", seconds(0)));
    let now = mock.clock().now().unix_timestamp();
    let with = |mut whole: Value, name: &str, value: Value| {
        match value {
            Value::Null => whole.as_object_mut().unwrap().remove(name).map(drop),
            value => whole
                .as_object_mut()
                .unwrap()
                .insert(name.into(), value)
                .map(drop),
        };
        whole
    };
    let with_private = with(client.jwk(), "d", json!("AAAA"));
    let on_another_curve = with(client.jwk(), "crv", json!("P-384"));
    let short = with(client.jwk(), "x", json!("AAAA"));
    let stranger = Client {
        cache: Value::Null,
        key: other_key(),
    };
    let id = std::cell::Cell::new(0);
    let claims = || {
        id.set(id.get() + 1);
        Client::claims(&mock, &id.get().to_string())
    };
    let header = |name: &str, value: Value| client.proof(&with(client.header(), name, value), &claims());
    let claim = |name: &str, value: Value| client.proof(&client.header(), &with(claims(), name, value));
    let good = client.proof(&client.header(), &claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    for (proof, wrong) in [
        (header("typ", json!("JWT")), "typ"),
        (header("typ", Value::Null), "typ"),
        (header("alg", json!("none")), "alg"),
        (header("alg", json!("RS256")), "alg"),
        (header("jwk", Value::Null), "jwk"),
        (header("jwk", on_another_curve), "P-256"),
        (header("jwk", short), "32 bytes"),
        (header("jwk", with_private), "private key"),
        (header("jwk", stranger.jwk()), "signature"),
        (claim("htm", json!("GET")), "htm"),
        (claim("htm", json!("post")), "htm"),
        (
            claim("htu", json!("https://us-east-1.signin.aws.amazon.com/v1/token")),
            "htu",
        ),
        (
            claim("htu", json!(format!("{}/v1/token?a=b", mock.endpoint()))),
            "htu",
        ),
        (claim("iat", json!(now - 301)), "iat"),
        (claim("iat", json!(now + 301)), "iat"),
        (claim("iat", json!(now.to_string())), "iat"),
        (claim("iat", Value::Null), "iat"),
        (claim("jti", Value::Null), "jti"),
        (claim("jti", json!("")), "jti"),
        (format!("{good}x"), "signature"),
        (format!("{signed}."), "signature"),
        (format!("{good}="), "signature"),
        (signed.to_owned(), "JWT"),
        ("nonsense".into(), "JWT"),
        (stranger.proof(&stranger.header(), &claims()), "another key"),
    ] {
        let reply = ask_for_token(&mock, &[&proof], &client.body());
        assert_eq!(
            refused(&reply),
            (400, "ValidationException".into(), "INVALID_REQUEST".into()),
            "{wrong}"
        );
        assert!(reply.member("message").contains(wrong), "{wrong}: {reply:?}");
    }
    assert_eq!(
        ask_for_token(&mock, &[], &client.body()).status,
        400,
        "no proof at all"
    );
    assert_eq!(
        ask_for_token(&mock, &[&good, &good], &client.body()).status,
        400,
        "two of them"
    );
    assert_eq!(
        ask_for_token(&mock, &[&good], &client.body()).status,
        200,
        "nothing was spent"
    );
}

#[test]
fn a_proof_works_once() {
    let mock = mock();
    let mut client = Client::new(&mock.sign_in("alice", seconds(0)));
    let proof = client.proof(&client.header(), &Client::claims(&mock, "the same"));
    let first = ask_for_token(&mock, &[&proof], &client.body());
    assert_eq!(first.status, 200);
    client.cache["refreshToken"] = first.json()["refreshToken"].clone();
    let again = ask_for_token(&mock, &[&proof], &client.body());
    assert!(again.member("message").contains("jti"), "{again:?}");
    assert_eq!(client.renew(&mock, "another").status, 200);
}

#[test]
fn what_is_wrong_with_a_call_is_said() {
    let mock = mock();
    let client = Client::new(&mock.sign_in("alice", seconds(0)));
    let cross = "arn:aws:signin:::devtools/cross-device";
    for (number, (name, value, status, code)) in [
        ("clientId", Value::Null, 400, "INVALID_REQUEST"),
        ("clientId", json!("me"), 400, "INVALID_REQUEST"),
        ("clientId", json!(cross), 400, "INVALID_REQUEST"),
        ("grantType", Value::Null, 400, "INVALID_REQUEST"),
        ("grantType", json!("password"), 400, "INVALID_REQUEST"),
        ("grantType", json!("authorization_code"), 400, "INVALID_REQUEST"),
        ("refreshToken", Value::Null, 400, "INVALID_REQUEST"),
        ("refreshToken", json!("a".repeat(2049)), 400, "INVALID_REQUEST"),
        ("refreshToken", json!(canary("refresh")), 401, "TOKEN_EXPIRED"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = client.body();
        body[name] = value;
        let proof = client.proof(&client.header(), &Client::claims(&mock, &number.to_string()));
        let reply = ask_for_token(&mock, &[&proof], &body);
        let (answered, _, error) = refused(&reply);
        assert_eq!((answered, error.as_str()), (status, code), "{name} {reply:?}");
    }
    let redeem = json!({
        "clientId": cross, "grantType": "authorization_code", "code": "c", "codeVerifier": "v", "redirectUri": "r",
    });
    let reply = ask_for_token(&mock, &[], &redeem);
    assert_eq!(
        refused(&reply),
        (401, "AccessDeniedException".into(), "AUTHCODE_EXPIRED".into())
    );
    assert_eq!(refused(&ask_for_token(&mock, &[], &json!([]))).0, 400);
    assert_eq!(ask(&mock, "GET /v1/token", &[]).status, 405);
}

#[test]
fn faults_take_the_form_of_sign_in() {
    let mock = mock();
    let client = Client::new(&mock.sign_in("alice", seconds(0)));
    for (number, (fault, status, exception, error)) in [
        (
            Fault::aws_error(403, "USER_CREDENTIALS_CHANGED"),
            403,
            "AccessDeniedException",
            "USER_CREDENTIALS_CHANGED",
        ),
        (
            Fault::aws_error(403, "INSUFFICIENT_PERMISSIONS"),
            403,
            "AccessDeniedException",
            "INSUFFICIENT_PERMISSIONS",
        ),
        (Fault::status(400), 400, "ValidationException", "INVALID_REQUEST"),
        (Fault::status(401), 401, "AccessDeniedException", "TOKEN_EXPIRED"),
        (Fault::status(429), 429, "TooManyRequestsError", "INVALID_REQUEST"),
        (Fault::status(500), 500, "InternalServerException", "server_error"),
    ]
    .into_iter()
    .enumerate()
    {
        mock.fault(Step::CreateOAuth2Token, fault.times(1));
        let reply = client.renew(&mock, &number.to_string());
        assert_eq!(refused(&reply), (status, exception.into(), error.into()));
    }
    assert_eq!(client.renew(&mock, "last").status, 200);
}
