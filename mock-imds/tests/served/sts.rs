use mock_imds::{Fault, MockImds, Step, TrustedRole};

use crate::support::*;

const DENIED: (u16, &str) = (403, "AccessDenied");
const INVALID: (u16, &str) = (400, "ValidationError");

fn code(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.element("Code"))
}

#[test]
fn a_caller_is_told_who_it_is() {
    let mock = MockImds::builder().start_blocking();
    let reply = who(&mock, &user(&mock));
    assert_eq!(reply.header("Content-Type"), Some("text/xml"));
    assert_eq!(reply.header("x-amzn-RequestId"), Some(reply.element("RequestId")));
    assert!(reply.head.contains("\r\nx-amzn-RequestId: "), "{}", reply.head);
    let start = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">";
    assert!(reply.body.starts_with(start), "{}", reply.body);
    assert_eq!(reply.element("Arn"), "arn:aws:iam::123456789012:user/mock-user");
    assert_eq!(reply.element("Account"), "123456789012");
    assert!(reply.element("UserId").starts_with("AIDA"));
    let reply = who(&mock, &role_credentials(&mock));
    assert_eq!(
        reply.element("Arn"),
        "arn:aws:sts::123456789012:assumed-role/mock-role/i-0123456789abcdef0"
    );
    assert!(reply.element("UserId").ends_with(":i-0123456789abcdef0"));
}

#[test]
fn an_assumed_role_gives_credentials_that_work_all_the_way_down() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let first = assume(&mock, &role_credentials(&mock), &[]);
    assert_eq!(first.element("Expiration"), "2030-01-01T13:00:00Z");
    assert_eq!(
        first.element("AssumedRoleUser"),
        format!(
            "<AssumedRoleId>{}</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/deploy/nightly</Arn>",
            first.element("AssumedRoleId")
        )
    );
    let role = mock.role_arn("team/second");
    let second = assume(
        &mock,
        &session(&first),
        &[("RoleArn", &role), ("RoleSessionName", "again")],
    );
    let reply = who(&mock, &session(&second));
    assert_eq!(
        reply.element("Arn"),
        "arn:aws:sts::123456789012:assumed-role/second/again"
    );
    assert_eq!(reply.element("UserId"), second.element("AssumedRoleId"));
    mock.clock().advance(seconds(3600));
    assert_eq!(code(&who(&mock, &session(&second))), (403, "ExpiredToken"));
}

#[test]
fn a_role_session_assumes_a_role_for_an_hour_at_most() {
    let mock = MockImds::builder().start_blocking();
    let caller = role_credentials(&mock);
    let reply = assume(&mock, &caller, &[("DurationSeconds", "3601")]);
    assert_eq!(code(&reply), INVALID);
    assert!(reply.element("Message").contains("role chaining"));
    assert_eq!(assume(&mock, &caller, &[("DurationSeconds", "3600")]).status, 200);
    assert_eq!(
        assume(&mock, &user(&mock), &[("DurationSeconds", "43200")]).status,
        200
    );
}

#[test]
fn parameters_out_of_their_bounds_are_refused() {
    let mock = MockImds::builder().start_blocking();
    let long = "a".repeat(65);
    let many = "x".repeat(2049);
    for (name, value, expected) in [
        ("DurationSeconds", "899", INVALID),
        ("DurationSeconds", "43201", INVALID),
        ("DurationSeconds", "1h", INVALID),
        ("RoleSessionName", "a", INVALID),
        ("RoleSessionName", long.as_str(), INVALID),
        ("RoleSessionName", "with blank", INVALID),
        ("RoleSessionName", "größe", INVALID),
        ("RoleArn", "short", INVALID),
        ("RoleArn", "arn:aws:iam::123456789012:user/not-a-role", INVALID),
        ("ExternalId", "x", INVALID),
        ("SourceIdentity", "aws:me", INVALID),
        ("SerialNumber", "short", INVALID),
        ("TokenCode", "12345", INVALID),
        ("TokenCode", "12345a", INVALID),
        ("Policy", "not json", (400, "MalformedPolicyDocument")),
        ("Policy", many.as_str(), (400, "PackedPolicyTooLarge")),
        ("PolicyArns.member.11.arn", "fine, as ten are missing", (200, "")),
        (
            "TransitiveTagKeys.member.1",
            "team",
            (400, "InvalidParameterValue"),
        ),
    ] {
        let reply = assume(&mock, &user(&mock), &[(name, value)]);
        let found = if reply.status == 200 {
            (200, "")
        } else {
            code(&reply)
        };
        assert_eq!(found, expected, "{name}={value}: {reply:?}");
    }
    let missing = sts(
        &mock,
        &user(&mock),
        "AssumeRole",
        &[("RoleArn", &mock.role_arn("deploy"))],
    );
    assert_eq!(code(&missing), INVALID);
    assert!(
        missing.element("Message").contains("'roleSessionName'"),
        "{missing:?}"
    );
    assert!(missing.body.contains("<Type>Sender</Type>"));
    let start = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">";
    assert!(missing.body.starts_with(start), "{}", missing.body);
}

