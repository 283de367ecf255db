//! What variables and profile say of services reaches each of them.

use std::time::Duration;

use httpmock::MockServer;
use tests_support::ManualClock;

use super::*;

/// A home with what each profile of a service needs to ask it, and the address that the service is asked at.
struct World {
    home: Home,
    server: MockServer,
}

const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
const LOGIN_FILE: &str = "login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";
/// Of the start URL `https://corp.awsapps.com/start`.
const SSO_FILE: &str = "sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";

impl World {
    fn new() -> Self {
        let secret = canary("services");
        let config = format!(
            "[profile role]\nrole_arn = arn:r\nregion = eu-west-1\nsource_profile = base\n\
             [profile web]\nrole_arn = arn:r\nregion = eu-west-1\nweb_identity_token_file = ~/.aws/token\n\
             [profile sso]\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\n\
             sso_start_url = https://corp.awsapps.com/start\n\
             [profile login]\nlogin_session = {SESSION}\nregion = a-global\n"
        );
        let home = Home::new(&config, &profile("base", "BASE"));
        home.write("token", &secret);
        for file in [SSO_FILE, LOGIN_FILE] {
            let path = home.path().join(".aws").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        home.write(
            SSO_FILE,
            &format!(r#"{{"accessToken":"{secret}","expiresAt":"2040-01-01T00:00:00Z"}}"#),
        );
        home.write(
            LOGIN_FILE,
            &format!(
                r#"{{"accessToken":{{"accessKeyId":"A","secretAccessKey":"{secret}","sessionToken":"{secret}",
                "accountId":"012345678910","expiresAt":"2020-01-01T00:00:00Z"}},"tokenType":"aws_sigv4",
                "refreshToken":"{secret}","clientId":"c","dpopKey":"{secret}"}}"#
            ),
        );
        let server = MockServer::start();
        Self { home, server }
    }

    async fn told(&self, profile: &str, variables: &[(&str, &str)]) -> (ErrorKind, String) {
        report(&self.provider(profile, variables)).await
    }

    fn provider(&self, profile: &str, variables: &[(&str, &str)]) -> DefaultCredentialsProvider {
        let clock = ManualClock::at(time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000));
        let mut all = vec![("AWS_PROFILE", profile)];
        all.extend(variables);
        self.home.builder(&all).clock(clock).build()
    }

    /// What the services answer who asks for credentials.
    fn answers(&self) {
        let secret = canary("answer");
        let expiration = 2_200_000_000_000_u64;
        self.server.mock(|when, then| {
            when.path("/federation/credentials");
            then.status(200).body(format!(
                r#"{{"roleCredentials":{{"accessKeyId":"ANSWER","secretAccessKey":"{secret}","sessionToken":"{secret}",
                "expiration":{expiration}}}}}"#
            ));
        });
        for call in ["AssumeRole", "AssumeRoleWithWebIdentity"] {
            self.server.mock(|when, then| {
                when.method("POST").body_includes(format!("Action={call}&"));
                then.status(200).body(format!(
                    "<R><{call}Result><Credentials><AccessKeyId>ANSWER</AccessKeyId><SecretAccessKey>{secret}\
                     </SecretAccessKey><SessionToken>{secret}</SessionToken><Expiration>2039-01-01T00:00:00Z</Expiration>\
                     </Credentials></{call}Result></R>"
                ));
            });
        }
    }
}

#[tokio::test]
async fn no_address_of_ones_own_is_a_fips_or_a_dual_stack_one() {
    let world = World::new();
    let url = world.server.base_url();
    for (variable, word) in [
        ("AWS_USE_FIPS_ENDPOINT", "FIPS"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "dual-stack"),
    ] {
        for name in ["role", "web", "sso", "login"] {
            let (kind, text) = world
                .told(name, &[("AWS_ENDPOINT_URL", &url), (variable, "true")])
                .await;
            assert_eq!(kind, ErrorKind::InvalidConfiguration, "{name}: {text}");
            assert!(text.contains(word), "{name}: {text}");
        }
    }
}

