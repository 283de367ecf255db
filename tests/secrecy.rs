//! A canary in every public type that can hold a secret, and a search of all that they print.

use std::fmt::Debug;
use std::time::Duration;

use credential_chain::container::ContainerProvider;
use credential_chain::http::{Proxies, Request, Url};
use credential_chain::sigv4::{Authorization, SignableRequest, Signer, Verifier};
use credential_chain::sts::{AssumeRole, GetSessionToken, SessionTokenProvider};
use credential_chain::{
    AssumeRoleProvider, AutoRefreshingProvider, AwsCredentials, ChainProvider, CredentialsFuture,
    DefaultCredentialsProvider, EnvironmentProvider, InstanceMetadataProvider, ProfileProvider,
    ProvideAwsCredentials, Secret, StsClient, Variables, WebIdentityProvider, WebIdentityToken,
};
use credential_json::{Document, ErrorDocument, Required};
use mock_imds::{MockImds, Source};
use tests_support::{canary, leaks};
use time::OffsetDateTime;

fn keeps_quiet(name: &str, value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!leaks(&shown), "{name} shows a secret: {shown}");
        assert!(
            !shown.contains("EXAMPLEKEY") && !shown.contains("EXAMPLETOKEN"),
            "{name} shows a secret: {shown}"
        );
    }
}

fn credentials() -> AwsCredentials {
    AwsCredentials::new("AKIDCANARY", canary("key")).with_session_token(canary("token"))
}

#[test]
fn the_values_keep_quiet() {
    let secret = canary("value");
    keeps_quiet("Secret", &Secret::from(&*secret));
    keeps_quiet("AwsCredentials", &credentials());
    keeps_quiet("CredentialsFuture", &CredentialsFuture::ready(Ok(credentials())));
    keeps_quiet(
        "Variables",
        &Variables::from([("AWS_SECRET_ACCESS_KEY", &*secret)]),
    );
    keeps_quiet(
        "Proxies",
        &Proxies::from_lookup(|_| Some(format!("http://user:{secret}@proxy.example:8080"))),
    );
    let url = Url::parse(&format!("http://127.0.0.1/path?token={secret}")).unwrap();
    keeps_quiet("Url", &url);
    assert!(!leaks(&url.to_string()), "{url}");
    let request = Request::post(url)
        .with_secret_header("authorization", &*secret)
        .with_body(secret.clone().into_bytes());
    keeps_quiet("Request", &request);
    keeps_quiet(
        "AssumeRole",
        &AssumeRole::new("arn:aws:iam::123456789012:role/x", "name").with_mfa("serial", &*secret),
    );
    keeps_quiet(
        "GetSessionToken",
        &GetSessionToken::new().with_mfa("serial", &*secret),
    );
    let token = WebIdentityToken::from_fn(move || {
        let secret = secret.clone();
        async move { Ok::<_, std::io::Error>(secret) }
    });
    keeps_quiet("WebIdentityToken", &token);
    keeps_quiet(
        "WebIdentityProvider",
        &WebIdentityProvider::new(
            StsClient::unsigned("eu-central-1"),
            "arn:aws:iam::123456789012:role/x",
            token,
        ),
    );
}

#[test]
fn documents_keep_quiet() {
    let body = format!(
        r#"{{"AccessKeyId":"AKIDCANARY","SecretAccessKey":"{}","Token":"{}","Expiration":"2030-01-01T00:00:00Z"}}"#,
        canary("secret"),
        canary("token")
    );
    let document = Document::parse(body.as_bytes()).unwrap();
    keeps_quiet("Document", &document);
    keeps_quiet(
        "credentials",
        &document.into_credentials(Required::TEMPORARY).unwrap(),
    );
    keeps_quiet("ErrorDocument", &ErrorDocument::parse(body.as_bytes()));
    for end in 0..body.len() {
        if let Err(error) = Document::parse(&body.as_bytes()[..end]) {
            keeps_quiet("Error", &error);
            assert!(!leaks(&error.to_string()), "{error}");
        }
    }
}

