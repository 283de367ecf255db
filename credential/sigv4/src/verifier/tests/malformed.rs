//! What cannot be read.

use tests_support::leaks;

use super::*;
use crate::Part;

#[test]
fn an_authorization_that_cannot_be_read_is_malformed() {
    let missing = |part| Refusal::Missing { part };
    let malformed = |part| Refusal::Malformed { part };
    let other = |found: &str| Refusal::Algorithm { found: found.into() };
    let good = "Credential=A/20300101/r/s/aws4_request, SignedHeaders=host, Signature=00";
    let all = format!("AWS4-HMAC-SHA256 {good}");
    for (authorization, expected) in [
        ("", other("of another kind")),
        ("AWS4-HMAC-SHA256", missing(Part::Credential)),
        (
            "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00",
            missing(Part::Credential),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=A/20300101/r/s/aws4_request, Signature=00",
            missing(Part::SignedHeaders),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=A/20300101/r/s/aws4_request, SignedHeaders=host",
            missing(Part::Signature),
        ),
        (
            &all.replace("A/20300101/", "20300101/"),
            malformed(Part::Credential),
        ),
        (&all.replace("=A/", "=/"), malformed(Part::Credential)),
        (&all.replace("20300101", "2030-1-1"), malformed(Part::Credential)),
        (&all.replace("/r/", "/r r/"), malformed(Part::Credential)),
        (&all.replace("=host", "="), malformed(Part::SignedHeaders)),
        (&all.replace("=host", "=host x"), malformed(Part::SignedHeaders)),
        (&all.replace("=00", "="), malformed(Part::Signature)),
        (&all.replace("=00", "=zz"), malformed(Part::Signature)),
        (&format!("{all}, Signature=01"), malformed(Part::Signature)),
        (&format!("AWS4-ECDSA-P256-SHA256 {good}"), Refusal::Asymmetric),
        ("Bearer of-news", other("Bearer")),
        ("AWS AKIDEXAMPLE:signature", other("AWS")),
        (&canary("lone token"), other("of another kind")),
        ("lonetoken", other("of another kind")),
    ] {
        let mut sent = Sent::get();
        sent.set("x-amz-date", "20300101T120000Z");
        sent.set("authorization", authorization);
        let refusal = sent.authorization().unwrap_err();
        assert_eq!(refusal, expected, "{authorization}");
        assert!(refusal.is_malformed(), "{authorization}");
        assert!(!leaks(&format!("{refusal} {refusal:?}")));
    }
}

#[test]
fn a_query_that_cannot_be_read_is_malformed() {
    let good = by_query().query;
    let missing = |part| Refusal::Missing { part };
    let malformed = |part| Refusal::Malformed { part };
    for (from, to, expected) in [
        ("X-Amz-Algorithm", "Algorithm", missing(Part::Algorithm)),
        ("X-Amz-Credential", "Credential", missing(Part::Credential)),
        ("X-Amz-Date", "Date", missing(Part::Date)),
        (
            "X-Amz-SignedHeaders",
            "SignedHeaders",
            missing(Part::SignedHeaders),
        ),
        ("X-Amz-Signature", "Signature", missing(Part::Signature)),
        ("20300101T120000Z", "now", malformed(Part::Date)),
        ("X-Amz-Expires=3600", "X-Amz-Expires=1h", malformed(Part::Expires)),
        ("X-Amz-Expires=3600", "X-Amz-Expires=", malformed(Part::Expires)),
        ("X-Amz-Expires=3600", "X-Amz-Expires=-1", malformed(Part::Expires)),
        (
            "X-Amz-Expires=3600",
            "X-Amz-Expires=99999999999999999999",
            malformed(Part::Expires),
        ),
        (
            "X-Amz-Expires",
            "X-Amz-Date=&X-Amz-Expires",
            malformed(Part::Date),
        ),
        (
            "X-Amz-Signature=",
            "X-Amz-Signature=%FF",
            malformed(Part::Signature),
        ),
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", Refusal::Asymmetric),
    ] {
        assert!(good.contains(from));
        let mut sent = by_query();
        sent.query = good.replace(from, to);
        assert_eq!(sent.authorization().unwrap_err(), expected, "{from} → {to}");
    }
}
