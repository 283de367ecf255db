//! What is a signature, in a header or in the query.

use super::*;

#[test]
fn a_signed_request_is_accepted_in_either_form() {
    for (sent, form) in [(by_header(), Form::Header), (by_query(), Form::Query)] {
        assert_eq!(sent.verify(), Ok(()));
        let authorization = sent.authorization().unwrap();
        assert_eq!(authorization.form(), form);
        assert_eq!(authorization.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(
            authorization.session_token().map(Secret::expose),
            Some(&*canary("token"))
        );
        assert_eq!(authorization.signed_at(), noon());
    }
}

#[test]
fn a_request_without_any_signature_has_no_authorization() {
    let found = Sent::get().with(|request| Authorization::of(request).unwrap().is_none());
    assert!(found);
}

#[test]
fn blanks_and_the_order_of_the_parts_do_not_matter() {
    let mut sent = by_header();
    let value = sent.headers.last().unwrap().1.clone();
    let (scheme, rest) = value.split_once(' ').unwrap();
    let mut parts: Vec<&str> = rest.split(", ").collect();
    parts.reverse();
    sent.set("Authorization", &format!("{scheme}   {}", parts.join(" ,  ")));
    assert_eq!(sent.verify(), Ok(()));
    sent.set("Authorization", &format!("{scheme} {}", parts.join(",")));
    assert_eq!(sent.verify(), Ok(()));
}

#[test]
fn a_request_is_signed_once() {
    let mut twice = by_header();
    let authorization = twice.headers.last().unwrap().clone();
    twice.headers.push(authorization);
    assert_eq!(twice.authorization().unwrap_err(), Refusal::Repeated);
    let mut both = by_header();
    both.query = by_query().query;
    assert_eq!(both.authorization().unwrap_err(), Refusal::Repeated);
}
