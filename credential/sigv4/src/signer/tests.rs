use super::*;
use tests_support::{canary, leaks};
use time::{Date, Month};

const HOST: (&str, &str) = ("Host", "sts.eu-central-1.amazonaws.com");

fn noon() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200)
}

fn temporary() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", canary("signer")).with_session_token(canary("token"))
}

fn post<'a>(headers: &'a [(&'a str, &'a str)]) -> SignableRequest<'a> {
    SignableRequest {
        method: "POST",
        path: "/",
        query: "",
        headers,
        body: b"Action=GetCallerIdentity",
    }
}

fn sign(signer: &Signer, headers: &[(&str, &str)]) -> Signed {
    signer.sign(&post(headers), &temporary(), noon()).unwrap()
}

fn value<'a>(signed: &'a Signed, name: &str) -> Option<&'a str> {
    let mut found = signed.headers().iter().filter(|header| header.name() == name);
    let value = found.next().map(SignedHeader::value);
    assert!(found.next().is_none(), "{name} twice");
    value
}

fn signed_names(signed: &Signed) -> &str {
    let authorization = value(signed, "authorization").unwrap();
    authorization
        .split("SignedHeaders=")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
}

#[test]
fn headers_that_change_on_the_way_are_not_signed() {
    let headers = [
        HOST,
        ("Content-Type", "text/plain"),
        ("Authorization", "Basic x"),
        ("User-Agent", "x"),
        ("X-Amzn-Trace-Id", "x"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Expect", "100-continue"),
        ("Keep-Alive", "5"),
        ("TE", "trailers"),
        ("Trailer", "x"),
        ("Upgrade", "x"),
        ("Proxy-Authorization", "x"),
        ("Proxy-Connection", "x"),
        ("Content-Length", "24"),
    ];
    let signer = Signer::new("sts", "eu-central-1");
    assert_eq!(
        signed_names(&sign(&signer, &headers)),
        "content-type;host;x-amz-date;x-amz-security-token"
    );
    let with_length = signed_names(&sign(&signer.with_content_length(), &headers)).to_owned();
    assert!(with_length.starts_with("content-length;"), "{with_length}");
}

#[test]
fn the_authorization_names_key_scope_headers_and_signature() {
    let signed = sign(&Signer::new("sts", "eu-central-1"), &[HOST]);
    let authorization = value(&signed, "authorization").unwrap();
    let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/eu-central-1/sts/aws4_request, \
        SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=";
    let signature = authorization.strip_prefix(start).unwrap();
    assert_eq!(signature.len(), 64);
    assert!(signature.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
    assert_eq!(value(&signed, "x-amz-date"), Some("20300101T120000Z"));
    let text = signed.string_to_sign();
    let start = "AWS4-HMAC-SHA256\n20300101T120000Z\n20300101/eu-central-1/sts/aws4_request\n";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn stale_headers_of_an_earlier_signature_do_not_count() {
    let fresh = sign(&Signer::new("sts", "eu-central-1"), &[HOST]);
    let stale = [
        HOST,
        ("X-Amz-Date", "20200101T000000Z"),
        ("X-Amz-Security-Token", "old"),
        ("Authorization", "old"),
    ];
    let again = sign(&Signer::new("sts", "eu-central-1"), &stale);
    assert_eq!(value(&again, "authorization"), value(&fresh, "authorization"));
}

#[test]
fn a_session_token_is_sent_and_signed_unless_asked_otherwise() {
    let signer = Signer::new("iotdevicegateway", "eu-central-1");
    let before = sign(&signer, &[HOST]);
    assert!(signed_names(&before).contains("x-amz-security-token"));
    let after = sign(&signer.with_token_after_signing(), &[HOST]);
    assert!(!signed_names(&after).contains("x-amz-security-token"));
    for signed in [before, after] {
        assert_eq!(value(&signed, "x-amz-security-token"), Some(&*canary("token")));
    }
}

#[test]
fn the_body_is_signed_as_asked() {
    let signer = || Signer::new("s3", "eu-central-1");
    let digest = sha256(b"Action=GetCallerIdentity");
    let given = [HOST, ("X-Amz-Content-Sha256", "feed")];
    for (signer, headers, in_header, in_text) in [
        (signer(), &[HOST][..], None, &*digest),
        (signer().with_payload_header(), &[HOST], Some(&*digest), &*digest),
        (
            signer().with_unsigned_payload(),
            &[HOST],
            Some("UNSIGNED-PAYLOAD"),
            "UNSIGNED-PAYLOAD",
        ),
        (signer(), &given, None, "feed"),
        (signer().with_payload_header(), &given, None, "feed"),
    ] {
        let signed = sign(&signer, headers);
        assert_eq!(value(&signed, "x-amz-content-sha256"), in_header);
        assert_eq!(signed.canonical_request().lines().last(), Some(in_text));
    }
}

#[test]
fn the_canonical_request_is_there_without_the_token() {
    let signed = sign(
        &Signer::new("sts", "eu-central-1"),
        &[("x-vault-token", "v"), HOST],
    );
    let expected = format!(
        "POST\n/\n\nhost:{}\nx-amz-date:20300101T120000Z\nx-amz-security-token:(hidden)\nx-vault-token:(hidden)\n\n\
         host;x-amz-date;x-amz-security-token;x-vault-token\n{}",
        HOST.1,
        sha256(b"Action=GetCallerIdentity"),
    );
    assert_eq!(signed.canonical_request(), expected);
}

#[test]
fn nothing_printed_shows_a_secret() {
    let signer = Signer::new("sts", "eu-central-1");
    let token = canary("in a header");
    let query = format!("X-Amz-Security-Token={token}&WebIdentityToken={token}");
    let headers = [HOST, ("x-amz-security-token", &*token), ("cookie", &token)];
    let request = SignableRequest {
        query: &query,
        body: token.as_bytes(),
        ..post(&headers)
    };
    let signed = signer.sign(&request, &temporary(), noon()).unwrap();
    let presigned = signer
        .presign(&request, &temporary(), noon(), Duration::from_secs(60))
        .unwrap();
    let signature = value(&signed, "authorization")
        .unwrap()
        .rsplit('=')
        .next()
        .unwrap();
    for text in [
        format!("{signer:?} {request:?} {signed:?} {presigned:?}"),
        format!("{} {}", signed.canonical_request(), signed.string_to_sign()),
        format!("{} {}", presigned.canonical_request(), presigned.string_to_sign()),
    ] {
        assert!(!leaks(&text), "{text}");
        assert!(!text.contains(signature), "{text}");
    }
}

#[test]
fn what_cannot_be_sent_is_an_error_without_its_text() {
    let good = || temporary();
    let signer = || Signer::new("sts", "eu-central-1");
    let secret = canary("illegal");
    let with_line = format!("{secret}\nx: y");
    let cases: Vec<(Signer, AwsCredentials, SignableRequest<'_>, &str)> = vec![
        (signer(), good(), post(&[]), "no host"),
        (signer(), good(), post(&[("host", " ")]), "blank host"),
        (
            signer(),
            good(),
            post(&[HOST, ("bad name", "x")]),
            "blank in a name",
        ),
        (signer(), good(), post(&[HOST, ("", "x")]), "no name"),
        (signer(), good(), post(&[HOST, ("x", "\0")]), "null in a value"),
        (
            signer(),
            good(),
            SignableRequest {
                method: "GET /\n",
                ..post(&[HOST])
            },
            "method",
        ),
        (
            Signer::new("", "eu-central-1"),
            good(),
            post(&[HOST]),
            "no service",
        ),
        (
            Signer::new("sts", "eu/central"),
            good(),
            post(&[HOST]),
            "slash in a Region",
        ),
        (
            Signer::new("sts", "eu\r\n"),
            good(),
            post(&[HOST]),
            "line in a Region",
        ),
        (
            signer(),
            AwsCredentials::new("", &*secret),
            post(&[HOST]),
            "no key ID",
        ),
        (
            signer(),
            AwsCredentials::new(&*with_line, &*secret),
            post(&[HOST]),
            "line in a key ID",
        ),
        (
            signer(),
            AwsCredentials::new("A,B", &*secret),
            post(&[HOST]),
            "comma in a key ID",
        ),
        (
            signer(),
            AwsCredentials::new("AKID", ""),
            post(&[HOST]),
            "no secret",
        ),
        (
            signer(),
            good().with_session_token(""),
            post(&[HOST]),
            "blank token",
        ),
        (
            signer(),
            good().with_session_token(&*with_line),
            post(&[HOST]),
            "line in a token",
        ),
    ];
    for (signer, credentials, request, what) in cases {
        let error = signer.sign(&request, &credentials, noon()).expect_err(what);
        assert!(!leaks(&format!("{error} {error:?}")), "{what}: {error:?}");
        let presigned = signer.presign(&request, &credentials, noon(), Duration::from_secs(1));
        assert_eq!(presigned.expect_err(what), error, "{what}");
    }
}

#[test]
fn a_year_without_four_digits_is_an_error_not_a_panic() {
    let before = Date::from_calendar_date(-1, Month::January, 1)
        .unwrap()
        .midnight()
        .assume_utc();
    let signer = Signer::new("sts", "eu-central-1");
    for now in [before, time::PrimitiveDateTime::MIN.assume_utc()] {
        let error = signer.sign(&post(&[HOST]), &temporary(), now).unwrap_err();
        assert_eq!(error, Error::Date);
    }
    assert!(
        signer
            .sign(
                &post(&[HOST]),
                &temporary(),
                time::PrimitiveDateTime::MAX.assume_utc()
            )
            .is_ok()
    );
}

#[test]
fn a_presigned_request_is_good_for_a_second_to_a_week() {
    let presign = |valid_for| {
        Signer::new("sts", "eu-central-1").presign(&post(&[HOST]), &temporary(), noon(), valid_for)
    };
    for seconds in [1, 60, 604_800] {
        let presigned = presign(Duration::from_secs(seconds)).unwrap();
        assert!(
            presigned
                .query()
                .expose()
                .contains(&format!("&X-Amz-Expires={seconds}&"))
        );
    }
    for valid_for in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_secs(604_801),
        Duration::MAX,
    ] {
        assert_eq!(presign(valid_for).unwrap_err(), Error::Lifetime { valid_for });
    }
}

#[test]
fn presigning_a_presigned_request_replaces_its_signature() {
    let signer = Signer::new("sts", "eu-central-1");
    let minute = Duration::from_secs(60);
    let first = SignableRequest {
        query: "Action=GetCallerIdentity&Version=2011-06-15",
        ..post(&[HOST])
    };
    let presigned = signer.presign(&first, &temporary(), noon(), minute).unwrap();
    let second = SignableRequest {
        query: presigned.query().expose(),
        ..first
    };
    let again = signer.presign(&second, &temporary(), noon(), minute).unwrap();
    assert_eq!(again.query(), presigned.query());
}

#[test]
fn for_s3_a_presigned_request_leaves_the_body_open() {
    let presigned = Signer::for_s3("eu-central-1")
        .presign(&post(&[HOST]), &temporary(), noon(), Duration::from_secs(1))
        .unwrap();
    assert_eq!(
        presigned.canonical_request().lines().last(),
        Some("UNSIGNED-PAYLOAD")
    );
}
