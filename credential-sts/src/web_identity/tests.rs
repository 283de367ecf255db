use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use credential_core::{CredentialsError, ErrorKind};
use credential_http::RetryPolicy;
use tests_support::{FixedRandom, PausingClock, Reply, Server, canary, leaks};
use tokio::sync::Notify;

use super::*;
use crate::scripted::OfSts as _;

const ROLE: &str = "arn:aws:iam::123456789012:role/pod";

/// Whoever asks it has asked too much.
#[derive(Debug)]
struct Untouchable;

impl ProvideAwsCredentials for Untouchable {
    fn credentials(&self) -> CredentialsFuture<'_> {
        panic!("a web identity needs no credentials");
    }

    fn invalidate(&self, _: &AwsCredentials) {
        panic!("a web identity has used no credentials");
    }
}

fn answer() -> Reply {
    Reply::session("AssumeRoleWithWebIdentity", "2030-01-01T13:00:00Z")
}

fn sts(server: &Server, clock: &PausingClock) -> StsClient {
    StsClient::new("eu-central-1", Untouchable)
        .with_endpoint(&server.url)
        .with_clock(clock.clone())
        .with_random(FixedRandom(0.5))
}

/// A folder with a token file, gone when it is dropped.
struct TokenFile(tempfile::TempDir);

impl TokenFile {
    fn holding(text: impl AsRef<[u8]>) -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        file.write(text);
        file
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("token")
    }

    fn write(&self, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(), text).unwrap();
    }
}

fn provider_of(path: &Path, server: &Server, clock: &PausingClock) -> WebIdentityProvider {
    WebIdentityProvider::new(sts(server, clock), ROLE, WebIdentityToken::file(path))
}

fn provider(file: &TokenFile, server: &Server) -> WebIdentityProvider {
    provider_of(&file.path(), server, &PausingClock::default())
}

/// A token of the program, numbered anew at each call when `fresh`.
fn of_the_program(fresh: bool) -> (WebIdentityToken, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let token = WebIdentityToken::from_fn(move || {
        let turn = count.fetch_add(1, Ordering::Relaxed);
        let number = if fresh { turn } else { 0 };
        async move { Ok::<_, std::io::Error>(canary(&format!("web identity {number}"))) }
    });
    (token, asked)
}

fn code_of(error: &Error) -> Option<&str> {
    match error {
        Error::Refused { code, .. } => code.as_deref(),
        _ => None,
    }
}

#[tokio::test]
async fn a_token_gives_a_session_in_the_role() {
    let server = Server::answering([answer()]).await;
    let file = TokenFile::holding(canary("web identity"));
    let provider: Arc<dyn ProvideAwsCredentials> = Arc::new(provider(&file, &server));

    let credentials = provider.credentials().await.unwrap();

    assert_eq!(provider.name(), "WebIdentity");
    assert_eq!(credentials.access_key_id(), "ASIANEW");
    assert_eq!(credentials.source(), "WebIdentity");
    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert_eq!(credentials.expiration().unwrap().hour(), 13);
    assert_eq!(credentials.renewal(), Renewal::NEVER);
}

