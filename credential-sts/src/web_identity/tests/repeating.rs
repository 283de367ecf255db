//! Which refusals are worth another attempt.

use credential_core::ErrorKind;
use credential_http::RetryPolicy;

use super::*;

#[tokio::test]
async fn an_identity_provider_that_aws_cannot_reach_is_asked_again() {
    let unreachable = Reply::refusal(400, "IDPCommunicationError");
    let server = Server::answering([unreachable.clone(), unreachable, answer()]).await;
    let (file, clock) = (TokenFile::holding("token"), PausingClock::default());
    provider_of(&file.path(), &server, &clock).load().await.unwrap();
    let pauses = [Duration::from_millis(500), Duration::from_secs(1)];
    assert_eq!(clock.pauses(), pauses);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_cured_by_repeating_is_not_repeated() {
    for (status, code, kind, permanent) in [
        (403, "AccessDenied", ErrorKind::Failed, true),
        (403, "IDPRejectedClaim", ErrorKind::Failed, true),
        (400, "InvalidIdentityToken", ErrorKind::Failed, true),
        (400, "ExpiredTokenException", ErrorKind::Failed, false),
        (400, "PackedPolicyTooLarge", ErrorKind::InvalidConfiguration, true),
        (
            400,
            "MalformedPolicyDocument",
            ErrorKind::InvalidConfiguration,
            true,
        ),
        (
            403,
            "RegionDisabledException",
            ErrorKind::InvalidConfiguration,
            true,
        ),
        (400, "ValidationError", ErrorKind::InvalidConfiguration, true),
        (403, "MissingAuthenticationToken", ErrorKind::Failed, false),
        (403, "RequestExpired", ErrorKind::Failed, false),
    ] {
        let refusal = Reply::refusal(status, code).header("Date: Tue, 01 Jan 2030 18:00:00 GMT");
        let server = Server::answering([refusal, answer()]).await;
        let file = TokenFile::holding(canary("web identity"));
        let error = provider(&file, &server).load().await.unwrap_err();
        assert_eq!(error.is_permanent(), permanent, "{code}");
        let error = error.of_provider(NAME);
        assert_eq!(error.kind(), kind, "{code}");
        let told = error.report().to_string();
        assert!(
            told.contains(code) && told.contains(ROLE) && told.contains("WithWebIdentity"),
            "{told}"
        );
        assert_eq!(server.received().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn trouble_and_throttling_are_tried_three_times_or_as_often_as_set() {
    for (attempts, sent) in [(None, 3), (Some(1), 1), (Some(5), 5)] {
        for reply in [
            Reply::refusal(500, "InternalFailure"),
            Reply::refusal(400, "Throttling"),
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort".to_vec()),
            Reply::with(200, "<AssumeRoleWithWebIdentityResponse/>"),
        ] {
            let server = Server::answering([reply]).await;
            let file = TokenFile::holding("token");
            let mut client = sts(&server, &PausingClock::default());
            if let Some(attempts) = attempts {
                client = client.with_retry_policy(RetryPolicy::new(
                    attempts,
                    Duration::from_millis(10),
                    Duration::from_secs(1),
                ));
            }
            let provider = WebIdentityProvider::new(client, ROLE, WebIdentityToken::file(file.path()));
            let error = provider.load().await.unwrap_err();
            assert!(!error.is_permanent(), "{error}");
            assert_eq!(server.received().len(), sent, "{error}");
        }
    }
}
