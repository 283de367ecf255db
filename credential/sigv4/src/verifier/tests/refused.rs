//! Another scope or signature, and what is blamed first.

use tests_support::leaks;

use super::*;

#[test]
fn the_scope_must_be_the_servers() {
    for (from, to, expected) in [
        (
            "/20300101/",
            "/20300102/",
            Refusal::ScopeDate {
                scope: "20300102".into(),
                request: "20300101".into(),
            },
        ),
        (
            "/us-east-1/",
            "/eu-west-1/",
            Refusal::ScopeRegion {
                expected: "us-east-1".into(),
                found: "eu-west-1".into(),
            },
        ),
        (
            "/sts/",
            "/ec2/",
            Refusal::ScopeService {
                expected: "sts".into(),
                found: "ec2".into(),
            },
        ),
        (
            "/aws4_request",
            "/aws5_request",
            Refusal::ScopeTerminator {
                found: "aws5_request".into(),
            },
        ),
    ] {
        let mut sent = by_header();
        sent.replace("authorization", from, to);
        assert_eq!(sent.verify(), Err(expected));
        let any = sent.verify_at(&Verifier::any(), noon()).unwrap_err();
        let scope_is_free = from == "/us-east-1/" || from == "/sts/";
        assert_eq!(matches!(any, Refusal::Signature { .. }), scope_is_free, "{any}");
    }
}

#[test]
fn a_signature_that_does_not_match_shows_what_the_server_signed_but_no_secret() {
    let mut sent = by_header();
    sent.query.push_str("&Token=");
    sent.query.push_str(&canary("query"));
    let refusal = sent.verify().unwrap_err();
    let Refusal::Signature {
        canonical_request,
        string_to_sign,
    } = &refusal
    else {
        panic!("{refusal}")
    };
    assert!(
        canonical_request.starts_with("GET\n/\nAction=GetCallerIdentity&Token=(hidden)&Version=2011-06-15\n")
    );
    assert!(canonical_request.contains("\nx-amz-security-token:(hidden)\n"));
    assert!(string_to_sign.starts_with("AWS4-HMAC-SHA256\n20300101T120000Z\n"));
    let authorization = sent.authorization().unwrap();
    assert!(!leaks(&format!(
        "{refusal} {refusal:?} {authorization:?} {:?}",
        signer()
    )));
}

#[test]
fn the_clock_is_blamed_before_the_signature_and_the_scope_before_the_clock() {
    let much_later = noon() + Duration::from_secs(86_400);
    let mut sent = by_header();
    sent.body = b"changed".to_vec();
    sent.set("x-amz-meta", "unsigned");
    let verifier = Verifier::new("sts", "us-east-1");
    let elsewhere = Verifier::new("sts", "eu-west-1");
    let scope = sent.verify_at(&elsewhere, much_later).unwrap_err();
    assert!(matches!(scope, Refusal::ScopeRegion { .. }), "{scope}");
    let clock = sent.verify_at(&verifier, much_later).unwrap_err();
    assert!(matches!(clock, Refusal::Expired { .. }), "{clock}");
    let unsigned = sent.verify_at(&verifier, noon()).unwrap_err();
    assert!(matches!(unsigned, Refusal::Unsigned { .. }), "{unsigned}");
    sent.headers.retain(|(name, _)| name != "x-amz-meta");
    let signature = sent.verify_at(&verifier, noon()).unwrap_err();
    assert!(matches!(signature, Refusal::Signature { .. }), "{signature}");
}
