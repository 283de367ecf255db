//! One call, as STS sees it.

use credential_core::ErrorKind;

use super::*;

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
