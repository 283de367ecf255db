//! Requests and their signatures.

use std::time::Duration;

use credential_chain::Secret;
use credential_chain::sigv4::{Authorization, SignableRequest, Signer, Verifier};
use time::OffsetDateTime;

use super::*;

#[test]
fn signatures_keep_quiet() {
    let headers = [("host", "sts.us-east-1.amazonaws.com")];
    let request = SignableRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: b"Action=GetCallerIdentity",
    };
    let signer = Signer::new("sts", "us-east-1");
    let signed = signer
        .sign(&request, &credentials(), OffsetDateTime::UNIX_EPOCH)
        .unwrap();
    keeps_quiet("Signer", &signer);
    keeps_quiet("SignedHeader", &signed.headers());
    let body = canary("body");
    let with_secrets = SignableRequest {
        query: &body,
        headers: &[("authorization", &body)],
        body: body.as_bytes(),
        ..request
    };
    keeps_quiet("SignableRequest", &with_secrets);
    keeps_quiet("Signed", &signed);
    assert!(!leaks(signed.canonical_request()) && !leaks(signed.string_to_sign()));
    let presigned = signer
        .presign(
            &request,
            &credentials(),
            OffsetDateTime::UNIX_EPOCH,
            Duration::from_secs(60),
        )
        .unwrap();
    keeps_quiet("Presigned", &presigned);
    assert!(!leaks(presigned.canonical_request()));

    let mut sent: Vec<(&str, &str)> = headers.to_vec();
    sent.extend(
        signed
            .headers()
            .iter()
            .map(|header| (header.name(), header.value())),
    );
    let request = SignableRequest {
        headers: &sent,
        ..request
    };
    let authorization = Authorization::of(&request).unwrap().unwrap();
    keeps_quiet("Authorization", &authorization);
    let verifier = Verifier::new("sts", "us-east-1");
    let wrong = Secret::from(canary("wrong"));
    let refusal = verifier
        .verify(&request, &authorization, &wrong, OffsetDateTime::UNIX_EPOCH)
        .unwrap_err();
    keeps_quiet("Refusal", &refusal);
    assert!(!leaks(&refusal.to_string()), "{refusal}");
}
