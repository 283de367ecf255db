use credential_core::AwsCredentials;
use credential_sigv4::{SignableRequest, Signer};
use mock_imds::{MockImds, Signatures, Step};
use tests_support::canary;

use crate::support::*;

const WHO: &str = "Action=GetCallerIdentity&Version=2011-06-15";

fn code(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.element("Code"))
}

fn wrong_secret(of: &AwsCredentials) -> AwsCredentials {
    let wrong = AwsCredentials::new(of.access_key_id(), canary("wrong"));
    match of.session_token() {
        Some(token) => wrong.with_session_token(token.expose()),
        None => wrong,
    }
}

#[test]
fn a_wrong_secret_access_key_does_not_match() {
    let mock = MockImds::builder().start_blocking();
    let reply = who(&mock, &wrong_secret(&user(&mock)));
    assert_eq!(code(&reply), (403, "SignatureDoesNotMatch"));
    let message = reply.element("Message");
    assert!(
        message.contains("The Canonical String for this request should have been"),
        "{message}"
    );
    assert!(message.contains("AWS4-HMAC-SHA256\n"), "{message}");
}

#[test]
fn what_is_said_of_a_mismatch_holds_no_session_token() {
    let mock = MockImds::builder().start_blocking();
    let reply = who(&mock, &wrong_secret(&role_credentials(&mock)));
    assert_eq!(code(&reply), (403, "SignatureDoesNotMatch"));
    assert!(!reply.body.contains("EXAMPLETOKEN"), "{}", reply.body);
}

#[test]
fn a_temporary_key_goes_with_its_own_session_token() {
    let mock = MockImds::builder().start_blocking();
    let key = role_credentials(&mock);
    let bare = AwsCredentials::new(key.access_key_id(), key.secret_access_key().expose());
    assert_eq!(code(&who(&mock, &bare)), (403, "InvalidClientTokenId"));
    mock.rotate();
    let other = role_credentials(&mock);
    let mixed = bare.with_session_token(other.session_token().unwrap().expose());
    assert_eq!(code(&who(&mock, &mixed)), (403, "InvalidClientTokenId"));
}

#[test]
fn a_signature_of_another_time_is_refused_and_told_why() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let signer = Signer::new("sts", "us-east-1");
    for (signed, word) in [
        (noon() - seconds(16 * 60), "expired"),
        (noon() + seconds(16 * 60), "not yet current"),
    ] {
        let reply = call(&mock, &signer, &user(&mock), WHO, signed);
        assert_eq!(code(&reply), (403, "SignatureDoesNotMatch"));
        let message = reply.element("Message");
        assert!(
            message.starts_with("Signature") && message.contains(word),
            "{message}"
        );
        assert!(message.contains("20300101T120000Z"), "{message}");
    }
    for skew in [seconds(14 * 60), seconds(0)] {
        assert_eq!(call(&mock, &signer, &user(&mock), WHO, noon() - skew).status, 200);
    }
}

#[test]
fn another_region_or_service_is_refused() {
    let mock = MockImds::builder()
        .region("eu-central-1")
        .clock_at(noon())
        .start_blocking();
    for signer in [
        Signer::new("sts", "us-east-1"),
        Signer::new("ec2", "eu-central-1"),
    ] {
        let reply = call(&mock, &signer, &user(&mock), WHO, noon());
        assert_eq!(code(&reply), (403, "SignatureDoesNotMatch"));
    }
    let signer = Signer::new("sts", "eu-central-1");
    assert_eq!(call(&mock, &signer, &user(&mock), WHO, noon()).status, 200);
}