#[test]
fn session_policies_tags_and_source_identity_are_taken() {
    let mock = MockImds::builder().start_blocking();
    let reply = assume(
        &mock,
        &user(&mock),
        &[
            ("Policy", r#"{"Version": "2012-10-17", "Statement": []}"#),
            (
                "PolicyArns.member.1.arn",
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
            ),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "+/= é&<"),
            ("TransitiveTagKeys.member.1", "team"),
            ("SourceIdentity", "alice"),
        ],
    );
    assert_eq!(reply.element("SourceIdentity"), "alice");
    assert_eq!(reply.element("PackedPolicySize"), "3");
    let next = assume(&mock, &session(&reply), &[]);
    assert_eq!(
        next.element("SourceIdentity"),
        "alice",
        "it goes on to the next role"
    );
    let other = assume(&mock, &session(&reply), &[("SourceIdentity", "mallory")]);
    assert_eq!(code(&other), DENIED);
    let twice = [("Tags.member.1.Key", "team"), ("Tags.member.2.Key", "TEAM")];
    assert_eq!(
        code(&assume(&mock, &user(&mock), &twice)),
        (400, "InvalidParameterValue")
    );
}

#[test]
fn a_role_of_another_account_has_to_be_declared() {
    let other = "arn:aws:iam::210987654321:role/deploy";
    let mock = MockImds::builder().start_blocking();
    let reply = assume(&mock, &user(&mock), &[("RoleArn", other)]);
    assert_eq!(code(&reply), DENIED);
    assert_eq!(
        reply.element("Message"),
        format!(
            "User: arn:aws:iam::123456789012:user/mock-user is not authorized to perform: sts:AssumeRole on resource: {other}"
        )
    );
    let mock = MockImds::builder()
        .trusting(TrustedRole::new(other))
        .start_blocking();
    let reply = assume(&mock, &user(&mock), &[("RoleArn", other)]);
    assert_eq!(who(&mock, &session(&reply)).element("Account"), "210987654321");
}

#[test]
fn a_declared_role_keeps_its_conditions() {
    let device = "arn:aws:iam::123456789012:mfa/alice";
    let arn = "arn:aws:iam::123456789012:role/deploy";
    let role = TrustedRole::new(arn)
        .caller("arn:aws:iam::123456789012:user/*")
        .external_id("4711")
        .mfa(device)
        .max_duration(seconds(7200));
    let mock = MockImds::builder()
        .trusting(role)
        .mfa_device(device, "123456")
        .start_blocking();
    let right = [
        ("ExternalId", "4711"),
        ("SerialNumber", device),
        ("TokenCode", "123456"),
    ];
    assert_eq!(assume(&mock, &user(&mock), &right).status, 200);
    let long = [right[0], right[1], right[2], ("DurationSeconds", "7201")];
    assert_eq!(code(&assume(&mock, &user(&mock), &long)), INVALID);
    for (index, wrong) in [
        (0, "4712"),
        (1, "arn:aws:iam::123456789012:mfa/bob"),
        (2, "654321"),
    ] {
        let mut parameters = right;
        parameters[index].1 = wrong;
        assert_eq!(code(&assume(&mock, &user(&mock), &parameters)), DENIED, "{wrong}");
        let mut fewer = right.to_vec();
        fewer.remove(index);
        assert_eq!(
            code(&assume(&mock, &user(&mock), &fewer)),
            DENIED,
            "without {}",
            right[index].0
        );
    }
    assert_eq!(code(&assume(&mock, &role_credentials(&mock), &right)), DENIED);
}

#[test]
fn a_session_token_is_for_users_alone() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .mfa_device("arn:aws:iam::123456789012:mfa/alice", "123456")
        .start_blocking();
    let reply = sts(&mock, &user(&mock), "GetSessionToken", &[]);
    assert_eq!(reply.element("Expiration"), "2030-01-02T00:00:00Z");
    let temporary = session(&reply);
    assert_eq!(
        who(&mock, &temporary).element("Arn"),
        "arn:aws:iam::123456789012:user/mock-user"
    );
    for caller in [&temporary, &role_credentials(&mock)] {
        assert_eq!(code(&sts(&mock, caller, "GetSessionToken", &[])), DENIED);
    }
    assert_eq!(
        assume(&mock, &temporary, &[("DurationSeconds", "43200")]).status,
        200,
        "no role chaining"
    );
    for (value, expected) in [("899", INVALID), ("129601", INVALID)] {
        let reply = sts(
            &mock,
            &user(&mock),
            "GetSessionToken",
            &[("DurationSeconds", value)],
        );
        assert_eq!(code(&reply), expected, "{value}");
    }
    let device = ("SerialNumber", "arn:aws:iam::123456789012:mfa/alice");
    let right = sts(
        &mock,
        &user(&mock),
        "GetSessionToken",
        &[device, ("TokenCode", "123456")],
    );
    assert_eq!(right.status, 200);
    let wrong = sts(
        &mock,
        &user(&mock),
        "GetSessionToken",
        &[device, ("TokenCode", "000000")],
    );
    assert_eq!(code(&wrong), DENIED);
}

