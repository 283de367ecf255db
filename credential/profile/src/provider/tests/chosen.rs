//! Which profile and which files.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn profile_and_files_are_chosen_by_code_then_by_variables() {
    let home = Home::new(&[
        (
            CONFIG,
            &format!(
                "[default]\n{}[profile \"my work\"]\n{}",
                keys("config"),
                keys("work")
            ),
        ),
        (
            CREDENTIALS,
            &format!("[ops]\n{}[old]\n{}", keys("ops"), keys("old")),
        ),
        (
            "other",
            &format!("[default]\n{}[ops]\n{}", keys("other"), keys("otherops")),
        ),
        ("other config", &format!("[default]\n{}", keys("otherconfig"))),
    ]);
    let (other, other_config) = (home.path("other"), home.path("other config"));
    let other_file = ("AWS_SHARED_CREDENTIALS_FILE", other.to_str().unwrap());
    let cases = [
        (home.provider(&[]), "config"),
        (home.provider(&[("AWS_PROFILE", "my work")]), "work"),
        (
            home.provider(&[("AWS_PROFILE", "ops"), ("AWS_DEFAULT_PROFILE", "old")]),
            "ops",
        ),
        (home.provider(&[("AWS_DEFAULT_PROFILE", "old")]), "old"),
        (
            home.provider(&[("AWS_PROFILE", "old")]).with_profile("ops"),
            "ops",
        ),
        (home.provider(&[other_file]), "other"),
        (
            home.provider(&[("AWS_SHARED_CREDENTIALS_FILE", "~/other")]),
            "other",
        ),
        (
            home.provider(&[("AWS_PROFILE", "ops")])
                .with_credentials_file(&other),
            "otherops",
        ),
        (
            home.provider(&[("AWS_CONFIG_FILE", other_config.to_str().unwrap())]),
            "otherconfig",
        ),
        (
            home.provider(&[other_file, ("AWS_PROFILE", "ops")])
                .with_credentials_file("~/.aws/credentials"),
            "ops",
        ),
        (home.provider(&[]).with_config_file(&other_config), "otherconfig"),
    ];
    for (provider, expected) in cases {
        assert_eq!(
            provider.load().await.unwrap().access_key_id(),
            expected,
            "{provider:?}"
        );
    }
}

#[tokio::test]
async fn a_blank_variable_switches_its_file_off() {
    let home = Home::new(&[
        (CONFIG, &format!("[default]\n{}", keys("config"))),
        (CREDENTIALS, &format!("[default]\n{}", keys("credentials"))),
    ]);
    let off = ("AWS_SHARED_CREDENTIALS_FILE", "");
    assert_eq!(
        home.provider(&[off]).load().await.unwrap().access_key_id(),
        "config"
    );
    let error = failure(&home.provider(&[off, ("AWS_CONFIG_FILE", " ")])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    for null in ["/dev/null", ""] {
        let error = failure(&home.provider(&[off, ("AWS_CONFIG_FILE", null)])).await;
        assert_eq!(error.kind(), ErrorKind::NotConfigured);
    }
}