#[test]
fn a_signature_in_pieces_is_refused_before_the_key_is_looked_up() {
    let mock = MockImds::builder().start_blocking();
    let host = ("Host", "localhost");
    assert_eq!(
        code(&post(&mock, &[host], WHO)),
        (403, "MissingAuthenticationToken")
    );
    let scope = "20300101/us-east-1/sts/aws4_request";
    let date = ("X-Amz-Date", "20300101T120000Z");
    for header in [
        "AWS4-HMAC-SHA256".to_owned(),
        format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, Signature=00"),
        format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=host"),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE, SignedHeaders=host, Signature=00".to_owned(),
        "Bearer abc".to_owned(),
    ] {
        let reply = post(&mock, &[host, date, ("Authorization", &header)], WHO);
        assert_eq!(code(&reply), (400, "IncompleteSignature"), "{header}");
    }
    let header = format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=host, Signature=00");
    let without_date = post(&mock, &[host, ("Authorization", &header)], WHO);
    assert_eq!(code(&without_date), (400, "IncompleteSignature"));
    let unknown_key = post(&mock, &[host, date, ("Authorization", &header)], WHO);
    assert_eq!(code(&unknown_key), (403, "InvalidClientTokenId"));
}

#[test]
fn an_asymmetric_signature_is_said_to_be_beyond_the_server() {
    let mock = MockImds::builder().start_blocking();
    let header = "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20300101/sts/aws4_request, SignedHeaders=host, \
                  Signature=00";
    let headers = [("Host", "localhost"), ("Authorization", header)];
    for body in [WHO, "Action=DescribeSpotInstanceRequests&Version=2016-11-15"] {
        let reply = post(&mock, &headers, body);
        assert_eq!(code(&reply), (501, "NotImplemented"));
        assert!(
            reply.element("Message").contains("AWS4-ECDSA-P256-SHA256"),
            "{reply:?}"
        );
    }
}

#[test]
fn a_header_of_aws_that_is_not_signed_is_refused() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let host = format!("127.0.0.1:{}", mock.port());
    let headers = [("host", host.as_str())];
    let request = SignableRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: WHO.as_bytes(),
    };
    let signed = Signer::new("sts", "us-east-1")
        .sign(&request, &user(&mock), noon())
        .unwrap();
    let mut all: Vec<(&str, &str)> = headers.to_vec();
    all.extend(
        signed
            .headers()
            .iter()
            .map(|header| (header.name(), header.value())),
    );
    assert_eq!(post(&mock, &all, WHO).status, 200);
    all.push(("x-amz-meta", "slipped in"));
    assert_eq!(code(&post(&mock, &all, WHO)), (403, "SignatureDoesNotMatch"));
    all.pop();
    let other_body = "Action=GetCallerIdentity&Version=2011-06-15&x=y";
    assert_eq!(
        code(&post(&mock, &all, other_body)),
        (403, "SignatureDoesNotMatch")
    );
}

fn presigned(mock: &MockImds, by: &AwsCredentials, life: u64) -> String {
    let host = format!("127.0.0.1:{}", mock.port());
    let headers = [("host", host.as_str())];
    let request = SignableRequest {
        method: "GET",
        path: "/",
        query: WHO,
        headers: &headers,
        body: b"",
    };
    let signer = Signer::new("sts", "us-east-1");
    let signed = signer
        .presign(&request, by, mock.clock().now(), seconds(life))
        .unwrap();
    signed.query().expose().to_owned()
}

#[test]
fn a_presigned_request_is_good_for_as_long_as_it_says() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let query = presigned(&mock, &role_credentials(&mock), 60);
    let reply = ask(&mock, &format!("GET /?{query}"), &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(
        reply
            .element("Arn")
            .ends_with(":assumed-role/mock-role/i-0123456789abcdef0")
    );
    mock.clock().advance(seconds(61));
    let late = ask(&mock, &format!("GET /?{query}"), &[]);
    assert_eq!(code(&late), (403, "SignatureDoesNotMatch"));
    assert!(late.element("Message").contains("expired"));
    assert_eq!(mock.count(Step::GetCallerIdentity), 2);
}

#[test]
fn a_wrong_secret_access_key_never_shows_as_expiry() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let key = role_credentials(&mock);
    mock.clock().advance(seconds(7 * 3600));
    assert_eq!(code(&who(&mock, &key)), (403, "ExpiredToken"));
    assert_eq!(
        code(&who(&mock, &wrong_secret(&key))),
        (403, "SignatureDoesNotMatch")
    );
}