#[test]
fn a_user_asks_for_a_federated_user_who_can_only_say_who_it_is() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let named = |by: &credential_core::AwsCredentials, rest: &[(&str, &str)]| {
        let mut all = vec![("Name", "alice")];
        all.extend(rest);
        sts(&mock, by, "GetFederationToken", &all)
    };
    let reply = named(
        &user(&mock),
        &[(
            "PolicyArns.member.1.arn",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        )],
    );
    let arn = "arn:aws:sts::123456789012:federated-user/alice";
    let federated = format!("<FederatedUserId>123456789012:alice</FederatedUserId><Arn>{arn}</Arn>");
    assert_eq!(reply.element("FederatedUser"), federated);
    assert_eq!(reply.element("Expiration"), "2030-01-02T00:00:00Z");
    assert_eq!(reply.element("PackedPolicySize"), "1");
    let alice = session(&reply);
    assert_eq!(who(&mock, &alice).element("Arn"), arn);
    assert_eq!(code(&assume(&mock, &alice, &[])), DENIED);
    for caller in [&alice, &role_credentials(&mock)] {
        assert_eq!(code(&named(caller, &[])), DENIED);
    }
    for (name, value) in [
        ("DurationSeconds", "899"),
        ("DurationSeconds", "129601"),
        ("Name", "a"),
    ] {
        let reply = sts(
            &mock,
            &user(&mock),
            "GetFederationToken",
            &[(name, value), ("Name", "alice")],
        );
        assert_eq!(code(&reply), INVALID, "{name}={value}");
    }
}

#[test]
fn the_account_of_a_key_can_be_asked_for() {
    let other = "arn:aws:iam::210987654321:role/deploy";
    let mock = MockImds::builder()
        .trusting(TrustedRole::new(other))
        .start_blocking();
    let assumed = session(&assume(&mock, &user(&mock), &[("RoleArn", other)]));
    let account_of = |by: &credential_core::AwsCredentials, key: &str| {
        sts(&mock, by, "GetAccessKeyInfo", &[("AccessKeyId", key)])
    };
    let reply = account_of(&user(&mock), assumed.access_key_id());
    assert_eq!(reply.element("Account"), "210987654321");
    let reply = account_of(&assumed, mock.user().access_key_id());
    assert_eq!(reply.element("Account"), "123456789012");
    for stranger in ["AKIAIOSFODNN7EXAMPLE", "short"] {
        assert_eq!(code(&account_of(&user(&mock), stranger)), INVALID, "{stranger}");
    }
    let temporary = session(&sts(&mock, &user(&mock), "GetSessionToken", &[]));
    assert_eq!(code(&account_of(&temporary, assumed.access_key_id())), DENIED);
}

#[test]
fn an_unknown_action_or_version_is_refused() {
    let mock = MockImds::builder().start_blocking();
    assert_eq!(
        code(&sts(&mock, &user(&mock), "AssumeRoot", &[])),
        (400, "InvalidAction")
    );
    let host = ("Host", "localhost");
    for body in [
        "Action=GetCallerIdentity",
        "Action=GetCallerIdentity&Version=1999-01-01",
        "",
        "%zz=%zz",
        "&&=&",
    ] {
        assert_eq!(
            code(&post(&mock, &[host], body)),
            (400, "InvalidAction"),
            "{body}"
        );
    }
    let markup = "Action=%3Cscript%3E%00&Version=2011-06-15";
    let reply = post(&mock, &[host], markup);
    assert!(reply.element("Message").contains("&lt;script&gt;?"), "{reply:?}");
}

#[test]
fn a_fault_speaks_the_language_of_the_service() {
    let mock = MockImds::builder()
        .fault(
            Step::GetCallerIdentity,
            Fault::aws_error(400, "Throttling").times(1),
        )
        .fault(Step::GetCallerIdentity, Fault::status(503).times(1))
        .start_blocking();
    assert_eq!(code(&who(&mock, &user(&mock))), (400, "Throttling"));
    let reply = who(&mock, &user(&mock));
    assert_eq!(code(&reply), (503, "ServiceUnavailable"));
    assert_eq!(reply.element("Type"), "Receiver");
    assert_eq!(who(&mock, &user(&mock)).status, 200);
}
