//! Credentials, keys and documents.

use credential_chain::cache::{Object, Value};
use credential_chain::http::{Es256Key, Proxies, Request, Url, base64};
use credential_chain::sts::{AssumeRole, GetSessionToken};
use credential_chain::{CredentialsFuture, Secret, Variables};
use credential_json::{Document, ErrorDocument, Required};

use super::*;

#[test]
fn the_values_keep_quiet() {
    let secret = canary("value");
    keeps_quiet("Secret", &Secret::from(&*secret));
    keeps_quiet("AwsCredentials", &credentials());
    keeps_quiet("CredentialsFuture", &CredentialsFuture::ready(Ok(credentials())));
    keeps_quiet(
        "Variables",
        &Variables::from([("AWS_SECRET_ACCESS_KEY", &*secret)]),
    );
    keeps_quiet(
        "Proxies",
        &Proxies::from_lookup(|_| Some(format!("http://user:{secret}@proxy.example:8080"))),
    );
    let url = Url::parse(&format!("http://127.0.0.1/path?token={secret}")).unwrap();
    keeps_quiet("Url", &url);
    assert!(!leaks(&url.to_string()), "{url}");
    let request = Request::post(url)
        .with_secret_header("authorization", &*secret)
        .with_body(secret.clone().into_bytes());
    keeps_quiet("Request", &request);
    keeps_quiet(
        "AssumeRole",
        &AssumeRole::new("arn:aws:iam::123456789012:role/x", "name").with_mfa("serial", &*secret),
    );
    keeps_quiet(
        "GetSessionToken",
        &GetSessionToken::new().with_mfa("serial", &*secret),
    );
    let mut object = Object::parse(&format!(r#"{{"accessToken": "{secret}", "{secret}": 1}}"#)).unwrap();
    object.set("more", &*secret);
    keeps_quiet("Object", &object);
    keeps_quiet("Value", &Value::from(&*secret));
}

#[test]
fn a_private_key_keeps_quiet() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let letters = base64(&key.serialize_der());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{letters}\n-----END PRIVATE KEY-----\n");
    let key = Es256Key::from_pem(&pem).unwrap();
    keeps_quiet("Es256Key", &key);
    assert_eq!(format!("{key:?}"), "Es256Key(…)", "nothing of its numbers");
}

#[test]
fn documents_keep_quiet() {
    let body = format!(
        r#"{{"AccessKeyId":"AKIDCANARY","SecretAccessKey":"{}","Token":"{}","Expiration":"2030-01-01T00:00:00Z"}}"#,
        canary("secret"),
        canary("token")
    );
    let document = Document::parse(body.as_bytes()).unwrap();
    keeps_quiet("Document", &document);
    keeps_quiet(
        "credentials",
        &document.into_credentials(Required::TEMPORARY).unwrap(),
    );
    keeps_quiet("ErrorDocument", &ErrorDocument::parse(body.as_bytes()));
    for end in 0..body.len() {
        if let Err(error) = Document::parse(&body.as_bytes()[..end]) {
            keeps_quiet("Error", &error);
            assert!(!leaks(&error.to_string()), "{error}");
        }
    }
}
