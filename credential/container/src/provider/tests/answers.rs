//! What the provider makes of good answers and of refusals.

use super::*;

async fn answered(body: &str) -> Result<AwsCredentials, Error> {
    let agent = saying([(200, body.to_owned())]).await;
    asking(&agent, &[]).load().await
}

#[tokio::test]
async fn a_document_gives_credentials_with_their_source_and_how_to_renew_them() {
    let credentials = answered(&document()).await.unwrap();

    let expected = AwsCredentials::new("ASIATASK", canary("secret"))
        .with_session_token(canary("session token"))
        .with_expiration(noon_and(Duration::from_secs(6 * 3600)))
        .with_source("Container")
        .with_renewal(Renewal::NEVER.with_static_stability());
    assert_eq!(credentials, expected);
}

#[tokio::test]
async fn every_agents_document_is_read() {
    let (secret, token) = (canary("secret"), canary("token"));
    for (agent, extra, account_id) in [
        (
            "Amazon ECS",
            r#""RoleArn": "arn:aws:iam::123456789012:role/task","#,
            None,
        ),
        (
            "Amazon EKS",
            r#""AccountId": "123456789012","#,
            Some("123456789012"),
        ),
        ("odd account", r#""AccountId": "account","#, None),
        (
            "AWS CloudShell",
            "\"Code\": \"Success\",\n\t\"Type\": \"\",\n\t\"LastUpdated\": \"2029-12-31T12:00:00Z\",",
            None,
        ),
    ] {
        let body = format!(
            "{{\n\t{extra}\"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"{secret}\", \"Token\": \"{token}\",\n\
             \t\"Expiration\": \"2030-01-01T12:30:00.123456789Z\"}}\n"
        );
        let credentials = answered(&body).await.unwrap();
        assert_eq!(credentials.account_id(), account_id, "{agent}");
        assert_eq!(
            credentials.expiration(),
            Some(noon_and(Duration::new(1800, 123_456_789))),
            "{agent}"
        );
    }
}

#[tokio::test]
async fn keys_without_an_expiration_are_asked_for_again_after_a_quarter_of_an_hour() {
    let body = format!(
        r#"{{"AccessKeyId": "AKIA", "SecretAccessKey": "{}"}}"#,
        canary("secret")
    );
    let credentials = answered(&body).await.unwrap();
    assert_eq!(
        (credentials.session_token(), credentials.expiration()),
        (None, None)
    );
    assert_eq!(
        credentials.renewal().reread_after,
        Some(Duration::from_secs(15 * 60))
    );
}

#[tokio::test]
async fn credentials_that_are_dead_already_are_handed_on_with_their_expiration() {
    let body = document().replace("2030-01-01T18", "2020-01-01T18");
    let credentials = answered(&body).await.unwrap();
    assert_eq!(credentials.expiration().unwrap().year(), 2020);
}

#[tokio::test]
async fn a_refusal_is_told_with_its_reason_after_one_request() {
    for (status, body, code, message) in [
        (
            404,
            r#"{"code": "NoIdInRequest", "message": "no ID", "HTTPErrorCode": 404}"#,
            Some("NoIdInRequest"),
            Some("no ID"),
        ),
        (
            400,
            r#"{"Code": "InvalidIdInRequest", "Message": "task is gone"}"#,
            Some("InvalidIdInRequest"),
            Some("task is gone"),
        ),
        (401, r#"{"Message": "bad token"}"#, None, Some("bad token")),
        (403, "wrong host\n", None, Some("wrong host")),
        (
            404,
            "<html><title>Not found</title></html>",
            None,
            Some("Not found"),
        ),
        (405, "", None, None),
        (204, "", None, None),
    ] {
        let agent = saying([(status, body.to_owned())]).await;
        let error = asking(&agent, &[]).load().await.unwrap_err();
        let text = printed(&error);
        let Error::Status {
            status: seen,
            said,
            attempts: 1,
            ..
        } = &error
        else {
            panic!("{text}")
        };
        assert_eq!((*seen, said.code(), said.message()), (status, code, message));
        assert!(text.contains(message.unwrap_or_default()), "{text}");
        assert_eq!(kind(error), ErrorKind::Failed);
        assert_eq!(agent.received().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_refusal_that_repeats_the_token_is_shown_without_it() {
    let token = canary("authorization");
    let said = format!("{{\"code\": \"Denied\", \"message\": \"token {token} is unknown\"}}");
    for body in [said, format!("the token {token} is unknown")] {
        let agent = saying([(404, body)]).await;
        let error = asking(&agent, &[(TOKEN, &token)]).load().await.unwrap_err();
        assert!(
            printed(&error).contains("token (the token) is unknown"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_refusal_with_a_long_page_is_shortened() {
    let agent = saying([(404, "gone ".repeat(12_000))]).await;
    let error = asking(&agent, &[]).load().await.unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[tokio::test]
async fn a_document_that_says_it_failed_is_an_error_even_with_status_200() {
    let agent = saying([(
        200,
        document().replacen(
            '{',
            r#"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "no trust", "#,
            1,
        ),
    )])
    .await;
    let error = asking(&agent, &[]).load().await.unwrap_err();
    assert!(
        printed(&error).contains("AssumeRoleUnauthorizedAccess: no trust"),
        "{error}"
    );
    assert!(matches!(error, Error::Document { .. }));
    assert_eq!(kind(error), ErrorKind::Failed);
    assert_eq!(agent.received().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_error_and_not_followed() {
    let target = saying([(200, document())]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: {}/stolen", target.url);
        let agent = answering(move |_| Reply::with(status, document()).header(&location)).await;
        let error = asking(&agent, &[(TOKEN, &canary("token"))])
            .load()
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Redirect { status: seen, .. } if *seen == status),
            "{}",
            printed(&error)
        );
        assert_eq!(agent.received().len(), 1);
    }
    assert_eq!(target.received().len(), 0);
}

#[tokio::test]
async fn with_a_uri_every_failure_is_more_than_absence() {
    let agent = saying([(404, String::new())]).await;
    for provider in [
        asking(&agent, &[]),
        asking(&agent, &[(TOKEN_FILE, "/nowhere/token")]),
        with_variables(&[(FULL, "/x")]),
        with_variables(&[(RELATIVE, "x")]),
        with_variables(&[(FULL, "http://10.0.0.1/x")]),
        // No host is called so: the resolver refuses the leading hyphen without asking anybody.
        with_variables(&[(FULL, "http://-nowhere.invalid/x")]),
        with_variables(&[(FULL, "http://127.0.0.1:1/x")]),
    ] {
        let error = CredentialsError::from(provider.load().await.unwrap_err());
        assert!(!error.is_not_configured(), "{}", error.report());
        assert_eq!(error.provider(), "Container");
    }
}
