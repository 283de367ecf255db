use mock_imds::{Fault, MockImds, Source, Step, TrustedRole};
use tests_support::canary;

use crate::support::*;

const AUDIENCE: &str = "sts.amazonaws.com";

/// An unsigned call, with what it has by default replaced by `rest`.
fn assume_with(mock: &MockImds, token: &str, rest: &[(&str, &str)]) -> Reply {
    let role = mock.web_identity_role_arn();
    let mut all = vec![
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "pod"),
        ("WebIdentityToken", token),
    ];
    all.retain(|(name, _)| !rest.iter().any(|(other, _)| other == name));
    all.extend(rest.iter().filter(|(_, value)| !value.is_empty()));
    let form = form("AssumeRoleWithWebIdentity", "2011-06-15", &all);
    post(
        mock,
        &[
            ("Host", "127.0.0.1"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ],
        &form,
    )
}

#[test]
fn a_token_is_all_it_takes_to_assume_its_role() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let reply = assume_with(&mock, &mock.web_identity_token(), &[]);
    assert_eq!(
        (reply.status, reply.header("Content-Type")),
        (200, Some("text/xml"))
    );
    for (name, text) in [
        (
            "SubjectFromWebIdentityToken",
            "system:serviceaccount:default:mock",
        ),
        ("Audience", AUDIENCE),
        ("Provider", "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"),
        (
            "Arn",
            "arn:aws:sts::123456789012:assumed-role/mock-web-identity-role/pod",
        ),
        ("Expiration", "2030-01-01T13:00:00Z"),
    ] {
        assert_eq!(reply.element(name), text, "{name}");
    }
    assert!(reply.element("AssumedRoleId").ends_with(":pod"));
    assert_eq!(
        reply.element("RequestId"),
        reply.header("x-amzn-RequestId").unwrap()
    );
    assert_eq!(
        who(&mock, &session(&reply)).element("Arn"),
        reply.element("Arn"),
        "the keys sign"
    );
    assert_eq!(mock.count(Step::AssumeRoleWithWebIdentity), 1);
    assert_eq!(mock.requests()[0].access_key_id(), None);
}

#[test]
fn a_signature_is_not_looked_at() {
    let mock = MockImds::builder().start_blocking();
    let nobody = credential_core::AwsCredentials::new("AKIANOBODYATALLEXAMP", canary("nobody"));
    let (role, token) = (mock.web_identity_role_arn(), mock.web_identity_token());
    let pairs = [
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "pod"),
        ("WebIdentityToken", token.as_str()),
    ];
    let reply = sts(&mock, &nobody, "AssumeRoleWithWebIdentity", &pairs);
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[test]
fn what_is_wrong_with_a_call_is_said_as_sts_says_it() {
    let declared =
        TrustedRole::new("arn:aws:iam::123456789012:role/theirs").caller("system:serviceaccount:theirs:*");
    let mfa = TrustedRole::new("arn:aws:iam::123456789012:role/external").external_id("4711");
    let mock = MockImds::builder()
        .clock_at(noon())
        .trusting(declared)
        .trusting(mfa)
        .start_blocking();
    let good = mock.web_identity_token();
    let unknown = good.replace("EXAMPLETOKEN", "EXAMPLETOKENx");
    let expired = mock.issue_web_identity_token("me", AUDIENCE, seconds(0));
    let elsewhere = mock.issue_web_identity_token("me", "pods.eks.amazonaws.com", seconds(60));
    let theirs = mock.issue_web_identity_token("system:serviceaccount:theirs:app", AUDIENCE, seconds(60));
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/theirs")];
    let long = "a".repeat(20_001);
    for (token, rest, status, code) in [
        (expired.as_str(), &[][..], 400, "ExpiredTokenException"),
        (&unknown, &[], 400, "InvalidIdentityToken"),
        ("not-a-jwt", &[], 400, "InvalidIdentityToken"),
        (&elsewhere, &[], 400, "InvalidIdentityToken"),
        (
            &good,
            &[("ProviderId", "www.amazon.com")],
            400,
            "InvalidIdentityToken",
        ),
        (&good, &role, 403, "AccessDenied"),
        (
            &good,
            &[("RoleArn", "arn:aws:iam::123456789012:role/external")],
            403,
            "AccessDenied",
        ),
        (
            &good,
            &[("RoleArn", "arn:aws:iam::999999999999:role/other")],
            403,
            "AccessDenied",
        ),
        (
            &good,
            &[("RoleArn", "arn:aws:iam::123456789012:user/bob")],
            400,
            "ValidationError",
        ),
        (&good, &[("RoleArn", "")], 400, "ValidationError"),
        (&good, &[("RoleSessionName", "a b")], 400, "ValidationError"),
        (&good, &[("RoleSessionName", "")], 400, "ValidationError"),
        (&good, &[("DurationSeconds", "899")], 400, "ValidationError"),
        (&good, &[("DurationSeconds", "43201")], 400, "ValidationError"),
        (
            &theirs,
            &[role[0], ("DurationSeconds", "3601")],
            400,
            "ValidationError",
        ),
        (&good, &[("Policy", "{")], 400, "MalformedPolicyDocument"),
        ("abc", &[], 400, "ValidationError"),
        (&long, &[], 400, "ValidationError"),
    ] {
        let reply = assume_with(&mock, token, rest);
        assert_eq!(
            (reply.status, reply.element("Code")),
            (status, code),
            "{rest:?} {reply:?}"
        );
        assert_eq!(reply.element("Type"), "Sender");
        assert!(!reply.body.contains("EXAMPLETOKEN"), "{reply:?}");
    }
    assert_eq!(
        assume_with(&mock, &theirs, &role).status,
        200,
        "the subject is the caller"
    );
}

