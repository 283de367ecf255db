//! Logging out.

use tests_support::{Reply, canary};

use super::*;

#[tokio::test]
async fn a_logout_ends_the_token_and_removes_the_files_of_this_session_alone() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    login.with_device_code(|_| {}).await.unwrap();
    world.write(&legacy(), "somebody else's");
    assert_eq!(world.files().len(), 3);

    assert!(login.logout().await.unwrap());

    let asked = world.center.asked("/logout");
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        asked[0].header("x-amz-sso_bearer_token"),
        Some(&*canary("access 1"))
    );
    assert_eq!(world.files(), [legacy().token_file_name()]);
    assert!(!login.logout().await.unwrap(), "there is nothing more to do");
    assert_eq!(world.center.asked("/logout").len(), 1);
}

#[tokio::test]
async fn a_logout_that_the_portal_does_not_take_removes_the_files_all_the_same() {
    let world = World::new().await;
    let login = world.login(World::named());
    for reply in [Reply::with(401, "{}"), Reply::with(400, "<html>"), Reply::Close] {
        world.log_in(&World::named(), time::Duration::hours(8));
        for _ in 0..3 {
            world.center.answer_next("/logout", reply.clone());
        }
        assert!(login.logout().await.unwrap());
        assert!(world.files().is_empty());
        world.center.knows().script.clear();
    }
    world.write(&World::named(), "no json");
    assert!(login.logout().await.unwrap());
    assert!(world.files().is_empty());
}

#[tokio::test]
async fn whoever_is_logged_out_is_told_to_log_in() {
    let world = World::new().await;
    world.log_in(&World::named(), time::Duration::hours(8));
    let provider = world.provider(World::named());
    provider.load().await.unwrap();
    world.login(World::named()).logout().await.unwrap();
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::NotLoggedIn { .. }), "{error:?}");
}

#[tokio::test]
async fn a_logout_where_nobody_ever_logged_in_leaves_nothing_behind() {
    let world = World::new().await;
    let folder = world.folder.path().join("home/.aws/sso/cache");
    let login = world.login(World::named()).with_cache_directory(&folder);
    assert!(!login.logout().await.unwrap());
    assert_eq!(world.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_logout_that_cannot_remove_the_token_file_removes_the_registration_and_says_so() {
    let world = World::new().await;
    let login = world.login(World::named()).with_clock(world.quick_clock());
    login.with_device_code(|_| {}).await.unwrap();
    assert_eq!(world.files().len(), 2);
    // No file can be removed where there is a folder.
    let token_file = world.token_file(&World::named());
    std::fs::remove_file(&token_file).unwrap();
    std::fs::create_dir(&token_file).unwrap();

    let error = login.logout().await.unwrap_err();
    assert!(
        matches!(error, Error::RemoveFile { ended: false, .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().ends_with("cannot be removed")
            && error.to_string().contains(token_file.to_str().unwrap()),
        "{error}"
    );
    assert_eq!(world.files(), [World::named().token_file_name()]);
}
