use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use credential_core::{CredentialsError, CredentialsFuture, ErrorKind};
use tests_support::{FixedRandom, ManualClock, PausingClock, Reply, Server, canary, leaks};
use time::OffsetDateTime;

use super::*;
use crate::response::AnswerError;
use crate::scripted::{OfSts as _, Signed as _};

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";
const AN_HOUR_AHEAD: &str = "Date: Tue, 01 Jan 2030 13:00:00 GMT";

fn keys() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", canary("secret")).with_session_token(canary("token"))
}

fn client(server: &Server, clock: &PausingClock) -> StsClient {
    client_of(keys(), server, clock)
}

fn client_of(
    credentials: impl ProvideAwsCredentials + 'static,
    server: &Server,
    clock: &PausingClock,
) -> StsClient {
    StsClient::new("eu-central-1", credentials)
        .with_endpoint(&server.url)
        .with_clock(clock.clone())
        .with_random(FixedRandom(1.0))
}

fn request() -> AssumeRole {
    AssumeRole::new(ROLE, "nightly")
}

/// Gives its answers one after the other, the last one for ever, each after a wait on the clock.
#[derive(Debug)]
struct Sourced {
    answers: Mutex<Vec<Result<AwsCredentials, CredentialsError>>>,
    asked: Mutex<usize>,
    invalidated: Mutex<Vec<String>>,
    slowness: Duration,
    clock: ManualClock,
}

