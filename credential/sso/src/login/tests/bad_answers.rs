//! Answers that no login can go on with.

use tests_support::{Reply, canary, leaks};

use super::*;

#[tokio::test]
async fn answers_that_no_login_can_go_on_with_are_blamed_on_their_member() {
    let secret = canary("answer");
    let registered = format!("\"clientId\":\"c\",\"clientSecret\":\"{secret}\"");
    let started = format!("\"deviceCode\":\"{secret}\",\"userCode\":\"u\"");
    let table = [
        (REGISTER, "{}".to_owned(), "clientId"),
        (REGISTER, format!("{{{registered}}}"), "clientSecretExpiresAt"),
        (
            REGISTER,
            format!("{{{registered},\"clientSecretExpiresAt\":\"{secret}\"}}"),
            "clientSecretExpiresAt",
        ),
        (
            REGISTER,
            format!("{{{registered},\"clientSecretExpiresAt\":1e18}}"),
            "clientSecretExpiresAt",
        ),
        (
            REGISTER,
            format!("{{{registered},\"clientSecretExpiresAt\":999999999999999}}"),
            "clientSecretExpiresAt",
        ),
        (DEVICE, "{}".to_owned(), "deviceCode"),
        (DEVICE, format!("{{{started}}}"), "verificationUri"),
        (
            DEVICE,
            format!("{{{started},\"verificationUri\":\"v\"}}"),
            "expiresIn",
        ),
        (
            DEVICE,
            format!("{{{started},\"verificationUri\":\"v\",\"expiresIn\":0}}"),
            "expiresIn",
        ),
        (
            DEVICE,
            format!("{{{started},\"verificationUri\":\"v\",\"expiresIn\":9,\"interval\":\"x\"}}"),
            "interval",
        ),
        (TOKEN, "{}".to_owned(), "accessToken"),
        (TOKEN, format!("{{\"accessToken\":\"{secret}\"}}"), "expiresIn"),
        (
            TOKEN,
            format!("{{\"accessToken\":\"{secret}\",\"expiresIn\":-1}}"),
            "expiresIn",
        ),
        (
            TOKEN,
            format!("{{\"accessToken\":\"{secret}\",\"expiresIn\":9223372036854775807}}"),
            "expiresIn",
        ),
    ];
    for (path, body, key) in table {
        let world = World::new().await;
        world.center.answer_next(path, Reply::with(200, body.clone()));
        let login = world
            .login(World::named())
            .with_clock(world.quick_clock())
            .with_max_attempts(1);
        let error = login.with_device_code(|_| {}).await.unwrap_err();
        assert!(matches!(error, Error::Answer { .. }), "{path} {body}: {error:?}");
        assert!(error.to_string().contains(key), "{error}");
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
    }
}
