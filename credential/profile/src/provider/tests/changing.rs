//! Files that change.

use std::path::Path;

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn files_and_variables_are_read_at_each_call() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("old")))]);
    let provider = home.provider(&[]);
    assert_eq!(provider.load().await.unwrap().access_key_id(), "old");
    home.write(CREDENTIALS, format!("[default]\n{}", keys("new")).as_bytes());
    assert_eq!(provider.load().await.unwrap().access_key_id(), "new");
    std::fs::remove_file(home.path(CREDENTIALS)).unwrap();
    assert_eq!(failure(&provider).await.kind(), ErrorKind::NotConfigured);
}

#[tokio::test]
async fn the_interval_of_the_second_look_can_be_set_or_left_out() {
    let home = Home::new(&[(CREDENTIALS, &format!("[default]\n{}", keys("a")))]);
    let minute = Duration::from_secs(60);
    let often = home.provider(&[]).with_reread_after(minute).load().await.unwrap();
    assert_eq!(often.renewal().reread_after, Some(minute));
    let never = home.provider(&[]).without_reread().load().await.unwrap();
    assert_eq!(never.renewal(), Renewal::NEVER);
}

/// Ten thousand readings of a file that is replaced all the while.
#[tokio::test]
async fn readers_see_the_old_file_or_the_new_one_and_never_a_mix() {
    for file in [CONFIG, CREDENTIALS] {
        // Of different lengths, and longer than what is read in one piece.
        let text =
            |id: &str, lines: usize| format!("[default]\n{}{}", "# a remark\n".repeat(lines), keys(id));
        let texts = [text("one", 10), text("two", 2000)];
        let home = Home::new(&[(file, &texts[0])]);
        let (path, folder) = (home.path(file), home.0.path().to_owned());
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn(move || {
            for text in texts.iter().cycle() {
                replace(&folder, &path, text);
                if stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Empty) {
                    break;
                }
            }
        });
        let (provider, mut seen) = (home.provider(&[]), std::collections::BTreeSet::new());
        let mut readings = 0;
        while readings < 5_000 || seen.len() < 2 {
            readings += 1;
            let credentials = provider.load().await.unwrap();
            let secret = canary(credentials.access_key_id());
            assert_eq!(credentials.secret_access_key().expose(), secret);
            seen.insert(credentials.access_key_id().to_owned());
        }
        drop(stop);
        writer.join().unwrap();
    }
}

fn replace(folder: &Path, path: &Path, text: &str) {
    let new = folder.join("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}
