//! Keys and region, as the files have them.

use super::*;
use crate::RegionProvider;

#[tokio::test]
async fn static_keys_come_with_their_source_and_no_expiration() {
    let (secret, token) = (canary("secret"), canary("token"));
    let home = Home::new(&[(
        CREDENTIALS,
        &format!(
            "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {secret}\n\
             aws_session_token = {token}\naws_account_id = 012345678901\n"
        ),
    )]);

    let credentials = home.provider(&[]).load().await.unwrap();

    let expected = AwsCredentials::new("AKIDEXAMPLE", &*secret)
        .with_session_token(&*token)
        .with_account_id("012345678901")
        .with_source("Profile")
        .with_renewal(Renewal::NEVER.with_reread_after(Duration::from_secs(600)));
    assert_eq!(credentials, expected);
}

#[test]
fn it_works_outside_a_runtime() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("plain")))]);
    let provider = home.provider(&[]);
    let mut credentials = provider.credentials();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = std::pin::Pin::new(&mut credentials).poll(&mut context);
    assert!(matches!(polled, std::task::Poll::Ready(Ok(_))), "{polled:?}");
}

#[tokio::test]
async fn a_region_is_found_in_the_files() {
    let home = Home::new(&[(
        CONFIG,
        "[default]\nregion = eu-west-1\n[profile ops]\nsource_profile = default",
    )]);
    let variables = home.provider(&[]).selection().variables().clone();
    let region = RegionProvider::new()
        .with_variables(variables)
        .with_profile("ops")
        .load()
        .await;
    assert_eq!(region.unwrap().unwrap().value(), "eu-west-1");
    assert_eq!(home.provider(&[]).name(), "Profile");
}
