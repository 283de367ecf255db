//! What must be signed.

use super::*;

#[test]
fn host_and_amazon_headers_must_be_signed_and_there() {
    let mut added = by_header();
    added.set("X-Amz-Meta", "x");
    assert_eq!(
        added.verify(),
        Err(Refusal::Unsigned {
            name: "x-amz-meta".into()
        })
    );

    let mut no_host = by_header();
    no_host.replace("authorization", "=host;", "=");
    assert_eq!(no_host.verify(), Err(Refusal::Unsigned { name: "host".into() }));

    let mut gone = Sent::get();
    gone.set("x-thing", "1");
    let mut gone = gone.signed(&signer(), &credentials());
    gone.headers.retain(|(name, _)| name != "x-thing");
    assert_eq!(
        gone.verify(),
        Err(Refusal::Absent {
            name: "x-thing".into()
        })
    );

    let mut traced = by_header();
    traced.set("x-amzn-trace-id", "Root=1");
    traced.set("user-agent", "another");
    assert_eq!(traced.verify(), Ok(()));
}

#[test]
fn a_token_added_after_signing_is_accepted_where_the_service_allows_it() {
    let after = signer().with_token_after_signing();
    let allowing = Verifier::new("sts", "us-east-1").with_token_after_signing();
    let by_header = Sent::get().signed(&after, &credentials());
    let by_query = Sent::get().presigned(&after, &credentials(), 60);
    for sent in [&by_header, &by_query] {
        assert_eq!(sent.verify_at(&allowing, noon()), Ok(()));
        assert!(sent.verify().is_err());
    }
}

#[test]
fn a_digest_in_a_header_must_be_the_bodys() {
    let mut post = Sent::get();
    post.body = b"Action=AssumeRole".to_vec();
    let good = post
        .clone()
        .signed(&signer().with_payload_header(), &credentials());
    assert_eq!(good.verify(), Ok(()));
    let mut changed = good;
    changed.body.push(b'!');
    let computed = sha256(&changed.body);
    assert_eq!(changed.verify(), Err(Refusal::BodyHash { computed }));

    let mut chunked = post.clone();
    chunked.set("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    assert_eq!(
        chunked.signed(&signer(), &credentials()).verify(),
        Err(Refusal::Streaming)
    );

    let open = post.signed(&signer().with_unsigned_payload(), &credentials());
    assert!(matches!(open.verify(), Err(Refusal::BodyHash { .. })));
    let allowing = Verifier::new("sts", "us-east-1").with_unsigned_payload();
    assert_eq!(open.verify_at(&allowing, noon()), Ok(()));
}
