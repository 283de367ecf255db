//! When a request is good.

use time::PrimitiveDateTime;

use super::*;
use crate::Part;

#[test]
fn the_time_may_stand_in_the_date_header_but_must_be_there_once() {
    let part = Part::Date;
    for (dates, expected) in [
        (&[][..], Some(Refusal::Missing { part })),
        (&[("x-amz-date", "yesterday")], Some(Refusal::Malformed { part })),
        (&[("date", "yesterday")], Some(Refusal::Malformed { part })),
        (
            &[
                ("x-amz-date", "20300101T120000Z"),
                ("X-Amz-Date", "20300101T120000Z"),
            ],
            Some(Refusal::Malformed { part }),
        ),
        (&[("date", "20300101T120000Z")], None),
        (&[("Date", "Tue, 01 Jan 2030 12:00:00 GMT")], None),
        (&[("date", "yesterday"), ("x-amz-date", "20300101T120000Z")], None),
    ] {
        let mut sent = by_header();
        sent.headers.retain(|(name, _)| name != "x-amz-date");
        let given = dates.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        sent.headers.extend(given);
        match expected {
            Some(expected) => assert_eq!(sent.authorization().unwrap_err(), expected, "{dates:?}"),
            None => assert_eq!(sent.authorization().unwrap().signed_at(), noon(), "{dates:?}"),
        }
    }
}

#[test]
fn a_request_is_good_for_the_clock_skew_on_either_side() {
    let (skew, second) = (Duration::from_secs(900), Duration::from_secs(1));
    let verifier = Verifier::new("sts", "us-east-1");
    for now in [noon(), noon() + skew, noon() - skew] {
        assert_eq!(by_header().verify_at(&verifier, now), Ok(()));
    }
    let late = by_header()
        .verify_at(&verifier, noon() + skew + second)
        .unwrap_err();
    assert_eq!(
        late.to_string(),
        "signature expired: 20300101T121500Z is now earlier than 20300101T121501Z"
    );
    let early = by_header()
        .verify_at(&verifier, noon() - skew - second)
        .unwrap_err();
    assert_eq!(
        early.to_string(),
        "signature not yet current: 20300101T114500Z is still later than 20300101T114459Z"
    );
    assert!(late.is_clock() && early.is_clock());
    let narrow = verifier.with_clock_skew(second);
    assert!(by_header().verify_at(&narrow, noon() + second + second).is_err());
}

#[test]
fn a_presigned_request_is_good_for_as_long_as_it_says() {
    let verifier = Verifier::new("sts", "us-east-1");
    let hour = Duration::from_secs(3600);
    assert_eq!(by_query().verify_at(&verifier, noon() + hour), Ok(()));
    let late = by_query().verify_at(&verifier, noon() + hour + Duration::from_nanos(1));
    assert!(matches!(late, Err(Refusal::Expired { .. })), "{late:?}");
    let early = Duration::from_secs(900);
    assert_eq!(by_query().verify_at(&verifier, noon() - early), Ok(()));
    let too_early = by_query().verify_at(&verifier, noon() - early - Duration::from_secs(1));
    assert!(
        matches!(too_early, Err(Refusal::NotYetCurrent { .. })),
        "{too_early:?}"
    );
    for seconds in [0, 604_801] {
        let mut sent = by_query();
        sent.query = sent.query.replace("Expires=3600", &format!("Expires={seconds}"));
        assert_eq!(sent.verify(), Err(Refusal::Lifetime { seconds }));
    }
}

#[test]
fn the_ends_of_time_are_compared_without_a_panic() {
    let mut sent = by_header();
    sent.set("x-amz-date", "99991231T235959Z");
    sent.replace("authorization", "20300101", "99991231");
    let never = Verifier::any().with_clock_skew(Duration::MAX);
    for now in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
        for verifier in [&Verifier::any(), &never] {
            let _ = sent
                .verify_at(verifier, now.assume_utc())
                .map_err(|refusal| refusal.to_string());
        }
    }
}
