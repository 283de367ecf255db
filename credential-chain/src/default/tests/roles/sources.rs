//! What roles begin with, and what may stand between them.

use std::sync::Mutex;

use super::*;

#[tokio::test]
async fn environment_as_credential_source_is_the_variables_keys() {
    let sts = Sts::start();
    sts.gives("ENVIRONMENT", "default", "OUTER");
    let (home, url) = sts.home(&role("default", "credential_source = Environment"));
    let secret = canary("environment");
    let [one, two] = keys(&secret);
    let provider = home
        .builder(&[one, two, (STS, &url)])
        .profile_name("default")
        .build();
    assert_eq!(id(&provider).await, "OUTER");
}

#[tokio::test]
async fn each_role_may_be_wrapped() {
    let sts = Sts::start();
    let inner = sts.gives("BASE", "inner", "INNER");
    let outer = sts.gives("KEPT", "default", "OUTER");
    let (home, url) = sts.home(&two_roles());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let roles = Arc::clone(&seen);
    let provider = home
        .builder(&[(STS, &url)])
        .wrap_role(move |hop, provider| {
            roles.lock().unwrap().push(hop.profile().to_owned());
            match hop.profile() {
                "inner" => Arc::new(Says::keys("KEPT")),
                _ => provider,
            }
        })
        .build();

    assert_eq!(id(&provider).await, "OUTER");

    assert_eq!(*seen.lock().unwrap(), ["inner", "default"]);
    assert_eq!((inner.calls(), outer.calls()), (0, 1));
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_gets_the_programs_variables() {
    let secret = canary("variable");
    let home = Home::new("", "");
    let tool = home.path().join("tool");
    let document = r#"{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"'$WORD'"}"#;
    std::fs::write(&tool, format!("echo '{document}'")).unwrap();
    let config = format!("[default]\ncredential_process = sh \"{}\"\n", tool.display());
    home.write("config", &config);
    let builder = home.builder(&[]).process_variable("WORD", &*secret);
    assert!(!tests_support::leaks(&format!("{builder:?}")));

    let provider = builder.build();

    let credentials = provider.credentials().await.unwrap();
    assert_eq!(credentials.secret_access_key().expose(), secret);
    assert!(!tests_support::leaks(&format!("{provider:?}")));
}
