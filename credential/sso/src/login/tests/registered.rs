//! The registration of this client.

use tests_support::{Reply, canary};

use super::*;
use crate::scripted::{OfOidc as _, Refusing as _};

#[tokio::test]
async fn a_registration_serves_again_while_it_lives_and_only_for_its_own_way() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    let log_in = async || login.with_device_code(|_| {}).await.unwrap();
    let registered = || world.center.asked(REGISTER).len();
    let file = registration_file(&login);
    let left_by_the_cli = |rest: &str| {
        let secret = canary("client secret");
        let text = format!("{{\"clientId\": \"client-cli\", \"clientSecret\": \"{secret}\", {rest}}}");
        std::fs::write(&file, text).unwrap();
    };
    log_in().await;
    log_in().await;
    assert_eq!(registered(), 1);

    left_by_the_cli("\"expiresAt\": \"2030-01-02T00:00:00Z\"");
    log_in().await;
    assert_eq!(registered(), 1);
    let last = world.center.asked(DEVICE).pop().unwrap();
    assert_eq!(last.text("clientId").as_deref(), Some("client-cli"));

    for rest in [
        "\"expiresAt\": \"2030-01-01T12:15:00Z\"",
        "\"expiresAt\": \"soon\"",
        "\"other\": 1",
        "\"expiresAt\": \"2030-03-01T00:00:00Z\", \"grantTypes\": [\"authorization_code\", \"refresh_token\"]",
    ] {
        let before = registered();
        left_by_the_cli(rest);
        log_in().await;
        assert_eq!(registered(), before + 1, "{rest}");
    }
    std::fs::write(&file, "no json").unwrap();
    let before = registered();
    log_in().await;
    assert_eq!(registered(), before + 1);
}

#[tokio::test]
async fn a_registration_that_is_known_no_more_is_replaced() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    login.with_device_code(|_| {}).await.unwrap();
    world
        .center
        .answer_next(DEVICE, Reply::refusal(401, "invalid_client"));
    login.with_device_code(|_| {}).await.unwrap();
    assert_eq!(world.center.asked(REGISTER).len(), 2);
    let last = world.center.asked(TOKEN).pop().unwrap();
    assert_eq!(last.text("clientId").as_deref(), Some("client-2"));
}