#[test]
fn signatures_can_be_looked_at_less_closely() {
    let mock = MockImds::builder()
        .signatures(Signatures::Lenient)
        .start_blocking();
    let key = role_credentials(&mock);
    assert_eq!(who(&mock, &wrong_secret(&key)).status, 200);
    mock.expire();
    assert_eq!(code(&who(&mock, &key)), (403, "ExpiredToken"));
    let mock = MockImds::builder().signatures(Signatures::Off).start_blocking();
    let key = role_credentials(&mock);
    mock.expire();
    assert_eq!(who(&mock, &key).status, 200);
    let stranger = AwsCredentials::new("AKIAIOSFODNN7EXAMPLE", canary("stranger"));
    assert_eq!(code(&who(&mock, &stranger)), (403, "InvalidClientTokenId"));
}

#[test]
fn the_record_tells_which_key_signed() {
    let mock = MockImds::builder().start_blocking();
    who(&mock, &user(&mock));
    let requests = mock.requests();
    let record = requests.last().unwrap();
    assert_eq!(record.access_key_id(), Some(mock.user().access_key_id()));
    assert_eq!(record.parameter("Action").as_deref(), Some("GetCallerIdentity"));
    assert_eq!(record.imds_version(), None);
}

#[test]
fn a_signature_for_any_service_can_be_judged() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let host = format!("127.0.0.1:{}", mock.port());
    let headers = [
        ("host", host.as_str()),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ];
    // As S3 is asked: the path encoded once, `//` as it stands, the body not signed.
    let (path, query) = ("/__mock/verify/bucket//a%20b", "list-type=2&prefix=x");
    let request = SignableRequest {
        method: "PUT",
        path,
        query,
        headers: &headers,
        body: b"what the body is",
    };
    let s3 = Signer::for_s3("eu-west-3").with_unsigned_payload();
    let dynamodb = Signer::new("dynamodb", "eu-west-3").with_unsigned_payload();
    let judge = |by: &AwsCredentials, signer: &Signer| {
        let signed = signer.sign(&request, by, noon()).unwrap();
        let mut all: Vec<(&str, &str)> = signed
            .headers()
            .iter()
            .map(|header| (header.name(), header.value()))
            .filter(|(name, _)| *name != "x-amz-content-sha256")
            .collect();
        all.push(headers[1]);
        send(&mock, &format!("PUT {path}?{query}"), &all, "what the body is")
    };
    let key = role_credentials(&mock);
    let reply = judge(&key, &s3);
    assert_eq!(
        (reply.status, &reply.json()["accepted"]),
        (200, &true.into()),
        "{reply:?}"
    );
    assert_eq!(
        (reply.member("service"), reply.member("region")),
        ("s3".into(), "eu-west-3".into())
    );
    assert_eq!(reply.member("accessKeyId"), key.access_key_id());
    assert_eq!(
        reply.member("arn"),
        "arn:aws:sts::123456789012:assumed-role/mock-role/i-0123456789abcdef0"
    );
    let refused = judge(&wrong_secret(&key), &s3);
    assert_eq!(
        (refused.status, refused.member("code")),
        (403, "SignatureDoesNotMatch".into())
    );
    assert!(
        refused.member("message").contains("/__mock/verify/bucket//a%20b"),
        "{refused:?}"
    );
    assert!(!refused.body.contains("EXAMPLETOKEN"), "{refused:?}");
    // Another service takes no unsigned body.
    let refused = judge(&key, &dynamodb);
    assert_eq!(refused.json()["accepted"], false, "{refused:?}");
    let bare = ask(&mock, "GET /__mock/verify", &[]);
    assert_eq!(
        (bare.status, bare.member("code")),
        (403, "MissingAuthenticationToken".into())
    );
    assert_eq!(mock.count(Step::Verify), 4);
}
