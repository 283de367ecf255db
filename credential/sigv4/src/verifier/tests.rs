use super::*;
use crate::{Part, Presigned, Signer};
use credential_core::AwsCredentials;
use proptest::prelude::*;
use tests_support::{canary, leaks};
use time::PrimitiveDateTime;

fn noon() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200)
}

fn secret() -> Secret {
    canary("verifier").into()
}

/// A request with texts of its own, so that a test can change them.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Sent {
    fn get() -> Self {
        Self {
            method: "GET".into(),
            path: "/".into(),
            query: "Action=GetCallerIdentity&Version=2011-06-15".into(),
            headers: vec![("Host".into(), "localhost:1338".into())],
            body: Vec::new(),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&SignableRequest<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (&**n, &**v)).collect();
        look(&SignableRequest {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: &self.body,
        })
    }

    fn signed(mut self, signer: &Signer, credentials: &AwsCredentials) -> Self {
        let signed = self.with(|request| signer.sign(request, credentials, noon()).unwrap());
        for header in signed.headers() {
            self.set(header.name(), header.value());
        }
        self
    }

    fn presigned(mut self, signer: &Signer, credentials: &AwsCredentials, seconds: u64) -> Self {
        let presigned: Presigned = self.with(|request| {
            signer
                .presign(request, credentials, noon(), Duration::from_secs(seconds))
                .unwrap()
        });
        self.query = presigned.query().expose().to_owned();
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn replace(&mut self, name: &str, from: &str, to: &str) {
        for (other, value) in &mut self.headers {
            if other == name {
                assert!(value.contains(from), "{value}");
                *value = value.replace(from, to);
            }
        }
    }

    fn authorization(&self) -> Result<Authorization, Refusal> {
        self.with(|request| Authorization::of(request).map(|found| found.expect("signed")))
    }

    fn verify_at(&self, verifier: &Verifier, now: OffsetDateTime) -> Result<(), Refusal> {
        let authorization = self.authorization()?;
        self.with(|request| verifier.verify(request, &authorization, &secret(), now))
    }

    fn verify(&self) -> Result<(), Refusal> {
        self.verify_at(&Verifier::new("sts", "us-east-1"), noon())
    }
}

fn credentials() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", secret()).with_session_token(canary("token"))
}

fn signer() -> Signer {
    Signer::new("sts", "us-east-1")
}

fn by_header() -> Sent {
    Sent::get().signed(&signer(), &credentials())
}

fn by_query() -> Sent {
    Sent::get().presigned(&signer(), &credentials(), 3600)
}

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
fn a_request_is_signed_once() {
    let mut twice = by_header();
    let authorization = twice.headers.last().unwrap().clone();
    twice.headers.push(authorization);
    assert_eq!(twice.authorization().unwrap_err(), Refusal::Repeated);
    let mut both = by_header();
    both.query = by_query().query;
    assert_eq!(both.authorization().unwrap_err(), Refusal::Repeated);
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
