use super::*;
use proptest::prelude::*;
use tests_support::{canary, leaks};

/// A whole answer, from the inside of its `Credentials`.
fn answer(credentials: &str) -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <Credentials>{credentials}</Credentials>\
         </AssumeRoleResult><ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )
}

fn credentials_of(secret: &str, token: &str) -> String {
    format!(
        "<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{token}</SessionToken><Expiration>2030-01-01T13:00:00Z</Expiration>"
    )
}

fn usual() -> String {
    answer(&credentials_of(&canary("secret"), &canary("token")))
}

#[test]
fn a_usual_answer_becomes_credentials() {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hello -->\n\
         <AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n <AssumeRoleResult>\n\
         <SourceIdentity>jo</SourceIdentity><PackedPolicySize>6</PackedPolicySize>\n\
         <AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:nightly</AssumedRoleId>\
         <Arn>arn:aws:sts::123456789012:assumed-role/deploy/nightly</Arn></AssumedRoleUser>\n\
         <Credentials>{}</Credentials>\n</AssumeRoleResult></AssumeRoleResponse>\n",
        credentials_of(&canary("secret"), &canary("token"))
    );
    let role = assumed_role(body.as_bytes()).unwrap();
    let credentials = role.credentials();
    assert_eq!(credentials.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(credentials.secret_access_key().expose(), canary("secret"));
    assert_eq!(credentials.session_token().unwrap().expose(), canary("token"));
    assert_eq!(credentials.expiration().unwrap().unix_timestamp(), 1_893_502_800);
    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert_eq!(credentials.source(), "AssumeRole");
    assert_eq!(
        role.arn(),
        Some("arn:aws:sts::123456789012:assumed-role/deploy/nightly")
    );
    assert_eq!(role.assumed_role_id(), Some("AROAEXAMPLE:nightly"));
    assert_eq!(role.packed_policy_size(), Some(6));
    assert_eq!(role.source_identity(), Some("jo"));
    assert!(!leaks(&format!("{role:?} {role:#?}")));
}

#[test]
fn names_count_without_their_name_space_and_in_any_order() {
    let body = "<x:AssumeRoleResponse xmlns:x=\"urn:x\" a='1'><x:Unknown><x:Deeper/></x:Unknown><x:AssumeRoleResult>\
        <x:Credentials b=\"2\"><x:Expiration>2030-01-01T13:00:00.123Z</x:Expiration><x:SessionToken>t</x:SessionToken>\
        <x:New>1</x:New><x:SecretAccessKey>s</x:SecretAccessKey><x:AccessKeyId>A</x:AccessKeyId></x:Credentials>\
        </x:AssumeRoleResult></x:AssumeRoleResponse>";
    let role = assumed_role(body.as_bytes()).unwrap();
    assert_eq!(role.credentials().access_key_id(), "A");
    assert_eq!(role.credentials().expiration().unwrap().millisecond(), 123);
}

#[test]
fn text_is_read_through_entities_sections_comments_and_white_space() {
    let table = [
        ("tok&lt;en&gt;&amp;&quot;&apos;", "tok<en>&\"'"),
        ("a&#43;b&#x2F;c", "a+b/c"),
        ("<![CDATA[tok<en>&]]>", "tok<en>&"),
        ("one<![CDATA[two]]>three", "onetwothree"),
        ("one<!-- no -->two", "onetwo"),
        ("\n   padded \t\n", "padded"),
        ("one<Inner>no</Inner>two", "onetwo"),
    ];
    for (written, read) in table {
        let role = assumed_role(answer(&credentials_of("s", written)).as_bytes()).unwrap();
        assert_eq!(
            role.credentials().session_token().unwrap().expose(),
            read,
            "{written}"
        );
    }
}

#[test]
fn the_first_of_two_elements_counts() {
    let twice = format!(
        "{}<AccessKeyId>ASIASECOND</AccessKeyId>",
        credentials_of("s", "t")
    );
    let role = assumed_role(answer(&twice).as_bytes()).unwrap();
    assert_eq!(role.credentials().access_key_id(), "ASIAEXAMPLE");
}

#[test]
fn a_session_token_may_be_of_any_length() {
    let long = "t".repeat(100_000);
    let role = assumed_role(answer(&credentials_of("s", &long)).as_bytes()).unwrap();
    assert_eq!(role.credentials().session_token().unwrap().expose(), long);
}

