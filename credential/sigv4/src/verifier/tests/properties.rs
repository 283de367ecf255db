//! Whatever is signed is accepted, and nothing else.

use proptest::prelude::*;
use tests_support::leaks;

use super::*;

#[test]
fn a_query_of_many_parameters_takes_no_longer_than_it_is_long() {
    // One MiB of short parameters: anything quadratic would take minutes.
    let falling: String = (0..150_000).rev().map(|n| format!("{n:06}&")).collect();
    for query in ["a&".repeat(1 << 19), falling] {
        let sent = Sent { query, ..Sent::get() };
        assert_eq!(sent.signed(&signer(), &credentials()).verify(), Ok(()));
    }
}

fn any_request() -> impl Strategy<Value = Sent> {
    let header = ("[a-zA-Z][a-zA-Z0-9-]{0,12}", "[ -~\t]{0,24}");
    (
        "[A-Z]{1,7}",
        "(/[ -~\u{e9}]{0,8}){0,4}/?",
        "([ -~\u{1234}]{0,8}=?&?){0,4}",
        prop::collection::vec(header, 0..4),
        prop::collection::vec(any::<u8>(), 0..64),
    )
        .prop_map(|(method, path, query, mut headers, body)| {
            headers.push(("host".into(), "localhost".into()));
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("date"));
            Sent {
                method,
                path,
                query,
                headers,
                body,
            }
        })
}

fn any_service() -> impl Strategy<Value = (Signer, Verifier)> {
    prop_oneof![
        Just((signer(), Verifier::new("sts", "us-east-1"))),
        Just((signer().with_payload_header(), Verifier::any())),
        Just((Signer::for_s3("us-east-1"), Verifier::new("s3", "us-east-1"))),
        Just((
            Signer::for_s3("us-east-1").with_unsigned_payload(),
            Verifier::any()
        )),
        Just((
            Signer::new("execute-api", "us-east-1").without_path_normalization(),
            Verifier::any().without_path_normalization()
        )),
    ]
}

fn maybe_token() -> impl Strategy<Value = AwsCredentials> {
    prop_oneof![
        Just(credentials()),
        Just(AwsCredentials::new("AKIDEXAMPLE", secret()))
    ]
}

proptest! {
    #[test]
    fn any_request_that_is_signed_is_accepted(
        request in any_request(), (signer, verifier) in any_service(), credentials in maybe_token(),
    ) {
        let by_header = request.clone().signed(&signer, &credentials);
        prop_assert_eq!(by_header.verify_at(&verifier, noon()), Ok(()));
        let by_query = request.presigned(&signer, &credentials, 60);
        prop_assert_eq!(by_query.verify_at(&verifier, noon()), Ok(()));
    }

    #[test]
    fn any_change_to_a_signed_request_is_refused(
        path in "(/[a-z0-9%]{1,8}){1,3}", value in "[!-~]{1,12}", body in prop::collection::vec(any::<u8>(), 1..64),
        at in any::<prop::sample::Index>(), presign in any::<bool>(), change in 0..6,
    ) {
        let mut sent = Sent::get();
        sent.path = path;
        sent.body = body;
        sent.set("x-thing", &value);
        let mut sent = if presign {
            sent.presigned(&signer(), &credentials(), 60)
        } else {
            sent.signed(&signer(), &credentials())
        };
        prop_assert_eq!(sent.verify(), Ok(()));
        match change {
            0 => {
                let at = at.index(sent.body.len());
                sent.body[at] ^= 1;
            }
            1 => {
                let at = 1 + at.index(sent.path.len() - 1);
                let new = if &sent.path[at..=at] == "x" { "y" } else { "x" };
                sent.path.replace_range(at..=at, new);
            }
            2 => sent.set("x-thing", &format!("{value}.")),
            3 => sent.query.push_str("&more=1"),
            4 => sent.method.push('S'),
            _ => sent.query = sent.query.replacen("GetCallerIdentity", "GetCallerldentity", 1),
        }
        let refused = matches!(sent.verify(), Err(Refusal::Signature { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn another_secret_is_refused(secret in "[ -~]{1,100}") {
        let authorization = by_header().authorization().unwrap();
        let checked = by_header().with(|request| {
            Verifier::any().verify(request, &authorization, &Secret::from(secret), noon())
        });
        let refused = matches!(checked, Err(Refusal::Signature { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn any_text_as_authorization_is_answered_without_a_panic(
        text in prop_oneof![
            ".*",
            "AWS4-HMAC-SHA256 .*",
            "AWS4-HMAC-SHA256 (Credential|SignedHeaders|Signature)=[ -~]{0,40}(,.{0,40}){0,4}",
            "AWS4-HMAC-SHA256 Credential=[a-z/]{0,9}/[0-9]{8}/[a-z]{0,3}/[a-z0-9]{0,3}/[a-z0-9_]{0,13}, \
             SignedHeaders=[a-zA-Z;-]{1,20}, Signature=[0-9a-f]{1,70}",
        ],
        date in prop_oneof![".*", "[0-9]{8}T[0-2][0-9][0-5][0-9][0-5][0-9]Z"],
        seconds in -60_000_000_000_i64..250_000_000_000,
    ) {
        let mut sent = Sent::get();
        sent.set("x-amz-date", &date);
        sent.set("authorization", &text);
        let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        if let Ok(Some(authorization)) = sent.with(Authorization::of) {
            for checked in sent.with(|request| {
                [
                    Verifier::any().verify(request, &authorization, &secret(), now),
                    Verifier::any().check_signature(request, &authorization, &secret()),
                ]
            }) {
                let shown = format!("{checked:?}");
                prop_assert!(!leaks(&shown), "{}", shown);
            }
        }
    }

    #[test]
    fn any_text_as_query_is_answered_without_a_panic(
        query in prop_oneof![".*", "(X-Amz-(Algorithm|Credential|Date|Expires|Signature)=[ -~]{0,20}&){0,6}"],
    ) {
        let mut sent = Sent::get();
        sent.query = query;
        if let Ok(Some(authorization)) = sent.with(Authorization::of) {
            let _ = sent.with(|request| Verifier::any().verify(request, &authorization, &secret(), noon()));
        }
    }
}
