//! Profiles that are not there or hold no keys.

use credential_core::ErrorKind;

use super::*;

#[tokio::test]
async fn without_a_default_profile_it_is_not_configured_and_says_where_it_looked() {
    let home = Home::new(&[(CONFIG, &format!("[profile work]\n{}", keys("work")))]);
    let error = failure(&home.provider(&[])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert_eq!(
        home.told(error.report()),
        "profile is not configured: no profile `default` in ~/.aws/config or ~/.aws/credentials"
    );

    let nothing: [(&str, &str); 0] = [];
    let homeless = ProfileProvider::new().with_variables(Variables::from(nothing));
    let error = failure(&homeless).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(
        error
            .report()
            .to_string()
            .contains("~/.aws/config (there is no home directory)")
    );
}

#[tokio::test]
async fn a_profile_that_was_named_and_is_not_there_is_invalid_configuration() {
    for (config, tail) in [
        ("", ""),
        ("[default]\nregion = x", ""),
        (
            "[work]\nregion = x",
            "; ~/.aws/config:1: [work] is ignored; a profile here is called [profile work]",
        ),
        ("[services work]\nsts =", ""),
        ("[profile Work]", ""),
    ] {
        let home = Home::new(&[(CONFIG, config)]);
        for (provider, by) in [
            (home.provider(&[("AWS_PROFILE", "work")]), "AWS_PROFILE"),
            (
                home.provider(&[("AWS_DEFAULT_PROFILE", "work")]),
                "AWS_DEFAULT_PROFILE",
            ),
            (home.provider(&[]).with_profile("work"), "the program"),
            (
                ProfileProvider::of(
                    home.provider(&[])
                        .selection()
                        .clone()
                        .with_profile_from("work", "--profile"),
                ),
                "--profile",
            ),
        ] {
            let error = failure(&provider).await;
            assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
            assert_eq!(
                home.told(error.cause()),
                format!("no profile `work`, which {by} names, in ~/.aws/config or ~/.aws/credentials{tail}")
            );
        }
    }
}

#[tokio::test]
async fn a_profile_of_settings_alone_is_not_configured_and_never_becomes_the_default() {
    let home = Home::new(&[
        (CONFIG, "[profile ops]\nregion = x"),
        (CREDENTIALS, &format!("[default]\n{}", keys("default"))),
    ]);
    let error = failure(&home.provider(&[("AWS_PROFILE", "ops")])).await;
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert_eq!(
        error.cause().to_string(),
        "profile `ops` has no credential settings"
    );
}
