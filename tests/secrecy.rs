//! A canary in every public type that can hold a secret, and a search of all that they print.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use credential_chain::cache::{Object, Value};
use credential_chain::container::ContainerProvider;
use credential_chain::http::{Es256Key, HttpClient, Proxies, Request, Url, base64};
use credential_chain::profile::{Base, Profiles, Selection, Source as ProfileSource};
use credential_chain::sigv4::{Authorization, SignableRequest, Signer, Verifier};
use credential_chain::sso::SsoLogin;
use credential_chain::sts::{AssumeRole, GetSessionToken, SessionTokenProvider};
use credential_chain::{
    AssumeRoleProvider, AutoRefreshingProvider, AwsCredentials, ChainProvider, CredentialsFuture,
    DefaultCredentialsProvider, EnvironmentProvider, InstanceMetadataProvider, LoginProvider, MfaPrompt,
    Plan, ProcessProvider, ProfileProvider, ProvideAwsCredentials, RegionProvider, Secret, SsoProvider,
    SsoSession, StsClient, Variables, WebIdentityProvider, WebIdentityToken,
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

/// Public types that are given no secret. What a mock is told to expect counts as none.
const HOLDS_NO_SECRET: &[&str] = &[
    "AssumeRoleWithWebIdentity",
    "Attempted",
    "Builder",
    "CallerIdentity",
    "Category",
    "Clock",
    "CredentialSource",
    "Endpoint",
    "EndpointMode",
    "ErrorKind",
    "ExplainedSource",
    "ExtendedPath",
    "ExtendedPaths",
    "FailureCounts",
    "Form",
    "Host",
    "ImdsVersion",
    "Location",
    "Locations",
    "Lock",
    "LoggedIn",
    "LoginSession",
    "Member",
    "Missed",
    "MockClock",
    "OffsetDateTime",
    "Operation",
    "Origin",
    "Part",
    "Partition",
    "Phase",
    "Place",
    "Position",
    "ProblemKind",
    "ProcessRandom",
    "ProvideAwsCredentials",
    "Random",
    "RefreshTokens",
    "Renewal",
    "Required",
    "RetryMode",
    "RetryPolicy",
    "RoleBase",
    "Rotation",
    "Scenario",
    "Scheme",
    "Scope",
    "Searched",
    "Service",
    "SignIn",
    "Signatures",
    "Sleep",
    "SourceKind",
    "SpotAction",
    "SsoRole",
    "SsoSession",
    "SsoSettings",
    "Standing",
    "StaticStability",
    "Step",
    "StsAssumeRoleSessionCredentialsProvider",
    "StsRegionalEndpoints",
    "StsSessionCredentialsProvider",
    "SyntaxErrorKind",
    "SystemClock",
    "TokenMode",
    "TokenPlace",
    "TokioClock",
    "TrustedRole",
    "Unread",
    "V1Fallback",
    "Verifier",
    "Version",
    "WebIdentityRole",
    "Words",
];

/// Public types that get a secret, if at all, from an answer or a file on the way: their own crates' tests search them.
const SEARCHED_AT_HOME: &[&str] = &[
    "AnswerError",
    "AssumedRole",
    "CacheFile",
    "DeviceAuthorization",
    "Es256Error",
    "Fault",
    "Flight",
    "Number",
    "NotRenewable",
    "Problem",
    "Report",
    "Response",
    "Said",
    "Sending",
    "SharedTask",
    "SplitError",
    "TokenFault",
    "UrlError",
    "VariableError",
];

#[test]
fn every_public_type_is_searched_or_said_to_hold_no_secret() {
    let types = public_types();
    let here = include_str!("secrecy.rs");
    let decided = |name: &&String| here.contains(&format!("\"{name}\""));
    let open: Vec<&String> = types.iter().filter(|name| !decided(name)).collect();
    assert!(
        open.is_empty(),
        "put a canary into these, or say why not: {open:?}"
    );
    let mut excused = HOLDS_NO_SECRET.iter().chain(SEARCHED_AT_HOME);
    assert_eq!(excused.find(|name| !types.contains(**name)), None, "gone by now");
}

/// The types that the crates' first pages name, and a few traits with them.
fn public_types() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut crates: Vec<_> = ["credential-sts", "credential-chain", "mock-imds"]
        .map(|name| root.join(name))
        .into();
    crates.extend(
        std::fs::read_dir(root.join("credential"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let mut types = BTreeSet::new();
    for text in crates
        .iter()
        .filter_map(|folder| std::fs::read_to_string(folder.join("src/lib.rs")).ok())
    {
        for exported in text.split("pub use ").skip(1) {
            let names = exported.split(';').next().unwrap_or_default();
            let words = names.split(|letter: char| !letter.is_ascii_alphanumeric());
            let is_type = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_uppercase());
            types.extend(words.filter(is_type).map(str::to_owned));
        }
    }
    assert!(types.len() > 100, "{types:?}");
    types
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
    let mut object = Object::parse(&format!(r#"{{"accessToken": "{secret}", "{secret}": 1}}"#)).unwrap();
    object.set("more", &*secret);
    keeps_quiet("Object", &object);
    keeps_quiet("Value", &Value::from(&*secret));
}

#[test]
fn a_private_key_keeps_quiet() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let letters = base64(&key.serialize_der());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{letters}\n-----END PRIVATE KEY-----\n");
    let key = Es256Key::from_pem(&pem).unwrap();
    keeps_quiet("Es256Key", &key);
    assert_eq!(format!("{key:?}"), "Es256Key(…)", "nothing of its numbers");
}

#[test]
fn providers_of_sessions_roles_and_commands_keep_quiet() {
    let secret = canary("provider");
    let role = "arn:aws:iam::123456789012:role/x";
    let sts = || StsClient::new("eu-central-1", credentials());
    let prompt = || {
        let code = secret.clone();
        MfaPrompt::new(move |_serial| {
            let code = code.clone();
            async move { Ok::<_, std::io::Error>(code) }
        })
    };
    let token = || {
        let token = secret.clone();
        WebIdentityToken::from_fn(move || {
            let token = token.clone();
            async move { Ok::<_, std::io::Error>(token) }
        })
    };
    let session = || SsoSession::named("corp", "https://corp.awsapps.com/start", "eu-central-1");
    let variables = Variables::from([("AWS_SECRET_ACCESS_KEY", &*secret), ("HTTPS_PROXY", &*secret)]);
    let searched: Vec<(&str, Box<dyn Debug>)> = vec![
        ("MfaPrompt", Box::new(prompt())),
        ("WebIdentityToken", Box::new(token())),
        ("StsClient", Box::new(sts())),
        (
            "AssumeRoleProvider",
            Box::new(
                AssumeRoleProvider::new(sts(), role)
                    .with_external_id(&*secret)
                    .with_mfa_serial("arn:aws:iam::123456789012:mfa/me")
                    .with_mfa_prompt(prompt()),
            ),
        ),
        (
            "SessionTokenProvider",
            Box::new(SessionTokenProvider::new(sts()).with_mfa_prompt(prompt())),
        ),
        (
            "WebIdentityProvider",
            Box::new(WebIdentityProvider::new(
                StsClient::unsigned("eu-central-1"),
                role,
                token(),
            )),
        ),
        (
            "ProcessProvider",
            Box::new(
                ProcessProvider::new(format!("/opt/tool --password {secret}"))
                    .with_variable("PASSWORD", &*secret),
            ),
        ),
        (
            "SsoProvider",
            Box::new(
                SsoProvider::new(session(), "123456789012", "developer").with_variables(variables.clone()),
            ),
        ),
        (
            "SsoLogin",
            Box::new(SsoLogin::new(session()).with_variables(variables.clone())),
        ),
        (
            "LoginProvider",
            Box::new(
                LoginProvider::new("arn:aws:iam::123456789012:user/me").with_variables(variables.clone()),
            ),
        ),
        (
            "InstanceMetadataClient",
            Box::new(
                credential_chain::InstanceMetadataClient::new()
                    .with_variables(variables.clone())
                    .with_profile_setting("any", &*secret, "a file"),
            ),
        ),
        (
            "DefaultCredentialsProviderBuilder",
            Box::new(
                DefaultCredentialsProvider::builder()
                    .variables(variables.clone())
                    .environment(credentials()),
            ),
        ),
        (
            "ChainProvider",
            Box::new(ChainProvider::of([("Keys", credentials())])),
        ),
        (
            "AutoRefreshingProvider",
            Box::new(AutoRefreshingProvider::new(credentials())),
        ),
        (
            "RegionProvider",
            Box::new(RegionProvider::new().with_variables(variables.clone())),
        ),
        (
            "HttpClient",
            Box::new(HttpClient::new().with_proxies(Proxies::from_lookup(|_| {
                Some(format!("http://user:{secret}@proxy.example:8080"))
            }))),
        ),
        ("Selection", Box::new(Selection::new().with_variables(variables))),
    ];
    for (name, value) in &searched {
        keeps_quiet(name, value);
    }
}

#[test]
fn files_and_plans_keep_quiet() {
    let secret = canary("file");
    let config = format!(
        "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nexternal_id = {secret}\nsource_profile = base\n\
         [profile base]\ncredential_process = /opt/tool --password {secret}\n\
         [profile keys]\naws_access_key_id = AKIDCANARY\naws_secret_access_key = {secret}\n\
         aws_session_token = {secret}\ns3 =\n  password = {secret}\n{secret} = {secret}\n"
    );
    let profiles = Profiles::of_texts(&config, "").unwrap();
    keeps_quiet("Profiles", &profiles);
    for profile in profiles.iter() {
        keeps_quiet("Profile", profile);
        let section: &credential_chain::profile::Section = profile;
        keeps_quiet("Section", section);
        for (_, property) in profile.properties() {
            keeps_quiet("Property", property);
            for child in property.children() {
                keeps_quiet("SubProperty", child);
            }
        }
        let source = ProfileSource::of(&profiles, profile).unwrap();
        keeps_quiet("Source", &source);
        let plan = Plan::of(&profiles, profile.name(), &[]).unwrap();
        keeps_quiet("Plan", &plan);
        assert!(!leaks(&plan.to_string()), "{plan}");
        let base: &Base = plan.base();
        keeps_quiet("Base", base);
        match base {
            Base::StaticKeys(keys) => keeps_quiet("StaticKeys", keys),
            Base::Process(command) => keeps_quiet("ProcessCommand", command),
            other => panic!("{other:?} is in no profile here"),
        }
        for hop in plan.hops() {
            keeps_quiet("RoleHop", hop);
        }
    }
    let settings =
        credential_chain::profile::Settings::new(profiles, &Selection::new().with_profile("keys")).unwrap();
    keeps_quiet("Settings", &settings);
    keeps_quiet("Setting", &settings.profile_value("aws_secret_access_key"));
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
    keeps_quiet("SignedHeader", &signed.headers());
    let body = canary("body");
    let with_secrets = SignableRequest {
        query: &body,
        headers: &[("authorization", &body)],
        body: body.as_bytes(),
        ..request
    };
    keeps_quiet("SignableRequest", &with_secrets);
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
        let mut variables = mock.variables(source).unwrap();
        // Also where the credentials come from elsewhere: an explanation asks every place.
        variables.push((
            "AWS_EC2_METADATA_SERVICE_ENDPOINT".to_owned(),
            mock.endpoint().to_owned(),
        ));
        let variables: Variables = variables.into_iter().collect();
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