impl Sourced {
    fn new(answers: Vec<Result<AwsCredentials, CredentialsError>>) -> Self {
        Self {
            answers: Mutex::new(answers),
            asked: Mutex::new(0),
            invalidated: Mutex::default(),
            slowness: Duration::ZERO,
            clock: ManualClock::new(),
        }
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

impl ProvideAwsCredentials for Sourced {
    fn credentials(&self) -> CredentialsFuture<'_> {
        *self.asked.lock().unwrap() += 1;
        self.clock.advance(self.slowness);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        CredentialsFuture::ready(answer)
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        self.invalidated
            .lock()
            .unwrap()
            .push(credentials.access_key_id().to_owned());
    }
}

fn session(access_key_id: &str) -> Result<AwsCredentials, CredentialsError> {
    Ok(AwsCredentials::new(access_key_id, canary("secret")).with_session_token(canary("token")))
}

#[tokio::test]
async fn a_call_is_a_signed_form() {
    let server = Server::answering([Reply::identity()]).await;
    let clock = PausingClock::default();

    let identity = client(&server, &clock).get_caller_identity().await.unwrap();

    assert_eq!(identity.account(), "123456789012");
    let received = server.received();
    let call = &received[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/"));
    assert_eq!(call.body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(
        call.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(call.header("host"), server.url.strip_prefix("http://"));
    let token = canary("token");
    assert_eq!(call.header("x-amz-security-token"), Some(token.as_str()));
    assert_eq!(
        call.authorization().signed_headers(),
        ["content-type", "host", "x-amz-date", "x-amz-security-token"]
    );
    assert_eq!(call.authorization().access_key_id(), "AKIDEXAMPLE");
    call.verify(&canary("secret"), "eu-central-1", clock.now())
        .unwrap();
}

#[tokio::test]
async fn long_term_keys_send_no_session_token() {
    let server = Server::answering([Reply::identity()]).await;
    let clock = PausingClock::default();
    let keys = AwsCredentials::new("AKIDEXAMPLE", canary("secret"));
    client_of(keys, &server, &clock)
        .get_caller_identity()
        .await
        .unwrap();
    let call = &server.received()[0];
    assert_eq!(call.header("x-amz-security-token"), None);
    call.verify(&canary("secret"), "eu-central-1", clock.now())
        .unwrap();
}

#[tokio::test]
async fn a_path_of_the_endpoint_stays_and_a_final_slash_does_not_matter() {
    let clock = PausingClock::default();
    for (path, expected) in [
        ("", "/"),
        ("/", "/"),
        ("/sts", "/sts/"),
        ("/a%20b/c/", "/a%20b/c/"),
    ] {
        let server = Server::answering([Reply::identity()]).await;
        let sts = client(&server, &clock).with_endpoint(&format!("{}{path}", server.url));
        sts.get_caller_identity().await.unwrap();
        let call = &server.received()[0];
        assert_eq!(call.target, expected);
        call.verify(&canary("secret"), "eu-central-1", clock.now())
            .unwrap();
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_told_before_anybody_is_asked() {
    let base = |region: &str| {
        let source = Arc::new(Sourced::new(vec![session("ASIAOLD")]));
        (Arc::clone(&source), StsClient::new(region, source))
    };
    type Change = fn(StsClient) -> StsClient;
    let table: [(&str, Change, &str); 9] = [
        ("", |sts| sts, "AWS_REGION"),
        ("", |sts| sts.with_endpoint("http://127.0.0.1:1"), "AWS_REGION"),
        ("evil.example.com#", |sts| sts, "is not the name of a region"),
        ("aws-global", StsClient::with_fips, "no FIPS endpoint"),
        ("aws-global", StsClient::with_dual_stack, "no dual-stack endpoint"),
        (
            "us-east-1",
            |sts| sts.with_endpoint("http://127.0.0.1:1").with_fips(),
            "FIPS",
        ),
        (
            "us-east-1",
            |sts| sts.with_endpoint("http://127.0.0.1:1").with_dual_stack(),
            "dual-stack",
        ),
        (
            "us-east-1",
            |sts| sts.with_endpoint("127.0.0.1:1"),
            "endpoint cannot be used",
        ),
        (
            "us-east-1",
            |sts| sts.with_endpoint("http://127.0.0.1:1/?a=b"),
            "has a query",
        ),
    ];
    for (region, change, words) in table {
        let (source, sts) = base(region);
        let error = change(sts).assume_role(&request()).await.unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(
            CredentialsError::from(error).kind(),
            ErrorKind::InvalidConfiguration,
            "{words}"
        );
        assert_eq!(source.asked(), 0, "{words}");
    }
}

#[tokio::test]
async fn an_https_endpoint_may_be_given_too() {
    let sts = StsClient::new("us-gov-west-1", keys()).with_endpoint("https://sts.example.com:8443/aws/");
    let endpoint = sts.endpoint().unwrap();
    assert_eq!(endpoint.url(), "https://sts.example.com:8443/aws");
    assert_eq!(endpoint.signing_region(), "us-gov-west-1");
}

#[tokio::test]
async fn trouble_is_retried_with_growing_pauses_and_a_fresh_signature() {
    let script = [
        Reply::refusal(500, "InternalFailure"),
        Reply::refusal(400, "Throttling"),
        Reply::role(),
    ];
    let server = Server::answering(script).await;
    let clock = PausingClock::default();

    let role = client(&server, &clock).assume_role(&request()).await.unwrap();

    assert_eq!(role.credentials().access_key_id(), "ASIANEW");
    assert_eq!(clock.pauses(), [Duration::from_secs(1), Duration::from_secs(2)]);
    let received = server.received();
    let dates: Vec<&str> = received
        .iter()
        .filter_map(|call| call.header("x-amz-date"))
        .collect();
    assert_eq!(
        dates,
        ["20300101T120000Z", "20300101T120001Z", "20300101T120003Z"]
    );
    for call in &received {
        call.verify(&canary("secret"), "eu-central-1", clock.now())
            .unwrap();
    }
}

#[tokio::test]
async fn the_last_error_is_told_after_the_last_attempt() {
    for (attempts, calls) in [(None, 3), (Some(1), 1), (Some(0), 1), (Some(5), 5)] {
        let server = Server::answering([Reply::refusal(503, "SlowDown")]).await;
        let clock = PausingClock::default();
        let mut sts = client(&server, &clock).with_random(FixedRandom(0.1));
        if let Some(attempts) = attempts {
            sts = sts.with_max_attempts(attempts);
        }
        let error = sts.assume_role(&request()).await.unwrap_err();
        assert!(matches!(&error, Error::Refused { status: 503, code: Some(code), .. } if code == "SlowDown"));
        assert!(CredentialsError::from(error).is_transient());
        assert_eq!(server.received().len(), calls);
        assert_eq!(clock.pauses().len(), calls - 1);
    }
}

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

#[tokio::test]
async fn a_pause_longer_than_the_time_left_is_not_begun() {
    let server = Server::answering([Reply::refusal(500, "InternalFailure")]).await;
    let clock = PausingClock::default();
    let seconds = Duration::from_secs;
    let sts = client(&server, &clock)
        .with_timeout(seconds(12))
        .with_retry_policy(RetryPolicy::new(9, seconds(4), seconds(20)));
    let error = sts.assume_role(&request()).await.unwrap_err();
    assert!(matches!(error, Error::Refused { status: 500, .. }), "{error:?}");
    assert_eq!(clock.pauses(), [seconds(4)]);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_silent_server_is_given_up_within_the_limits() {
    let server = Server::answering([Reply::Silence]).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock).with_random(FixedRandom(0.0));
    let call = tokio::spawn(async move { sts.assume_role(&request()).await });

    for _ in 0..2 {
        server.arrival().await;
        clock.manual.advance(Duration::from_secs(10));
    }

    let error = call.await.unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::TimedOut { source, .. } if matches!(**source, Error::Silent { .. })),
        "{error:?}"
    );
    let error = CredentialsError::from(error);
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::TimedOut, true));
    let told = error.report().to_string();
    assert!(
        told.contains("did not succeed within 20 s") && told.contains("within 10 s"),
        "{told}"
    );
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn the_last_attempt_has_only_the_time_that_is_left() {
    let server = Server::answering([Reply::Silence]).await;
    let clock = PausingClock::default();
    let seconds = Duration::from_secs;
    let sts = client(&server, &clock)
        .with_random(FixedRandom(0.0))
        .with_timeout(seconds(16));
    let call = tokio::spawn(async move { sts.assume_role(&request()).await });
    for limit in [10, 6] {
        server.arrival().await;
        clock.manual.advance(seconds(limit));
    }
    let error = call.await.unwrap().unwrap_err();
    let Error::TimedOut { source, limit, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(limit, seconds(16));
    assert!(
        matches!(*source, Error::Silent { limit, .. } if limit == seconds(6)),
        "{source:?}"
    );
}

#[tokio::test]
async fn a_single_silence_is_retried() {
    let server = Server::answering([Reply::Silence, Reply::role()]).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock).with_random(FixedRandom(0.0));
    let call = tokio::spawn(async move { sts.assume_role(&request()).await });
    server.arrival().await;
    clock.manual.advance(Duration::from_secs(10));
    assert!(call.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_refused_connection_is_retried_and_told() {
    let server = Server::answering([Reply::identity()]).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock).with_endpoint("http://127.0.0.1:1");
    let error = sts.assume_role(&request()).await.unwrap_err();
    assert!(matches!(error, Error::Http { .. }), "{error:?}");
    assert_eq!(clock.pauses().len(), 2);
    let error = CredentialsError::from(error);
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::Failed, true));
}

#[tokio::test]
async fn bad_answers_give_their_error_in_bounded_attempts_and_show_no_secret() {
    let secret = canary("in the answer");
    let Reply::Answer { body: whole, .. } = Reply::role() else {
        unreachable!()
    };
    let whole = String::from_utf8(whole).unwrap();
    let cut = &whole[..whole.len() - 90];
    let moved = Reply::with(302, "").header("Location: http://127.0.0.1:1/");
    let html = format!("<html><body>Sign in, {secret}</body></html>");
    let past = Reply::session("AssumeRole", "2030-01-01T12:00:00Z");
    let raw = |text: &str| Reply::Raw(text.as_bytes().to_vec());
    type Expected = fn(&Error) -> bool;
    let table: Vec<(&str, Reply, usize, Expected)> = vec![
        ("nothing", Reply::with(200, ""), 3, is_answer),
        ("HTML", Reply::with(200, html), 3, is_answer),
        (
            "JSON",
            Reply::with(200, format!("{{\"SecretAccessKey\":\"{secret}\"}}")),
            3,
            is_answer,
        ),
        ("truncated XML", Reply::with(200, cut), 3, is_answer),
        (
            "truncated body",
            raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<Assume"),
            3,
            is_http,
        ),
        ("another answer", Reply::identity(), 3, is_answer),
        (
            "document type",
            Reply::with(200, format!("<!DOCTYPE a>{whole}")),
            3,
            is_answer,
        ),
        (
            "not UTF-8",
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe".to_vec()),
            3,
            is_answer,
        ),
        ("endless body", Reply::Endless, 1, is_http),
        ("no HTTP", raw("220 mail.example.com ESMTP\r\n"), 1, is_http),
        ("closed", raw(""), 3, is_http),
        ("redirect", moved, 1, |error| {
            matches!(
                error,
                Error::Refused {
                    status: 302,
                    hint: Some(_),
                    ..
                }
            )
        }),
        ("past expiration", past, 1, |error| {
            matches!(error, Error::Expired { .. })
        }),
        (
            "error with 200",
            Reply::refusal(200, "AccessDenied"),
            1,
            |error| matches!(error, Error::Refused { .. }),
        ),
        ("bare 404", Reply::with(404, ""), 1, |error| {
            matches!(error, Error::Refused { code: None, .. })
        }),
        ("HTML with 502", Reply::with(502, "<html>"), 3, |error| {
            matches!(error, Error::Refused { .. })
        }),
    ];
    for (name, reply, calls, expected) in table {
        let server = Server::answering([reply]).await;
        let error = client(&server, &PausingClock::default())
            .assume_role(&request())
            .await
            .unwrap_err();
        assert!(expected(&error), "{name}: {error:?}");
        assert_eq!(server.received().len(), calls, "{name}");
        let shown = format!("{error:?} {error:#?}");
        assert!(
            !leaks(&shown) && !leaks(&CredentialsError::from(error).report().to_string()),
            "{name}: {shown}"
        );
    }
}

fn is_answer(error: &Error) -> bool {
    matches!(error, Error::Answer { .. })
}

fn is_http(error: &Error) -> bool {
    matches!(error, Error::Http { .. })
}

#[tokio::test]
async fn a_broken_answer_names_what_is_missing() {
    let empty = "<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>";
    let server = Server::answering([Reply::with(200, empty)]).await;
    let error = client(&server, &PausingClock::default())
        .assume_role(&request())
        .await
        .unwrap_err();
    let element = "Credentials";
    assert!(matches!(&error, Error::Answer { source, .. } if *source == AnswerError::Missing { element }));
    assert!(
        CredentialsError::from(error)
            .report()
            .to_string()
            .ends_with("the answer has no Credentials")
    );
}

#[tokio::test]
async fn a_wrong_clock_is_set_by_the_answer_and_the_call_signed_again() {
    let script = [
        Reply::refusal(403, "RequestTimeTooSkewed").header(AN_HOUR_AHEAD),
        Reply::identity(),
    ];
    let server = Server::answering(script).await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock);

    sts.get_caller_identity().await.unwrap();
    sts.clone().get_caller_identity().await.unwrap();

    let received = server.received();
    let dates: Vec<&str> = received
        .iter()
        .filter_map(|call| call.header("x-amz-date"))
        .collect();
    assert_eq!(
        dates,
        ["20300101T120000Z", "20300101T130000Z", "20300101T130000Z"]
    );
    let in_an_hour = clock.now() + Duration::from_secs(3600);
    received[1]
        .verify(&canary("secret"), "eu-central-1", in_an_hour)
        .unwrap();
    assert!(clock.pauses().is_empty());
}

#[tokio::test]
async fn only_a_date_that_explains_the_refusal_sets_the_clock() {
    let near = "Date: Tue, 01 Jan 2030 12:03:59 GMT";
    let far = "Date: Tue, 01 Jan 2030 11:55:59 GMT";
    let table = [
        ("RequestExpired", AN_HOUR_AHEAD, 2),
        ("RequestExpired", near, 2),
        ("RequestTimeTooSkewed", far, 2),
        ("RequestInTheFutureException", far, 2),
        ("SignatureDoesNotMatch", far, 2),
        ("SignatureDoesNotMatch", near, 1),
        ("InvalidClientTokenId", AN_HOUR_AHEAD, 2),
        ("InvalidClientTokenId", near, 1),
        ("AccessDenied", AN_HOUR_AHEAD, 1),
        ("RequestExpired", "X-Date: none", 1),
        ("RequestExpired", "Date: yesterday", 1),
        ("RequestExpired", "Date: 2030-01-01T13:00:00Z", 1),
    ];
    for (code, date, calls) in table {
        let server = Server::answering([Reply::refusal(403, code).header(date)]).await;
        let error = client(&server, &PausingClock::default())
            .get_caller_identity()
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert_eq!(server.received().len(), calls, "{code} {date}");
    }
}

#[tokio::test]
async fn what_is_known_of_the_clock_decides_whether_credentials_are_dead() {
    let table = [
        // Our clock is three hours ahead: to it, fresh credentials look dead.
        (15, "Date: Tue, 01 Jan 2030 12:00:00 GMT", true),
        // Our clock is an hour behind: to it, dead credentials look fresh.
        (12, AN_HOUR_AHEAD, false),
    ];
    for (hour, date, alive) in table {
        let server = Server::answering([
            Reply::refusal(403, "RequestTimeTooSkewed").header(date),
            Reply::role(),
        ])
        .await;
        let clock = PausingClock::default();
        clock
            .manual
            .set_wall(OffsetDateTime::from_unix_timestamp(1_893_456_000 + hour * 3600).unwrap());
        let answer = client(&server, &clock).assume_role(&request()).await;
        assert_eq!(answer.is_ok(), alive, "{answer:?}");
    }
}

#[tokio::test]
async fn another_endpoint_has_another_clock() {
    let server = Server::answering([
        Reply::refusal(403, "RequestExpired").header(AN_HOUR_AHEAD),
        Reply::identity(),
    ])
    .await;
    let clock = PausingClock::default();
    let sts = client(&server, &clock);
    sts.get_caller_identity().await.unwrap();
    sts.with_endpoint(&server.url)
        .get_caller_identity()
        .await
        .unwrap();
    assert_eq!(
        server.received()[2].header("x-amz-date"),
        Some("20300101T120000Z")
    );
}

#[tokio::test]
async fn an_expired_session_is_repeated_with_the_other_credentials_of_the_source() {
    for code in ["ExpiredToken", "ExpiredTokenException"] {
        let server = Server::answering([Reply::refusal(403, code), Reply::role()]).await;
        let source = Arc::new(Sourced::new(vec![session("ASIAOLD"), session("ASIARENEWED")]));
        let clock = PausingClock::default();

        client_of(Arc::clone(&source), &server, &clock)
            .assume_role(&request())
            .await
            .unwrap();

        let received = server.received();
        let keys: Vec<String> = received
            .iter()
            .map(|call| call.authorization().access_key_id().to_owned())
            .collect();
        assert_eq!(keys, ["ASIAOLD", "ASIARENEWED"]);
        assert_eq!(*source.invalidated.lock().unwrap(), ["ASIAOLD"]);
        assert!(clock.pauses().is_empty());
    }
}

#[tokio::test]
async fn an_expired_session_is_final_when_the_source_has_no_other() {
    let table = [
        (vec![session("ASIAOLD")], 1),
        (
            vec![
                session("ASIAOLD"),
                Err(CredentialsError::failed("Process", "broke down")),
            ],
            1,
        ),
        (vec![session("ASIAOLD"), session("ASIA2"), session("ASIA3")], 2),
    ];
    for (answers, calls) in table {
        let server = Server::answering([Reply::refusal(403, "ExpiredToken")]).await;
        let source = Arc::new(Sourced::new(answers));
        let error = client_of(Arc::clone(&source), &server, &PausingClock::default())
            .assume_role(&request())
            .await
            .unwrap_err();
        assert!(error.to_string().contains("ExpiredToken"), "{error}");
        assert_eq!(server.received().len(), calls);
        assert_eq!(source.invalidated.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_time_of_the_source_does_not_count_against_the_call() {
    let server = Server::answering([
        Reply::refusal(403, "ExpiredToken"),
        Reply::refusal(500, ""),
        Reply::identity(),
    ])
    .await;
    let clock = PausingClock::default();
    let source = Sourced {
        slowness: Duration::from_secs(300),
        clock: clock.manual.clone(),
        ..Sourced::new(vec![session("ASIAOLD"), session("ASIARENEWED")])
    };
    client_of(source, &server, &clock)
        .get_caller_identity()
        .await
        .unwrap();
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn an_error_of_the_source_keeps_its_kind_but_is_never_not_configured() {
    let table = [
        (ErrorKind::NotConfigured, ErrorKind::Failed),
        (ErrorKind::InvalidConfiguration, ErrorKind::InvalidConfiguration),
        (ErrorKind::Failed, ErrorKind::Failed),
        (ErrorKind::TimedOut, ErrorKind::TimedOut),
        (ErrorKind::LoginRequired, ErrorKind::LoginRequired),
    ];
    let server = Server::answering([Reply::role()]).await;
    for (kind, expected) in table {
        for transient in [false, true] {
            let cause = CredentialsError::new(kind, "Sso", "as the test says").with_transient(transient);
            let sts = client_of(Sourced::new(vec![Err(cause)]), &server, &PausingClock::default());
            let error = CredentialsError::from(sts.assume_role(&request()).await.unwrap_err());
            assert_eq!((error.kind(), error.is_transient()), (expected, transient));
            let told = error.report().to_string();
            assert!(
                told.contains(ROLE) && told.ends_with("as the test says"),
                "{told}"
            );
        }
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn credentials_that_cannot_be_signed_with_are_an_error() {
    let server = Server::answering([Reply::role()]).await;
    let odd = AwsCredentials::new("AKID\r\nEXAMPLE", canary("secret"));
    let error = client_of(odd, &server, &PausingClock::default())
        .assume_role(&request())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Sign { .. }), "{error:?}");
    assert!(server.received().is_empty());
}

#[test]
fn outside_a_tokio_runtime_a_call_is_an_error() {
    let sts = StsClient::new("eu-central-1", keys()).with_endpoint("http://127.0.0.1:1");
    let mut context = Context::from_waker(Waker::noop());
    let (role, identity, token) = (request(), sts.get_caller_identity(), GetSessionToken::new());
    let answers = [
        pin!(identity).poll(&mut context).map(Result::err),
        pin!(sts.assume_role(&role)).poll(&mut context).map(Result::err),
        pin!(sts.get_session_token(&token))
            .poll(&mut context)
            .map(Result::err),
    ];
    for answer in answers {
        assert!(
            matches!(answer, Poll::Ready(Some(Error::NoRuntime { .. }))),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_call_dropped_at_any_point_leaves_the_client_usable() {
    for polls in 0..12 {
        let server = Server::answering([Reply::role()]).await;
        let clock = PausingClock::default();
        let sts = client(&server, &clock);
        {
            let request = request();
            let mut call = pin!(sts.assume_role(&request));
            let mut polled = 0;
            std::future::poll_fn(|context| {
                polled += 1;
                if polled > polls || call.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
        sts.assume_role(&request()).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_token_is_asked_for_and_given() {
    let server = Server::answering([Reply::session("GetSessionToken", "2030-01-01T13:00:00Z")]).await;
    let session = client(&server, &PausingClock::default())
        .get_session_token(&GetSessionToken::new().with_mfa("serial", "123456"))
        .await
        .unwrap();
    assert_eq!(session.source(), "SessionToken");
    assert_eq!(server.received()[0].parameter("TokenCode"), Some("123456"));
}

#[test]
fn debug_shows_no_secret_of_a_client() {
    let sts = StsClient::new("eu-central-1", keys());
    assert!(!leaks(&format!("{sts:?} {sts:#?}")));
}