/// A pseudo region has no host of its own, so nobody is asked.
#[tokio::test]
async fn a_login_is_renewed_in_the_region_of_code_then_variables_then_the_profile() {
    let world = World::new();
    let of_profile = [("AWS_PROFILE", "login")];
    let of_variable = [("AWS_PROFILE", "login"), ("AWS_REGION", "b-global")];
    for (builder, region) in [
        (world.home.builder(&of_profile), "a-global"),
        (world.home.builder(&of_variable), "b-global"),
        (world.home.builder(&of_variable).region("c-global"), "c-global"),
    ] {
        let (kind, text) = report(&builder.build()).await;
        assert_eq!(kind, ErrorKind::InvalidConfiguration, "{text}");
        assert!(text.contains(region), "{text}");
    }
}

#[tokio::test]
async fn each_service_is_asked_as_often_as_is_said() {
    for name in ["role", "web", "sso"] {
        let world = World::new();
        let trouble = world.server.mock(|when, then| {
            when.any_request();
            then.status(500);
        });
        let url = world.server.base_url();
        let said = [("AWS_ENDPOINT_URL", url.as_str()), ("AWS_MAX_ATTEMPTS", "1")];
        let (kind, text) = world.told(name, &said).await;
        assert_eq!((kind, trouble.calls()), (ErrorKind::Failed, 1), "{name}: {text}");
    }
}

#[tokio::test]
async fn each_service_is_asked_through_the_proxy() {
    for (name, own) in [
        ("role", "AWS_ENDPOINT_URL_STS"),
        ("web", "AWS_ENDPOINT_URL_STS"),
        ("sso", "AWS_ENDPOINT_URL_SSO"),
    ] {
        let world = World::new();
        world.answers();
        let proxy = world.server.base_url();
        let said = [
            (own, "http://service.invalid"),
            ("HTTP_PROXY", &proxy),
            ("AWS_MAX_ATTEMPTS", "1"),
        ];
        assert_eq!(id(&world.provider(name, &said)).await, "ANSWER", "{name}");
    }
}

#[tokio::test]
async fn certificates_are_read_where_variables_and_profile_say() {
    let world = World::new();
    let of_profile = "ca_bundle = ~/of-profile.pem\n";
    for (name, own) in [
        ("role", "AWS_ENDPOINT_URL_STS"),
        ("web", "AWS_ENDPOINT_URL_STS"),
        ("sso", "AWS_ENDPOINT_URL_SSO"),
    ] {
        let there = [(own, "https://127.0.0.1:1"), ("AWS_MAX_ATTEMPTS", "1")];
        for (variable, file) in [
            ("AWS_CA_BUNDLE", "/nowhere/of-variable.pem"),
            ("SSL_CERT_FILE", "/nowhere/of-the-system.pem"),
        ] {
            let said: Vec<_> = there.into_iter().chain([(variable, file)]).collect();
            let (_, text) = world.told(name, &said).await;
            assert!(text.contains(file), "{name} {variable}: {text}");
        }
        let header = format!("[profile {name}]\n");
        let path = world.home.path().join(".aws/config");
        let config = std::fs::read_to_string(&path).unwrap();
        world.home.write(
            "config",
            &config.replace(&header, &format!("{header}{of_profile}")),
        );
        let (_, text) = world.told(name, &there).await;
        let file = world.home.path().join("of-profile.pem");
        assert!(text.contains(file.to_str().unwrap()), "{name}: {text}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_has_the_time_that_the_program_gives_it() {
    let home = Home::new("[default]\ncredential_process = sleep 300\n", "");
    let provider = home.builder(&[]).process_timeout(Duration::ZERO).build();
    let (kind, text) = report(&provider).await;
    assert_eq!(kind, ErrorKind::TimedOut, "{text}");
    assert!(text.contains("credential process sleep timed out"), "{text}");
}
