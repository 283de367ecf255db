//! Refusals, as people read them.

use credential_core::ErrorKind;
use tests_support::{Reply, leaks};

use super::*;
use crate::scripted::OfSts as _;

#[tokio::test]
async fn a_refusal_that_no_repetition_helps_is_told_at_once() {
    let table = [
        (403, "AccessDenied", ErrorKind::Failed, false),
        (400, "ValidationError", ErrorKind::InvalidConfiguration, false),
        (
            400,
            "MalformedPolicyDocument",
            ErrorKind::InvalidConfiguration,
            false,
        ),
        (403, "RegionDisabled", ErrorKind::InvalidConfiguration, false),
        (403, "InvalidClientTokenId", ErrorKind::Failed, true),
        (403, "SignatureDoesNotMatch", ErrorKind::Failed, true),
        (400, "Nonsense", ErrorKind::Failed, false),
    ];
    for (status, code, kind, transient) in table {
        let server = Server::answering([Reply::refusal(status, code)]).await;
        let clock = PausingClock::default();
        let error = client(&server, &clock).assume_role(&request()).await.unwrap_err();
        assert_eq!(error.is_permanent(), !transient, "{code}");
        let error = CredentialsError::from(error);
        assert_eq!((error.kind(), error.is_transient()), (kind, transient), "{code}");
        assert_eq!(server.received().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_refusal_reads_as_a_sentence_that_names_role_code_request_and_cure() {
    let server = Server::answering([Reply::refusal(403, "AccessDenied")]).await;
    let clock = PausingClock::default();
    let error = client(&server, &clock).assume_role(&request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "STS refused AssumeRole of arn:aws:iam::123456789012:role/deploy: AccessDenied: as the script says \
         (status 403, request c6104cbe); check the role's trust policy, the external ID, and whether MFA is asked \
         for; a role made a moment ago needs some seconds"
    );
}

#[tokio::test]
async fn a_request_id_in_the_header_is_told_when_the_body_has_none() {
    let server =
        Server::answering([Reply::with(403, "no xml").header("x-amzn-RequestId: from-the-header")]).await;
    let error = client(&server, &PausingClock::default())
        .get_caller_identity()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "STS refused GetCallerIdentity: it gave no reason (status 403, request from-the-header)"
    );
}

#[tokio::test]
async fn a_refusal_that_repeats_what_was_sent_is_shown_without_it() {
    let policy = format!(r#"{{"Id": "{}"}}"#, canary("policy"));
    let external_id = format!("ext/{}", canary("external ID"));
    let session_token = canary("token");
    let encoded = credential_sigv4::percent_encode(&external_id);
    for (value, stands_in) in [
        (external_id.as_str(), "external ID"),
        (&encoded, "external ID"),
        ("314159", "MFA code"),
        (&policy, "session policy"),
        (&session_token, "session token"),
    ] {
        let body = format!(
            "<E><Error><Code>Bad{value}</Code><Message>Value '{value}' failed</Message></Error>\
             <RequestId>of-{value}</RequestId></E>"
        );
        let header = format!("x-amzn-requestid: of-{value}");
        let headless = "<E><Error><Code>Bad</Code></Error></E>";
        let server =
            Server::answering([Reply::with(400, body), Reply::with(400, headless).header(&header)]).await;
        let sts = client(&server, &PausingClock::default());
        let request = request()
            .with_external_id(&*external_id)
            .with_mfa("GAHT12345678", "314159")
            .with_policy(&*policy);
        for _ in 0..2 {
            let error = sts.assume_role(&request).await.unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(
                !leaks(&told) && !told.contains("314159") && !told.contains("ext/"),
                "{told}"
            );
            assert!(told.contains(&format!("request of-[{stands_in}])")), "{told}");
        }
    }
}

#[tokio::test]
async fn a_code_of_aws_and_a_short_external_id_stay_as_they_are() {
    let body = "<E><Error><Code>ExpiredTokenException</Code><Message>a Token of a b c</Message></Error></E>";
    for (external_id, message) in [("Token", "a [external ID] of a b c"), ("a b", "a Token of a b c")] {
        let server = Server::answering([Reply::with(400, body)]).await;
        let sts = client(&server, &PausingClock::default());
        let error = sts
            .assume_role(&request().with_external_id(external_id))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Refused { code: Some(code), message: Some(said), .. }
                if code == "ExpiredTokenException" && said == message),
            "{error:?}"
        );
    }
}