#[test]
fn each_of_the_four_elements_has_to_be_there_and_filled() {
    for element in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let all = credentials_of(&canary("s"), &canary("t"));
        let (before, rest) = all.split_once(&open).unwrap();
        let (_, after) = rest.split_once(&close).unwrap();
        for filling in [
            String::new(),
            format!("<{element}/>"),
            format!("{open}{close}"),
            format!("{open} \n {close}"),
        ] {
            let error = assumed_role(answer(&format!("{before}{filling}{after}")).as_bytes()).unwrap_err();
            assert_eq!(error, AnswerError::Missing { element }, "{filling:?}");
        }
    }
}

#[test]
fn what_is_no_answer_is_refused_with_its_reason() {
    let missing = |element| AnswerError::Missing { element };
    let not_xml = |line, column| AnswerError::NotXml { line, column };
    let nodes = format!("<r>{}</r>", "<a/>".repeat(2000));
    let deep = format!("{}{}", "<a>".repeat(80_000), "</a>".repeat(80_000));
    let table: Vec<(&[u8], AnswerError)> = vec![
        (b"", not_xml(1, 1)),
        (b"\xff\xfe<\0a\0", AnswerError::NotUtf8),
        (b"<a>\xff</a>", AnswerError::NotUtf8),
        (b"not xml", not_xml(1, 1)),
        (b"{\"AccessKeyId\":1}", not_xml(1, 1)),
        (b"<html><body>Sign in</body></html>", missing("AssumeRoleResult")),
        (b"<AssumeRoleResponse/>", missing("AssumeRoleResult")),
        (
            b"<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
            missing("Credentials"),
        ),
        (
            b"<GetSessionTokenResponse><GetSessionTokenResult/></GetSessionTokenResponse>",
            missing("AssumeRoleResult"),
        ),
        (
            b"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            AnswerError::DocumentType,
        ),
        (b"<!DOCTYPE html><html></html>", AnswerError::DocumentType),
        (nodes.as_bytes(), AnswerError::TooManyNodes),
        (deep.as_bytes(), AnswerError::TooManyNodes),
    ];
    for (body, expected) in table {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
        assert_eq!(assumed_role(body).unwrap_err(), expected, "{shown}");
    }
}

#[test]
fn many_attributes_are_refused_before_they_are_compared() {
    let attributes: String = (0..25_000).fold(String::new(), |all, n| all + &format!(" a{n}=''"));
    let names: String = (0..12_000).fold(String::new(), |all, n| all + &format!(" xmlns:a{n}='{n}'"));
    for odd in [attributes, names] {
        let error = assumed_role(format!("<r{odd}/>").as_bytes()).unwrap_err();
        assert_eq!(error, AnswerError::TooManyNodes);
    }
}

#[test]
fn an_entity_that_nobody_defined_is_not_quoted() {
    let odd = answer(&credentials_of("s", &format!("&{};", tests_support::CANARY)));
    let error = assumed_role(odd.as_bytes()).unwrap_err();
    assert!(matches!(error, AnswerError::NotXml { line: 1, .. }), "{error:?}");
    assert!(!leaks(&format!("{error} {error:?}")));
}

#[test]
fn control_characters_are_refused_by_element() {
    let odd = answer(&credentials_of(&canary("s"), "one&#10;x-evil: two"));
    let element = "SessionToken";
    assert_eq!(
        assumed_role(odd.as_bytes()).unwrap_err(),
        AnswerError::Illegal { element }
    );
}

#[test]
fn an_expiration_is_a_time_with_its_zone() {
    for (written, fine) in [
        ("2030-01-01T13:00:00Z", true),
        ("2030-01-01T13:00:00.000Z", true),
        ("2030-01-01T14:00:00+01:00", true),
        ("2030-01-01T13:00:00", false),
        ("1893502800", false),
        ("soon", false),
        ("2030-13-01T13:00:00Z", false),
        ("99999-01-01T13:00:00Z", false),
    ] {
        let odd = credentials_of("s", "t").replace("2030-01-01T13:00:00Z", written);
        let read = assumed_role(answer(&odd).as_bytes());
        match read {
            Ok(role) => {
                assert!(fine, "{written}");
                assert_eq!(
                    role.credentials().expiration().unwrap().unix_timestamp(),
                    1_893_502_800
                );
            }
            Err(error) => assert!(!fine && error == AnswerError::NotATime, "{written}: {error:?}"),
        }
    }
}

