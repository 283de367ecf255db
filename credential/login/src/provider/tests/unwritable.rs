//! Sessions that cannot be written.

use serde_json::json;

use super::*;
use crate::testing::{Home, Renewing, refresh_token, single_use};

/// A way to the cache's folder that is so long that the system takes the session's file there, but no file with a longer
/// name beside it: no lock, and nothing to rename. Nobody can write then, not even root.
fn nearly_too_long(home: &Home) -> PathBuf {
    const MOST: usize = 4095;
    let path = home.path();
    let mut folder = path.parent().unwrap().to_str().unwrap().to_owned();
    let name = path.file_name().unwrap().len() + 1;
    std::fs::create_dir(format!("{folder}/x")).unwrap();
    while folder.len() + name + 5 <= MOST {
        folder.push_str("/x/..");
    }
    folder.into()
}

#[tokio::test]
async fn a_session_that_cannot_be_written_serves_in_this_process() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home
        .provider_at(&server)
        .with_cache_directory(nearly_too_long(&home));
    for turn in 1..=3 {
        let credentials = provider.load().await.unwrap();
        assert_eq!(credentials.access_key_id(), format!("ASIANEW{turn}"));
        assert_eq!(home.read()["refreshToken"], json!(refresh_token(0)));
        // Known to the clone, too.
        provider.clone().load().await.unwrap();
        home.clock.manual.advance(Duration::from_secs(1000));
    }
    let tokens: Vec<String> = server.received().iter().map(Renewing::refresh_token).collect();
    assert_eq!(tokens, [0, 1, 2].map(refresh_token));

    // Somebody signs in: the file counts again.
    let mut document = home.document(10 * HOUR);
    document["refreshToken"] = json!(refresh_token(9));
    home.write(&document);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "ASIAOLD");
    assert_eq!(server.received().len(), 3);

    // Somebody signs out: nothing is kept behind the file's back.
    std::fs::remove_file(home.path()).unwrap();
    let error = provider.load().await.unwrap_err();
    assert!(matches!(error, Error::NotSignedIn { .. }), "{error:?}");
}
