//! The command to sign in, where there is no session yet.

use super::*;
use crate::testing::Home;

#[tokio::test]
async fn without_a_file_the_command_to_sign_in_is_told() {
    let home = Home::new();
    for (profile, command) in [
        (None, "aws login"),
        (Some("dev"), "aws login --profile dev"),
        (Some("my dev"), "aws login --profile 'my dev'"),
        (Some("jo's"), r"aws login --profile 'jo'\''s'"),
    ] {
        let mut provider = home.provider();
        provider.change().profile = profile.map(str::to_owned);
        let error = provider.load().await.unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with(&format!("run `{command}`")), "{text}");
        assert!(text.contains(home.path().to_str().unwrap()), "{text}");
        assert_eq!(kind(&error), ErrorKind::LoginRequired);
    }
}

#[test]
fn a_command_is_what_a_shell_takes() {
    for (word, expected) in [
        ("dev", "dev"),
        ("a.b-c_d/e@f:g,h+i=j", "a.b-c_d/e@f:g,h+i=j"),
        ("größe", "größe"),
        ("", "''"),
        ("two words", "'two words'"),
        ("$(rm)", "'$(rm)'"),
        ("it's", r"'it'\''s'"),
    ] {
        assert_eq!(quoted(word), expected);
    }
}