#[test]
fn signatures_keep_quiet() {
    let headers = [("host", "sts.us-east-1.amazonaws.com")];
    let request = SignableRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: b"Action=GetCallerIdentity",
    };
    let signer = Signer::new("sts", "us-east-1");
    let signed = signer
        .sign(&request, &credentials(), OffsetDateTime::UNIX_EPOCH)
        .unwrap();
    keeps_quiet("Signer", &signer);
    keeps_quiet("Signed", &signed);
    assert!(!leaks(signed.canonical_request()) && !leaks(signed.string_to_sign()));
    let presigned = signer
        .presign(
            &request,
            &credentials(),
            OffsetDateTime::UNIX_EPOCH,
            Duration::from_secs(60),
        )
        .unwrap();
    keeps_quiet("Presigned", &presigned);
    assert!(!leaks(presigned.canonical_request()));

    let mut sent: Vec<(&str, &str)> = headers.to_vec();
    sent.extend(
        signed
            .headers()
            .iter()
            .map(|header| (header.name(), header.value())),
    );
    let request = SignableRequest {
        headers: &sent,
        ..request
    };
    let authorization = Authorization::of(&request).unwrap().unwrap();
    keeps_quiet("Authorization", &authorization);
    let verifier = Verifier::new("sts", "us-east-1");
    let wrong = Secret::from(canary("wrong"));
    let refusal = verifier
        .verify(&request, &authorization, &wrong, OffsetDateTime::UNIX_EPOCH)
        .unwrap_err();
    keeps_quiet("Refusal", &refusal);
    assert!(!leaks(&refusal.to_string()), "{refusal}");
}

#[tokio::test]
async fn providers_keep_quiet_before_and_after_they_answer() {
    let mock = MockImds::builder().start().await;
    for source in [
        Source::InstanceMetadata,
        Source::Ecs,
        Source::Eks,
        Source::Environment,
    ] {
        let variables: Variables = mock.variables(source).unwrap().into_iter().collect();
        let provider = DefaultCredentialsProvider::builder()
            .variables(variables.clone())
            .build();
        keeps_quiet("DefaultCredentialsProvider", &provider);
        provider.credentials().await.unwrap();
        keeps_quiet("DefaultCredentialsProvider", &provider);
        keeps_quiet("Attempt", &provider.attempts());
        keeps_quiet("Health", &provider.health());
        let explained = provider.explain().await;
        keeps_quiet("Explanation", &explained);
        assert!(!explained.to_string().contains("EXAMPLEKEY"), "{explained}");
        for (name, one) in [
            (
                "EnvironmentProvider",
                Box::new(EnvironmentProvider::new().with_variables(variables.clone()))
                    as Box<dyn ProvideAwsCredentials>,
            ),
            (
                "ProfileProvider",
                Box::new(ProfileProvider::new().with_variables(variables.clone())),
            ),
            (
                "ContainerProvider",
                Box::new(ContainerProvider::new().with_variables(variables.clone())),
            ),
            (
                "InstanceMetadataProvider",
                Box::new(
                    InstanceMetadataProvider::new()
                        .with_variables(variables.clone())
                        .with_endpoint(mock.endpoint()),
                ),
            ),
        ] {
            keeps_quiet(name, &one);
            let refreshing = AutoRefreshingProvider::new(one);
            let answer = refreshing.credentials().await;
            keeps_quiet(name, &answer);
            keeps_quiet(name, &refreshing);
        }
    }
    keeps_quiet("MockImds", &mock);
    keeps_quiet("Record", &mock.requests());
    keeps_quiet("AccessKey", mock.user());
}

#[tokio::test]
async fn sts_keeps_quiet_when_it_refuses() {
    let mock = MockImds::builder().start().await;
    let wrong = AwsCredentials::new(mock.user().access_key_id(), canary("wrong"));
    let sts = StsClient::new(mock.region(), wrong).with_endpoint(mock.endpoint());
    keeps_quiet("StsClient", &sts);
    let role = AssumeRoleProvider::new(sts.clone(), "arn:aws:iam::123456789012:role/x")
        .with_external_id(canary("external"));
    keeps_quiet("AssumeRoleProvider", &role);
    keeps_quiet("SessionTokenProvider", &SessionTokenProvider::new(sts));

    let error = ChainProvider::of([("Role", role)])
        .credentials()
        .await
        .unwrap_err();

    keeps_quiet("CredentialsError", &error);
    let text = error.report().to_string();
    assert!(!leaks(&text) && text.contains("SignatureDoesNotMatch"), "{text}");
}
