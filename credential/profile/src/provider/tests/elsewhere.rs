//! What is set up and is not for this provider.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn what_is_not_provided_here_is_invalid_configuration_and_says_what_and_where() {
    let role = "role_arn = arn:aws:iam::123456789012:role/r";
    let cases = [
        (
            format!("{role}\nsource_profile = base"),
            "an assumed role (role_arn)",
        ),
        (
            format!("{role}\ncredential_source = Environment"),
            "an assumed role (role_arn)",
        ),
        (
            format!("{role}\nweb_identity_token_file = /t"),
            "a role with a web identity (web_identity_token_file)",
        ),
        (
            "sso_account_id = 1\nsso_role_name = r\nsso_region = x\nsso_start_url = u".into(),
            "IAM Identity Center (sso_…)",
        ),
        ("login_session = l".into(), "a login session (login_session)"),
        (
            format!("credential_process = /p {}", canary("argument")),
            "a credential process (credential_process)",
        ),
    ];
    for (lines, kind) in cases {
        let home = Home::new(&[(CONFIG, &format!("[default]\n{lines}\n{}", keys("beside")))]);
        let error = failure(&home.provider(&[])).await;
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert_eq!(
            home.told(error.cause()),
            format!(
                "profile `default` asks for {kind} in ~/.aws/config:2, which `credential-profile` alone cannot \
                 provide; the crate `credential-chain` does"
            )
        );
    }
}

#[tokio::test]
async fn half_a_pair_is_invalid_configuration_and_names_the_missing_half() {
    let home = Home::new(&[(CREDENTIALS, "[default]\naws_access_key_id = A\n")]);
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    assert_eq!(
        home.told(error.cause()),
        "profile `default` has aws_access_key_id in ~/.aws/credentials:2, but no aws_secret_access_key"
    );
}