#[test]
fn the_account_comes_from_the_arn_when_it_has_one() {
    for (arn, account) in [
        ("arn:aws:sts::123456789012:assumed-role/r/s", Some("123456789012")),
        (
            "arn:aws-cn:sts::123456789012:assumed-role/r/s",
            Some("123456789012"),
        ),
        ("arn:aws:sts::12345678901:assumed-role/r/s", None),
        ("arn:aws:sts::12345678901x:assumed-role/r/s", None),
        ("arn:aws:sts", None),
        ("nonsense", None),
        ("x:aws:sts::123456789012:assumed-role/r/s", None),
    ] {
        assert_eq!(account_of(arn), account, "{arn}");
    }
}

#[test]
fn a_session_and_an_identity_have_answers_of_their_own() {
    let body = usual().replace("AssumeRole", "GetSessionToken");
    let session = session(body.as_bytes()).unwrap();
    assert_eq!(session.source(), "SessionToken");
    assert_eq!(session.account_id(), None);

    let body = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn>\
        <UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let identity = caller_identity(body).unwrap();
    assert_eq!(identity.account(), "123456789012");
    assert_eq!(identity.arn(), "arn:aws:iam::123456789012:user/jo");
    assert_eq!(identity.user_id(), "AIDAEXAMPLE");
    for element in ["Arn", "UserId", "Account"] {
        let body = String::from_utf8_lossy(body).replace(element, "Other");
        let error = caller_identity(body.as_bytes()).unwrap_err();
        assert_eq!(error, AnswerError::Missing { element });
    }
}

#[test]
fn a_refusal_tells_code_message_and_request() {
    let body =
        b"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
        <Code>AccessDenied</Code><Message>User &lt;jo&gt;\nmay not</Message></Error>\
        <RequestId>c6104cbe</RequestId></ErrorResponse>";
    let refusal = refusal(body, &Sent::default()).unwrap();
    assert_eq!(refusal.code.as_deref(), Some("AccessDenied"));
    assert_eq!(refusal.message.as_deref(), Some("User <jo> may not"));
    assert_eq!(refusal.request_id.as_deref(), Some("c6104cbe"));
}

#[test]
fn a_body_without_an_error_is_no_refusal() {
    for body in [
        "",
        "no xml",
        "<html/>",
        "{}",
        "<!DOCTYPE a><ErrorResponse><Error/></ErrorResponse>",
    ] {
        assert_eq!(refusal(body.as_bytes(), &Sent::default()), None, "{body}");
    }
    assert_eq!(
        refusal(b"<ErrorResponse><Error/></ErrorResponse>", &Sent::default()),
        Some(Refusal::default())
    );
}

#[test]
fn what_a_refusal_says_is_bounded() {
    let body = format!(
        "<E><Error><Code>{0}</Code><Message>{0}</Message></Error><RequestId>{0}</RequestId></E>",
        "\u{e9}\u{7f}\u{202e}".repeat(50_000)
    );
    let refusal = refusal(body.as_bytes(), &Sent::default()).unwrap();
    assert_eq!(refusal.code.unwrap().chars().count(), 128);
    assert_eq!(refusal.message.unwrap().chars().count(), 1024);
    assert!(refusal.request_id.unwrap().chars().all(|c| !is_invisible(c)));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_without_panic(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = (assumed_role(&body), session(&body), caller_identity(&body), refusal(&body, &Sent::default()));
    }

    #[test]
    fn any_damage_to_an_answer_is_told_without_its_secrets(
        cut in 0_usize..600,
        at in 0_usize..600,
        piece in "[<>&;/!\\[\\]\"' a-zA-Z#0-9\u{0}-\u{1f}-]{0,12}",
        removed in 0_usize..12,
    ) {
        let mut body = usual();
        body.truncate(body.len().saturating_sub(cut % 120));
        let at = at.min(body.len());
        let end = (at + removed).min(body.len());
        body.replace_range(at..end, &piece);
        let read = assumed_role(body.as_bytes());
        prop_assert!(!leaks(&format!("{read:?}")), "{:?}", read);
        if let Err(error) = read {
            prop_assert!(!leaks(&error.to_string()));
        }
    }
}
