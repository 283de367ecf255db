//! The client's own call, and answers that are none.

use credential_core::{CredentialsError, ErrorKind};
use tests_support::leaks;

use super::*;

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