#[test]
fn a_rotated_file_has_the_new_token_and_the_old_one_lives_to_its_end() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .web_identity_lifetime(seconds(600))
        .start_blocking();
    let path = mock.web_identity_token_file().unwrap();
    let old = std::fs::read_to_string(&path).unwrap();
    assert!(!old.ends_with('\n') && old == mock.web_identity_token());
    mock.clock().advance(seconds(599));
    mock.rotate_web_identity_token().unwrap();
    let new = std::fs::read_to_string(&path).unwrap();
    let status = |token: &str| assume_with(&mock, token, &[]).status;
    assert_ne!(old, new);
    assert_eq!((status(&old), status(&new)), (200, 200));
    mock.clock().advance(seconds(1));
    assert_eq!((status(&old), status(&new)), (400, 200));
    mock.expire_web_identity_tokens();
    assert_eq!(status(&new), 400);
    mock.rotate_web_identity_token().unwrap();
    assert_eq!(status(&mock.web_identity_token()), 200);
    drop(mock);
    assert!(!path.exists(), "it goes with the server");
}

#[test]
fn a_token_of_ones_own_is_taken_as_it_is() {
    let token = canary("web-identity");
    let mock = MockImds::builder()
        .web_identity_token(&token)
        .web_identity_role("pod-role")
        .web_identity_subject("me")
        .start_blocking();
    let reply = assume_with(&mock, &token, &[]);
    assert_eq!(reply.element("SubjectFromWebIdentityToken"), "me");
    assert!(reply.element("Arn").contains("assumed-role/pod-role/"));
}

#[test]
fn faults_take_the_form_of_sts() {
    let mock = MockImds::builder()
        .fault(
            Step::AssumeRoleWithWebIdentity,
            Fault::aws_error(400, "IDPCommunicationError").times(1),
        )
        .start_blocking();
    let token = mock.web_identity_token();
    let reply = assume_with(&mock, &token, &[]);
    assert_eq!(
        (reply.status, reply.element("Code")),
        (400, "IDPCommunicationError")
    );
    assert_eq!(assume_with(&mock, &token, &[]).status, 200);
}

#[test]
fn its_variables_name_the_file_and_the_role() {
    let mock = MockImds::builder().start_blocking();
    let variables = mock.variables(Source::WebIdentity).unwrap();
    let value = |name: &str| {
        let found = variables.iter().find(|(theirs, _)| theirs == name);
        found.unwrap().1.clone()
    };
    assert_eq!(
        std::fs::read_to_string(value("AWS_WEB_IDENTITY_TOKEN_FILE")).unwrap(),
        mock.web_identity_token()
    );
    assert_eq!(value("AWS_ROLE_ARN"), mock.web_identity_role_arn());
    assert_eq!(value("AWS_ENDPOINT_URL_STS"), mock.endpoint());
    let unset = mock.variables_to_unset(Source::WebIdentity);
    assert!(unset.contains(&"AWS_ACCESS_KEY_ID") && unset.contains(&"AWS_PROFILE"));
}
