use credential_core::Variables;
use proptest::prelude::*;

use super::*;
use crate::testing::no_variables;

const ENDPOINT_VARIABLE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const MODE_VARIABLE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";

/// What each place says about endpoint and mode.
#[derive(Default)]
struct Said<'a> {
    code: Option<&'a str>,
    variable: &'a str,
    profile: &'a str,
    mode_code: Option<EndpointMode>,
    mode_variable: &'a str,
    mode_profile: &'a str,
}

impl Said<'_> {
    fn settings(&self) -> Settings {
        let setting = |value: &str, origin: &str| Setting {
            value: value.to_owned(),
            origin: origin.to_owned(),
        };
        Settings {
            variables: Variables::from([
                (ENDPOINT_VARIABLE, self.variable),
                (MODE_VARIABLE, self.mode_variable),
            ]),
            profile: [
                (ENDPOINT.1.to_owned(), setting(self.profile, "line 7")),
                (MODE.1.to_owned(), setting(self.mode_profile, "line 8")),
            ]
            .into(),
            endpoint: self.code.map(|value| setting(value, "with_endpoint")),
            endpoint_mode: self.mode_code,
            ..Settings::default()
        }
    }

    fn token_url(&self) -> String {
        let endpoint = endpoint(&self.settings()).unwrap();
        endpoint.url.join("/latest/api/token").unwrap().to_string()
    }

    fn error(&self) -> String {
        let error = endpoint(&self.settings()).unwrap_err();
        let kind = credential_core::CredentialsError::from(error.clone()).kind();
        assert_eq!(kind, credential_core::ErrorKind::InvalidConfiguration);
        error.to_string()
    }
}

#[test]
fn without_settings_the_well_known_address_is_asked() {
    let endpoint = endpoint(&Settings {
        variables: no_variables(),
        ..Settings::default()
    })
    .unwrap();
    assert_eq!(endpoint.url.to_string(), "http://169.254.169.254/");
    assert_eq!(endpoint.origin, Origin::WellKnown);
    assert_eq!(
        Said::default().token_url(),
        "http://169.254.169.254/latest/api/token",
        "blank counts as unset"
    );
}

#[test]
fn an_endpoint_is_joined_with_one_slash_and_keeps_its_path() {
    for (variable, url) in [
        ("http://h:456", "http://h:456/latest/api/token"),
        ("http://h:456/", "http://h:456/latest/api/token"),
        ("http://h:456//\n", "http://h:456/latest/api/token"),
        ("http://h/prefix", "http://h/prefix/latest/api/token"),
        ("http://h/prefix/", "http://h/prefix/latest/api/token"),
        ("https://h", "https://h/latest/api/token"),
        (
            "http://[fd00:ec2::254]",
            "http://[fd00:ec2::254]/latest/api/token",
        ),
    ] {
        let said = Said {
            variable,
            ..Said::default()
        };
        assert_eq!(said.token_url(), url, "{variable}");
        assert_eq!(endpoint(&said.settings()).unwrap().origin, Origin::Configured);
    }
}

#[test]
fn an_endpoint_that_ends_in_the_path_of_credentials_is_cut() {
    for variable in [
        "http://h:8080/latest/meta-data/iam/security-credentials",
        "http://h:8080/latest/meta-data/iam/security-credentials/",
    ] {
        let said = Said {
            variable,
            ..Said::default()
        };
        assert_eq!(said.token_url(), "http://h:8080/latest/api/token", "{variable}");
    }
}

#[test]
fn code_comes_before_environment_before_profile_and_any_endpoint_before_any_mode() {
    let everything = || Said {
        code: Some("http://code"),
        variable: "http://variable",
        profile: "http://profile",
        mode_code: Some(EndpointMode::Ipv6),
        mode_variable: "ipv4",
        mode_profile: "IPV6",
    };
    let without = |count: usize| {
        let mut said = everything();
        let steps: [fn(&mut Said); 5] = [
            |said| said.code = None,
            |said| said.variable = " ",
            |said| said.profile = "",
            |said| said.mode_code = None,
            |said| said.mode_variable = "\t",
        ];
        steps.iter().take(count).for_each(|step| step(&mut said));
        said.token_url()
    };
    let path = "/latest/api/token";
    assert_eq!(without(0), format!("http://code{path}"));
    assert_eq!(without(1), format!("http://variable{path}"));
    assert_eq!(without(2), format!("http://profile{path}"));
    assert_eq!(without(3), format!("http://[fd00:ec2::254]{path}"));
    assert_eq!(without(4), format!("http://169.254.169.254{path}"));
    assert_eq!(without(5), format!("http://[fd00:ec2::254]{path}"));
}

#[test]
fn a_mode_in_code_behind_an_endpoint_from_elsewhere_is_known_to_be_overruled() {
    let mut said = Said {
        variable: "http://h:456",
        mode_code: Some(EndpointMode::Ipv6),
        ..Said::default()
    };
    assert!(mode_in_code_is_overruled(&said.settings()));
    assert_eq!(said.token_url(), "http://h:456/latest/api/token");
    said.variable = "";
    assert!(!mode_in_code_is_overruled(&said.settings()));
}

#[test]
fn a_mode_is_read_in_any_case_and_another_word_names_itself_and_its_place() {
    let mode = |mode_variable| Said {
        mode_variable,
        ..Said::default()
    };
    assert_eq!(
        mode("ipV6").token_url(),
        "http://[fd00:ec2::254]/latest/api/token"
    );
    assert_eq!(
        mode("IPv7").error(),
        r#"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE says "IPv7", but an endpoint mode is IPv4 or IPv6"#
    );
    let in_profile = Said {
        mode_profile: "both",
        ..Said::default()
    };
    assert!(in_profile.error().starts_with(r#"line 8 says "both""#));
}

#[test]
fn an_unusable_endpoint_is_blamed_on_its_place_and_not_repeated() {
    for endpoint in [
        "not a uri",
        "h:456",
        "/latest",
        "ftp://h/",
        "http://",
        "http://h:99999",
        "http://user:hunter2@h/",
        "http://h/?a=hunter2",
        "http://h/#hunter2",
        "http://127.1/",
        "http://h/\u{7}",
    ] {
        let in_variable = Said {
            variable: endpoint,
            ..Said::default()
        };
        let in_profile = Said {
            profile: endpoint,
            ..Said::default()
        };
        let (one, two) = (in_variable.error(), in_profile.error());
        assert!(
            one.starts_with("AWS_EC2_METADATA_SERVICE_ENDPOINT "),
            "{endpoint:?}: {one}"
        );
        assert!(two.starts_with("line 7 "), "{endpoint:?}: {two}");
        assert!(!format!("{one}{two}").contains("hunter2"));
    }
}

proptest! {
    #[test]
    fn no_endpoint_makes_it_panic(text in ".*", mode in ".*") {
        let said = Said { profile: &text, mode_profile: &mode, ..Said::default() };
        let _ = endpoint(&said.settings());
    }
}
