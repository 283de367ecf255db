//! The credentials that sign.

use credential_core::ErrorKind;
use tests_support::Reply;

use super::*;
use crate::scripted::{OfSts as _, Signed as _};

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