#[tokio::test]
async fn the_call_is_a_form_without_a_signature_and_without_asking_for_credentials() {
    let file = TokenFile::holding(canary("web identity"));
    let unsigned = |server: &Server| {
        StsClient::unsigned("eu-central-1")
            .with_endpoint(&server.url)
            .with_clock(PausingClock::default())
    };
    let with_credentials = |server: &Server| sts(server, &PausingClock::default());
    let clients: [&dyn Fn(&Server) -> StsClient; 2] = [&unsigned, &with_credentials];
    for client in clients {
        let server = Server::answering([answer()]).await;
        let token = WebIdentityToken::file(file.path());
        let provider = WebIdentityProvider::new(client(&server), ROLE, token).with_role_session_name("pod-7");
        provider.load().await.unwrap();
        let received = server.received();
        let call = &received[0];
        assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/"));
        assert_eq!(
            call.body,
            format!(
                "Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
                 &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpod&RoleSessionName=pod-7&WebIdentityToken={}",
                credential_sigv4::percent_encode(&canary("web identity"))
            )
        );
        assert_eq!(
            call.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        for header in ["authorization", "x-amz-security-token", "x-amz-date"] {
            assert_eq!(call.header(header), None, "{header}");
        }
    }
}

#[tokio::test]
async fn every_setting_reaches_sts() {
    let server = Server::answering([answer()]).await;
    let file = TokenFile::holding("a.b+c");
    let provider = provider(&file, &server)
        .with_role_session_name("pod-7")
        .with_duration(Duration::from_millis(900_999))
        .with_policy("{}")
        .with_policy_arn("arn:1")
        .with_policy_arns(["arn:2"])
        .with_provider_id("www.amazon.com");
    provider.load().await.unwrap();
    assert_eq!(
        server.received()[0].body,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpod&RoleSessionName=pod-7&WebIdentityToken=a.b%2Bc\
         &ProviderId=www.amazon.com&PolicyArns.member.1.arn=arn%3A1&PolicyArns.member.2.arn=arn%3A2\
         &Policy=%7B%7D&DurationSeconds=900"
    );
    assert_eq!(provider.role_arn(), ROLE);
}

#[tokio::test]
async fn all_sessions_of_a_provider_share_a_name_with_its_time() {
    let server = Server::answering([answer()]).await;
    let (file, clock) = (TokenFile::holding("token"), PausingClock::default());
    let provider = provider_of(&file.path(), &server, &clock);
    provider.load().await.unwrap();
    clock.manual.advance(Duration::from_secs(60));
    provider.load().await.unwrap();
    for call in server.received() {
        let name = call.parameter("RoleSessionName");
        assert_eq!(name, Some("credential-sts-1893499200000"));
        assert_eq!(call.parameter("DurationSeconds"), None);
    }
}

#[tokio::test]
async fn the_file_is_read_at_each_call_and_its_end_is_trimmed() {
    let server = Server::answering([answer()]).await;
    let file = TokenFile::holding("first\r\n");
    let provider = provider(&file, &server);
    provider.load().await.unwrap();
    for written in ["second", "third\n\n", "fourth \t\n"] {
        file.write(written);
        provider.load().await.unwrap();
    }
    let received = server.received();
    let sent: Vec<_> = received
        .iter()
        .map(|call| call.parameter("WebIdentityToken").unwrap())
        .collect();
    assert_eq!(sent, ["first", "second", "third", "fourth"]);
}

#[tokio::test]
async fn a_token_of_the_longest_kind_is_sent() {
    let server = Server::answering([answer()]).await;
    let long = "x".repeat(20_000);
    let file = TokenFile::holding(format!("{long}\n"));
    provider(&file, &server).load().await.unwrap();
    let received = server.received();
    assert_eq!(received[0].parameter("WebIdentityToken"), Some(long.as_str()));
}

#[tokio::test]
async fn a_file_that_holds_no_token_is_named_and_nothing_is_sent() {
    let server = Server::answering([answer()]).await;
    let secret = canary("web identity");
    let mut broken = secret.clone().into_bytes();
    broken.push(0xff);
    let table = [
        (Vec::new(), "is empty"),
        (b" \r\n\t".to_vec(), "is empty"),
        (broken, "is not UTF-8"),
        (secret.repeat(3000).into_bytes(), "more than 32768 bytes"),
    ];
    for (bytes, fault) in table {
        let file = TokenFile::holding(&bytes);
        let error = provider(&file, &server).credentials().await.unwrap_err();
        let told = error.report().to_string();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{told}");
        assert!(!error.is_transient(), "{told}");
        assert!(
            told.contains(fault) && told.contains(&*file.path().to_string_lossy()),
            "{told}"
        );
        assert!(!leaks(&format!("{told} {error:?}")), "{told}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_what_the_system_says() {
    let server = Server::answering([answer()]).await;
    let folder = tempfile::tempdir().unwrap();
    for (path, says) in [
        (folder.path().join("no-token"), "os error 2"),
        (folder.path().to_owned(), "directory"),
    ] {
        let provider = provider_of(&path, &server, &PausingClock::default());
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.provider(), "WebIdentity");
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(!error.is_transient());
        let told = error.report().to_string();
        assert!(
            told.contains(&*path.to_string_lossy()) && told.contains(says),
            "{told}"
        );
    }
    assert!(server.received().is_empty());
}

#[test]
fn only_what_a_person_has_to_mend_in_a_file_is_permanent() {
    use std::io::ErrorKind;
    for (kind, permanent) in [
        (ErrorKind::NotFound, true),
        (ErrorKind::PermissionDenied, true),
        (ErrorKind::IsADirectory, true),
        (ErrorKind::FileTooLarge, true),
        (ErrorKind::Interrupted, false),
        (ErrorKind::StaleNetworkFileHandle, false),
    ] {
        let error = Error::TokenFile {
            path: "/token".into(),
            source: kind.into(),
        };
        assert_eq!(error.is_permanent(), permanent, "{kind}");
        let told = error.of_provider(NAME).report().to_string();
        assert!(
            told.ends_with(&format!("/token cannot be read: {kind}")),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_refused_token_is_repeated_once_with_the_one_that_came_meanwhile() {
    for (status, code) in [
        (400, "ExpiredTokenException"),
        (400, "ExpiredToken"),
        (400, "InvalidIdentityToken"),
        (400, "InvalidIdentityTokenException"),
    ] {
        for second in [answer(), Reply::refusal(status, code)] {
            let succeeds = matches!(second, Reply::Answer { status: 200, .. });
            let bell = Arc::new(Notify::new());
            let refusal = Reply::refusal(status, code).held(&bell);
            let server = Server::answering([refusal, second, answer()]).await;
            let (file, clock) = (TokenFile::holding("old"), PausingClock::default());
            let provider = provider_of(&file.path(), &server, &clock);

            let rotate = async {
                server.arrival().await;
                file.write("new");
                bell.notify_one();
            };
            let (loaded, ()) = tokio::join!(provider.load(), rotate);

            assert_eq!(loaded.is_ok(), succeeds, "{code}");
            let received = server.received();
            let sent: Vec<_> = received
                .iter()
                .map(|call| call.parameter("WebIdentityToken").unwrap())
                .collect();
            assert_eq!(sent, ["old", "new"], "{code}");
            assert!(clock.pauses().is_empty());
        }
    }
}

#[tokio::test]
async fn a_refused_token_that_is_still_the_same_is_final() {
    for code in ["ExpiredTokenException", "InvalidIdentityToken"] {
        let server = Server::answering([Reply::refusal(400, code), answer()]).await;
        let file = TokenFile::holding(canary("web identity"));
        let error = provider(&file, &server).load().await.unwrap_err();
        assert_eq!(code_of(&error), Some(code));
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_token_file_that_is_gone_when_read_again_leaves_the_refusal() {
    let bell = Arc::new(Notify::new());
    let refusal = Reply::refusal(400, "ExpiredTokenException").held(&bell);
    let server = Server::answering([refusal, answer()]).await;
    let file = TokenFile::holding("old");
    let provider = provider(&file, &server);
    let remove = async {
        server.arrival().await;
        std::fs::remove_file(file.path()).unwrap();
        bell.notify_one();
    };
    let (loaded, ()) = tokio::join!(provider.load(), remove);
    assert_eq!(code_of(&loaded.unwrap_err()), Some("ExpiredTokenException"));
}

#[tokio::test]
async fn the_program_is_asked_for_another_token_when_the_first_has_expired_only() {
    for (code, fresh, asked, sent) in [
        ("ExpiredTokenException", true, 2, 2),
        ("ExpiredTokenException", false, 2, 1),
        ("InvalidIdentityToken", true, 1, 1),
        ("AccessDenied", true, 1, 1),
    ] {
        let server = Server::answering([Reply::refusal(400, code)]).await;
        let (token, count) = of_the_program(fresh);
        let provider = WebIdentityProvider::new(sts(&server, &PausingClock::default()), ROLE, token);
        let error = provider.load().await.unwrap_err();
        assert_eq!(code_of(&error), Some(code));
        assert_eq!(count.load(Ordering::Relaxed), asked, "{code} {fresh}");
        assert_eq!(server.received().len(), sent, "{code} {fresh}");
    }
}

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

#[tokio::test]
async fn a_refusal_that_repeats_the_token_is_shown_without_it() {
    let token = format!(
        "eyJhbGciOi.{}.{}",
        canary("claims and more"),
        canary("signature/+=")
    );
    let (_, last) = token.rsplit_once('.').unwrap();
    let encoded = credential_sigv4::percent_encode(&token);
    for quoted in [
        token.as_str(),
        last,
        &encoded,
        &format!("{}{token}", "x".repeat(1000)),
    ] {
        for place in ["Message", "Code", "RequestId"] {
            let body = format!(
                "<ErrorResponse><Error><{place}>Value '{quoted}' at 'webIdentityToken'</{place}></Error>\
                 </ErrorResponse>"
            );
            let server = Server::answering([Reply::with(400, body)]).await;
            let file = TokenFile::holding(&token);
            let provider = provider(&file, &server);
            let error = provider.credentials().await.unwrap_err();
            let shown = format!("{} {error:?} {provider:?} {provider:#?}", error.report());
            assert!(!leaks(&shown), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_program_without_a_token_fails_with_its_own_words() {
    let server = Server::answering([answer()]).await;
    let token = WebIdentityToken::from_fn(|| async { Err::<String, _>("the vault is sealed") });
    let provider = WebIdentityProvider::new(sts(&server, &PausingClock::default()), ROLE, token);
    let error = provider.credentials().await.unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::Failed, true));
    let told = error.report().to_string();
    assert!(
        told.contains(ROLE) && told.ends_with("the vault is sealed"),
        "{told}"
    );
}

#[tokio::test]
async fn an_empty_or_endless_token_of_the_program_is_not_sent() {
    let server = Server::answering([answer()]).await;
    for (text, says) in [
        (String::new(), "of the program is empty"),
        (" \n".to_owned(), "of the program is empty"),
        (canary("web identity").repeat(3000), "longer than 32 KiB"),
    ] {
        let token = WebIdentityToken::from_fn(move || {
            let text = text.clone();
            async move { Ok::<_, std::io::Error>(text) }
        });
        let provider = WebIdentityProvider::new(sts(&server, &PausingClock::default()), ROLE, token);
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        let told = error.report().to_string();
        assert!(told.contains(says) && !leaks(&told), "{told}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn the_wait_for_a_token_ends_with_the_calls_limit() {
    let server = Server::answering([answer()]).await;
    let clock = PausingClock::default();
    let asked = Arc::new(Notify::new());
    let bell = Arc::clone(&asked);
    let token = WebIdentityToken::from_fn(move || {
        bell.notify_one();
        std::future::pending::<Result<String, std::io::Error>>()
    });
    let provider = WebIdentityProvider::new(sts(&server, &clock), ROLE, token);
    let load = tokio::spawn(async move { provider.credentials().await });

    asked.notified().await;
    clock.manual.advance(Duration::from_secs(19));
    tokio::task::yield_now().await;
    assert!(!load.is_finished());
    clock.manual.advance(Duration::from_secs(1));

    let error = load.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::TimedOut, true));
    assert!(error.report().to_string().ends_with("took over 20 s"));
}

#[tokio::test]
async fn reading_and_repeating_share_one_limit() {
    let server = Server::answering([Reply::refusal(400, "ExpiredTokenException"), answer()]).await;
    let clock = PausingClock::default();
    let slow = clock.manual.clone();
    let (turn, token) = (AtomicUsize::new(0), canary("web identity"));
    let token = WebIdentityToken::from_fn(move || {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        slow.advance(Duration::from_secs(12));
        let token = format!("{token}{turn}");
        async move { Ok::<_, std::io::Error>(token) }
    });
    let provider = WebIdentityProvider::new(sts(&server, &clock), ROLE, token);
    let error = provider.load().await.unwrap_err();
    assert_eq!(code_of(&error), Some("ExpiredTokenException"));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn settings_that_cannot_work_are_told_before_the_token_is_read() {
    let base = || WebIdentityProvider::new(StsClient::unsigned("eu-central-1"), ROLE, of_the_program(true).0);
    let table = [
        (base().with_role_session_name("a b"), "RoleSessionName"),
        (base().with_role_session_name("a"), "RoleSessionName"),
        (base().with_duration(Duration::from_secs(899)), "DurationSeconds"),
        (
            base().with_duration(Duration::from_secs(43_201)),
            "DurationSeconds",
        ),
        (base().with_policy_arns(["arn"; 11]), "PolicyArns"),
    ];
    for (provider, words) in table {
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        let told = error.report().to_string();
        assert!(told.contains(words) && told.contains(ROLE), "{told}");
    }
    for (region, role, words) in [
        ("", ROLE, "AWS_REGION"),
        ("evil.example.com#", ROLE, "is not the name of a region"),
        ("eu-central-1", " ", "RoleArn"),
    ] {
        let (token, asked) = of_the_program(true);
        let provider = WebIdentityProvider::new(StsClient::unsigned(region), role, token);
        let error = provider.credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(
            error.report().to_string().contains(words),
            "{words}: {}",
            error.report()
        );
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn without_credentials_every_other_call_says_what_is_missing() {
    let sts = StsClient::unsigned("eu-central-1");
    let request = crate::AssumeRole::new(ROLE, "nightly");
    let error = sts.assume_role(&request).await.unwrap_err();
    assert!(matches!(error, Error::Unsigned { .. }), "{error:?}");
    assert!(
        error.to_string().contains(ROLE) && error.to_string().contains("StsClient::new"),
        "{error}"
    );
    let others = [
        sts.get_caller_identity().await.err(),
        sts.get_session_token(&crate::GetSessionToken::new()).await.err(),
        crate::AssumeRoleProvider::new(sts.clone(), ROLE)
            .load()
            .await
            .err(),
    ];
    for error in others {
        let error = CredentialsError::from(error.unwrap());
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn the_client_tells_all_that_sts_knows_of_a_web_identity() {
    let secret = canary("new secret");
    let body = format!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIANEW</AccessKeyId>\
         <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{secret}</SessionToken>\
         <Expiration>2030-01-01T13:00:00Z</Expiration></Credentials>\
         <SubjectFromWebIdentityToken>system:serviceaccount:a:b</SubjectFromWebIdentityToken>\
         <Provider>https://oidc.example</Provider><Audience>sts.amazonaws.com</Audience>\
         </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    );
    let server = Server::answering([Reply::with(200, body)]).await;
    let token = Secret::from(canary("web identity"));
    let role = sts(&server, &PausingClock::default())
        .assume_role_with_web_identity(&AssumeRoleWithWebIdentity::new(ROLE, "nightly"), &token)
        .await
        .unwrap();
    assert_eq!(role.subject(), Some("system:serviceaccount:a:b"));
    assert_eq!(role.provider(), Some("https://oidc.example"));
    assert_eq!(role.audience(), Some("sts.amazonaws.com"));
    assert_eq!((role.arn(), role.credentials().account_id()), (None, None));
    assert!(!leaks(&format!("{role:?} {role:#?}")));
}

#[tokio::test]
async fn the_client_takes_no_blank_and_no_endless_token() {
    let sts = StsClient::unsigned("eu-central-1").with_endpoint("http://127.0.0.1:1");
    let request = AssumeRoleWithWebIdentity::new(ROLE, "nightly");
    for token in [
        String::new(),
        " \n".to_owned(),
        canary("web identity").repeat(3000),
    ] {
        let error = sts
            .assume_role_with_web_identity(&request, &Secret::from(token))
            .await
            .unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains("WebIdentityToken must") && !leaks(&told), "{error}");
    }
}

#[tokio::test]
async fn credentials_that_are_dead_on_arrival_are_no_answer() {
    let server = Server::answering([Reply::session(
        "AssumeRoleWithWebIdentity",
        "2030-01-01T11:00:00Z",
    )])
    .await;
    let file = TokenFile::holding("token");
    let error = provider(&file, &server).load().await.unwrap_err();
    assert!(matches!(error, Error::Expired { .. }), "{error:?}");
    assert!(error.to_string().contains("clock"), "{error}");
}

#[tokio::test]
async fn the_answer_to_another_call_is_no_answer() {
    let server = Server::answering([Reply::role()]).await;
    let file = TokenFile::holding("token");
    let error = provider(&file, &server).load().await.unwrap_err();
    assert!(matches!(error, Error::Answer { .. }), "{error:?}");
}

#[tokio::test]
async fn a_load_dropped_at_any_point_leaves_the_provider_usable() {
    for polls in 0..12 {
        let server = Server::answering([answer()]).await;
        let file = TokenFile::holding("token");
        let provider = provider(&file, &server);
        {
            let mut load = std::pin::pin!(provider.load());
            let mut polled = 0;
            std::future::poll_fn(|context| {
                polled += 1;
                if polled > polls || load.as_mut().poll(context).is_ready() {
                    return std::task::Poll::Ready(());
                }
                context.waker().wake_by_ref();
                std::task::Poll::Pending
            })
            .await;
        }
        provider.load().await.unwrap();
    }
}

#[test]
fn outside_a_tokio_runtime_a_web_identity_is_an_error() {
    let (token, asked) = of_the_program(true);
    let provider = WebIdentityProvider::new(StsClient::unsigned("eu-central-1"), ROLE, token);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut load = std::pin::pin!(provider.credentials());
    let std::task::Poll::Ready(Err(error)) = load.as_mut().poll(&mut context) else {
        panic!("no error");
    };
    assert!(error.report().to_string().contains("tokio runtime"));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn debug_shows_where_a_token_comes_from_and_nothing_of_it() {
    let (token, _) = of_the_program(true);
    assert_eq!(format!("{token:?}"), "WebIdentityToken(…)");
    let file = WebIdentityToken::file("/var/run/token");
    assert_eq!(format!("{file:?}"), "WebIdentityToken(file /var/run/token)");
    let provider = WebIdentityProvider::new(StsClient::unsigned("eu-central-1"), ROLE, token);
    assert!(!leaks(&format!("{provider:?} {provider:#?}")));
}
