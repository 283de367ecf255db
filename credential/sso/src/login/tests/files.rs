//! The files that a login leaves.

use tests_support::abandon;

use super::*;

#[tokio::test]
async fn a_login_that_is_dropped_at_any_await_leaves_whole_files() {
    for polls in 0..60 {
        let world = World::new().await;
        let login = world.login(World::named()).with_clock(world.quick_clock());
        let ended = abandon(login.with_device_code(|_| {}), polls).await;
        login.with_device_code(|_| {}).await.unwrap();
        assert!(
            world.provider(World::named()).load().await.is_ok(),
            "after {polls} polls"
        );
        if ended.is_some() {
            return;
        }
    }
    panic!("it never ended by itself");
}

#[tokio::test]
async fn a_login_that_cannot_be_written_is_an_error_that_names_the_file() {
    let world = World::new().await;
    std::fs::write(world.folder.path().join("file"), "").unwrap();
    let login = world
        .login(World::named())
        .with_clock(world.quick_clock())
        .with_cache_directory(world.folder.path().join("file/below"));
    for error in [
        login
            .with_device_code(|_| panic!("a code is shown"))
            .await
            .unwrap_err(),
        login
            .with_browser(|_| panic!("a browser is opened"))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::WriteToken { .. }), "{error:?}");
        assert!(error.to_string().contains("file/below"), "{error}");
    }
    assert!(
        world.center.server.received().is_empty(),
        "nobody is asked in vain"
    );
}
