//! Roles, and what signs with them.

use credential_chain::http::{HttpClient, Request, Url};
use credential_chain::sigv4::{SignableRequest, Signer};
use credential_chain::{AssumeRoleProvider, StsAssumeRoleSessionCredentialsProvider, StsClient};
use mock_imds::{MockImds, Step, TrustedRole};

use super::*;

#[tokio::test]
async fn a_role_is_assumed_with_everything_that_rusotos_constructor_took() {
    let role_arn = "arn:aws:iam::123456789012:role/migrated";
    let serial = "arn:aws:iam::123456789012:mfa/me";
    let mock = MockImds::builder()
        .trusting(TrustedRole::new(role_arn).external_id("4711"))
        .mfa_device(serial, "123456")
        .start()
        .await;
    let user = AwsCredentials::new(mock.user().access_key_id(), mock.user().secret_access_key());
    let sts = StsClient::new(mock.region(), user).with_endpoint(mock.endpoint());

    let provider: StsAssumeRoleSessionCredentialsProvider = AssumeRoleProvider::new(sts, role_arn)
        .with_role_session_name("from-rusoto")
        .with_external_id("4711")
        .with_duration(Duration::from_secs(900))
        .with_policy(r#"{"Version":"2012-10-17","Statement":[]}"#)
        .with_mfa_serial(serial)
        .with_mfa_prompt(credential_chain::MfaPrompt::new(|_serial| async {
            Ok::<_, std::io::Error>("123456".to_owned())
        }));
    let credentials = provider.credentials().await.unwrap();

    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert!(
        credentials.renewal().interactive,
        "nobody asks a person ahead of time"
    );
    let asked = mock.requests();
    let call = asked
        .iter()
        .find(|request| request.parameter("Action").as_deref() == Some("AssumeRole"))
        .unwrap();
    for (name, value) in [
        ("RoleArn", role_arn),
        ("RoleSessionName", "from-rusoto"),
        ("ExternalId", "4711"),
        ("DurationSeconds", "900"),
        ("Policy", r#"{"Version":"2012-10-17","Statement":[]}"#),
        ("SerialNumber", serial),
        ("TokenCode", "123456"),
    ] {
        assert_eq!(call.parameter(name).as_deref(), Some(value), "{name}");
    }
    let me = StsClient::new(mock.region(), credentials).with_endpoint(mock.endpoint());
    assert_eq!(
        me.get_caller_identity().await.unwrap().arn(),
        "arn:aws:sts::123456789012:assumed-role/migrated/from-rusoto"
    );
}

#[tokio::test]
async fn an_assumed_role_signs_the_call_for_spot_requests() {
    let mock = MockImds::builder().spot().start().await;
    let source = instance(mock.endpoint());
    let sts = StsClient::new(mock.region(), source).with_endpoint(mock.endpoint());
    let role =
        AssumeRoleProvider::new(sts, mock.role_arn("spot-reader")).with_role_session_name("from-rusoto");
    let url = Url::parse(mock.endpoint()).unwrap();
    let body = "Action=DescribeSpotInstanceRequests&Version=2016-11-15";
    let form = "application/x-www-form-urlencoded";

    let credentials = role.credentials().await.unwrap();
    let signed = Signer::new("ec2", mock.region())
        .sign(
            &SignableRequest {
                method: "POST",
                path: url.path(),
                query: "",
                headers: &[("host", &*url.authority()), ("content-type", form)],
                body: body.as_bytes(),
            },
            &credentials,
            mock.clock().now(),
        )
        .unwrap();
    let mut request = Request::post(url)
        .with_header("content-type", form)
        .with_body(body.into());
    for header in signed.headers() {
        request = request.with_secret_header(header.name(), header.value());
    }
    let answer = HttpClient::new().send(&request).await.unwrap();

    let text = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(
        answer.status() == 200 && text.contains("<state>active</state>"),
        "{text}"
    );
    assert_eq!(mock.count(Step::DescribeSpotInstanceRequests), 1);
}
